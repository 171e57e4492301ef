import { describe, expect, test } from 'vitest'
import { icmp, ipv4, ipv4Fragments, ipv6, type Layer, raw, tcp, udp } from '../support/build.ts'
import { flowsOf } from '../support/flows.ts'

const CLIENT = '192.0.2.1'
const SERVER = '198.51.100.2'
const there = (inner: Layer) => ipv4(CLIENT, SERVER, inner)
const back = (inner: Layer) => ipv4(SERVER, CLIENT, inner)

describe('conversations', () => {
  test('both directions are one, whatever comes first', () => {
    const { flows, ids } = flowsOf([
      [0, there(udp(5000, 53, 'ask'))],
      [1, back(udp(53, 5000, 'answer'))],
      [2, there(udp(5001, 53, 'ask'))],
    ])
    expect(ids).toEqual([0, 0, 1])
    expect([flows.table.forwardPackets(0), flows.table.backwardPackets(0)]).toEqual([1, 1])
    // Ethernet 14, IPv4 20, UDP 8, payload 3 and 6.
    expect([flows.table.forwardBytes(0), flows.table.backwardBytes(0)]).toEqual([45, 48])
  })

  test('protocols, addresses and families are kept apart', () => {
    const { ids } = flowsOf([
      [0, there(udp(1000, 2000))],
      [0, there(tcp(1000, 2000, 'A'))],
      [0, ipv4(CLIENT, '198.51.100.3', udp(1000, 2000))],
      [0, ipv6('::ffff:192.0.2.1', '::ffff:198.51.100.2', udp(1000, 2000))],
      [0, ipv6('c000:201::', 'c633:6402::', udp(1000, 2000))],
      [0, there(udp(2000, 1000))],
    ])
    expect(ids).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('a host that talks to itself', () => {
    const { flows, ids } = flowsOf([
      [0, ipv4(CLIENT, CLIENT, udp(7, 7))],
      [1, ipv4(CLIENT, CLIENT, udp(7, 7))],
    ])
    expect(ids).toEqual([0, 0])
    expect(flows.hosts.count).toBe(1)
    expect(flows.table.forwardPackets(0)).toBe(2)
  })

  test('a SYN with another sequence number after the end begins the next one', () => {
    const { ids } = flowsOf([
      [0, there(tcp(4000, 80, 'S', '', { sequence: 100 }))],
      [1, there(tcp(4000, 80, 'S', '', { sequence: 100 }))],
      [2, back(tcp(80, 4000, 'SA'))],
      [3, there(tcp(4000, 80, 'FA'))],
      [4, back(tcp(80, 4000, 'FA'))],
      [5, there(tcp(4000, 80, 'S', '', { sequence: 900 }))],
      [6, back(tcp(80, 4000, 'RA'))],
      [7, back(tcp(80, 4000, 'S', '', { sequence: 77 }))],
    ])
    expect(ids).toEqual([0, 0, 0, 0, 0, 1, 1, 2])
  })

  test('silence ends a UDP conversation after 300 s and never a TCP one', () => {
    const { ids } = flowsOf([
      [0, there(udp(5000, 53))],
      [300, there(udp(5000, 53))],
      [600.000001, there(udp(5000, 53))],
      [0, there(tcp(5000, 22, 'A'))],
      [9000, there(tcp(5000, 22, 'A'))],
    ])
    expect(ids).toEqual([0, 0, 1, 2, 2])
  })

  test('many hosts and conversations grow the tables without losing one', () => {
    const packets: [number, Layer][] = []
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) packets.push([round, ipv4(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, SERVER, udp(i, 53))])
    }
    const { flows, ids } = flowsOf(packets)
    expect(flows.table.count).toBe(20_000)
    expect(flows.hosts.count).toBe(20_001)
    expect(ids.slice(20_000)).toEqual(ids.slice(0, 20_000))
    expect(flows.hosts.ip(12_346)).toBe('10.0.48.57')
  })
})

describe('a connection that was never made', () => {
  const cases: [string, [number, Layer][], boolean][] = [
    ['SYN without an answer', [[0, there(tcp(4000, 80, 'S'))]], true],
    [
      'SYN refused',
      [
        [0, there(tcp(4000, 80, 'S'))],
        [0, back(tcp(80, 4000, 'RA'))],
      ],
      true,
    ],
    [
      'SYN answered',
      [
        [0, there(tcp(4000, 80, 'S'))],
        [0, back(tcp(80, 4000, 'SA'))],
      ],
      false,
    ],
    [
      'answered on a side that was not captured',
      [
        [0, there(tcp(4000, 80, 'S'))],
        [0, there(tcp(4000, 80, 'A'))],
      ],
      false,
    ],
    ['seen from its middle', [[0, there(tcp(4000, 80, 'A'))]], false],
    ['no connection at all', [[0, there(udp(4000, 53))]], false],
  ]
  test.each(cases)('%s', (_, packets, isUnanswered) => {
    expect(flowsOf(packets).flows.table.isUnanswered(0)).toBe(isUnanswered)
  })
})

describe('who opened it', () => {
  const cases: { name: string; packets: [number, Layer][]; isFirst: boolean }[] = [
    { name: 'the sender of the SYN', packets: [[0, there(tcp(80, 4000, 'S'))]], isFirst: true },
    { name: 'not the sender of the SYN+ACK', packets: [[0, there(tcp(4000, 80, 'SA'))]], isFirst: false },
    {
      name: 'the sender of a SYN that was captured late',
      packets: [
        [0, back(tcp(80, 4000, 'SA'))],
        [0, there(tcp(4000, 80, 'S'))],
      ],
      isFirst: false,
    },
    { name: 'else the end with the lesser-known port', packets: [[0, back(udp(53, 4000))]], isFirst: false },
    { name: 'a client-range port against an unknown low one', packets: [[0, back(udp(900, 50_000))]], isFirst: false },
    { name: 'else who came first', packets: [[0, there(udp(123, 123))]], isFirst: true },
    { name: 'never a group', packets: [[0, ipv4(CLIENT, '224.0.0.251', udp(5353, 40_000))]], isFirst: true },
    { name: 'not who sends an echo reply', packets: [[0, back(icmp(0, 0))]], isFirst: false },
    { name: 'who sends an echo request', packets: [[0, there(icmp(8, 0))]], isFirst: true },
  ]
  test.each(cases)('$name', ({ packets, isFirst }) => {
    expect(flowsOf(packets).flows.isFirstClient(0)).toBe(isFirst)
  })
})

describe('fragments', () => {
  const whole = udp(5000, 2049, 'x'.repeat(3000))
  const pieces = ipv4Fragments(CLIENT, SERVER, whole, 7, 1480)

  test('later ones belong to the conversation of their first one', () => {
    const { flows, ids } = flowsOf(pieces.map((piece, i) => [i, piece]))
    expect(pieces.length).toBe(3)
    expect(ids).toEqual([0, 0, 0])
    expect(flows.table.forwardPackets(0)).toBe(3)
    expect(flows.table.firstPort(0)).toBe(5000)
  })

  test('even when they come before it', () => {
    const { flows, ids } = flowsOf([
      [1, pieces[2]],
      [2, pieces[1]],
      [3, pieces[0]],
    ])
    expect(ids).toEqual([-1, -1, 0])
    expect(flows.table.count).toBe(1)
    expect(flows.table.forwardPackets(0)).toBe(3)
    expect(flows.table.startUs(0)).toBe(1e6)
  })

  test('without a first one they are a conversation without ports', () => {
    const { flows } = flowsOf([[0, pieces[1]]])
    expect([flows.table.count, flows.table.firstPort(0), flows.table.protocol(0)]).toEqual([1, -1, 17])
  })

  test('another identification is another datagram', () => {
    const { flows } = flowsOf([
      [0, pieces[0]],
      [1, ipv4Fragments(CLIENT, SERVER, whole, 8, 1480)[1]],
    ])
    expect(flows.table.count).toBe(2)
  })

  test('a million of them stay within bounds', () => {
    const piece = raw(17, new Uint8Array(8))
    const packets: [number, Layer][] = []
    for (let i = 0; i < 40_000; i++) packets.push([0, ipv4(CLIENT, SERVER, piece, { identification: i & 0xffff, fragmentOffset: 8 })])
    const { flows, ids } = flowsOf(packets)
    expect(ids.filter((id) => id === -1).length).toBe(16_384)
    expect(flows.table.forwardPackets(0)).toBe(40_000)
  })
})
