// What applications say in the packets of build.ts: DNS, TLS, HTTP, NTP and lines of text.
import { address, hex, join, type Part, u16, u24, u32 } from './build.ts'

const DNS_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  NULL: 10,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  HTTPS: 65,
  AXFR: 252,
  ANY: 255,
} as const
export type DnsType = keyof typeof DNS_TYPES

/** A domain name as labels (RFC 1035 3.1), without compression. A backslash before a dot keeps the dot in the label. */
export function dnsName(name: string): Uint8Array {
  const labels = name === '' ? [] : name.split(/(?<!\\)\./).map((label) => join(label.replaceAll('\\.', '.')))
  return join(...labels.flatMap((label) => [label.length, label]), 0)
}

/** A question (RFC 1035 4.1); `flags` 0x0100 asks for recursion, 0 is what mDNS sends. */
export function dnsQuery(id: number, name: string, type: DnsType = 'A', flags = 0x0100): Uint8Array {
  return join(u16(id), u16(flags), u16(1), u16(0), u32(0), dnsName(name), u16(DNS_TYPES[type]), u16(1))
}

export interface DnsRecord {
  /** Owner name; left out: a pointer to the question's name (RFC 1035 4.1.4). */
  name?: string
  type: DnsType
  /** An address for A and AAAA, text for TXT, any characters up to 255 for NULL, a name for the rest. */
  data: string
  ttl?: number
}

export interface DnsAnswerOptions {
  /** RFC 1035 4.1.1: 0 no error, 3 name error. */
  responseCode?: number
  /** mDNS answers carry no question (RFC 6762 6). */
  withoutQuestion?: boolean
}

/** The answer to dnsQuery(id, name, type). */
export function dnsAnswer(id: number, name: string, type: DnsType, records: DnsRecord[], more: DnsAnswerOptions = {}): Uint8Array {
  const flags = more.withoutQuestion ? 0x8400 : 0x8180 | (more.responseCode ?? 0)
  const question = more.withoutQuestion ? new Uint8Array(0) : join(dnsName(name), u16(DNS_TYPES[type]), u16(1))
  const answers = records.map((record) => {
    const owner = record.name === undefined ? (more.withoutQuestion ? dnsName(name) : hex('c00c')) : dnsName(record.name)
    const data = recordData(record)
    return join(owner, u16(DNS_TYPES[record.type]), u16(1), u32(record.ttl ?? 300), u16(data.length), data)
  })
  return join(u16(id), u16(flags), u16(more.withoutQuestion ? 0 : 1), u16(records.length), u32(0), question, ...answers)
}

function recordData({ type, data }: DnsRecord): Uint8Array {
  if (type === 'A' || type === 'AAAA') return address(data)
  if (type === 'NULL') return Uint8Array.from(data, (character) => character.charCodeAt(0))
  // Character strings of at most 255 bytes (RFC 1035 3.3.14).
  if (type === 'TXT') return join(...(data.match(/.{1,255}/gs) ?? ['']).flatMap((text) => [text.length, text]))
  return dnsName(data)
}

/** DNS over TCP: the same message behind its length (RFC 1035 4.2.2). */
export const dnsOverTcp = (message: Uint8Array): Uint8Array => join(u16(message.length), message)

export interface ClientHelloOptions {
  serverName?: string
  alpn?: string[]
  /** 32 bytes; left out: a fixed pattern, so that fixtures do not change. */
  random?: Uint8Array
  /** More extensions, ready made (type, length, body). */
  extensions?: Uint8Array[]
}

const extension = (type: number, ...body: Part[]): Uint8Array => join(u16(type), u16(join(...body).length), ...body)
const PATTERN = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 3)

/** The ClientHello handshake message of TLS 1.3 (RFC 8446 4.1.2), as QUIC carries it: without a record header. */
export function clientHello(more: ClientHelloOptions = {}): Uint8Array {
  const random = more.random ?? PATTERN
  const name = more.serverName === undefined ? undefined : join(more.serverName)
  const alpn = join(...(more.alpn ?? []).flatMap((protocol) => [protocol.length, protocol]))
  const extensions = join(
    ...(name ? [extension(0, u16(name.length + 3), 0, u16(name.length), name)] : []),
    extension(0x0017),
    extension(0xff01, 0),
    extension(10, u16(6), hex('001d 0017 0018')),
    ...(more.alpn ? [extension(16, u16(alpn.length), alpn)] : []),
    extension(13, u16(8), hex('0403 0804 0401 0503')),
    extension(51, u16(36), hex('001d 0020'), random),
    extension(43, 4, hex('0304 0303')),
    ...(more.extensions ?? []),
  )
  const ciphers = hex('1301 1302 1303 c02b c02f')
  const body = join(hex('0303'), random, 32, PATTERN, u16(ciphers.length), ciphers, 1, 0, u16(extensions.length), extensions)
  return join(1, u24(body.length), body)
}

/** A TLS record (RFC 8446 5.1); type 22 is handshake, 23 application data. */
export const tlsRecord = (type: number, body: Uint8Array, version = 0x0303): Uint8Array => join(type, u16(version), u16(body.length), body)

/** A ClientHello in its record, as TLS over TCP begins. */
export const tlsClientHello = (more: ClientHelloOptions = {}): Uint8Array => tlsRecord(22, clientHello(more), 0x0301)

/** ServerHello of TLS 1.3 (RFC 8446 4.1.3) in its record, followed by the change of cipher that middleboxes expect. */
export function tlsServerHello(random: Uint8Array = PATTERN): Uint8Array {
  const extensions = join(extension(43, hex('0304')), extension(51, hex('001d 0020'), random))
  const body = join(hex('0303'), random, 32, PATTERN, hex('1301 00'), u16(extensions.length), extensions)
  return join(tlsRecord(22, join(2, u24(body.length), body)), hex('14 0303 0001 01'))
}

/** Application data of this many bytes on the wire, record headers of at most 16 KiB included; the content is a pattern. */
export function tlsData(bytes: number): Uint8Array {
  const data = Uint8Array.from({ length: bytes }, (_, index) => (index * 151 + (index >> 8) * 31 + 89) & 0xff)
  for (let at = 0; at < bytes; at += 16384) {
    const length = Math.min(16384, bytes - at)
    if (length >= 5) data.set(join(23, hex('0303'), u16(length - 5)), at)
  }
  return data
}

/** An HTTP/1.1 request (RFC 9112 3). */
export const httpRequest = (host: string, path = '/', more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: browser/1.0\r\nAccept: */*\r\n${more}\r\n`

/** An HTTP/1.1 answer with a body of this many bytes. */
export const httpResponse = (bytes: number, type = 'text/html'): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`

/** NTP (RFC 5905 7.3), 48 bytes; mode 3 is the client, 4 the server. */
export const ntp = (mode: 3 | 4, seconds: number): Uint8Array =>
  join(0x20 | mode, mode === 3 ? 0 : 2, 6, 0xec, new Uint8Array(36), u32(seconds + 2208988800), u32(0))
