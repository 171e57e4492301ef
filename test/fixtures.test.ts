// Every folder of fixtures/ is a test: the same database in any chunk size, sound to another SQLite, and what was known of the capture is in it.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExpectedFlow, Hand } from '../fixtures/generate/case.ts'
import type { SqlDatabase } from '../src/types.ts'
import { analyzeBytes, numberOf, rows } from './support/analysis.ts'
import { FIXTURES, type Fixture, type TsharkCounts } from './support/fixtures.ts'

const hasSqlite3 = spawnSync('sqlite3', ['--version']).status === 0
const scratch = mkdtempSync(join(tmpdir(), 'rtnvis-fixtures-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const usable = FIXTURES.filter(({ hand }) => hand.error === undefined)
const unusable = FIXTURES.filter(({ hand }) => hand.error !== undefined)

/** What captures.ended_by says, by the kind an expectation names. */
const ENDINGS: Record<NonNullable<Hand['ended_by']>['kind'], RegExp> = {
  'end of file': /^end of file$/,
  cut: /^cut off in the record at byte \d+/,
  length: /claims \d+ bytes, more than any packet has/,
  format: /^(block|packet|simple packet).* at byte \d+.*the rest cannot be read$/,
  compression: /^(gzip|zstd) data/,
  zeros: /^zeros where/,
}

const CHUNK_BYTES = [1, 7, 4096]

describe.each(usable)('$name', ({ name, bytes, hand, tshark }: Fixture) => {
  let database: SqlDatabase
  beforeAll(async () => {
    database = await analyzeBytes(bytes)
  })
  afterAll(() => database?.close())

  it(`is the same database in chunks of ${CHUNK_BYTES.join(', ')} bytes and whole`, async () => {
    const whole = Buffer.from(database.export())
    for (const size of CHUNK_BYTES) {
      const other = await analyzeBytes(bytes, size)
      expect(whole.equals(Buffer.from(other.export())), `chunks of ${size}`).toBe(true)
      other.close()
    }
  })

  it.skipIf(!hasSqlite3)('is sound to the sqlite3 command (skipped where that is missing)', () => {
    const file = join(scratch, `${name}.sqlite`)
    writeFileSync(file, database.export())
    const said = execFileSync('sqlite3', [file, 'PRAGMA integrity_check', 'PRAGMA foreign_key_check', 'PRAGMA application_id'], {
      encoding: 'utf8',
    })
    expect(said.trim().split('\n')).toEqual(['ok', String(0x52544e56)])
  })

  it('has the values determined by hand', () => expectHand(database, hand))

  it.skipIf(tshark === null)('holds what tshark counted', () => expectTshark(database, tshark!, name.startsWith('fragments-')))
})

describe('unusable files', () => {
  it.each(unusable)('$name is refused in one line', async ({ bytes, hand }) => {
    for (const size of [...CHUNK_BYTES, Math.max(1, bytes.length)]) {
      const error = await analyzeBytes(bytes, size).then(
        () => null,
        (reason: Error) => reason,
      )
      expect(error?.name).toBe('CaptureError')
      expect(error?.message).toContain(hand.error)
      expect(error?.message).toMatch(/^[\x20-\x7e]+$/)
    }
  })
})

describe('the folder', () => {
  it('is described line by line in its README', () => {
    const text = readFileSync(new URL('../fixtures/README.md', import.meta.url), 'utf8')
    const described = [...text.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map((match) => `${match[1]}: ${match[2]}`)
    expect(described.sort()).toEqual(FIXTURES.map(({ name, proves }) => `${name}: ${proves}`).sort())
  })
})

function expectHand(database: SqlDatabase, hand: Hand): void {
  const counts = ['packets', 'bytes', 'captured_bytes', 'ip_packets', 'first_us', 'last_us', 'link_types', 'format'] as const
  const [capture] = rows(database, [...counts, 'ended_by'], 'FROM captures')
  for (const column of counts) if (hand[column] !== undefined) expect(capture[column], column).toBe(hand[column])
  if (hand.ended_by) {
    expect(capture.ended_by).toMatch(ENDINGS[hand.ended_by.kind])
    if (hand.ended_by.byte !== undefined) expect(capture.ended_by).toMatch(new RegExp(`\\bbyte ${hand.ended_by.byte}\\b`))
  }
  if (hand.skipped) {
    const byWord: Record<string, number> = {}
    for (const { reason, packets } of rows(database, ['reason', 'packets'], 'FROM skipped')) {
      const word = String(reason).split(':')[0]
      byWord[word] = (byWord[word] ?? 0) + Number(packets)
    }
    expect(byWord).toEqual(hand.skipped)
  }
  const [{ warnings }] = rows(database, ['warnings'], 'FROM captures') as [{ warnings: string }]
  for (const words of hand.warnings ?? []) expect(warnings).toContain(words)
  const meta = new Map(rows(database, ['key', 'value'], 'FROM meta').map(({ key, value }) => [key, value]))
  for (const [key, value] of Object.entries(hand.meta ?? {})) expect(meta.get(key), key).toBe(value)
  const found = rows(database, ['rule'], 'FROM alerts').map(({ rule }) => rule)
  for (const rule of hand.rules_silent ?? []) expect(found).not.toContain(rule)
  if (hand.flows) expectFlows(database, hand.flows)
  for (const name of hand.names ?? []) {
    const found = rows(database, ['h.ip', 'n.name', 'n.source'], 'FROM names n JOIN hosts h ON h.id = n.host_id')
    expect(found).toContainEqual({ 'h.ip': name.ip, 'n.name': name.name, 'n.source': name.source })
  }
  const names = rows(database, ['server_name'], 'FROM flows UNION SELECT name FROM names UNION SELECT name FROM dns_queries')
  for (const text of hand.texts ?? []) expect(names).toContainEqual({ server_name: text })
  // No control, no invisible and no direction-changing character gets into a name.
  expect(names.filter(({ server_name }) => /[\p{Cc}\p{Cf}]/u.test(String(server_name)))).toEqual([])
  if (hand.dns) expect(rows(database, ['name', 'type', 'response_code', 'answers'], 'FROM dns_queries ORDER BY id')).toEqual(hand.dns)
  if (hand.scopes) {
    const scopes = Object.fromEntries(rows(database, ['ip', 'scope'], 'FROM hosts').map(({ ip, scope }) => [ip, scope]))
    expect(scopes).toMatchObject(hand.scopes)
  }
}

/** "192.0.2.1:80", "[2001:db8::1]:80", or the address alone. */
function endpoint(ip: unknown, port: unknown): string {
  if (port === null) return String(ip)
  return String(ip).includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function expectFlows(database: SqlDatabase, expected: ExpectedFlow[]): void {
  const columns = ['client_port', 'server_port', 'transport', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes'] as const
  const texts = ['state', 'application', 'server_name', 'tunnel'] as const
  const joined = 'FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id ORDER BY f.id'
  const found = rows(database, ['c.ip', 's.ip', ...columns, ...texts], joined).map((row) => ({
    ...row,
    client: endpoint(row['c.ip'], row.client_port),
    server: endpoint(row['s.ip'], row.server_port),
  }))
  const short = (flow: { transport: unknown; client: string; server: string }): string =>
    `${flow.transport} ${flow.client} -> ${flow.server}`
  expect(found.map(short)).toEqual(expected.map(short))
  for (const [index, flow] of expected.entries()) expect(found[index], short(flow)).toMatchObject(flow)
}

function expectTshark(database: SqlDatabase, tshark: TsharkCounts, hasFragments: boolean): void {
  const counts = ['packets', 'bytes', 'captured_bytes', 'ip_packets', 'first_us', 'last_us'] as const
  const [capture] = rows(database, [...counts], 'FROM captures')
  expect(capture).toEqual(Object.fromEntries(counts.map((column) => [column, tshark[column]])))

  const pairs: TsharkCounts['pairs'] = {}
  const tuples: TsharkCounts['tuples'] = {}
  const add = (totals: TsharkCounts['pairs'], key: string, packets: number, bytes: number): void => {
    const before = totals[key] ?? [0, 0]
    totals[key] = [before[0] + packets, before[1] + bytes]
  }
  const sums = ['f.client_packets + f.server_packets', 'f.client_bytes + f.server_bytes'] as const
  const joined = 'FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id'
  for (const row of rows(database, ['c.ip', 's.ip', 'f.client_port', 'f.server_port', 'f.transport', ...sums], joined)) {
    const ends = [`${row['c.ip']}`, `${row['s.ip']}`]
    add(pairs, [...ends].sort().join(' '), Number(row[sums[0]]), Number(row[sums[1]]))
    if ((row['f.transport'] !== 'tcp' && row['f.transport'] !== 'udp') || row['f.client_port'] === null) continue
    const withPorts = [`${ends[0]} ${row['f.client_port']}`, `${ends[1]} ${row['f.server_port']}`]
    add(tuples, [row['f.transport'], ...withPorts.sort()].join(' '), Number(row[sums[0]]), Number(row[sums[1]]))
  }
  expect(pairs).toEqual(tshark.pairs)
  // tshark gives later fragments no ports; there the hand-written flows tell.
  if (!hasFragments) expect(tuples).toEqual(tshark.tuples)

  const known = new Set(rows(database, ['server_name'], 'FROM flows UNION SELECT name FROM names').map((row) => row.server_name))
  const printable = (names: string[]): string[] =>
    names.map((name) => name.trim().toLowerCase()).filter((name) => /^[a-z0-9._:-]+$/.test(name))
  const withoutPort = (name: string): string => name.replace(/:\d+$/, '')
  expect([...tshark.tls_names, ...tshark.quic_names].flatMap((name) => printable([name])).filter((name) => !known.has(name))).toEqual([])
  expect(printable(tshark.http_hosts).filter((name) => !known.has(name) && !known.has(withoutPort(name)))).toEqual([])
  const asked = new Set(rows(database, ['name'], 'FROM dns_queries').map((row) => row.name))
  expect(printable(tshark.dns_names).filter((name) => !asked.has(name))).toEqual([])
  expect(numberOf(database, 'SELECT sum(ip_packets) FROM captures')).toBe(tshark.ip_packets)
}
