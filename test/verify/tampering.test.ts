// Every kind of change to a report, one at a time: verify names it when it has the captures, and without them says that it could not see that kind.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { runVerify, type VerifyOptions } from '../../src/node/commands/verify.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { publishSite } from '../../src/node/output/publish.ts'
import { readReport, writePages } from '../../src/node/output/report-folder.ts'
import { summaryOf } from '../../src/publish/site-summary.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { UNSEEN, type UnseenKind } from '../../src/verify/unseen.ts'
import { ensureSite, SITE_DIR } from '../support/browser.ts'
import { arp, ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { startFromSource } from '../support/database-threads.ts'
import { makeMmdb } from '../support/mmdb.ts'
import { FILE_TAMPERINGS, SQL_TAMPERINGS } from '../support/tamperings.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-tampering-'))
const at = (name: string) => join(folder, name)
const out = at('report')
const captures = [at('captures/scan.pcap'), ...['names-dns', 'names-banners', 'tunnels'].map((name) => join(FIXTURES, name, 'input.pcap'))]

let openDatabase: (bytes?: Uint8Array) => SqlDatabase

/** A port scan, two packets at a time so that they share a tick; two public servers whose places are known; a packet that is no IP. */
function scan(): Uint8Array {
  const frames = Array.from({ length: 40 }, (_, i) => ethernet(ipv4('10.0.0.5', '10.0.9.1', tcp(40_000, 20_000 + i, 'S'))))
  frames.push(
    ethernet(ipv4('10.0.0.5', '8.8.4.4', tcp(40_001, 443, 'S'))),
    ethernet(ipv4('10.0.0.5', '197.136.1.1', tcp(40_002, 443, 'S'))),
  )
  frames.push(ethernet(arp('10.0.0.5', '10.0.0.6')))
  return pcap(frames.map((bytes, i) => ({ atUs: 1_773_738_000_000_000 + (i >> 1) * 1000, bytes })))
}

beforeAll(async () => {
  await ensureSite()
  openDatabase = await loadSqlite()
  mkdirSync(at('captures'))
  writeFileSync(captures[0], scan())
  const berlin = {
    ...{ city: { names: { en: 'Berlin' } }, country: { iso_code: 'DE', names: { en: 'Germany' } }, continent: { code: 'EU' } },
    location: { latitude: 52.5, longitude: 13.4, accuracy_radius: 20, time_zone: 'Europe/Berlin' },
    ...{ autonomous_system_number: 64496, autonomous_system_organization: 'Example Net' },
  }
  const kenya = { country: { iso_code: 'KE', names: { en: 'Kenya' } }, location: { latitude: -1.28, longitude: 36.81 } }
  writeFileSync(at('City.mmdb'), makeMmdb({ '8.8.0.0/16': berlin, '197.136.0.0/16': kenya }, { databaseType: 'Test-City' }))
  const args = ['analyze', ...captures, '-q', '--geoip', at('City.mmdb')]
  const run = (...more: string[]) => spawnSync(process.execPath, [CLI, ...args, ...more], { encoding: 'utf8' })
  expect(run('-o', out)).toMatchObject({ status: 0, stderr: '' })
  expect(run('-o', at('database'), '--no-site')).toMatchObject({ status: 0, stderr: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

async function verify(path: string, options: Partial<VerifyOptions> = {}): Promise<{ agrees: boolean; text: string; lines: string[] }> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest: unknown[]) => {
    text += chunk
    ;(rest.at(-1) as (() => void) | undefined)?.()
    return true
  })
  const told = { json: false, quiet: false, blocklist: [], programVersion: version, geoip: at('City.mmdb'), ...options }
  const agrees = await runVerify(path, told, SITE_DIR, { start: startFromSource })
  vi.restoreAllMocks()
  return { agrees, text, lines: text.split('\n').filter((line) => line.includes(': DIFFERS: ')) }
}

/** Header fields that tell of a later change: change counter, schema cookie, version-valid-for. */
const TELLING = [24, 40, 92]

/** A copy whose database was changed by one who covers the tracks: the header is as it was. Only a database, so that no page can give it away. */
function tampered(sql: string): string {
  const copy = at('tampered')
  mkdirSync(copy, { recursive: true })
  const before = readFileSync(at('database/traffic.sqlite'))
  const database = openDatabase(Uint8Array.from(before))
  database.run('PRAGMA foreign_keys = OFF')
  database.run(sql)
  const bytes = database.export()
  database.close()
  expect(before.equals(bytes), 'the change changes something').toBe(false)
  for (const offset of TELLING) bytes.set(before.subarray(offset, offset + 4), offset)
  writeFileSync(join(copy, 'traffic.sqlite'), bytes)
  return copy
}

/** The same with all pages made again from it. */
async function shown(bytes: Uint8Array): Promise<string> {
  const copy = at('shown')
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy)
  writeFileSync(join(copy, 'traffic.sqlite'), bytes)
  const report = readReport(openDatabase(Uint8Array.from(bytes)))
  await publishSite({ siteDir: SITE_DIR, outDir: copy, database: bytes, summary: summaryOf(report), singleFile: false })
  await writePages(copy, report)
  return copy
}

test('as it was made, all of it is made again', async () => {
  const { agrees, text } = await verify(out, { capture: captures })
  expect(text).toMatch(/^report: made again from its captures: agrees \(the database is the same to the byte/m)
  // All but the database, which has lines of its own.
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length - 1
  expect(text).toContain(`folder: files of the folder: agrees (${files} made again and found alike, no others)`)
  expect(agrees).toBe(true)
})

describe('it is reported with the captures; without them it is found, or its kind is listed', () => {
  const toldKinds = (text: string) =>
    Object.keys(UNSEEN).filter((kind) => text.includes(`report: ${UNSEEN[kind as UnseenKind]}: not checked: `))

  test.each(SQL_TAMPERINGS)('$sql', async ({ sql, told, unseen }) => {
    const copy = tampered(sql)
    const full = await verify(copy, { capture: captures })
    expect(full.agrees).toBe(false)
    expect(full.lines.join('\n')).toMatch(told)
    const alone = await verify(copy)
    expect(alone.agrees, alone.lines.join('\n')).toBe(unseen !== undefined)
    if (unseen !== undefined) expect(toldKinds(alone.text)).toContain(unseen)
  })

  test('each listed kind is one that is not found', async () => {
    const kinds = new Set(SQL_TAMPERINGS.flatMap(({ unseen }) => unseen ?? []))
    expect([...kinds, 'space'].sort()).toEqual(Object.keys(UNSEEN).sort())
    expect(toldKinds((await verify(out)).text)).toEqual(Object.keys(UNSEEN))
  })
})

/** A byte between the cells and the array that points to them, on a leaf with room (SQLite file format 1.6). */
function freeByte(file: Buffer): number {
  for (let page = 4096; page < file.length; page += 4096) {
    const isLeaf = file[page] === 13 || file[page] === 10
    const [cells, content] = [8 + 2 * file.readUInt16BE(page + 3), file.readUInt16BE(page + 5)]
    const free = page + content - 1
    if (isLeaf && content - cells > 100 && file[free] === 0) return free
  }
  throw new Error('all pages are full')
}

test('a byte that no table shows, and pages made again to match', async () => {
  const bytes = Buffer.from(readFileSync(join(out, 'traffic.sqlite')))
  const free = freeByte(bytes)
  bytes[free] = 0x58
  const copy = await shown(bytes)
  const { lines } = await verify(copy, { capture: captures })
  expect(lines.join('\n')).toMatch(new RegExp(`bytes that no table shows: DIFFERS: from byte ${free.toLocaleString('en')} on`))
  expect(lines.join('\n')).toContain('assets/data/part-0.js: files of the folder: DIFFERS')
  expect((await verify(copy)).agrees).toBe(true)
  writeFileSync(join(copy, 'traffic.sqlite'), Buffer.concat([readFileSync(join(out, 'traffic.sqlite')), Buffer.alloc(4096, 1)]))
  expect((await verify(copy, { capture: captures })).agrees).toBe(false)
})

describe('files, with the captures and without', () => {
  test.each(FILE_TAMPERINGS)('$name', async ({ change, told }) => {
    const copy = at('files')
    rmSync(copy, { recursive: true, force: true })
    cpSync(out, copy, { recursive: true })
    change(copy)
    for (const capture of [captures, []]) {
      const { agrees, lines } = await verify(copy, { capture })
      expect(agrees).toBe(false)
      expect(
        lines.some((line) => told.test(line)),
        lines.join('\n'),
      ).toBe(true)
    }
  })

  test('pages that show another database than the one beside them', async () => {
    const copy = at('files')
    rmSync(copy, { recursive: true, force: true })
    cpSync(await shown(readFileSync(join(tampered('DELETE FROM alert_flows; DELETE FROM alerts'), 'traffic.sqlite'))), copy, {
      recursive: true,
    })
    cpSync(join(out, 'traffic.sqlite'), join(copy, 'traffic.sqlite'))
    const { lines } = await verify(copy)
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual(['assets/data/part-0.js', 'report.html', 'report.md'])
  })
})

test('another version: differences may come from it, and are listed; if there are none, this is stated', async () => {
  const renamed = tampered("UPDATE meta SET value = '9.9.9' WHERE key = 'program_version'")
  const only = await verify(renamed, { capture: captures })
  expect(only.agrees).toBe(true)
  expect(only.text).toMatch(/made again from its captures: agrees \(all rows but the version: rtnvis 9\.9\.9 made the report/)
  const changed = tampered("UPDATE meta SET value = '9.9.9' WHERE key = 'program_version'; UPDATE alerts SET severity = 'info'")
  const { agrees, text } = await verify(changed, { capture: captures })
  expect(agrees).toBe(true)
  expect(text).toMatch(/alerts row 1, severity: not checked: made again "\w+", found "info"; rtnvis 9\.9\.9 made the report/)
  expect(text).toMatch(/files of the folder: not checked: rtnvis 9\.9\.9 made the report/)
})

test('another geolocation database: places are the report’s word, all else is made again', async () => {
  writeFileSync(at('Other.mmdb'), makeMmdb({ '9.0.0.0/8': { country: { iso_code: 'US' } } }, { databaseType: 'Test-City', buildEpoch: 1 }))
  const options = { capture: captures, geoip: at('Other.mmdb') }
  const good = await verify(out, options)
  expect(good.agrees).toBe(true)
  expect(good.text).toMatch(
    /places and networks of hosts: not checked: Test-City built 2023-11-14 was not found: give it with --geoip PATH/,
  )
  expect(good.text).toMatch(/made again from its captures: agrees \(the database is the same to the byte/)
  const findings = await verify(tampered("UPDATE alerts SET severity = 'info'"), options)
  expect(findings.lines.join('\n')).toMatch(/alerts row 1, severity: DIFFERS/)
})
