import { describe, expect, it } from 'vitest'
import { ja4 } from '../../src/names/ja4.ts'
import { type ClientHello, parseClientHello, parseTlsClientHello } from '../../src/names/tls.ts'
import { hex, join, u16 } from '../support/build.ts'
import { clientHello, tlsClientHello, tlsRecord, tlsServerHello } from '../support/messages.ts'

const parse = (bytes: Uint8Array): ClientHello | null => parseTlsClientHello(bytes, 0, bytes.length)

describe('parseTlsClientHello', () => {
  it('reads name, versions, ALPN and lists', () => {
    const hello = parse(tlsClientHello({ serverName: 'Example.ORG', alpn: ['h2', 'http/1.1'] }))
    expect(hello).toMatchObject({
      version: 0x0303,
      highestVersion: 0x0304,
      serverName: 'example.org',
      hasServerName: true,
      isComplete: true,
      ciphers: [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f],
      extensions: [0, 0x17, 0xff01, 10, 16, 13, 51, 43],
      signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503],
    })
    expect(new TextDecoder().decode(hello!.alpn!)).toBe('h2')
  })

  it('reassembles a message that spans records', () => {
    const message = clientHello({ serverName: 'split.example' })
    const records = [message.slice(0, 1), message.slice(1, 60), message.slice(60)].map((part) => tlsRecord(22, part, 0x0301))
    expect(parse(join(...records))).toMatchObject({ serverName: 'split.example', isComplete: true })
  })

  it('does not read the record behind the message', () => {
    expect(parse(join(tlsClientHello({ serverName: 'a.example' }), tlsRecord(23, hex('00'.repeat(50)))))).toMatchObject({
      serverName: 'a.example',
    })
  })

  it('leaves GREASE values out', () => {
    const hello = parse(tlsClientHello({ serverName: 'a.example', extensions: [join(u16(0x1a1a), u16(0)), join(u16(0xdada), u16(1), 0)] }))
    expect(hello!.extensions).toEqual([0, 0x17, 0xff01, 10, 13, 51, 43])
  })

  it('distinguishes a ClientHello from everything else', () => {
    expect(parse(tlsServerHello())).toBeNull()
    expect(parse(tlsRecord(23, hex('0102030405')))).toBeNull()
    expect(parse(join('GET / HTTP/1.1\r\n'))).toBeNull()
    expect(parse(new Uint8Array(0))).toBeNull()
  })

  it('gives the name as soon as it is there, and is complete only with the last byte', () => {
    const whole = tlsClientHello({ serverName: 'cut.example' })
    const nameEnd = new TextDecoder('latin1').decode(whole).indexOf('cut.example') + 'cut.example'.length
    for (let length = 6; length <= whole.length; length++) {
      const hello = parse(whole.slice(0, length))
      expect(hello!.isComplete, `${length} bytes`).toBe(length === whole.length)
      expect(hello!.serverName, `${length} bytes`).toBe(length >= nameEnd ? 'cut.example' : null)
    }
  })

  it('is not led astray by lengths', () => {
    const whole = clientHello({ serverName: 'a.example' })
    for (let at = 1; at < whole.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const bytes = whole.slice()
        bytes[at] = value
        const hello = parseClientHello(bytes, 0, bytes.length)
        if (hello?.serverName) expect(hello.serverName.length).toBeLessThanOrEqual(255)
      }
    }
  })
})

describe('ja4', () => {
  const chrome: ClientHello = {
    version: 0x0303,
    highestVersion: 0x0304,
    ciphers: [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035],
    extensions: [0x1b, 0, 0x33, 0x10, 0x4469, 0x17, 0x2d, 0x0d, 5, 0x23, 0x12, 0x2b, 0xff01, 0x0b, 0x0a, 0x15],
    signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
    alpn: new TextEncoder().encode('h2'),
    hasServerName: true,
    serverName: 'example.com',
    isComplete: true,
  }

  it("is the specification's example", () => {
    expect(ja4(chrome, 't')).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1')
  })

  it.each([
    ['QUIC', { transport: 'q' }, 'q13d1516h2'],
    ['no server name', { hasServerName: false }, 't13i1516h2'],
    ['no supported_versions', { highestVersion: 0 }, 't12d1516h2'],
    ['SSL 3.0', { highestVersion: 0, version: 0x0300 }, 'ts3d1516h2'],
    ['DTLS 1.2', { transport: 'd', highestVersion: 0, version: 0xfefd }, 'dd2d1516h2'],
    ['unknown version', { highestVersion: 0x7f1c }, 't00d1516h2'],
    ['first and last character', { alpn: new TextEncoder().encode('http/1.1') }, 't13d1516h1'],
    ['one character', { alpn: new TextEncoder().encode('x') }, 't13d1516xx'],
    ['hexadecimal where not alphanumeric', { alpn: Uint8Array.of(0xab, 0xcd) }, 't13d1516ad'],
    ['no ALPN', { alpn: null }, 't13d151600'],
    ['at most 99', { ciphers: new Array(120).fill(1) }, 't13d9916h2'],
  ])('%s', (_, change, head) => {
    const { transport = 't', ...hello } = change as { transport?: 't' | 'q' | 'd' } & Partial<ClientHello>
    expect(ja4({ ...chrome, ...hello }, transport).split('_')[0]).toBe(head)
  })

  it('has zeros where there is nothing to hash', () => {
    expect(ja4({ ...chrome, ciphers: [], extensions: [] }, 't')).toBe('t13d0000h2_000000000000_000000000000')
  })

  it('has no underscore behind extensions without signature algorithms', () => {
    // sha256("000a,000b"), first twelve digits, by coreutils.
    expect(ja4({ ...chrome, extensions: [0x0b, 0x0a], signatureAlgorithms: [] }, 't').split('_')[2]).toBe('33a13ba74d1c')
  })
})
