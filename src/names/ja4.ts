// ClientHello -> JA4, the TLS client fingerprint (FoxIO, JA4: TLS Client Fingerprinting; BSD 3-Clause).
import { sha256 } from '@noble/hashes/sha2.js'
import type { ClientHello } from './tls.ts'

const NOTHING = '000000000000'
const SERVER_NAME = 0
const ALPN = 16
const VERSIONS = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
  [0xfeff, 'd1'],
  [0xfefd, 'd2'],
  [0xfefc, 'd3'],
])

/** @param transport t: TLS over TCP, q: QUIC, d: DTLS */
export function ja4(hello: ClientHello, transport: 't' | 'q' | 'd'): string {
  const version = VERSIONS.get(hello.highestVersion || hello.version) ?? '00'
  const counts = twoDigits(hello.ciphers.length) + twoDigits(hello.extensions.length)
  const head = `${transport}${version}${hello.hasServerName ? 'd' : 'i'}${counts}${alpnEnds(hello.alpn)}`
  return `${head}_${cipherDigest(hello.ciphers)}_${extensionDigest(hello.extensions, hello.signatureAlgorithms)}`
}

function cipherDigest(ciphers: number[]): string {
  return remembered(keyOf(ciphers), () => ciphers.map(hex4).sort().join(','))
}

/** Extensions sorted, without SNI and ALPN, which the first part of JA4 contains; signature algorithms in their order. */
function extensionDigest(extensions: number[], signatureAlgorithms: number[]): string {
  return remembered(`${keyOf(extensions)} ${keyOf(signatureAlgorithms)}`, () => {
    const types = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN).map(hex4)
    const algorithms = signatureAlgorithms.map(hex4).join(',')
    return types.length === 0 ? '' : types.sort().join(',') + (algorithms === '' ? '' : `_${algorithms}`)
  })
}

/** Cached digests: the same few programs make most connections. */
const MAX_REMEMBERED = 4096
const digests = new Map<string, string>()

function remembered(key: string, text: () => string): string {
  let known = digests.get(key)
  if (known === undefined) {
    if (digests.size >= MAX_REMEMBERED) digests.clear()
    known = digest(text())
    digests.set(key, known)
  }
  return known
}

/** Cache key with one UTF-16 unit per value, which is faster than decimal text. */
function keyOf(values: number[]): string {
  let key = ''
  for (const value of values) key += String.fromCharCode(value)
  return key
}

function twoDigits(count: number): string {
  return String(Math.min(99, count)).padStart(2, '0')
}

/** First and last character of the first protocol; hexadecimal digits if either is not alphanumeric. */
function alpnEnds(alpn: Uint8Array | null): string {
  if (alpn === null || alpn.length === 0) return '00'
  const first = alpn[0]
  const last = alpn[alpn.length - 1]
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last)
  return (first >> 4).toString(16) + (last & 15).toString(16)
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a)
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}

/** The first 12 hexadecimal digits of SHA-256. */
function digest(text: string): string {
  if (text === '') return NOTHING
  let out = ''
  for (const byte of sha256(new TextEncoder().encode(text)).subarray(0, 6)) out += byte.toString(16).padStart(2, '0')
  return out
}
