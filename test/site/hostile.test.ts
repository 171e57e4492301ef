// Reports that somebody else made or changed: database, manifest and parts are not to be believed. Each ends in a page that works and counts
// what it left out, or in a sentence; none in an exception, a page that stands still or all memory.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {} from '../../site/src/app/debug-api.ts'
import { publishSite } from '../../src/node/output/publish.ts'
import { ensureSite, fileAddress, launchBrowser, openPage, SITE_DIR } from '../support/browser.ts'
import { FIRST_US, makeSampleDatabase, SAMPLE_SUMMARY } from '../support/sample-database.ts'

let folder: string
let browser: Browser
let sqlite: Awaited<ReturnType<typeof initSqlJs>>
let sample: Uint8Array

beforeAll(async () => {
  await ensureSite()
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-hostile-'))
  browser = await launchBrowser()
  sqlite = await initSqlJs()
  sample = await makeSampleDatabase()
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

/** The same rows in a table that takes any value and has no key. */
const loosen = (table: string) => `CREATE TABLE loose AS SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE loose RENAME TO ${table};`

function change(sql: string): Uint8Array {
  const database = new sqlite.Database(sample)
  database.run(sql)
  const bytes = database.export()
  database.close()
  return bytes
}

let reports = 0

async function publish(database: Uint8Array): Promise<string> {
  const outDir = join(folder, String(++reports))
  await publishSite({ siteDir: SITE_DIR, outDir, database, summary: SAMPLE_SUMMARY, singleFile: false })
  return outDir
}

const open = async (outDir: string, hash = '') => openPage(browser, `${fileAddress(outDir)}${hash}`, { reducedMotion: 'reduce' })

const spoilt = (complaints: string[]) => complaints.filter((text) => !/WebGL/.test(text))

describe('rows that cannot be true are left out and counted', () => {
  const cases: { name: string; sql: string; leavesOut: string[]; flows: string }[] = [
    {
      name: 'ticks beyond the timeline, flows that are not there',
      sql: `INSERT INTO activity VALUES (9007199254740993, 1, 1, 1, 1, 1), (10000000, 1, 1, 1, 1, 1), (-1, 1, 1, 1, 1, 1), (3, 999, 1, 1, 1, 1);
        UPDATE meta SET value = '10000000' WHERE key = 'ticks';`,
      leavesOut: ['4 rows of activity'],
      flows: '7',
    },
    {
      name: 'places that are not on the earth',
      sql: 'UPDATE places SET latitude_deg = 1e9 WHERE id = 2; UPDATE places SET longitude_deg = -9e999 WHERE id = 4;',
      leavesOut: ['2 rows of places'],
      flows: '7',
    },
    {
      name: 'flows without hosts, with negative, huge or textual numbers',
      sql: `${loosen('flows')} ${loosen('activity')}
        UPDATE flows SET client_host_id = NULL WHERE id = 1;
        UPDATE flows SET server_bytes = -5 WHERE id = 2;
        UPDATE flows SET first_us = 'yesterday' WHERE id = 3;
        UPDATE flows SET server_port = 70000 WHERE id = 4;
        UPDATE flows SET client_packets = 9e300 WHERE id = 5;
        UPDATE activity SET client_bytes = -9e999 WHERE flow_id = 6;`,
      leavesOut: ['5 rows of flows', '11 rows of activity'],
      flows: '2',
    },
    {
      name: 'hosts whose address is none',
      sql: "UPDATE hosts SET ip = printf('%.2000000c', 'x') WHERE id = 7;",
      leavesOut: ['1 row of hosts', '1 row of flows', '1 row of activity'],
      flows: '6',
    },
    {
      name: 'a thousand applications too many, texts of megabytes',
      sql: `WITH RECURSIVE n(i) AS (SELECT 8 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
          INSERT INTO flows (id, transport, protocol_number, client_host_id, client_port, server_host_id, server_port, first_us, last_us,
            client_packets, server_packets, client_bytes, server_bytes, client_tcp_flags, server_tcp_flags, state, application, application_source)
          SELECT i, 'tcp', 6, 1, i, 3, 80, ${FIRST_US}, ${FIRST_US}, 1, 0, 60, 0, 0, 0, 'S0', 'app-' || i, 'port' FROM n;
        UPDATE flows SET server_name = printf('%.3000000c', 'n') WHERE id = 1;
        UPDATE places SET city = printf('%.3000000c', 'c') WHERE id = 2;`,
      leavesOut: [],
      flows: '3,000',
    },
  ]
  it.each(cases)('$name', async ({ sql, leavesOut, flows }) => {
    const { page, complaints } = await open(await publish(change(sql)))
    expect(await page.evaluate(() => window.rtnvis.state)).toBe('ready')
    await expect.poll(() => page.locator('#total-flows').textContent()).toBe(flows)
    const told = (await page.locator('#left-out').textContent()) ?? ''
    for (const rows of leavesOut) expect(told).toContain(rows)
    expect(await page.locator('#left-out').isHidden()).toBe(leavesOut.length === 0)
    await page.getByRole('tab', { name: 'Flows' }).click()
    await page.getByRole('gridcell').first().waitFor()
    expect(spoilt(complaints)).toEqual([])
    await page.context().close()
  })
})

it('shows a finding with any evidence', async () => {
  const evidence = [
    "printf('%.5000000c', '[')", // 5 MB
    "printf('%.60000c', '[') || printf('%.60000c', ']')",
    `'{"observed":[{"name":"n","value":' || printf('%.9000c', '[') || printf('%.9000c', ']') || '}]}'`,
    `'{"picture":{"kind":"dots","points":[[-1e17,1],[-1.0000000000000002e17,2],[1e308,-1e308]]}}'`,
    `'{"picture":{"kind":"bars","points":[[-9007199254740991,1],[-9007199254740990,9007199254740991]]}}'`,
  ]
  const sql = evidence.map(
    (text, id) =>
      `INSERT INTO alerts (id, rule, rule_version, severity, severity_reason, title, next_step, first_us, last_us, evidence, flows, story_id)
        VALUES (${id + 1}, 'rule', 1, 'high', '', 'Finding ${id + 1}', '', ${FIRST_US}, ${FIRST_US}, ${text}, 1, ${id + 1});`,
  )
  const { page, complaints } = await open(
    await publish(change(`${sql.join('\n')} INSERT INTO alert_flows VALUES (1, 1), (2, 999);`)),
    '#v=alerts',
  )
  for (const id of [1, 2, 3, 4, 5]) {
    await page.locator('.alert-rows button', { hasText: `Finding ${id}` }).click()
    await page.locator('.alert-card h2', { hasText: `Finding ${id}` }).waitFor()
  }
  expect(await page.locator('#left-out').textContent()).toContain('1 row of alert_flows')
  expect(spoilt(complaints)).toEqual([])
  await page.context().close()
})

describe('an unusable report gives one sentence', () => {
  const WITHOUT_END = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
  const manifest = (change: (manifest: Record<string, unknown>) => unknown) => async (outDir: string) => {
    const file = join(outDir, 'assets/data/manifest.js')
    const before = JSON.parse((await readFile(file, 'utf8')).replace('rtnvisManifest=', ''))
    await writeFile(file, `rtnvisManifest=${JSON.stringify(change(before))}`)
  }
  const cases: { name: string; sql?: string; spoil?: (outDir: string) => Promise<void>; says: RegExp }[] = [
    { name: 'a view without end', sql: `DROP TABLE flows; CREATE VIEW flows AS ${WITHOUT_END};`, says: /has no table “flows”/ },
    { name: 'a table without columns', sql: 'DROP TABLE flows; CREATE TABLE flows (id);', says: /“flows” .* has no column “transport”/ },
    {
      name: 'no number of microseconds',
      sql: "UPDATE meta SET value = '1e300' WHERE key = 'last_us'",
      says: /has last_us = 1e300, which is impossible/,
    },
    {
      name: 'a million million bytes',
      spoil: manifest((given) => ({ ...given, databaseBytes: 1e12, parts: 238_419 })),
      says: /has 1 TB; a page can open 2.15 GB/,
    },
    {
      name: 'bytes below nothing',
      spoil: manifest((given) => ({ ...given, databaseBytes: -1 })),
      says: /size of the database is not a number of bytes/,
    },
    {
      name: 'parts that do not add up to the database',
      spoil: manifest((given) => ({ ...given, parts: 1e9 })),
      says: /parts do not add up to the database/,
    },
    {
      name: 'a folder elsewhere',
      spoil: manifest((given) => ({ ...given, folder: '../../elsewhere' })),
      says: /does not create a folder with this name/,
    },
    { name: 'no summary', spoil: manifest(({ summary: _, ...given }) => given), says: /its summary is none/ },
    { name: 'no record', spoil: manifest(() => 'nothing'), says: /it is not a record/ },
    {
      name: 'a part that grows without end',
      spoil: (outDir) =>
        writeFile(join(outDir, 'assets/data/part-0.js'), `rtnvisPart(0,"${gzipSync(Buffer.alloc(60_000_000)).toString('base64')}")`),
      says: /A part of the report is damaged/,
    },
    {
      name: 'another part in its place',
      spoil: async (outDir) => {
        const file = join(outDir, 'assets/data/part-0.js')
        await writeFile(file, (await readFile(file, 'utf8')).replace('(0,', '(7,'))
      },
      says: /part-0\.js \(1 of 1\) is damaged/,
    },
  ]
  it.each(cases)('$name', async ({ sql, spoil, says }) => {
    const outDir = await publish(sql ? change(sql) : sample)
    await spoil?.(outDir)
    const { page, complaints } = await open(outDir)
    expect(await page.evaluate(() => document.documentElement.dataset.state)).toBe('error')
    expect(await page.locator('#notice-text').textContent()).toMatch(says)
    expect(spoilt(complaints)).toEqual([])
    await page.context().close()
  })

  it('says how much memory a large report needs before it opens it, and opens it on request', async () => {
    const outDir = await publish(sample)
    await manifest((given) => ({ ...given, databaseBytes: 500 * 2 ** 20, parts: 125 }))(outDir)
    const page = await (await browser.newContext()).newPage()
    await page.goto(fileAddress(outDir))
    await page.getByRole('heading', { name: 'This report is large' }).waitFor()
    expect(await page.locator('#notice-text').textContent()).toMatch(/524 MB.*about 1\.84 GB of memory.*Query traffic\.sqlite/)
    expect(await page.locator('#total-flows').textContent()).toBe('7')
    await page.getByRole('button', { name: 'Open it nevertheless' }).click()
    await expect
      .poll(() => page.locator('#notice-text').textContent())
      .toMatch(/part-1\.js \(2 of 125\) is missing|A part of the report is damaged/)
    await page.context().close()
  })
})
