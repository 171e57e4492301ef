import { describe, expect, test } from 'vitest'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { type Datagram, Reassembly } from '../../src/flows/reassembly.ts'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { ethernet, extension, ipv4, ipv4Fragments, ipv6Fragments, type Layer, raw, tcp, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { dnsAnswer, httpRequest, tlsClientHello } from '../support/messages.ts'

const CLIENT = '192.0.2.1'
const SERVER = '198.51.100.2'
const CLIENT_6 = '2001:db8::1'
const SERVER_6 = '2001:db8::2'

/** 40 records of 16 bytes each: more than one piece of 240 bytes. */
const records = Array.from({ length: 40 }, (_, i) => ({ name: 'big.example.com', type: 'A' as const, data: `203.0.113.${i}` }))
const answer = udp(53, 5000, dnsAnswer(7, 'big.example.com', 'A', records))
/** Afterwards somebody calls the last address of the answer. */
const call = ipv4(CLIENT, '203.0.113.39', tcp(40_000, 443, 'S'))

const namesOf = async (packets: Layer[]): Promise<unknown[]> => {
  const frames = packets.map((packet, i) => ({ atUs: 1_700_000_000_000_000 + i * 1000, bytes: ethernet(packet) }))
  const database = await analyzeBytes(pcap(frames))
  return rows(database, ['server_name'], 'FROM flows WHERE server_name IS NOT NULL ORDER BY id').map((row) => row.server_name)
}

describe('what is in fragments is named', () => {
  const pieces = ipv4Fragments(SERVER, CLIENT, answer, 9, 240)
  const pieces6 = ipv6Fragments(SERVER_6, CLIENT_6, answer, 9, 240)
  test.each([
    ['IPv4', pieces],
    ['IPv4, the last one first', [...pieces].reverse()],
    ['IPv4, each twice', pieces.flatMap((piece) => [piece, piece])],
    ['IPv6', pieces6],
    ['IPv6, the last one first', [...pieces6].reverse()],
    ['IPv6, an extension header in the fragmented part', ipv6Fragments(SERVER_6, CLIENT_6, extension(60, answer), 9, 240)],
  ])('%s', async (_, fragments) => {
    expect(fragments.length).toBeGreaterThan(2)
    expect(await namesOf([...fragments, call])).toEqual(['big.example.com'])
  })

  test('a ClientHello in a fragmented segment', async () => {
    const hello = tcp(40_000, 443, 'PA', tlsClientHello({ serverName: 'www.example.com' }), { sequence: 2 })
    expect(await namesOf(ipv4Fragments(CLIENT, SERVER, hello, 3, 64))).toEqual(['www.example.com'])
  })

  test('a beginning without the rest is read as it is', async () => {
    const request = tcp(40_000, 80, 'PA', `${httpRequest('www.example.com').trimEnd()}\r\nX: ${'x'.repeat(600)}`, { sequence: 2 })
    expect(await namesOf(ipv4Fragments(CLIENT, SERVER, request, 3, 400).slice(0, 1))).toEqual(['www.example.com'])
  })
})

/** One fragment of a datagram of bytes, all of conversation 0. */
const fragment = (id: number, offset: number, text: string, more: boolean): Layer =>
  ipv4(CLIENT, SERVER, raw(17, text), { identification: id, fragmentOffset: offset, moreFragments: more })

function reassembled(fragments: Layer[], secondsApart = 0): string[] {
  const found: string[] = []
  const reassembly = new Reassembly(({ bytes }: Datagram) => found.push(String.fromCharCode(...bytes.subarray(8))))
  const view = new PacketView()
  for (const [i, packet] of fragments.entries()) {
    const bytes = ethernet(packet)
    decodePacket(bytes, 0, bytes.length, 1, view)
    reassembly.add(view, 0, 1, 0, 0, i * secondsApart * 1e6)
  }
  reassembly.finish()
  return found
}

describe('datagrams', () => {
  test('where fragments overlap, the bytes that arrived first are kept', () => {
    const whole = [
      fragment(1, 8, 'BBBBBBBB', true),
      fragment(1, 0, 'aaaaaaaabbbbbbbbcccccccc', true),
      fragment(1, 16, 'CCCCCCCCdddddddd', false),
    ]
    expect(reassembled(whole)).toEqual(['aaaaaaaaBBBBBBBBccccccccdddddddd'])
  })

  test('an identification that is reused after 60 s is another datagram', () => {
    const parts = [fragment(1, 0, 'aaaaaaaa', true), fragment(1, 8, 'bbbbbbbb', false)]
    expect(reassembled(parts, 60)).toEqual(['aaaaaaaabbbbbbbb'])
    expect(reassembled(parts, 61)).toEqual(['aaaaaaaa'])
  })

  test('the oldest make room: 1,024 datagrams', () => {
    const begun = Array.from({ length: 1024 }, (_, i) => fragment(i, 0, 'aaaaaaaa', true))
    expect(reassembled([...begun, fragment(0, 8, 'bbbbbbbb', false)])[0]).toBe('aaaaaaaabbbbbbbb')
    expect(reassembled([...begun, fragment(1024, 0, 'aaaaaaaa', true), fragment(0, 8, 'bbbbbbbb', false)])).not.toContain(
      'aaaaaaaabbbbbbbb',
    )
  })

  test('more than 128 pieces, or more bytes than a datagram can have, are dropped', () => {
    const single = Array.from({ length: 130 }, (_, i) => fragment(1, 16 * i, 'aaaaaaaa', true))
    expect(reassembled(single)).toEqual(['aaaaaaaa'])
    expect(reassembled([fragment(1, 0, 'aaaaaaaa', true), fragment(1, 65_528, 'b'.repeat(64), false)])).toEqual(['aaaaaaaa'])
  })
})
