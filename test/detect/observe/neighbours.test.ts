// What hosts on one link say of themselves: ARP, DHCP, router advertisements; and ICMP.
import { describe, expect, it } from 'vitest'
import { address, ethernet, hex, icmp, icmpv6, ipv4, ipv6, join, mac, raw, u16, u32, udp } from '../../support/build.ts'
import { conversation, observe } from '../../support/observations.ts'

/** ARP (RFC 826): operation 1 asks, 2 answers. */
const arp = (operation: number, from: number, ip: string, target = '10.0.0.9'): Uint8Array =>
  ethernet(raw(0x0806, hex('0001 0800 06 04'), u16(operation), mac(from), address(ip), new Uint8Array(6), address(target)), mac(from))

describe('ARP', () => {
  it('two claim one address, and change hands', () => {
    const claims = [1, 2, 1, 2].map((from, i): [number, Uint8Array] => [i + 1, arp(2, from, '10.0.0.1')])
    const { arp: rows } = observe([...claims, [9, arp(1, 3, '10.0.0.3')]])
    expect(rows).toMatchObject([
      {
        ip: '10.0.0.1',
        claims: [
          { mac: '02:00:00:00:00:01', packets: 2, replies: 2, takenUs: [1e6, 3e6] },
          { mac: '02:00:00:00:00:02', packets: 2, replies: 2, takenUs: [2e6, 4e6] },
        ],
      },
      { ip: '10.0.0.3', claims: [{ mac: '02:00:00:00:00:03', packets: 1, replies: 0 }] },
    ])
  })

  /** `from` says that it has `ip`, to `to`, which it knows by a hardware address. */
  const reply = (from: number, ip: string, to: string, toMac: number): Uint8Array =>
    ethernet(raw(0x0806, hex('0001 0800 06 04'), u16(2), mac(from), address(ip), mac(toMac), address(to)), mac(from))

  it('what a bridge sends on within milliseconds is a repeat, and changes no hands', () => {
    const frames = [1, 2, 3].flatMap((s): [number, Uint8Array][] => [
      [s, arp(1, 1, '10.0.0.1')],
      [s + 0.004, arp(1, 2, '10.0.0.1')],
    ])
    expect(observe(frames).arp[0].claims).toMatchObject([
      { packets: 3, repeats: 0, takenUs: [1e6] },
      { packets: 3, repeats: 3, takenUs: [] },
    ])
  })

  it('a reply is unasked when nobody asked within three seconds; it names the other end', () => {
    const { arp: rows } = observe([
      [1, arp(1, 5, '10.0.0.5', '10.0.0.1')],
      [1.1, reply(7, '10.0.0.1', '10.0.0.5', 5)],
      [9, reply(7, '10.0.0.1', '10.0.0.5', 5)],
      [11, reply(7, '10.0.0.1', '10.0.0.5', 5)],
      [12, ethernet(raw(0x0806, hex('0001 0800 06 04'), u16(2), mac(7), address('10.0.0.1'), mac(7), address('10.0.0.1')), mac(7))],
    ])
    expect(rows.find(({ ip }) => ip === '10.0.0.1')).toMatchObject({ claims: [{ replies: 4, unasked: 2 }], named: [] })
    expect(rows.find(({ ip }) => ip === '10.0.0.5')).toMatchObject({ named: ['02:00:00:00:00:05'] })
  })

  it('a probe for an address claims none, a cut frame nothing', () => {
    const { arp: rows } = observe([
      [1, arp(1, 1, '0.0.0.0')],
      [2, arp(2, 1, '10.0.0.1').subarray(0, 30)],
    ])
    expect(rows).toEqual([])
  })
})

describe('DHCP', () => {
  const option = (code: number, value: Uint8Array): Uint8Array => join(code, value.length, value)
  const reply = (type: number): Uint8Array =>
    join(
      hex('02 01 06 00 12345678 0000 0000'),
      ...['0.0.0.0', '10.0.0.77', '0.0.0.0', '0.0.0.0'].map(address),
      new Uint8Array(16 + 64 + 128),
      hex('63825363'),
      option(53, Uint8Array.of(type)),
      option(54, address('10.0.0.2')),
      option(1, address('255.255.255.0')),
      option(3, address('10.0.0.66')),
      option(6, join(address('10.0.0.53'), address('10.0.0.54'))),
      255,
    )

  it('an offer and an acknowledgment have the server and its options; a refusal does not', () => {
    const frame = (type: number) => ethernet(ipv4('10.0.0.2', '255.255.255.255', udp(67, 68, reply(type))), mac(7))
    const { dhcpServers } = observe([
      [1, frame(2)],
      [2, frame(5)],
      [3, frame(6)],
    ])
    expect(dhcpServers).toMatchObject([
      { ip: '10.0.0.2', mac: '02:00:00:00:00:07', answers: 2, router: '10.0.0.66', dnsServer: '10.0.0.53', network: '10.0.0.0/24' },
    ])
  })
})

describe('IPv6 routers', () => {
  const prefix = join(hex('03 04 40 c0 00015180 00003840 00000000'), address('2001:db8:1::'))
  const servers = join(hex('19 03 0000 00000e10'), address('2001:db8:1::53'))
  const advertisement = (hopLimit: number): Uint8Array =>
    ethernet(ipv6('fe80::1', 'ff02::1', icmpv6(134, 0, join(hex('40 08 0708'), u32(0), u32(0)), join(prefix, servers)), hopLimit), mac(8))

  it('have lifetime, preference, prefixes and name servers', () => {
    expect(observe([[1, advertisement(255)]]).ipv6Routers).toMatchObject([
      {
        ip: 'fe80::1',
        mac: '02:00:00:00:00:08',
        lifetimeS: 1800,
        preference: 'high',
        prefixes: ['2001:db8:1::/64'],
        dnsServers: ['2001:db8:1::53'],
      },
    ])
  })

  it('from behind another router are none (RFC 4861 6.1.2)', () => {
    expect(observe([[1, advertisement(254)]]).ipv6Routers).toEqual([])
  })
})

describe('ICMP', () => {
  it('routers that send time exceeded, counted by prober and target', () => {
    const quoted = ipv4('10.0.0.5', '192.0.2.99', udp(40_000, 33_434, 'x')).bytes
    const frames = ['203.0.113.1', '203.0.113.2', '203.0.113.2', '203.0.113.3'].map((router, i): [number, Uint8Array] => [
      i + 1,
      ethernet(ipv4(router, '10.0.0.5', icmp(11, 0, u32(0), quoted))),
    ])
    expect(observe(frames).timeExceeded).toMatchObject([{ target: '192.0.2.99', routers: 3, packets: 4, firstUs: 1e6, lastUs: 4e6 }])
  })

  it('echo: a ping repeats itself and is sent back, a tunnel does neither', () => {
    const echo = (type: 8 | 0, sequence: number, payload: Uint8Array): Uint8Array =>
      ethernet(
        ipv4(
          type === 8 ? '10.0.0.5' : '192.0.2.9',
          type === 8 ? '192.0.2.9' : '10.0.0.5',
          icmp(type, 0, join(u16(1), u16(sequence)), payload),
        ),
      )
    const fill = (value: number): Uint8Array => new Uint8Array(200).fill(value)
    const ping = [1, 2].flatMap((i): [number, Uint8Array][] => [
      [i, echo(8, i, fill(7))],
      [i + 0.1, echo(0, i, fill(7))],
    ])
    const tunnel = [1, 2].flatMap((i): [number, Uint8Array][] => [
      [i, echo(8, i, fill(i))],
      [i + 0.1, echo(0, i, fill(100 + i))],
    ])
    expect(observe(ping).echo).toMatchObject([
      { requests: 2, replies: 2, requestBytes: 400, largePackets: 4, changingPackets: 0, alteredReplies: 0 },
    ])
    expect(observe(tunnel).echo).toMatchObject([{ requests: 2, replies: 2, largePackets: 4, changingPackets: 2, alteredReplies: 2 }])
  })
})

describe('mining', () => {
  const line = (method: string): string => `{"id":1,"method":"${method}","params":{"login":"x","pass":"x","agent":"y"}}\n`

  it('is recognised by the first call; other JSON-RPC is not mining', () => {
    expect(observe(conversation(3333, [['client', line('mining.subscribe')]])).mining).toMatchObject([{ method: 'mining.subscribe' }])
    expect(observe(conversation(3333, [['client', line('login')]])).mining).toMatchObject([{ method: 'login' }])
    expect(observe(conversation(8545, [['client', '{"id":1,"method":"eth_blockNumber","params":[]}\n']])).mining).toEqual([])
  })
})
