// Events of Suricata, written by hand from its documentation -> conversations with the names of other events, worked out by hand.
import { expect, test } from 'vitest'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, linesOf, rows } from '../support/analysis.ts'
import { randomOf } from '../support/random.ts'

const ENDS = { src_ip: '192.168.1.10', src_port: 50_001, dest_ip: '198.51.100.34', dest_port: 443, proto: 'TCP' }
const RESOLVER = { src_ip: '192.168.1.10', src_port: 40_000, dest_ip: '198.51.100.53', dest_port: 53, proto: 'UDP' }
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 28, 10) + seconds * 1000).toISOString().replace('Z', '123+0000')
const flow = (start: number, end: number, [out, outBytes, back, backBytes]: number[]) => ({
  ...{ pkts_toserver: out, bytes_toserver: outBytes, pkts_toclient: back, bytes_toclient: backBytes },
  ...{ start: at(start), end: at(end), age: 1, state: 'closed', reason: 'timeout', alerted: false },
})
const TLS_FLOW = {
  ...{ timestamp: at(70), flow_id: 1, event_type: 'flow', ...ENDS, app_proto: 'tls' },
  ...{ flow: flow(1, 5, [120, 8920, 200, 63_200]), tcp: { tcp_flags_ts: '1b', tcp_flags_tc: '1b', state: 'closed' } },
}
const DNS_FLOW = { timestamp: at(70), event_type: 'flow', ...RESOLVER, app_proto: 'dns', flow: flow(0.5, 0.54, [1, 72, 1, 142]) }
const SNI = { timestamp: at(1.2), event_type: 'tls', ...ENDS, tls: { subject: 'CN=example.com', sni: 'www.example.com' } }
const HTTP = {
  ...{ timestamp: at(9.5), event_type: 'http', ...ENDS, src_port: 50_002, dest_port: 80 },
  http: { hostname: 'plain.example.com:80', url: '/' },
}
const HTTP_FLOW = {
  ...{ timestamp: at(70), event_type: 'flow', ...ENDS, src_port: 50_002, dest_port: 80, app_proto: 'http' },
  ...{ flow: flow(9, 10, [5, 500, 4, 900]), tcp: { tcp_flags_ts: '1a', tcp_flags_tc: '16' } },
}
const ANSWERS = [
  { type: 'answer', rrname: 'cdn.example.net', answers: [{ rrname: 'cdn.example.net', rrtype: 'A', ttl: 1, rdata: '203.0.113.7' }] },
  { version: 2, type: 'answer', rrname: 'cdn.example.net', grouped: { A: ['203.0.113.7'], CNAME: ['x.example.net'] } },
  { type: 'answer', rrname: 'cdn.example.net', rrtype: 'A', rdata: '203.0.113.7' },
  { version: 3, type: 'response', queries: [{ rrname: 'cdn.example.net', rrtype: 'A' }], answers: [{ rrtype: 'A', rdata: '203.0.113.7' }] },
]
const CDN_FLOW = {
  timestamp: at(70),
  event_type: 'flow',
  ...ENDS,
  dest_ip: '203.0.113.7',
  flow: flow(20, 20, [1, 66, 0, 0]),
  tcp: { tcp_flags_ts: '02' },
}
const ALERT = { timestamp: at(2), event_type: 'alert', ...ENDS, alert: { signature: 'x' }, flow: flow(1, 2, [1, 1, 1, 1]) }

const log = (events: object[]) => new TextEncoder().encode(`${events.map((event) => JSON.stringify(event)).join('\n')}\n`)
const conversations = (database: SqlDatabase) =>
  linesOf(
    database,
    ['client_packets', 'server_packets', 'client_bytes', 'server_bytes', 'state', 'application', 'server_name', 'server_name_source'],
    'FROM flows ORDER BY first_us',
  ).map((line) => line.trimEnd())

test('flows with the names of the events beside them', async () => {
  const events = [
    SNI,
    ALERT,
    HTTP,
    { timestamp: at(0.54), event_type: 'dns', ...RESOLVER, dns: ANSWERS[0] },
    DNS_FLOW,
    TLS_FLOW,
    HTTP_FLOW,
    CDN_FLOW,
  ]
  const expected = [
    '1 1 72 142 SF dns',
    '120 200 8920 63200 SF tls www.example.com tls',
    '5 4 500 900 RSTR http plain.example.com http',
    '1 0 66 0 S0  cdn.example.net dns',
  ]
  for (const chunk of [11, 1 << 20]) {
    const database = await analyzeBytes(log(events), chunk)
    expect(conversations(database)).toEqual(expected)
    expect(rows(database, ['first_us'], 'FROM captures')[0].first_us).toBe(Date.UTC(2026, 10, 28, 10) * 1000 + 500_123)
    expect(String(rows(database, ['warnings'], 'FROM captures')[0].warnings)).toMatch(
      /^made from Suricata EVE[^\n]*whole frames[^\n]*\n[^\n]*alerts and the rest are not$/,
    )
    database.close()
  }
  // The order of events changes nothing.
  expect(conversations(await analyzeBytes(log(events.toReversed())))).toEqual(expected)
})

test.each(ANSWERS.map((dns, i) => [i, dns]))('answers of DNS in each of the forms of Suricata: %i', async (_, dns) => {
  const database = await analyzeBytes(log([{ timestamp: at(0.54), event_type: 'dns', ...RESOLVER, dns }, CDN_FLOW]))
  expect(conversations(database)).toEqual(['1 0 66 0 S0  cdn.example.net dns'])
})

test('a name of another time or of other ports is not that of the conversation', async () => {
  const others = [
    { ...SNI, timestamp: at(60) },
    { ...SNI, src_port: 50_009 },
  ]
  expect(conversations(await analyzeBytes(log([...others, TLS_FLOW])))).toEqual(['120 200 8920 63200 SF tls'])
})

test('damaged events end in a report, never in an exception', async () => {
  const random = randomOf(20261129)
  for (let round = 0; round < 40; round++) {
    const bytes = log([SNI, HTTP, DNS_FLOW, TLS_FLOW, HTTP_FLOW, CDN_FLOW])
    const from = bytes.indexOf(0x0a) + 1
    for (let i = 0; i < 8; i++) bytes[from + random(bytes.length - from)] = random(256)
    ;(await analyzeBytes(bytes, 64)).close()
  }
  const [hostile] = rows(
    await analyzeBytes(log([{ ...SNI, tls: { sni: '\u001b[31m<b>\u202e' } }, TLS_FLOW])),
    ['server_name'],
    'FROM flows',
  )
  expect(hostile.server_name).toMatch(/^[\x20-\x7e]+$/)
})

test.each([
  ['its time', { ...TLS_FLOW, flow: { ...TLS_FLOW.flow, start: 'yesterday' } }],
  ['it has no flow', { ...TLS_FLOW, flow: 7 }],
  ['a port', { ...TLS_FLOW, src_port: 1e9 }],
  ['its protocol', { ...TLS_FLOW, proto: '__proto__' }],
])('an event with an impossible value is left out and told: %s', async (why, event) => {
  const database = await analyzeBytes(log([DNS_FLOW, event]))
  expect(conversations(database)).toEqual(['1 1 72 142 SF dns'])
  const byte = JSON.stringify(DNS_FLOW).length + 1
  expect(String(rows(database, ['warnings'], 'FROM captures')[0].warnings)).toContain(`first in line 2 (byte ${byte}): ${why}`)
})
