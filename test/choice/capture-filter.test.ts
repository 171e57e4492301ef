// Capture filters -> as many packets as tcpdump finds with the same text; what is not supported is one line that says so.
import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { CaptureReader } from '../../src/capture/index.ts'
import { captureFilter } from '../../src/choice/capture-filter.ts'
import { conversationFilter } from '../../src/choice/conversation-filter.ts'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { DECODED } from '../../src/decode/status.ts'
import { ethernet, icmp, icmpv6, ipv4, ipv6, raw, sctp, tcp, u32, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { randomOf } from '../support/random.ts'

const V4 = ['10.0.0.1', '10.0.0.200', '10.1.2.3', '192.168.7.9', '192.0.2.1']
const V6 = ['2001:db8::1', '2001:db8:0:1::2', 'fe80::9']
const PORTS = [53, 80, 443, 8080, 40000]
const START_US = 1_760_000_000_000_000

const random = randomOf(20_261)
const one = <T>(list: readonly T[]): T => list[random(list.length)]

function layer() {
  const [from, to] = [one(PORTS), one(PORTS)]
  return one([() => udp(from, to), () => tcp(from, to, 'A'), () => sctp(from, to, 1), () => raw(47, u32(0))])()
}

const FRAMES = Array.from({ length: 400 }, () =>
  random(3) === 0
    ? ethernet(ipv6(one(V6), one(V6), random(6) === 0 ? icmpv6(128, 0) : layer()))
    : ethernet(ipv4(one(V4), one(V4), random(6) === 0 ? icmp(8, 0) : layer())),
)
const CAPTURE = pcap(FRAMES.map((bytes, i) => ({ atUs: START_US + i, bytes })))

function primitive(): string {
  const end = one(['', '', 'src ', 'dst ', 'src or dst ', 'src and dst '])
  return one([
    () => `${one(['', 'ip '])}${end}host ${one(V4)}`,
    () => `${one(['', 'ip6 '])}${end}host ${one(V6)}`,
    () => `${end}net ${one(['10.0.0.0/8', '10.0.0.0/24', '192.168', '10', '192.0.2.0/30'])}`,
    () => `${end}net ${one(['2001:db8::/32', '2001:db8::/64'])}`,
    () => `${one(['', 'tcp ', 'udp ', 'sctp '])}${end}port ${one(PORTS)}`,
    () => `${end}portrange ${one(['50-100', '443-9000', '40000-40000'])}`,
    () => one(['tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'ip', 'ip6', 'ip proto 47', 'ip6 proto 17', 'src 10.0.0.1', 'port 53 or 80']),
  ])()
}

function filter(depth: number): string {
  if (depth === 0 || random(3) === 0) return `${one(['', '', 'not ', '! '])}${primitive()}`
  const sides = [filter(depth - 1), filter(depth - 1)]
  const joined = sides.join(one([' and ', ' or ', ' && ', ' || ']))
  return random(2) === 0 ? `not (${joined})` : joined
}

let views: PacketView[]
beforeAll(async () => {
  const chunks = (async function* () {
    yield CAPTURE
  })()
  const reader = await CaptureReader.open(chunks, 'made.pcap')
  views = []
  while (reader.next()) {
    const view = new PacketView()
    const { bytes, start, end, linkType } = reader.packet
    if (decodePacket(bytes, start, end, linkType, view) === DECODED) views.push(view)
  }
})

function tcpdump(text: string): number {
  const { status, stdout, stderr } = spawnSync('tcpdump', ['-n', '-r', '-', '--count', text], { input: CAPTURE, encoding: 'utf8' })
  if (stderr.includes('expression rejects all packets')) return 0
  expect(status, `${text}: ${stderr}`).toBe(0)
  return Number(/(\d+) packets?/.exec(stdout)?.[1])
}

test('80 random filters', () => {
  expect(views).toHaveLength(FRAMES.length)
  for (let i = 0; i < 80; i++) {
    const text = filter(2)
    expect(views.filter(captureFilter(text)).length, text).toBe(tcpdump(text))
  }
})

test.each(['::/0', '::/1', '0.0.0.0/0'])(
  'ip:%s of --only finds as many as tcpdump: a network of IPv6 has no packets of IPv4',
  (network) => {
    expect(views.filter(conversationFilter(`ip:${network}`)).length).toBe(tcpdump(`net ${network}`))
  },
)

test('"and" and "or" bind alike, from left to right', () => {
  const text = 'port 53 or port 80 and udp'
  expect(views.filter(captureFilter(text)).length).toBe(tcpdump('(port 53 or port 80) and udp'))
  expect(tcpdump(text)).toBe(tcpdump('(port 53 or port 80) and udp'))
})

describe('what is not supported', () => {
  test.each([
    ['vlan 3', '"vlan" is not supported: supported are host', 0],
    ['tcp and ether host 1:2:3:4:5:6', '"ether" is not supported', 8],
    ['tcp[13] & 2 != 0', '"tcp[13]" is not supported', 0],
    ['constructor', '"constructor" is not supported', 0],
    ['host example.com', '"example.com" is not an address: names are not looked up', 5],
    ['net 10.0.0.0/33', '"10.0.0.0/33" is not a network', 4],
    ['port 70000', '"70000" is not a port', 5],
    ['portrange 9-8', '"9-8" is not a range of ports', 10],
    ['(tcp', 'the "(" is never closed', 0],
    ['tcp)', 'a ")" has no "(" before it', 3],
    ['tcp and', 'something is missing at the end', 6],
    ['tcp udp', 'and, or or the end is expected', 4],
    ['', 'the filter is empty', 0],
    ['!'.repeat(100), 'reach more than 64 deep', 64],
  ])('%s', (text, message, start) => {
    expect(() => captureFilter(text)).toThrow(
      expect.objectContaining({ name: 'FilterError', message: expect.stringContaining(message), start }),
    )
  })
})
