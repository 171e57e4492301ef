// Ends and protocol -> Community ID: the values that the specification's baseline states, and those of Wireshark for the demo's conversations.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../src/decode/address.ts'
import { communityId, icmpOf } from '../../src/flows/community-id.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { ethernet, icmp, ipv4, ipv4Fragments, ipv6, join, sctp, tcp, u32, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { otherThread } from '../support/page-maker.ts'

/** Protocol, source, target, ports (of ICMP: type, and code or the type that answers), id: baseline/baseline_deflt.json of the specification. */
const BASELINE: [number, string, string, number, number, string][] = [
  [58, 'fe80::200:86ff:fe05:80da', 'fe80::260:97ff:fe07:69ea', 135, 136, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY='],
  [58, 'fe80::260:97ff:fe07:69ea', 'fe80::200:86ff:fe05:80da', 136, 135, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY='],
  [58, 'fe80::260:97ff:fe07:69ea', 'fe80::200:86ff:fe05:80da', 135, 136, '1:zavyT/cezQr1fmImYCwYnMXbgck='],
  [58, 'fe80::200:86ff:fe05:80da', 'fe80::260:97ff:fe07:69ea', 136, 135, '1:zavyT/cezQr1fmImYCwYnMXbgck='],
  [58, '3ffe:501:1800:2345::2', '3ffe:507:0:1:200:86ff:fe05:80da', 3, 0, '1:2ObVBgIn28oZvibYZhZMBgh7WdQ='],
  [58, '3ffe:501:410:0:2c0:dfff:fe47:33e', '3ffe:507:0:1:200:86ff:fe05:80da', 1, 4, '1:hLZd0XGWojozrvxqE0dWB1iM6R0='],
  [58, '3ffe:507:0:1:200:86ff:fe05:80da', '3ffe:501:0:1001::2', 128, 129, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg='],
  [58, '3ffe:501:0:1001::2', '3ffe:507:0:1:200:86ff:fe05:80da', 129, 128, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg='],
  [58, 'fe80::200:86ff:fe05:80da', 'ff02::2', 133, 134, '1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0='],
  [58, 'fe80::260:97ff:fe07:69ea', 'ff02::1', 134, 133, '1:pkvHqCL88/tg1k4cPigmZXUtL00='],
  [1, '192.168.0.89', '192.168.0.1', 8, 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  [1, '192.168.0.1', '192.168.0.89', 0, 8, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  [1, '10.0.0.1', '10.0.0.2', 11, 0, '1:YHxtAirCG//0OzkcVAukqKQN9xM='],
  [6, '2001:470:e5bf:dead:4957:2174:e82c:4887', '2607:f8b0:400c:c03::1a', 63943, 25, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4='],
  [6, '2607:f8b0:400c:c03::1a', '2001:470:e5bf:dead:4957:2174:e82c:4887', 25, 63943, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4='],
  [132, '192.168.170.8', '192.168.170.56', 7, 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
  [132, '192.168.170.56', '192.168.170.8', 7, 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
  [6, '128.232.110.120', '66.35.250.204', 34855, 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  [6, '66.35.250.204', '128.232.110.120', 80, 34855, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  [17, '192.168.1.52', '8.8.8.8', 54585, 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [17, '8.8.8.8', '192.168.1.52', 53, 54585, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [46, '10.1.12.1', '10.1.12.2', -1, -1, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw='],
  [46, '10.1.12.2', '10.1.12.1', -1, -1, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw='],
]

describe('a Community ID', () => {
  it.each(BASELINE)('protocol %d: %s to %s, %d and %d', (protocol, from, to, first, second, id) => {
    const ends = [from, to].map((ip) => parseAddress(ip)!)
    const isIcmp = protocol === 1 || protocol === 58
    const ports = isIcmp ? [-1, -1] : [first, second]
    const found = communityId(
      protocol,
      { address: ends[0], port: ports[0] },
      { address: ends[1], port: ports[1] },
      isIcmp ? { type: first, code: second } : undefined,
    )
    expect(found).toBe(id)
  })

  it.each(BASELINE.filter(([protocol]) => protocol === 1 || protocol === 58))(
    'of ICMP tells the message it was made from, also an answer that nobody asked for: protocol %d, %s to %s, %d',
    (protocol, from, to, _first, _second, id) => {
      const [source, target] = [from, to].map((ip) => parseAddress(ip)!)
      const message = icmpOf(id, protocol, source, target)!
      expect(communityId(protocol, { address: source, port: -1 }, { address: target, port: -1 }, message)).toBe(id)
    },
  )
})

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

describe.each([
  ['while the database is written', () => undefined],
  ['in another thread', otherThread],
])('the column community_id, %s,', (_, pageMaker) => {
  it('has what Wireshark has for the first packet of every conversation', async () => {
    const options = ['-n', '-r', DEMO, '--enable-protocol', 'communityid', '-T', 'fields', '-e', 'frame.number', '-e', 'communityid']
    const text = execFileSync('tshark', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const ofFrame = new Map(text.split('\n').map((line) => line.split('\t') as [string, string]))
    const database = await analyzeBytes(readFileSync(DEMO), undefined, {}, null, pageMaker())
    const rows = rowsOf(database, 'SELECT first_frame, community_id FROM flows')
    expect(rows.length).toBeGreaterThan(1000)
    for (const [frame, id] of rows) expect([frame, id]).toEqual([frame, ofFrame.get(String(frame))])
  })

  it('is that of the conversation, whoever was seen first; null where ports are not known', async () => {
    const pieces = ipv4Fragments('10.0.0.1', '192.0.2.9', udp(4000, 9, 'x'.repeat(3000)), 77, 1400).slice(1)
    const layers = [
      ipv4('66.35.250.204', '128.232.110.120', tcp(80, 34855, 'SA')),
      ipv4('192.168.170.56', '192.168.170.8', sctp(7, 7, 1)),
      ipv4('192.168.0.1', '192.168.0.89', icmp(0, 0)),
      ipv4('10.0.0.1', '10.0.0.2', icmp(11, 0, u32(0), join('quoted'))),
      ipv6('2001:470:e5bf:dead:4957:2174:e82c:4887', '2607:f8b0:400c:c03::1a', tcp(63943, 25, 'S')),
      ...pieces,
    ]
    const bytes = pcap(layers.map((layer, i) => ({ atUs: 1_760_000_000_000_000 + i, bytes: ethernet(layer) })))
    const database = await analyzeBytes(bytes, undefined, {}, null, pageMaker())
    expect(rowsOf(database, 'SELECT transport, community_id FROM flows ORDER BY id')).toEqual([
      ['tcp', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
      ['sctp', '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
      ['icmp', '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
      ['icmp', '1:YHxtAirCG//0OzkcVAukqKQN9xM='],
      ['tcp', '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4='],
      ['udp', null],
    ])
  })

  it('is null for a row of many conversations', async () => {
    const layers = [1, 2, 3, 4].map((port) => ipv4('10.0.0.1', '192.0.2.9', udp(port, 9, 'x')))
    const bytes = pcap(layers.map((layer, i) => ({ atUs: 1_760_000_000_000_000 + i, bytes: ethernet(layer) })))
    const database = await analyzeBytes(bytes, undefined, { maxFlows: 2 }, null, pageMaker())
    const [first, ...others] = rowsOf(database, 'SELECT client_packets, community_id IS NULL FROM flows ORDER BY id')
    expect(first).toEqual([1, 0])
    expect(others.at(-1)).toEqual([2, 1])
  })
})
