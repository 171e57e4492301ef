// Flow logs of AWS, Google Cloud and Azure, written by hand from their documentation -> conversations, sums and warnings, worked out by hand.
import { expect, test } from 'vitest'
import { flowRecordReaderOf } from '../../src/capture/flow-records/index.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, linesOf, rows, warningsOf } from '../support/analysis.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const conversations = (database: SqlDatabase) =>
  linesOf(
    database,
    ['transport', 'ip', 'client_port', 'server_port', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes', 'state'],
    'FROM flows JOIN hosts ON hosts.id = client_host_id ORDER BY flows.id',
  )
const times = (database: SqlDatabase) => rows(database, ['first_us', 'last_us'], 'FROM captures')[0]

// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html
const SSH = '2 123456789010 eni-0a1 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK'
const SSH_BACK = '2 123456789010 eni-0a1 172.31.16.21 172.31.16.139 22 20641 6 18 3700 1418530010 1418530070 ACCEPT OK'
const REJECTED = '2 123456789010 eni-0a1 203.0.113.9 172.31.16.21 49761 3389 6 1 40 1418530010 1418530070 REJECT OK'
const NO_DATA = '2 123456789010 eni-0a1 - - - - - - - 1431280876 1431280934 - NODATA'
const SKIPPED = '2 123456789010 eni-0a1 - - - - - - - 1431280876 1431280934 - SKIPDATA'
const HEADER = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'

test.each([
  ['without a header', [SSH, SSH_BACK, REJECTED, NO_DATA, SKIPPED]],
  ['with a header', [HEADER, SSH, SSH_BACK, REJECTED, NO_DATA, SKIPPED]],
  ['as CloudWatch prints it', [SSH, SSH_BACK, REJECTED, NO_DATA, SKIPPED].map((line) => `2014-12-14T04:06:50.000Z ${line}`)],
])('the default format of AWS: %s', async (_, lines) => {
  const database = await analyzeBytes(encode(`${lines.join('\n')}\n`), 64)
  expect(conversations(database)).toEqual(['tcp 172.31.16.139 20641 22 20 18 4249 3700 OTH', 'tcp 203.0.113.9 49761 3389 1 0 40 0 S0'])
  expect(times(database)).toEqual({ first_us: 1418530010000000, last_us: 1418530070000000 })
  const line = lines.indexOf(lines.find((text) => text.endsWith('SKIPDATA'))!) + 1
  expect(warningsOf(database)).toMatch(new RegExp(`\na line was left out, first in line ${line} \\(byte \\d+\\): AWS has no records`))
  expect(warningsOf(database)).not.toContain('NODATA')
})

test('fields in the order of a header, with the flags of version 3', async () => {
  const header = 'version interface-id srcaddr dstaddr srcport dstport protocol tcp-flags packets bytes start end log-status'
  const lines = [
    header,
    // The server's record comes first; 19 = SYN, ACK, FIN and 3 = SYN, FIN.
    '3 eni-0a1 52.213.180.42 10.0.0.62 80 80 6 19 100 701 1566848875 1566848933 OK',
    '3 eni-0a1 10.0.0.62 52.213.180.42 80 80 6 3 100 700 1566848875 1566848933 OK',
    // The same packets at another interface of the network, and the next minute of the client.
    '3 eni-0b2 10.0.0.62 52.213.180.42 80 80 6 3 100 700 1566848876 1566848934 OK',
    '3 eni-0a1 10.0.0.62 52.213.180.42 80 80 6 0 7 300 1566848935 1566848993 OK',
    '5 eni-0a1 2001:db8::1 2001:db8::2 0 0 58 0 4 416 1566848875 1566848880 OK',
  ]
  const database = await analyzeBytes(encode(lines.join('\n')))
  expect(conversations(database)).toEqual(['tcp 10.0.0.62 80 80 107 100 1000 701 SF', 'icmpv6 2001:db8::1   4 0 416 0 S0'])
  expect(warningsOf(database)).toContain('\n1 record was left out: another router or interface')
})

const gcp = (from: string, to: string, packets: string, reporter: string, start: string, end: string) => {
  const [[src_ip, src_port], [dest_ip, dest_port]] = [from.split(' '), to.split(' ')]
  const connection = { src_ip, src_port: Number(src_port), dest_ip, dest_port: Number(dest_port), protocol: 6 }
  const jsonPayload = { bytes_sent: `${packets}000`, packets_sent: packets, connection, reporter, start_time: start, end_time: end }
  return { insertId: '1', jsonPayload, logName: 'projects/p/logs/compute.googleapis.com%2Fvpc_flows' }
}
const [BEGIN, END] = ['2026-11-28T10:00:00.250000001Z', '2026-11-28T10:00:05Z']
const ENTRIES = [
  gcp('198.51.100.34 443', '10.128.0.2 50001', '8', 'DEST', BEGIN, END),
  gcp('10.128.0.2 50001', '198.51.100.34 443', '6', 'SRC', BEGIN, END),
  gcp('10.128.0.2 50001', '10.128.0.3 5432', '9', 'SRC', BEGIN, END),
  gcp('10.128.0.2 50001', '10.128.0.3 5432', '9', 'DEST', BEGIN, END),
]

test.each([
  ['a list', JSON.stringify(ENTRIES, null, 2)],
  ['one a line', ENTRIES.map((entry) => JSON.stringify(entry)).join('\n')],
])('log entries of Google Cloud: %s', async (_, text) => {
  const database = await analyzeBytes(encode(text), 100)
  expect(conversations(database)).toEqual(['tcp 10.128.0.2 50001 443 6 8 6000 8000 OTH', 'tcp 10.128.0.2 50001 5432 9 0 9000 0 OTH'])
  const beginUs = Date.UTC(2026, 10, 28, 10) * 1000
  expect(times(database)).toEqual({ first_us: beginUs + 250_000, last_us: beginUs + 5_000_000 })
  expect(warningsOf(database)).toContain('\n1 record was left out')
})

const NSG = {
  time: '2026-11-28T10:01:00.000Z',
  category: 'NetworkSecurityGroupFlowEvent',
  properties: {
    Version: 2,
    flows: [
      {
        rule: 'UserRule_default-allow-ssh',
        flows: [
          {
            mac: '000D3AF87856',
            flowTuples: [
              '1764324000,10.5.16.4,13.67.143.118,59831,443,T,O,A,B,,,,',
              '1764324060,10.5.16.4,13.67.143.118,59831,443,T,O,A,C,10,1000,12,9000',
              '1764324100,10.5.16.4,13.67.143.118,59831,443,T,O,A,E,5,500,4,3000',
              '1764324005,185.170.185.105,10.5.16.4,35370,23,T,I,D,B,,,,',
            ],
          },
        ],
      },
    ],
  },
}

test('flow logs of Azure network security groups: updates become one conversation that begins where it began', async () => {
  const database = await analyzeBytes(encode(JSON.stringify({ records: [NSG] })), 16)
  expect(conversations(database)).toEqual(['tcp 10.5.16.4 59831 443 15 16 1500 12000 OTH'])
  expect(times(database)).toEqual({ first_us: 1764324000000000, last_us: 1764324100000000 })
  expect(warningsOf(database)).toContain('\na record was left out, first in record 1 (byte 12): it was denied')
  // Without flags nothing says that it was not answered: the port tells the application.
  expect(rows(database, ['application'], 'FROM flows')).toEqual([{ application: 'tls' }])
})

test('flow logs of Azure virtual networks', async () => {
  const tuples = [
    '1764324000500,10.0.0.6,52.239.184.180,23956,443,6,O,B,NX,0,0,0,0',
    '1764324003500,10.0.0.6,52.239.184.180,23956,443,6,O,E,NX,3,767,2,1580',
    '1764324003500,2001:db8::6,2001:db8::7,50000,53,17,O,E,X,1,70,1,150',
  ]
  const group = (flowTuples: string[]) => ({ rule: 'DefaultRule_AllowInternetOutBound', flowTuples })
  const record = { flowLogVersion: 4, macAddress: '112233445566', category: 'FlowLogFlowEvent' }
  const minute = (flowTuples: string[]) => ({ ...record, flowRecords: { flows: [{ aclID: 'a', flowGroups: [group(flowTuples)] }] } })
  const text = JSON.stringify({ records: [minute(tuples.slice(0, 1)), minute(tuples.slice(1))] }, null, 1)
  // As two blobs, one after the other; the second one again from another interface.
  const again = JSON.stringify({ records: [{ ...minute(tuples.slice(1, 2)), macAddress: 'AABBCCDDEEFF' }] })
  const database = await analyzeBytes(encode(`${text}\n${again}`))
  expect(conversations(database)).toEqual(['tcp 10.0.0.6 23956 443 3 2 767 1580 OTH', 'udp 2001:db8::6 50000 53 1 1 70 150 SF'])
  expect(times(database)).toEqual({ first_us: 1764324000500000, last_us: 1764324003500000 })
  expect(warningsOf(database)).toContain('\n1 record was left out')
})

test('a version of Azure without counts is told', async () => {
  const tuple = '1764324060,10.5.16.4,13.67.143.118,59831,443,T,O,A'
  const record = { ...NSG, properties: { flows: [{ flows: [{ mac: '0', flowTuples: [tuple] }] }] } }
  expect(warningsOf(await analyzeBytes(encode(JSON.stringify({ records: [record] }))))).toContain(
    'it is of version 1, which counts no packets',
  )
})

test('each log is told by its content, and other JSON and tables are none', () => {
  const format = (text: string) => flowRecordReaderOf(encode(text))?.format.replace('flow records: ', '') ?? null
  expect(format(SSH)).toBe('AWS VPC flow logs')
  expect(format(`\ufeff${JSON.stringify(ENTRIES)}`)).toBe('Google Cloud VPC flow logs')
  expect(format(JSON.stringify({ records: [NSG] }))).toBe('Azure flow logs')
  expect(format('{"timestamp":"2026-11-28T10:00:00.000000+0000","event_type":"stats"}\n')).toBe('Suricata EVE')
  for (const text of [
    '{"records":[{"a":1}]}',
    'ts,te,td\n',
    'version 2\n',
    '[{"type":"FLOW"}]',
    '2 1 2 3 4 5 6 7 8 9 0 1 2 3',
    'No.,Time\n',
  ])
    expect(format(text)).toBeNull()
})

test.each([
  ['AWS', SSH.replace(' 20641 ', ' 99999 '), 'a port is not a number'],
  ['AWS', `${SSH} 1 2`, 'it has not the 14 fields'],
  [
    'Google',
    JSON.stringify({ ...ENTRIES[0], jsonPayload: { ...ENTRIES[0].jsonPayload, bytes_sent: '-1' } }),
    'a number of packets or bytes',
  ],
  [
    'Azure',
    JSON.stringify({ ...NSG, properties: { flows: [{ flows: [{ flowTuples: [',,,,,,,A,C,,,,', 'x', null] }] }] } }),
    'its time or duration',
  ],
])('a line of %s with an impossible value is left out and told', async (_, bad, why) => {
  const good = { AWS: SSH, Google: JSON.stringify(ENTRIES[1]), Azure: JSON.stringify(NSG) }[_]!
  const database = await analyzeBytes(encode(`${good}\n${bad}\n`))
  expect(conversations(database)).toHaveLength(1)
  expect(warningsOf(database)).toContain(`was left out, first in ${_ === 'AWS' ? 'line' : 'record'} 2 (byte ${good.length + 1}): ${why}`)
})
