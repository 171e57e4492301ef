// What nfdump prints, written by hand in its columns -> the report's conversations of both directions, worked out by hand.
import { expect, test } from 'vitest'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, linesOf, numberOf, rows, warningsOf } from '../support/analysis.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const HEADER = 'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,ra,exid\n'
const SUMMARY = 'Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n5,0,0,0,0,0\n'

/** One direction: seconds after 2026-11-28 10:00:00, length in seconds, ends, protocol, flags, packets and bytes. */
interface Part {
  at: number
  seconds: number
  from: [string, number]
  to: [string, number]
  protocol: 'TCP' | 'UDP' | 'ICMP'
  flags?: string
  counts: [packets: number, bytes: number]
  router?: string
}
const CLIENT: [string, number] = ['192.168.1.10', 50_001]
const SERVER: [string, number] = ['198.51.100.34', 443]
const RESOLVER: [string, number] = ['198.51.100.53', 53]
const REQUEST: Part = { at: 1, seconds: 4, from: CLIENT, to: SERVER, protocol: 'TCP', flags: '...AP.SF', counts: [120, 7240] }
const RESPONSE: Part = { at: 1.02, seconds: 4.5, from: SERVER, to: CLIENT, protocol: 'TCP', flags: '...AP.SF', counts: [200, 60_400] }
const ANSWER: Part = { at: 0.54, seconds: 0, from: RESOLVER, to: [CLIENT[0], 40_000], protocol: 'UDP', counts: [1, 128] }
const QUESTION: Part = { at: 0.5, seconds: 0, from: [CLIENT[0], 40_000], to: RESOLVER, protocol: 'UDP', counts: [1, 58] }
const PING: Part = { at: 3, seconds: 1, from: [CLIENT[0], 0], to: [SERVER[0], 2048], protocol: 'ICMP', counts: [2, 168] }

const BEGIN = Date.UTC(2026, 10, 28, 10)
const isoOf = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString()
const csv = (parts: Part[]) =>
  encode(
    HEADER +
      parts
        .map(({ at, seconds, from, to, protocol, flags, counts, router }) =>
          [
            ...[
              isoOf(at).slice(0, 19).replace('T', ' '),
              isoOf(at + seconds)
                .slice(0, 19)
                .replace('T', ' '),
              seconds.toFixed(3),
            ],
            ...[from[0], to[0], from[1], to[1], protocol, flags ?? '........', 0, 0, ...counts, 0, 0, router ?? '0.0.0.0', 0],
          ].join(','),
        )
        .join('\n') +
      `\n${SUMMARY}`,
  )
const json = (parts: Part[]) => {
  const objects = parts.map(({ at, seconds, from, to, protocol, flags, counts, router }) => ({
    ...{ type: 'FLOW', first: isoOf(at).slice(0, 23), last: isoOf(at + seconds).slice(0, 23) },
    ...{ in_packets: counts[0], in_bytes: counts[1], proto: { TCP: 6, UDP: 17, ICMP: 1 }[protocol] },
    ...(flags === undefined ? {} : { tcp_flags: flags }),
    ...(protocol === 'ICMP' ? { icmp_type: to[1] >> 8, icmp_code: to[1] & 255 } : { src_port: from[1], dst_port: to[1] }),
    ...{ src4_addr: from[0], dst4_addr: to[0], ...(router === undefined ? {} : { ip4_router: router }), label: '<none> } {"' },
  }))
  return encode(JSON.stringify(objects, null, '\t'))
}
const conversations = (database: SqlDatabase) =>
  linesOf(
    database,
    ['transport', 'ip', 'client_port', 'server_port', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes', 'state'],
    'FROM flows JOIN hosts ON hosts.id = client_host_id ORDER BY transport, client_port, flows.id',
  )

const EXPECTED = [
  'icmp 192.168.1.10   2 0 168 0 S0',
  'tcp 192.168.1.10 50001 443 120 200 7240 60400 SF',
  'udp 192.168.1.10 40000 53 1 1 58 128 SF',
]

test.each([
  ['CSV', csv],
  ['JSON over several lines', json],
])('both directions become one conversation, whichever comes first: %s', async (_, write) => {
  for (const parts of [
    [QUESTION, ANSWER, REQUEST, RESPONSE, PING],
    [ANSWER, QUESTION, RESPONSE, REQUEST, PING],
  ]) {
    for (const chunk of [7, 1 << 20]) {
      const database = await analyzeBytes(write(parts), chunk)
      expect(conversations(database)).toEqual(EXPECTED)
      // 120+200+1+1+2 packets; 7240+60400+58+128+168 bytes.
      expect(rows(database, ['packets', 'bytes'], 'FROM captures')).toEqual([{ packets: 324, bytes: 67_994 }])
      expect(numberOf(database, 'SELECT sum(client_bytes + server_bytes) FROM activity')).toBe(67_994)
      expect(warningsOf(database)).toMatch(/^made from nfdump[^\n]*\n[^\n]*joined by their ends[^\n]*\n[^\n]*taken as UTC[^\n]*$/)
      database.close()
    }
  }
})

test('milliseconds of JSON, and the length in the CSV, are kept', async () => {
  const times = (database: SqlDatabase) => rows(database, ['first_us', 'last_us'], 'FROM captures')[0]
  expect(times(await analyzeBytes(json([ANSWER, RESPONSE])))).toEqual({
    first_us: BEGIN * 1000 + 540_000,
    last_us: BEGIN * 1000 + 5_520_000,
  })
  expect(times(await analyzeBytes(csv([ANSWER, RESPONSE])))).toEqual({ first_us: BEGIN * 1000, last_us: BEGIN * 1000 + 5_500_000 })
})

test('parts of a long conversation are one; the next connection with the same ports is another', async () => {
  const later = { ...REQUEST, at: 60, flags: '...A....', counts: [5, 300] as [number, number] }
  const again = { ...REQUEST, at: 400, flags: '......S.', counts: [1, 60] as [number, number] }
  const refused = { ...RESPONSE, at: 400.01, seconds: 0, flags: '...A.R..', counts: [1, 40] as [number, number] }
  const database = await analyzeBytes(json([REQUEST, RESPONSE, later, again, refused]))
  expect(conversations(database)).toEqual(['tcp 192.168.1.10 50001 443 125 200 7540 60400 SF', 'tcp 192.168.1.10 50001 443 1 1 60 40 REJ'])
})

test('who opened: the earlier SYN whatever the ports, the ports if both came in one second', async () => {
  const early: Part = { ...REQUEST, from: [CLIENT[0], 80], to: [SERVER[0], 40_000], at: 1 }
  const late: Part = { ...RESPONSE, from: [SERVER[0], 40_000], to: [CLIENT[0], 80], at: 1.5 }
  expect(conversations(await analyzeBytes(json([late, early])))[0]).toContain('192.168.1.10 80 40000')
  expect(conversations(await analyzeBytes(csv([late, early])))[0]).toContain('198.51.100.34 40000 80')
  // Both ports are those of no known service: the higher one is the client's, whichever record comes first.
  const client: Part = { ...REQUEST, from: [CLIENT[0], 23_405], to: [SERVER[0], 4_731] }
  const server: Part = { ...RESPONSE, from: [SERVER[0], 4_731], to: [CLIENT[0], 23_405], at: 1 }
  for (const parts of [
    [client, server],
    [server, client],
  ])
    expect(conversations(await analyzeBytes(json(parts)))[0]).toContain('192.168.1.10 23405 4731')
})

test('who opened without a handshake: the earlier end, where the ports tell nothing', async () => {
  const first: Part = { at: 1, seconds: 9, from: [SERVER[0], 50_300], to: [CLIENT[0], 50_301], protocol: 'UDP', counts: [9, 900] }
  const answer: Part = { at: 1.1, seconds: 9, from: [CLIENT[0], 50_301], to: [SERVER[0], 50_300], protocol: 'UDP', counts: [8, 800] }
  for (const parts of [
    [first, answer],
    [answer, first],
  ])
    expect(conversations(await analyzeBytes(json(parts)))).toEqual(['udp 198.51.100.34 50300 50301 9 8 900 800 SF'])
})

test('what two routers have seen counts once, and the report says so', async () => {
  const by = (router: string) => [REQUEST, RESPONSE].map((part) => ({ ...part, router }))
  const database = await analyzeBytes(json([...by('10.0.0.1'), ...by('10.0.0.2')]))
  expect(conversations(database)).toEqual([EXPECTED[1]])
  expect(rows(database, ['packets', 'bytes'], 'FROM captures')).toEqual([{ packets: 320, bytes: 67_640 }])
  expect(warningsOf(database)).toContain('\n2 records were left out: another router or interface')
})

test('records of both directions (nfdump -B, IPFIX) and the columns of nfdump 1.7.3', async () => {
  const text =
    'firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,flags,packets,bytes,outPackets,outBytes\n' +
    '2026-11-28 10:00:00.250,2026-11-28 10:00:01.500,TCP,192.168.1.10,50001,198.51.100.34,443,...AP.SF,120,7240,200,60400\n'
  expect(conversations(await analyzeBytes(encode(text)))).toEqual([EXPECTED[1]])
})

test('a damaged record is told with its number and byte, and the next one is read', async () => {
  const [text, broken] = [new TextDecoder().decode(json([REQUEST, RESPONSE, ANSWER])), new TextDecoder().decode(csv([REQUEST, ANSWER]))]
  const second = text.indexOf('{', text.indexOf('},'))
  const objects = await analyzeBytes(encode(text.replace('198.51.100.34', '198.51.100.340').replace('"proto": 6', '"proto": 6,,')))
  expect(conversations(objects).length).toBe(2)
  expect(warningsOf(objects)).toContain('\na record was left out, first in record 1 (byte 3): it is not JSON')
  const ports = await analyzeBytes(encode(text.slice(0, second) + text.slice(second).replace('"src_port": 443', '"src_port": 70000')))
  expect(warningsOf(ports)).toContain(`\na record was left out, first in record 2 (byte ${second}): a port is not`)
  const lines = await analyzeBytes(encode(broken.replace(',TCP,', ',QUIC,')))
  expect(conversations(lines)).toEqual(['udp 192.168.1.10 40000 53 0 1 0 128 SHR'])
  expect(warningsOf(lines)).toContain(`\na line was left out, first in line 2 (byte ${HEADER.length}): its protocol is not one`)
})

test('an object that never ends is told, and what came before is the report', async () => {
  const text = new TextDecoder().decode(json([REQUEST, RESPONSE]))
  const database = await analyzeBytes(encode(text.slice(0, text.lastIndexOf('}'))), 64)
  expect(conversations(database)).toEqual(['tcp 192.168.1.10 50001 443 120 0 7240 0 SH'])
  expect(rows(database, ['ended_by'], 'FROM captures')[0].ended_by).toMatch(/^record 2 \(byte \d+\) is cut off: nothing after it was read$/)
})

test('protocols have the names that nfdump prints, of any case, or their numbers', async () => {
  const names: [printed: string, number: number][] = [
    ['0', 0],
    ['IGMP', 2],
    ['Rte6', 43],
    ['Frag6', 44],
    ['RSVP', 46],
    ['GRE', 47],
    ['AH', 51],
    ['ICMP6', 58],
    ['EIGRP', 88],
    ['OSPF', 89],
    ['AX.25', 93],
    ['PIM', 103],
    ['A/N', 107],
    ['IPcmp', 108],
    ['VRRP', 112],
    ['PGM', 113],
    ['UDP-L', 136],
    ['138', 138],
    ['255', 255],
  ]
  const lines = names.map(
    ([printed], i) => `2026-11-28 10:00:00,2026-11-28 10:00:00,0.000,192.0.2.1,192.0.2.${i + 2},0,0,${printed},........,0,0,1,60,0,0,0,0`,
  )
  const database = await analyzeBytes(encode(`${HEADER}${lines.join('\n')}\n${SUMMARY}`))
  expect(linesOf(database, ['protocol_number'], 'FROM flows ORDER BY protocol_number').map(Number)).toEqual(
    names.map(([, number]) => number),
  )
})
