// The Health view: its figures are those that SQL finds in the database, and a bar filters.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { openPage } from '../support/browser.ts'
import { filterText } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

const sample = useSampleReport({ webGl: false, make: async () => (await analyzeBytes(await readFile(CAPTURE))).export() })
let page: Page

beforeAll(async () => {
  page = (await openPage(sample.browser, `${sample.address}#v=health`, { reducedMotion: 'reduce' })).page
  await page.waitForSelector('#card-health-rtt .bar-list')
})

/** Cells of a card's table, read from the file that it gives. */
async function rowsOf(card: string): Promise<string[][]> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(`#card-health-${card} button[aria-label^="Download"]`)])
  const text = await readFile((await file.path())!, 'utf8')
  return text
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','))
}

/** Address, median in seconds and number of values of each server, by the lower of two middle values. */
function medians(values: string): string[][] {
  const found = sqlite3(
    sample.database,
    `WITH v AS (${values}), n AS (SELECT host, us, row_number() OVER (PARTITION BY host ORDER BY us) AS i, count(*) OVER (PARTITION BY host) AS c FROM v)
     SELECT h.ip, us / 1e6, c FROM n JOIN hosts h ON h.id = n.host WHERE i = (c + 1) / 2 AND us > 0 ORDER BY us DESC, c DESC, n.host`,
  )
  return found
    .trim()
    .split('\n')
    .map((line) => line.split('|'))
}

const comparable = (rows: string[][]) =>
  rows.map(([label, address, value, count]) => [address === '' ? label : address, Number(value), Number(count)])

it('ranks name servers by the median time of their answers', async () => {
  const expected = medians(
    'SELECT f.server_host_id AS host, q.answer_us AS us FROM dns_queries q JOIN flows f ON f.id = q.flow_id WHERE answer_us NOT NULL',
  )
  expect(expected.length).toBeGreaterThan(1)
  expect(comparable(await rowsOf('dns'))).toEqual(expected.slice(0, 100).map(([ip, s, count]) => [ip, Number(s), Number(count)]))
})

it('ranks servers by the median of their round-trip times', async () => {
  const expected = medians(
    'SELECT f.server_host_id AS host, t.syn_ack_us AS us FROM tcp t JOIN flows f ON f.id = t.flow_id WHERE t.syn_ack_us NOT NULL',
  )
  const rows = comparable(await rowsOf('rtt'))
  expect(rows.length).toBeGreaterThan(10)
  expect(rows.slice(0, 5).map(([ip]) => ip)).toEqual(expected.slice(0, 5).map(([ip]) => ip))
})

it('ranks servers by the median of their TLS handshakes', async () => {
  const expected = medians(
    'SELECT f.server_host_id AS host, t.tls_handshake_us AS us FROM tcp t JOIN flows f ON f.id = t.flow_id WHERE t.tls_handshake_us NOT NULL',
  )
  expect(expected.length).toBeGreaterThan(1)
  const rows = comparable(await rowsOf('tls'))
  expect(rows).toEqual(expected.slice(0, 100).map(([ip, s, count]) => [ip, Number(s), Number(count)]))
})

it('filters by a press on a bar', async () => {
  const [[address]] = comparable(await rowsOf('dns'))
  await page.click('#card-health-dns .bar-list button')
  await expect.poll(() => filterText(page)).toBe(`ip:${address}`)
  await expect.poll(async () => (await rowsOf('dns')).length).toBe(1)
})
