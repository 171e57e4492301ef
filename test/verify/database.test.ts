// A sound database passes; one number changed by hand, or a hostile schema, is named in one check.
import initSqlJs from 'sql.js'
import { describe, expect, test } from 'vitest'
import type { SqlDatabase } from '../../src/types.ts'
import { allAgree, type Check, conclusion, formatCheck } from '../../src/verify/check.ts'
import { checkDatabase } from '../../src/verify/database.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { FIXTURES } from '../support/fixtures.ts'

const fixture = (name: string): Uint8Array => FIXTURES.find((candidate) => candidate.name === name)!.bytes

/** What does not agree, as it is printed. */
function complaints(database: SqlDatabase): string[] {
  return checkDatabase(database)
    .filter(({ outcome }) => outcome === 'differs')
    .map(formatCheck)
}

async function spoilt(sql: string, name = 'names-dns'): Promise<string[]> {
  const database = await analyzeBytes(fixture(name))
  database.run(sql)
  const lines = complaints(database)
  database.close()
  return lines
}

describe('reports of all fixtures agree with themselves', () => {
  test.each(FIXTURES.filter(({ name }) => !name.startsWith('unusable')))('$name', async ({ bytes }) => {
    const database = await analyzeBytes(bytes)
    expect(complaints(database)).toEqual([])
    expect(checkDatabase(database).every(({ outcome }) => outcome === 'agrees')).toBe(true)
  })
})

describe('a number changed by hand', () => {
  // names-dns has 11 packets of 919 bytes.
  test.each([
    ['UPDATE captures SET ip_packets = ip_packets + 1, packets = packets + 1', 'packets in conversations', 'captures 12, flows 11'],
    [
      'UPDATE captures SET ip_packets = ip_packets - 1',
      'packets skipped',
      'capture 1 has 11 packets, but 10 in conversations and 0 skipped',
    ],
    ['UPDATE captures SET bytes = 920', 'bytes in conversations', 'captures 920, flows 919'],
    ['UPDATE hosts SET sent_packets = sent_packets + 1 WHERE id = 1', 'packets in conversations', 'hosts (sent) 12'],
    ['UPDATE hosts SET received_bytes = received_bytes + 5 WHERE id = 1', 'bytes in conversations', 'hosts (received) 924'],
    ['UPDATE hosts SET last_us = last_us + 1 WHERE id = 1', 'totals of each host', '1 hosts'],
    ['UPDATE activity SET client_packets = client_packets + 1 WHERE flow_id = 1', 'timeline of each conversation', '1 conversations'],
    ['UPDATE ticks SET bytes = bytes + 1 WHERE tick = 0', 'sums by tick', '2 rows are not those of the activity'],
    ['INSERT INTO ticks VALUES (999, 1, 1)', 'sums by tick', '1 rows'],
    ["UPDATE totals SET packets = packets + 1 WHERE subject = 'application'", 'sums by application and transport', 'rows are not those'],
    ["UPDATE totals SET flows = flows + 1 WHERE subject = 'transport'", 'sums by application and transport', 'rows are not those'],
    ["DELETE FROM totals WHERE subject = 'origin'", 'sums by country', '1 rows'],
    ["UPDATE totals SET hosts = hosts + 1 WHERE subject = 'origin'", 'sums by country', '2 rows'],
    ['UPDATE flows SET client_bytes = -1 WHERE id = 1', 'counts below zero', '1 row of flows'],
    ['UPDATE flows SET first_us = last_us + 1 WHERE id = 1', 'times of conversations', '1 conversations'],
    ['UPDATE captures SET first_us = first_us + 1', 'times of conversations', 'outside the captures'],
    ['UPDATE captures SET last_us = NULL', 'times of captures', '1 captures'],
    ["UPDATE meta SET value = '12' WHERE key = 'packets'", 'totals in meta', 'packets says 12, counted are 11'],
    ["UPDATE meta SET value = 'many' WHERE key = 'flows'", 'totals in meta', 'flows says no number'],
    ["DELETE FROM meta WHERE key = 'hosts'", 'totals in meta', 'hosts says no number'],
    ["UPDATE meta SET value = '2' WHERE key = 'ticks'", 'ticks of activity', 'off the timeline'],
    ["UPDATE meta SET value = '0' WHERE key = 'tick_us'", 'ticks of activity', 'no length of a tick'],
    ["UPDATE meta SET value = value + 1 WHERE key = 'last_us'", 'timeline', 'meta.last_us says 2026-03-17 09:00:00.100001 UTC'],
    ['UPDATE packets SET at_us = at_us + 1000000000 WHERE id = 1', 'packet rows', '1 packets are outside'],
    ['UPDATE packets SET bytes = bytes + 1 WHERE id = 1', 'packet rows', 'do not fit their totals'],
    ['UPDATE dns_queries SET at_us = 0 WHERE id = 1', 'times of DNS questions', '1 questions'],
    ['DELETE FROM flows WHERE id = 1', 'references between tables', 'rows that do not exist'],
  ])('%s', async (sql, subject, text) => {
    const line = (await spoilt(sql)).find((candidate) => candidate.startsWith(`database: ${subject}: DIFFERS: `))
    expect(line).toContain(text)
  })
})

describe('a database that is hostile or something else', () => {
  const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i'
  test.each([
    ['another application', 'PRAGMA application_id = 1', 'its application_id is 0x1'],
    ['another version', 'PRAGMA user_version = 7', 'its user_version is 7'],
    ['a table is gone', 'DROP TABLE packets', 'table packets is missing'],
    ['a column is gone', 'ALTER TABLE flows DROP COLUMN client_bytes', 'column flows.client_bytes is missing'],
    [
      'a view without end',
      `DROP TABLE packets; CREATE VIEW packets AS ${ENDLESS} AS id, i AS flow_id, i AS at_us, i AS bytes, 1 AS from_client FROM n`,
      'there is view packets on packets, which no report has',
    ],
    [
      'text for numbers',
      "DROP TABLE skipped; CREATE TABLE skipped(capture_id, reason, packets); INSERT INTO skipped VALUES (1, 'x', 'many')",
      'skipped is not a STRICT table',
    ],
    [
      'a computed column',
      'DROP TABLE skipped; CREATE TABLE skipped(capture_id INTEGER, reason TEXT, packets INTEGER AS (1/0)) STRICT',
      'table skipped that computes something',
    ],
  ])('%s', async (_, sql, text) => {
    const lines = await spoilt(sql)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(text)
  })

  test('sums beyond 64 bits are a difference, not a crash', async () => {
    const lines = await spoilt('UPDATE hosts SET sent_bytes = 9223372036854775807')
    expect(lines.find((line) => line.includes('bytes in conversations'))).toContain('SQLite cannot read it: integer overflow')
  })

  test('all rows deleted: nothing adds up to nothing', async () => {
    const tables = ['alerts', 'dns_queries', 'names', 'packets', 'activity', 'flows', 'hosts', 'skipped', 'captures']
    const lines = await spoilt(tables.map((table) => `DELETE FROM ${table}`).join(';'))
    expect(lines).toContain('database: packets skipped: DIFFERS: the database names no capture')
  })

  test('an empty database', async () => {
    const database = new (await initSqlJs()).Database() as SqlDatabase
    expect(complaints(database)).toHaveLength(1)
    expect(checkDatabase(database).some(({ outcome }) => outcome === 'not checked')).toBe(true)
  })

  test('every page spoilt in turn: always an answer', async () => {
    const sql = await initSqlJs()
    const whole = await analyzeBytes(fixture('names-dns'))
    const bytes = whole.export()
    for (let at = 0; at < bytes.length; at += 499) {
      const copy = bytes.slice()
      copy.fill(0xff, at, at + 40)
      const database = new sql.Database(copy) as SqlDatabase
      const checks = checkDatabase(database)
      expect(checks.length, `bytes from ${at}`).toBeGreaterThan(0)
      database.close()
    }
  })
})

describe('how checks are printed', () => {
  const check = (outcome: Check['outcome'], detail = ''): Check => ({ about: 'a.pcap', subject: 'packets', outcome, detail })

  test('one line in words', () => {
    expect(formatCheck(check('agrees', '5'))).toBe('a.pcap: packets: agrees (5)')
    expect(formatCheck(check('differs', 'database says 5, recount says 6'))).toBe(
      'a.pcap: packets: DIFFERS: database says 5, recount says 6',
    )
    expect(formatCheck(check('not checked', 'why'))).toBe('a.pcap: packets: not checked: why')
  })

  test('no text moves the cursor, hides or runs on', () => {
    const line = formatCheck({ ...check('differs', `\u001b[2J\r\n\u202e${'x'.repeat(5000)}`), about: '\u001b]0;x\u0007.pcap' })
    expect(line).toMatch(/^[\x20-\x7e…]+$/)
    expect(line.length).toBeLessThan(800)
  })

  test('the conclusion counts', () => {
    expect(conclusion([check('agrees'), check('agrees')])).toBe('All that could be checked agrees (2 checks).')
    expect(conclusion([check('agrees'), check('not checked')])).toBe(
      'All that could be checked agrees (1 check); 1 thing could not be checked: see "not checked" above.',
    )
    expect(conclusion([check('differs'), check('agrees')])).toBe('1 check of 2 DIFFERS.')
    expect(allAgree([check('agrees'), check('not checked')])).toBe(true)
    expect(allAgree([check('differs')])).toBe(false)
  })
})
