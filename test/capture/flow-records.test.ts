// Flow logs of other programs, written by hand from their documentation -> the report's conversations, sums and warnings, worked out by hand.
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { flowRecordReaderOf } from '../../src/capture/flow-records/index.ts'
import { MAX_LINE_BYTES } from '../../src/capture/flow-records/units.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, linesOf, numberOf, rows, warningsOf } from '../support/analysis.ts'
import { randomOf } from '../support/random.ts'

// https://docs.zeek.org/en/current/logs/conn.html
const FIELDS =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration conn_state orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes'.split(
    ' ',
  )
const HEADER = `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\t${FIELDS.join('\t')}\n`
const DNS = '1700000000.250000 C1 192.168.1.10 50000 198.51.100.53 53 udp dns 0.040000 SF 1 58 1 128'
const TLS = '1700000001.000000 C2 192.168.1.10 50001 198.51.100.34 443 tcp ssl 100.500000 SF 120 7240 200 60400'
const PING = '1700000003.000000 C3 2001:db8::1 128 2001:db8::2 129 icmp - 3.000000 OTH 4 416 4 416'
const LINES = [DNS, TLS, PING]

const tsv = (lines: string[]) => new TextEncoder().encode(`${HEADER}${lines.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('')}`)
const json = (lines: string[]) => {
  const objects = lines.map((line) =>
    Object.fromEntries(
      line
        .split(' ')
        .map((cell, i): [string, unknown] => [FIELDS[i], /^[0-9.]+$/.test(cell) && cell.split('.').length < 3 ? Number(cell) : cell])
        .filter(([, cell]) => cell !== '-'),
    ),
  )
  return new TextEncoder().encode(objects.map((object) => JSON.stringify(object)).join('\n'))
}
const COLUMNS = [
  'transport',
  'first_us',
  'last_us',
  'client_packets',
  'server_packets',
  'client_bytes',
  'server_bytes',
  'state',
  'application',
]
const conversations = (database: SqlDatabase) => linesOf(database, COLUMNS, 'FROM flows ORDER BY id')

const EXPECTED = [
  'udp 1700000000250000 1700000000290000 1 1 58 128 SF dns',
  'tcp 1700000001000000 1700000101500000 120 200 7240 60400 SF tls',
  'icmpv6 1700000003000000 1700000006000000 4 4 416 416 SF',
]

test.each([
  ['TSV', tsv(LINES)],
  ['JSON without a last line feed', json(LINES)],
  ['gzip', gzipSync(tsv(LINES))],
  ['lines that end as on Windows', new TextEncoder().encode(new TextDecoder().decode(tsv(LINES)).replaceAll('\n', '\r\n'))],
])('a conn.log of Zeek becomes a report: %s', async (_, bytes) => {
  for (const chunk of [7, bytes.length]) {
    const database = await analyzeBytes(bytes, chunk)
    expect(conversations(database).map((row) => row.trimEnd())).toEqual(EXPECTED)
    expect(warningsOf(database)).toMatch(/^made from Zeek conn\.log \((TSV|JSON)\), not from packets: [^\n]*$/)
    // 58+128+7240+60400+416+416 and 1+1+120+200+4+4, in captures, and spread over the timeline without a rest.
    expect([numberOf(database, 'SELECT bytes FROM captures'), numberOf(database, 'SELECT packets FROM captures')]).toEqual([68658, 330])
    expect(numberOf(database, 'SELECT sum(client_bytes + server_bytes) FROM activity')).toBe(68658)
    expect(numberOf(database, 'SELECT sum(client_packets + server_packets) FROM activity')).toBe(330)
    expect(numberOf(database, 'SELECT count(*) FROM packets')).toBe(0)
    database.close()
  }
})

test('the 120 packets of a conversation are spread evenly over its time', async () => {
  const database = await analyzeBytes(tsv([TLS]))
  const half = numberOf(database, `SELECT sum(client_bytes) FROM activity WHERE tick < (SELECT max(tick) + 1 FROM activity) / 2`)
  expect(half).toBeGreaterThan(7240 * 0.48)
  expect(half).toBeLessThan(7240 * 0.52)
})

test('records in the order of their ends, as Zeek writes them, are the same conversations and the same timeline', async () => {
  // By end: DNS 1700000000.29, PING ...06, TLS ...101.5.
  const [byStart, byEnd] = [await analyzeBytes(tsv([DNS, TLS, PING])), await analyzeBytes(tsv([DNS, PING, TLS]))]
  expect(conversations(byEnd).sort()).toEqual(conversations(byStart).sort())
  const ticks = (database: SqlDatabase) => rows(database, ['tick', 'packets', 'bytes'], 'FROM ticks ORDER BY tick')
  expect(ticks(byEnd)).toEqual(ticks(byStart))
  expect(rows(byEnd, ['first_us', 'last_us'], 'FROM captures')).toEqual([{ first_us: 1700000000250000, last_us: 1700000101500000 }])
})

test('conn_state stays as Zeek has it, and the originator is the client whatever its port', async () => {
  const states = ['S0', 'S1', 'SF', 'REJ', 'S2', 'S3', 'RSTO', 'RSTR', 'RSTOS0', 'RSTRH', 'SH', 'SHR', 'OTH']
  const packets = (state: string) => (/^(S0|SH|RSTOS0)$/.test(state) ? '3 180 0 0' : state === 'SHR' ? '0 0 3 180' : '3 180 3 180')
  const lines = states.map((state, i) => `1700000000.${i + 100} C 10.0.0.1 80 10.0.0.2 40000 tcp - - ${state} ${packets(state)}`)
  const database = await analyzeBytes(tsv(lines))
  const found = rows(database, ['state', 'client_port', 'server_port'], 'FROM flows ORDER BY id')
  expect(found.map(({ state }) => state)).toEqual(states)
  expect(new Set(found.map(({ client_port, server_port }) => `${client_port} ${server_port}`))).toEqual(new Set(['80 40000']))
})

test.each([
  ['its addresses', DNS.replace('198.51.100.53', '198.51.100.530')],
  ['its addresses', DNS.replace('198.51.100.53', '2001:db8::1')],
  ['a port', DNS.replace(' 50000 ', ' 65536 ')],
  ['a port', DNS.replace(' 50000 ', ' -1 ')],
  ['its time', DNS.replace('1700000000.250000', 'NaN')],
  ['its time', DNS.replace('1700000000.250000', '99999999999999')],
  ['its time', DNS.replace('1700000000.250000', '2026-02-30T00:00:00Z')],
  ['its time', DNS.replace('0.040000', '-5')],
  ['a number of packets or bytes', DNS.replace(' 58 ', ' -58 ')],
  ['a number of packets or bytes', DNS.replace(' 58 ', ' 99999999999999999999 ')],
  ['it counts no packet', DNS.replace('1 58 1 128', '0 0 0 0')],
  ['it counts bytes without', DNS.replace('1 58 1 128', '0 58 1 128')],
  ['its protocol', DNS.replace('udp', 'constructor')],
  ['it has not the 14 fields', `${DNS} 1`],
])('a line with an impossible value is left out and told: %s', async (why, line) => {
  const database = await analyzeBytes(tsv([line, TLS, line]))
  expect(conversations(database)).toEqual([EXPECTED[1]])
  expect(warningsOf(database)).toMatch(new RegExp(`\na line was left out, first in line 7 \\(byte 217\\): ${why}[^\n]* \\(2 times\\)$`))
})

test('protocols that Zeek has no name for are those of ip_proto, and without it left out', async () => {
  const line = {
    ts: 1700000000,
    'id.orig_h': '192.168.1.10',
    'id.orig_p': 0,
    'id.resp_h': '198.51.100.53',
    'id.resp_p': 0,
    conn_state: 'OTH',
  }
  const counts = { proto: 'unknown_transport', orig_pkts: 2, orig_ip_bytes: 200, resp_pkts: 0, resp_ip_bytes: 0 }
  const log = [{ ...counts, ip_proto: 47 }, { ...counts, ip_proto: 50 }, counts, { ...counts, ip_proto: 256 }]
  const text = log.map((rest) => `${JSON.stringify({ ...line, ...rest })}\n`).join('')
  const database = await analyzeBytes(new TextEncoder().encode(text))
  expect(linesOf(database, ['transport', 'client_packets', 'client_port'], 'FROM flows ORDER BY transport')).toEqual(['esp 2 ', 'gre 2 '])
  expect(warningsOf(database)).toMatch(/first in line 3 .* \(2 times\)$/)
})

test('a line that never ends is told with its number, and what was read before is the report', async () => {
  const long = new TextEncoder().encode('x'.repeat(MAX_LINE_BYTES + 10))
  const bytes = new Uint8Array([...tsv([DNS]), ...long])
  const database = await analyzeBytes(bytes, 65_536)
  expect(conversations(database)).toEqual([EXPECTED[0]])
  expect(rows(database, ['ended_by'], 'FROM captures')[0].ended_by).toMatch(/^line 8 \(byte \d+\) is longer than 1048576 bytes/)
})

test('packets cannot be chosen of a flow log', async () => {
  const inputs = {
    name: null,
    origin: null,
    maxPackets: 1,
    pages: 'none',
    rules: null,
    blocklists: [],
    baseline: null,
    chosen: { from: '1s' },
  } as const
  await expect(analyzeBytes(tsv([DNS]), undefined, { inputs: { ...inputs, blocklists: [] } })).rejects.toThrow(/a flow log has none/)
})

test('only a conn.log is taken for one', () => {
  const reader = (text: string) => flowRecordReaderOf(new TextEncoder().encode(text))?.format ?? null
  expect(reader(HEADER)).toBe('flow records: Zeek conn.log (TSV)')
  expect(reader(HEADER.replace('\tconn\n', '\tweird\n'))).toBeNull()
  expect(reader('{"ts":1,"id.orig_h":"10.0.0.1","query":"example.com"}')).toBeNull()
  expect(reader('#!/bin/sh\n')).toBeNull()
})

test('damaged logs end in a report, never in an exception', async () => {
  const random = randomOf(20261128)
  for (let round = 0; round < 60; round++) {
    const bytes = (round % 2 === 0 ? tsv(LINES) : json(LINES)).slice()
    const from = round % 2 === 0 ? HEADER.length : bytes.indexOf(0x0a) + 1
    for (let i = 0; i < 8; i++) bytes[from + random(bytes.length - from)] = random(256)
    const database = await analyzeBytes(bytes, 64)
    expect(numberOf(database, 'SELECT coalesce(sum(client_bytes + server_bytes), 0) FROM flows')).toBe(
      numberOf(database, 'SELECT bytes FROM captures'),
    )
    database.close()
  }
})
