// Every fixture, cut and spoilt at random with a fixed seed: whatever comes out is either one clear line of refusal or a database that adds up.
import { describe, expect, it } from 'vitest'
import { random } from '../fixtures/generate/random.ts'
import { CaptureError } from '../src/errors.ts'
import type { SqlDatabase } from '../src/types.ts'
import { analyzeBytes, numberOf, rows } from './support/analysis.ts'
import { FIXTURES } from './support/fixtures.ts'

const ROUNDS = 17
/** The demo is a hundred times larger than the rest. */
const LARGE_BYTES = 100_000
const LARGE_ROUNDS = 4
const LONGEST_MS = 20_000

/** Nothing at first; then cut, flip bits, overwrite a field with an extreme, remove or repeat a piece. */
const MUTATIONS: ((bytes: Uint8Array, chance: () => number) => Uint8Array)[] = [
  (bytes, chance) => bytes.slice(0, Math.floor(chance() * bytes.length)),
  (bytes, chance) => {
    const spoilt = bytes.slice()
    for (let count = 1 + Math.floor(chance() * 12); count > 0; count--)
      spoilt[Math.floor(chance() * bytes.length)] ^= 1 << Math.floor(chance() * 8)
    return spoilt
  },
  (bytes, chance) => {
    const spoilt = bytes.slice()
    const at = Math.floor(chance() * bytes.length)
    spoilt.fill(chance() < 0.5 ? 0xff : 0, at, at + [1, 2, 4, 8][Math.floor(chance() * 4)])
    return spoilt
  },
  (bytes, chance) => {
    const at = Math.floor(chance() * bytes.length)
    const length = Math.floor(chance() * 40)
    const rest = chance() < 0.5 ? bytes.subarray(at + length) : bytes.subarray(Math.max(0, at - length))
    const joined = new Uint8Array(at + rest.length)
    joined.set(bytes.subarray(0, at))
    joined.set(rest, at)
    return joined
  },
]

/** A promise that never settles is a hang as much as an endless loop is. */
function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${LONGEST_MS} ms`)), LONGEST_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** The names of all columns that hold numbers, by table. */
function numberColumns(database: SqlDatabase): { table: string; columns: string[] }[] {
  return rows(
    database,
    ['t.name', 'group_concat(c.name)'],
    "FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name <> 'places' AND c.type IN ('INTEGER', 'REAL') GROUP BY t.name",
  ).map((row) => ({ table: String(row['t.name']), columns: String(row['group_concat(c.name)']).split(',') }))
}

function expectSound(database: SqlDatabase): void {
  const count = (sql: string): number => numberOf(database, sql)
  const sums = (table: string): { packets: number; bytes: number } => ({
    packets: count(`SELECT sum(client_packets + server_packets) FROM ${table}`),
    bytes: count(`SELECT sum(client_bytes + server_bytes) FROM ${table}`),
  })
  for (const { table, columns } of numberColumns(database)) {
    const isNegative = columns.map((column) => `${column} < 0`).join(' OR ')
    expect(count(`SELECT count(*) FROM ${table} WHERE ${isNegative}`), `${table} below zero`).toBe(0)
  }
  const ipPackets = count('SELECT sum(ip_packets) FROM captures')
  expect(count('SELECT sum(packets) FROM captures')).toBe(ipPackets + count('SELECT sum(packets) FROM skipped'))
  const flows = sums('flows')
  expect(flows.packets).toBe(ipPackets + count("SELECT coalesce((SELECT value FROM meta WHERE key = 'subframes'), 0) + 0"))
  expect(sums('activity')).toEqual(flows)
  for (const way of ['sent', 'received']) {
    expect({ packets: count(`SELECT sum(${way}_packets) FROM hosts`), bytes: count(`SELECT sum(${way}_bytes) FROM hosts`) }).toEqual(flows)
  }
  const byFlow =
    'SELECT flow_id, sum(client_packets) c, sum(server_packets) s, sum(client_bytes + server_bytes) b FROM activity GROUP BY flow_id'
  const differing = `SELECT count(*) FROM flows f LEFT JOIN (${byFlow}) a ON a.flow_id = f.id
    WHERE (f.client_packets, f.server_packets, f.client_bytes + f.server_bytes) IS NOT (a.c, a.s, a.b)`
  expect(count(differing)).toBe(0)
  expect(count('SELECT count(*) FROM flows WHERE last_us < first_us')).toBe(0)
  expect(count("SELECT count(*) FROM activity WHERE tick >= (SELECT value FROM meta WHERE key = 'ticks') + 0")).toBe(0)
  expect(count("SELECT count(*) FROM meta WHERE value LIKE '%NaN%' OR value LIKE '%Infinity%' OR value LIKE '%undefined%'")).toBe(0)
}

describe('spoilt captures', () => {
  it.each(FIXTURES)('$name', async ({ name, bytes }) => {
    const chance = random([...name].reduce((seed, letter) => (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0, 7))
    const rounds = bytes.length > LARGE_BYTES ? LARGE_ROUNDS : ROUNDS
    for (let round = 0; round < rounds; round++) {
      const spoilt = round === 0 ? bytes : MUTATIONS[round % MUTATIONS.length](bytes, chance)
      const roundStartedMs = performance.now()
      try {
        const database = await inTime(analyzeBytes(spoilt, round % 3 === 0 ? 61 + round : undefined))
        expectSound(database)
        database.close()
      } catch (error) {
        if (!(error instanceof CaptureError))
          throw Object.assign(error as Error, { message: `round ${round}: ${(error as Error).message}` })
        expect(error.message).toMatch(/^[\x20-\x7e]+$/)
      }
      expect(performance.now() - roundStartedMs, `round ${round} took too long`).toBeLessThan(LONGEST_MS)
    }
  })
})
