import { describe, expect, it } from 'vitest'
import { hex, join, type Part, u16, u32 } from '../support/build.ts'
import { ntp, tlsServerHello } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:40000'
const at = (port: number): string => `198.51.100.1:${port}`
const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes)

describe('applications recognised by content', () => {
  // [what, server port, first payload of the client]
  it.each<[string, number, Part]>([
    ['smb', 4445, hex('00000054 ff534d42 72000000 00')],
    ['smb', 4445, hex('00000090 fe534d42 40000000 00')],
    ['kerberos', 4088, hex('00000014 6a12 3010 a103020105 a20302010a a4043002a000')],
    ['postgresql', 15432, hex('00000008 04d2162f')],
    ['postgresql', 15432, join(u32(22), u32(0x30000), 'user\0postgres\0\0')],
    ['rdp', 13389, hex('0300 0013 0e e0 0000 0000 00 01 00 0800 03000000')],
    ['rdp', 13389, join(hex('0300 0027 22 e0 0000 0000 00'), 'Cookie: mstshash=someone\r\n', 0, 0)],
    ['s7comm', 10102, hex('0300 0019 02f080 32 01 0000 0000 0008 0000 f000 0001 0001 01e0')],
    ['ldap', 10389, hex('300c 0201 01 6007 0201 03 0400 8000')],
    ['mqtt', 11883, join(hex('10 10 0004'), 'MQTT', hex('04 02 003c 0004 74657374'))],
    ['bittorrent', 16881, join(19, 'BitTorrent protocol', zeros(48))],
    ['redis', 16379, '*1\r\n$4\r\nPING\r\n'],
    ['socks', 11080, hex('05 01 00')],
    ['dcerpc', 10135, hex('05 00 0b 03 10000000 4800 0000 01000000')],
    ['bgp', 10179, join(hex('ff'.repeat(16)), u16(29), 1, zeros(10))],
    ['telnet', 10023, hex('fffd18 fffd20')],
    ['mongodb', 17017, join(hex('1d000000 01000000 00000000 dd070000'), zeros(13))],
    ['dnp3', 10000, hex('0564 05c0 0100 0004 e921')],
    ['modbus', 502, hex('0001 0000 0006 01 03 0000 000a')],
    ['iec104', 2404, hex('68 04 07 00 00 00')],
    ['irc', 16667, 'NICK someone\r\n'],
    ['http', 53, 'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'],
    ['ssh', 53, 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])('%s over TCP port %i', (application, port, payload) => {
    expect(new Observer().tcp(CLIENT, at(port), payload).flow()).toMatchObject({ application, applicationSource: 'content' })
  })

  it.each<[string, number, Part]>([
    ['mysql', 13306, join(hex('4a000000 0a'), '8.0.36', zeros(67))],
    ['tls', 10443, tlsServerHello()],
    ['http', 18080, 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('%s by the first bytes of its server on port %i', (application, port, payload) => {
    expect(new Observer().tcp(at(port), CLIENT, payload).flow()).toMatchObject({ application, applicationSource: 'content' })
  })

  it.each<[string, number, Part]>([
    ['stun', 19302, join(hex('0001 0000 2112a442'), zeros(12))],
    ['ntp', 123, ntp(3, 1_700_000_000)],
    ['sip', 15060, 'INVITE sip:bob@example.com SIP/2.0\r\n\r\n'],
    ['sip', 15060, 'SIP/2.0 200 OK\r\n\r\n'],
    ['wireguard', 41820, join(hex('01000000'), zeros(144))],
    ['wireguard', 41820, join(hex('02000000'), zeros(88))],
    ['snmp', 10161, hex('3026 0201 01 0406 7075626c6963 a019 0201 01 0201 00 0201 00 300e 300c 0608 2b06010201010100 0500')],
    ['ldap', 10389, hex('300c 0201 01 6307 0400 0a0100 0a0100')],
    ['bittorrent', 16881, join('d1:ad2:id20:', zeros(20), 'e1:q4:ping1:t2:aa1:y1:qe')],
    ['openvpn', 11194, join(0x38, zeros(13))],
    ['ike', 500, join(zeros(8).fill(7), zeros(8), hex('21 20 22 08 00000000'), u32(28))],
    ['radius', 1812, join(1, 7, u16(20), zeros(16))],
    ['tftp', 69, join(hex('0001'), 'file\0octet\0')],
    ['syslog', 514, '<34>Oct 11 22:14:15 host su: failed'],
    ['ssdp', 11982, 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1982\r\n\r\n'],
    ['quic', 443, hex('c0 0a0a0a0a 08 0001020304050607 00 00 01 00')],
    ['dtls', 14443, hex('17 fefd 0001 000000000001 0004 01020304')],
  ])('%s over UDP port %i', (application, port, payload) => {
    expect(new Observer().udp(CLIENT, at(port), payload).flow()).toMatchObject({ application, applicationSource: 'content' })
  })

  it('uses the port if the content is not recognised, and is marked so', () => {
    expect(new Observer().tcp(CLIENT, at(5432), hex('0102030405060708')).flow()).toMatchObject({
      application: 'postgresql',
      applicationSource: 'port',
    })
    expect(new Observer().udp(CLIENT, at(40001), hex('0102030405060708')).flow()).toMatchObject({
      application: null,
      applicationSource: null,
    })
  })
})

describe('Google QUIC', () => {
  it('names the server of a hello in the clear', () => {
    const values = join('names.example', 'user agent')
    const tags = join('SNI\0', hex('0d000000'), 'UAID', hex('17000000'))
    const hello = join('CHLO', hex('0200 0000'), tags, values)
    const packet = join(0x09, zeros(8), 'Q043', 1, zeros(12), hex('a001 0004'), hello)
    expect(new Observer().udp(CLIENT, at(443), packet).flow()).toMatchObject({ application: 'quic', serverName: 'names.example' })
  })
})
