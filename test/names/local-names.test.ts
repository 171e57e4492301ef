// NetBIOS, DHCP, mail greetings: names that hosts give themselves.
import { describe, expect, it } from 'vitest'
import { parseBanner } from '../../src/names/banner.ts'
import { parseDhcp } from '../../src/names/dhcp.ts'
import { parseNetbiosDatagram, parseNetbiosMessage } from '../../src/names/nbns.ts'
import { address, hex, join, type Part, u16, u32 } from '../support/build.ts'
import { Observer } from './observer.ts'

/** RFC 1001 14.1: each half byte as a letter from A on. */
function encoded(name: string, suffix: number): Uint8Array {
  const raw = join(name.padEnd(15, ' '), suffix)
  return join(32, Uint8Array.from([...raw].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)])), 0)
}

const netbiosHeader = (flags: number, ...counts: number[]): Uint8Array => join(u16(77), u16(flags), ...counts.map(u16))
const netbiosRecord = (owner: Part, type: number, data: Uint8Array): Uint8Array =>
  join(owner, u16(type), u16(1), u32(300), u16(data.length), data)
const parseNetbios = (...parts: Part[]) => {
  const bytes = join(...parts)
  return parseNetbiosMessage(bytes, 0, bytes.length)
}

describe('NetBIOS', () => {
  it('decodes the example of RFC 1001 14.1', () => {
    const bytes = join(netbiosHeader(0x0110, 1, 0, 0, 0), 32, 'EGFCEFEECACACACACACACACACACACACA', 0, u16(0x20), u16(1))
    expect(parseNetbiosMessage(bytes, 0, bytes.length)!.questions).toEqual([{ name: 'fred', type: 'NB' }])
  })

  it('takes the address from a registration, whose record points to its question', () => {
    const data = join(u16(0x0000), address('192.0.2.7'))
    const message = parseNetbios(
      netbiosHeader(0x2910, 1, 0, 0, 1),
      encoded('DESKTOP', 0x20),
      u16(0x20),
      u16(1),
      netbiosRecord(hex('c00c'), 0x20, data),
    )
    expect(message!.claims).toEqual([{ address: '192.0.2.7', name: 'desktop' }])
  })

  it('takes no group and no service for a host', () => {
    const group = join(u16(0x8000), address('192.0.2.7'))
    expect(parseNetbios(netbiosHeader(0x8500, 0, 1, 0, 0), netbiosRecord(encoded('WORKGROUP', 0), 0x20, group))!.claims).toEqual([])
    const browser = join(u16(0), address('192.0.2.7'))
    expect(parseNetbios(netbiosHeader(0x8500, 0, 1, 0, 0), netbiosRecord(encoded('WORKGROUP', 0x1d), 0x20, browser))!.claims).toEqual([])
  })

  it('reads the names of a status answer as the sender’s', () => {
    const entry = (name: string, suffix: number, flags: number): Uint8Array => join(name.padEnd(15, ' '), suffix, u16(flags))
    const data = join(3, entry('FILES', 0x00, 0x0400), entry('OFFICE', 0x00, 0x8400), entry('FILES', 0x20, 0x0400), new Uint8Array(46))
    const message = parseNetbios(netbiosHeader(0x8400, 0, 1, 0, 0), netbiosRecord(encoded('*', 0), 0x21, data))
    expect(message!.claims).toEqual([
      { address: null, name: 'files' },
      { address: null, name: 'files' },
    ])
  })

  it('reads the source name of a datagram', () => {
    const bytes = join(0x11, 2, u16(1), address('192.0.2.9'), u16(138), u16(100), u16(0), encoded('LAPTOP', 0), encoded('WORKGROUP', 0x1e))
    expect(parseNetbiosDatagram(bytes, 0, bytes.length)).toEqual({ address: '192.0.2.9', name: 'laptop' })
    for (let length = 0; length < 47; length++) expect(parseNetbiosDatagram(bytes, 0, length)).toBeNull()
  })
})

describe('DHCP', () => {
  const lease = (op: 1 | 2, client: string, yours: string, ...options: Part[]): Uint8Array =>
    join(op, 1, 6, 0, u32(9), u32(0), address(client), address(yours), new Uint8Array(8 + 16 + 192), hex('63825363'), ...options, 255)
  const parse = (bytes: Uint8Array) => parseDhcp(bytes, 0, bytes.length)
  const none = '0.0.0.0'
  const texts = { hostName: '', fullName: '', vendorClass: '', system: '', mac: '' }

  it.each([
    [
      'a request for an address',
      lease(1, none, none, hex('35 01 03'), hex('32 04 c0000205'), join(12, 3, 'Pad')),
      { ...texts, address: '192.0.2.5', hostName: 'pad' },
    ],
    ['a renewal', lease(1, '192.0.2.5', none, hex('35 01 03'), join(12, 3, 'pad')), { ...texts, address: '192.0.2.5', hostName: 'pad' }],
    [
      'an acknowledgement',
      lease(2, none, '192.0.2.6', hex('35 01 05'), join(12, 4, 'pad\0')),
      { ...texts, address: '192.0.2.6', hostName: 'pad' },
    ],
    [
      'a full name as labels',
      lease(1, '192.0.2.5', none, hex('35 01 03'), join(12, 3, 'pad'), join(81, 16, 5, 0, 0, hex('03 706164 07 6578616d706c65 00'))),
      { ...texts, address: '192.0.2.5', hostName: 'pad', fullName: 'pad.example' },
    ],
    [
      'a full name as text',
      lease(1, '192.0.2.5', none, hex('35 01 03'), join(81, 6, 1, 0, 0, 'pad')),
      { ...texts, address: '192.0.2.5', fullName: 'pad' },
    ],
    ['a discovery: no address yet', lease(1, none, none, hex('35 01 01'), hex('32 04 c0000205'), join(12, 3, 'pad')), null],
    ['an offer: not yet taken', lease(2, none, '192.0.2.6', hex('35 01 02'), join(12, 3, 'pad')), null],
    ['no name', lease(1, '192.0.2.5', none, hex('35 01 03')), { ...texts, address: '192.0.2.5' }],
    [
      'a vendor class',
      lease(1, '192.0.2.5', none, hex('35 01 03'), join(60, 8, 'MSFT 5.0')),
      { ...texts, address: '192.0.2.5', vendorClass: 'MSFT 5.0' },
    ],
    [
      'an option longer than the packet',
      join(lease(1, '192.0.2.5', none, hex('35 01 03')).slice(0, -1), 12, 200, 'pad'),
      { ...texts, address: '192.0.2.5' },
    ],
    ['no DHCP', new Uint8Array(300), null],
  ])('%s', (_, bytes, expected) => {
    expect(parse(bytes)).toEqual(expected)
  })

  it('names the host', () => {
    const observer = new Observer()
    observer.udp('192.0.2.5:68', '192.0.2.1:67', lease(1, '192.0.2.5', none, hex('35 01 03'), join(12, 3, 'pad')))
    expect(observer.hostNames()).toEqual(['192.0.2.5 pad dhcp'])
    expect(observer.flow()).toMatchObject({ application: 'dhcp', applicationSource: 'content' })
  })
})

describe('DHCP that refuses an address', () => {
  const message = (op: 1 | 2, id: number, yours: string, ...options: Part[]): Uint8Array => {
    const mac = join(hex('02 00 00 00 00 07'), new Uint8Array(10 + 192))
    return join(op, 1, 6, 0, u32(id), u32(0), address('0.0.0.0'), address(yours), new Uint8Array(8), mac, hex('63825363'), ...options, 255)
  }
  const request = (id: number, host: string) =>
    message(1, id, '0.0.0.0', hex('35 01 03'), hex('32 04'), address(host), join(12, 3, 'pad'), join(60, 2, 'PC'))
  const facts = (observer: Observer) => {
    const results = observer.finish()
    const { hosts } = observer.flows
    return Array.from({ length: hosts.count }, (_, host) =>
      results.identitiesOf(host).map(({ kind, value, count }) => `${hosts.ip(host)} ${kind} ${value} ${count}`),
    ).flat()
  }
  /** The host that has the address here. */
  const begin = () => new Observer().udp('192.0.2.23:1000', '192.0.2.77:1000', 'x')
  const all = ['0.0.0.0:68', '255.255.255.255:67'] as const
  const answer = (observer: Observer, bytes: Uint8Array) => observer.udp('192.0.2.1:67', '255.255.255.255:68', bytes)
  const nak = (id: number) => message(2, id, '0.0.0.0', hex('35 01 06'))

  it('names no host by a request that is refused, whatever it is', () => {
    const observer = begin()
      .udp(...all, request(1, '192.0.2.23'))
      .udp(...all, request(1, '192.0.2.23'))
    expect(observer.hostNames()).toEqual(['192.0.2.23 pad dhcp'])
    answer(observer, nak(1))
    expect([observer.hostNames(), facts(observer)]).toEqual([[], []])
    observer.udp(...all, request(2, '192.0.2.77'))
    answer(observer, message(2, 2, '192.0.2.77', hex('35 01 05')))
    // Nothing is taken back that was assigned, nor by a refusal of something else.
    answer(observer, nak(2))
    answer(observer, nak(9))
    expect(observer.hostNames()).toEqual(['192.0.2.77 pad dhcp'])
    expect(facts(observer)).toEqual(['192.0.2.77 host-name pad 1', '192.0.2.77 vendor-class PC 1', '192.0.2.77 mac 02:00:00:00:00:07 2'])
  })

  it('keeps what another message said of the host', () => {
    const observer = begin().udp(...all, request(1, '192.0.2.23'))
    answer(observer, message(2, 1, '192.0.2.23', hex('35 01 05')))
    observer.udp(...all, request(3, '192.0.2.23'))
    answer(observer, nak(3))
    expect(observer.hostNames()).toEqual(['192.0.2.23 pad dhcp'])
    expect(facts(observer)).toEqual(['192.0.2.23 host-name pad 1', '192.0.2.23 vendor-class PC 1', '192.0.2.23 mac 02:00:00:00:00:07 2'])
  })
})

describe('parseBanner', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.6\r\n', 22, 'ssh', null],
    ['220 mail.example.com ESMTP ready\r\n', 2525, 'smtp', 'mail.example.com'],
    ['220-MX.Example.org welcomes you\r\n', 25, 'smtp', 'mx.example.org'],
    ['220 ProFTPD Server ready\r\n', 21, 'ftp', null],
    ['220 ftp.example.com FTP server\r\n', 2121, 'ftp', 'ftp.example.com'],
    ['EHLO client.example.net\r\n', 25, 'smtp', 'client.example.net'],
    ['EHLO [192.0.2.1]\r\n', 25, 'smtp', null],
    ['HELO 192.0.2.1\r\n', 25, 'smtp', null],
    ['* OK IMAP4rev1 ready\r\n', 143, 'imap', null],
    ['+OK POP3 ready <1896.697170952@example.com>\r\n', 110, 'pop3', null],
    ['RFB 003.008\n', 5900, 'vnc', null],
    ["<?xml version='1.0'?><stream:stream to='example.com'>", 5222, 'xmpp', null],
  ])('%j on port %i is %s', (text, port, application, name) => {
    const bytes = join(text)
    expect(parseBanner(bytes, 0, bytes.length, port)).toMatchObject({ application, name })
  })

  it.each(['220 ready\r\n', 'HEAD / HTTP/1.1\r\n', 'EHLX a\r\n', '+1', '* FLAGS'])('%j alone is not recognised', (text) => {
    const bytes = join(text)
    expect(parseBanner(bytes, 0, bytes.length, 4000)).toBeNull()
  })
})
