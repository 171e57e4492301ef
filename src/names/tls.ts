// TLS records over TCP -> the ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2): server name, and the fields for JA4.
import { nameText } from './text.ts'

/** Fields of a ClientHello; lists in the order of the message, without GREASE values (RFC 8701). */
export interface ClientHello {
  /** legacy_version. */
  version: number
  /** Highest of supported_versions (RFC 8446 4.2.1), 0 without that extension. */
  highestVersion: number
  ciphers: number[]
  extensions: number[]
  signatureAlgorithms: number[]
  /** First of application_layer_protocol_negotiation (RFC 7301), raw bytes; null if absent. */
  alpn: Uint8Array | null
  hasServerName: boolean
  /** server_name (RFC 6066 3), null if absent or cut off. */
  serverName: string | null
  /** False if more bytes are needed: the lists may be cut. */
  isComplete: boolean
}

export const HANDSHAKE = 22
const CLIENT_HELLO = 1
const RECORD_HEADER = 5
/** A handshake message may have 2^24 bytes; a longer ClientHello than this is rejected. */
const MAX_HELLO = 0x10000

/** True if bytes[at..end) begins with a handshake record of SSL 3.0 to TLS 1.3. Hot path: called for every unknown payload. */
export function isHandshakeRecord(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 6 && bytes[at] === HANDSHAKE && bytes[at + 1] === 3 && bytes[at + 2] <= 4 && bytes[at + 3] <= 0x48
}

/** True if there are too few bytes to decide, and they may begin a handshake record. */
export function mayBeHandshake(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at < 6 && bytes[at] === HANDSHAKE && (end - at < 2 || bytes[at + 1] === 3) && (end - at < 3 || bytes[at + 2] <= 4)
}

/** Any TLS record; for streams whose beginning was not captured. */
export function isTlsRecord(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 6 || bytes[at] < 20 || bytes[at] > 24 || bytes[at + 1] !== 3 || bytes[at + 2] > 4) return false
  const length = (bytes[at + 3] << 8) | bytes[at + 4]
  return length > 0 && length <= 0x4800
}

/**
 * Parses the ClientHello of a stream that begins at `at`. The message may span several records.
 * @returns null if the stream begins with something else; isComplete is false if more bytes are needed
 */
export function parseTlsClientHello(bytes: Uint8Array, at: number, end: number): ClientHello | null {
  if (!isHandshakeRecord(bytes, at, end) || bytes[at + RECORD_HEADER] !== CLIENT_HELLO) return null
  const recordEnd = at + RECORD_HEADER + ((bytes[at + 3] << 8) | bytes[at + 4])
  const bodyAt = at + RECORD_HEADER
  if (recordEnd >= end) return parseClientHello(bytes, bodyAt, end)
  if (recordEnd - bodyAt >= 4 && bodyAt + 4 + messageLength(bytes, bodyAt) <= recordEnd) return parseClientHello(bytes, bodyAt, recordEnd)
  const whole = joinRecords(bytes, at, end)
  return parseClientHello(whole, 0, whole.length)
}

/** Concatenates the bodies of consecutive handshake records. */
function joinRecords(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const joined = new Uint8Array(end - at)
  let length = 0
  let record = at
  while (isHandshakeRecord(bytes, record, end)) {
    const bodyAt = record + RECORD_HEADER
    const recordEnd = bodyAt + ((bytes[record + 3] << 8) | bytes[record + 4])
    const body = bytes.subarray(bodyAt, Math.min(recordEnd, end))
    joined.set(body, length)
    length += body.length
    record = recordEnd
  }
  return joined.subarray(0, length)
}

function messageLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/**
 * Parses a ClientHello handshake message: type, 24-bit length, body.
 * @returns null if it is another message or inconsistent
 */
export function parseClientHello(bytes: Uint8Array, at: number, end: number): ClientHello | null {
  if (end - at < 1 || bytes[at] !== CLIENT_HELLO) return null
  if (end - at < 4) return emptyHello()
  const length = messageLength(bytes, at)
  if (length > MAX_HELLO) return null
  return parseHelloBody(bytes, at + 4, Math.min(end, at + 4 + length), at + 4 + length, false)
}

/**
 * Parses the body of a ClientHello, bytes[at..end); the message ends at `messageEnd`.
 * @param hasCookie DTLS has a cookie after the session id (RFC 6347 4.2.1)
 */
export function parseHelloBody(bytes: Uint8Array, at: number, end: number, messageEnd: number, hasCookie: boolean): ClientHello | null {
  const hello = emptyHello()
  if (end - at < 2) return hello
  hello.version = (bytes[at] << 8) | bytes[at + 1]
  let next = at + 34
  if (next >= end) return hello
  next += 1 + bytes[next]
  if (hasCookie) {
    if (next >= end) return hello
    next += 1 + bytes[next]
  }
  if (end - next < 2) return hello
  const ciphersEnd = next + 2 + ((bytes[next] << 8) | bytes[next + 1])
  if (ciphersEnd > messageEnd) return null
  if (ciphersEnd > end) return hello
  readList(bytes, next + 2, ciphersEnd, hello.ciphers)
  next = ciphersEnd
  if (next >= end) return hello
  next += 1 + bytes[next]
  if (next > messageEnd) return null
  // Without extensions the message ends here (RFC 5246 7.4.1.2).
  if (next === messageEnd) hello.isComplete = true
  if (end - next < 2) return hello
  const extensionsEnd = Math.min(messageEnd, next + 2 + ((bytes[next] << 8) | bytes[next + 1]))
  readExtensions(bytes, next + 2, Math.min(end, extensionsEnd), hello)
  hello.isComplete = end >= extensionsEnd
  return hello
}

function emptyHello(): ClientHello {
  return {
    version: 0,
    highestVersion: 0,
    ciphers: [],
    extensions: [],
    signatureAlgorithms: [],
    alpn: null,
    hasServerName: false,
    serverName: null,
    isComplete: false,
  }
}

const Extension = { serverName: 0, signatureAlgorithms: 13, alpn: 16, supportedVersions: 43 } as const

function readExtensions(bytes: Uint8Array, at: number, end: number, hello: ClientHello): void {
  let next = at
  while (end - next >= 4) {
    const type = (bytes[next] << 8) | bytes[next + 1]
    const bodyAt = next + 4
    const bodyEnd = bodyAt + ((bytes[next + 2] << 8) | bytes[next + 3])
    if (!isGrease(type)) hello.extensions.push(type)
    if (type === Extension.serverName) hello.hasServerName = true
    if (bodyEnd <= end) readExtension(bytes, bodyAt, bodyEnd, type, hello)
    next = bodyEnd
  }
}

function readExtension(bytes: Uint8Array, at: number, end: number, type: number, hello: ClientHello): void {
  switch (type) {
    case Extension.serverName: {
      // ServerNameList: 16-bit length, then type 0 (host_name), 16-bit length, name.
      if (end - at < 5 || bytes[at + 2] !== 0) return
      const nameEnd = at + 5 + ((bytes[at + 3] << 8) | bytes[at + 4])
      if (nameEnd <= end && nameEnd > at + 5) hello.serverName ??= nameText(bytes, at + 5, nameEnd)
      return
    }
    case Extension.signatureAlgorithms:
      if (hello.signatureAlgorithms.length === 0) readList(bytes, at + 2, end, hello.signatureAlgorithms)
      return
    case Extension.alpn: {
      if (end - at < 3 || hello.alpn !== null) return
      const nameEnd = at + 3 + bytes[at + 2]
      if (nameEnd <= end) hello.alpn = bytes.slice(at + 3, nameEnd)
      return
    }
    case Extension.supportedVersions:
      for (let i = at + 1; i + 1 < end; i += 2) {
        const version = (bytes[i] << 8) | bytes[i + 1]
        if (!isGrease(version) && isHigher(version, hello.highestVersion)) hello.highestVersion = version
      }
  }
}

/** DTLS versions are the complement of TLS versions, so a lower number is a higher version (RFC 6347 4.1). */
function isHigher(version: number, than: number): boolean {
  if (than === 0) return true
  return version >= 0xfe00 && than >= 0xfe00 ? version < than : version > than
}

function readList(bytes: Uint8Array, at: number, end: number, values: number[]): void {
  for (let i = at; i + 1 < end; i += 2) {
    const value = (bytes[i] << 8) | bytes[i + 1]
    if (!isGrease(value)) values.push(value)
  }
}

/** Reserved values that clients send to keep servers tolerant (RFC 8701 2): two equal bytes 0x?a. */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff)
}
