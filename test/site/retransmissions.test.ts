// Where segments were repeated: the timeline's lane and the Health view's chart, held against the capture that is made here.
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { openPage } from '../support/browser.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { fillFilter } from '../support/filter-field.ts'
import { useSampleReport } from '../support/sample-report.ts'

const [CLIENT, SERVER] = ['10.0.0.1', '192.0.2.9']
const START_US = Date.UTC(2026, 0, 1, 10) * 1000

/** Data at these seconds, of which all but the first are the first again; the server acknowledges nothing. */
function conversation(port: number, seconds: number[]) {
  const out = (s: number, flags: string, sequence: number, acknowledgment: number, bytes: number) => ({
    atUs: START_US + s * 1e6,
    bytes: ethernet(
      ipv4(CLIENT, SERVER, tcp(port, 80, flags, new Uint8Array(bytes).fill(0x2e), { sequence, acknowledgment, window: 1000 })),
    ),
  })
  const back = {
    atUs: START_US + seconds[0] * 1e6 - 0.1e6,
    bytes: ethernet(ipv4(SERVER, CLIENT, tcp(80, port, 'SA', '', { sequence: 5000, acknowledgment: 1001, window: 1000 }))),
  }
  return [out(seconds[0] - 0.2, 'S', 1000, 0, 0), back, ...seconds.map((s) => out(s, 'PA', 1001, 5001, 100))]
}

/** Three segments repeated at 20 s, 21 s and 80 s; another conversation repeats none. */
const CAPTURE = pcap([...conversation(40_000, [10, 20, 21, 80]), ...conversation(40_001, [100])].sort((a, b) => a.atUs - b.atUs))

const sample = useSampleReport({ webGl: false, make: async () => (await analyzeBytes(CAPTURE)).export() })
let page: Page

beforeAll(async () => {
  page = (await openPage(sample.browser, `${sample.address}#v=health`, { reducedMotion: 'reduce' })).page
  await page.waitForSelector('#card-retransmissions canvas')
})

const lane = () => page.locator('.retransmission-lane')

it('are a lane under the bars, at their times', async () => {
  await expect.poll(() => lane().getAttribute('aria-label')).toMatch(/^3 retransmissions, most at .*10:00:\d\d/)
  expect(await page.textContent('#timeline-repeated')).toBe('3 retransmissions')
  const [plot, bars] = await page.evaluate(() => {
    const box = (element: Element) => {
      const { left, width } = element.getBoundingClientRect()
      return { left, width }
    }
    return [
      box(document.querySelector('#histogram .u-over')!),
      [...document.querySelectorAll('.retransmission-lane rect')].map(box),
    ] as const
  })
  // Of the capture's 90.2 s, from 9.8 s on. A bar is a slice, half a second at most.
  const at = (second: number) => plot.left + ((second - 9.8) / 90.2) * plot.width
  expect(bars).toHaveLength(3)
  for (const [index, second] of [20, 21, 80].entries()) {
    expect(at(second)).toBeGreaterThan(bars[index].left - 2)
    expect(at(second)).toBeLessThan(bars[index].left + bars[index].width + 2)
  }
})

it('are a chart in the Health view, with its table', async () => {
  await page.getByRole('button', { name: 'Retransmissions over time as a table' }).click()
  const rows = await page
    .locator('#card-retransmissions tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent!)))
  const found = rows.filter(([, count]) => count !== '0')
  expect(found.map(([, count]) => count)).toEqual(['1', '1', '1'])
  for (const [index, second] of [20, 21, 80].entries()) {
    const [, minutes, seconds] = /10:(\d\d):(\d\d(?:\.\d+)?)/.exec(found[index][0])!
    const since = second - (Number(minutes) * 60 + Number(seconds)) // the slice begins at most its own width before
    expect(since).toBeGreaterThanOrEqual(0)
    expect(since).toBeLessThan(1)
  }
})

it('follow the filter: no lane where nothing was repeated', async () => {
  await fillFilter(page, 'port:40001')
  await page.keyboard.press('Enter')
  await expect.poll(() => lane().isHidden()).toBe(true)
  expect(await page.isHidden('#timeline-repeated')).toBe(true)
  await expect.poll(() => page.textContent('#card-retransmissions .card-note')).toBe('No segment was repeated.')
  expect(await page.locator('#card-retransmissions canvas').isHidden()).toBe(true)
})
