// QUIC long headers (RFC 9000 17.2, RFC 8999) -> the frames with the ClientHello. Version 1, 2 (RFC 9369) and the drafts since 22.
import type { Assembly } from './assembly.ts'

const MAX_CONNECTION_ID = 20

/** Families of versions with the same protection of Initial packets. */
export const QuicVersion = {
  none: 0,
  one: 1,
  two: 2,
  draft22: 3,
  draft23: 4,
  draft29: 5,
  google50: 6,
  t50: 7,
  t51: 8,
  any: 9,
  negotiation: 10,
} as const

/** Versions other than the drafts' 0xff0000NN: Facebook's mvfst, Google's Q050 to T051, the draft of version 2. */
const VERSIONS = new Map<number, number>([
  [0x00000000, QuicVersion.negotiation],
  [0x00000001, QuicVersion.one],
  [0x6b3343cf, QuicVersion.two],
  [0xfaceb001, QuicVersion.draft22],
  [0xfaceb002, QuicVersion.draft23],
  [0xfaceb00e, QuicVersion.draft23],
  [0x51303530, QuicVersion.google50],
  [0x54303530, QuicVersion.t50],
  [0x54303531, QuicVersion.t51],
])

export function quicVersion(version: number): number {
  const known = VERSIONS.get(version)
  if (known !== undefined) return known
  if (version >>> 8 === 0xff0000) {
    const draft = version & 255
    if (draft < 22 || draft > 34) return QuicVersion.none
    return draft >= 33 ? QuicVersion.one : draft >= 29 ? QuicVersion.draft29 : draft >= 23 ? QuicVersion.draft23 : QuicVersion.draft22
  }
  // Reserved versions (RFC 9000 15) and mvfst's later numbers do not show their protection: all are tried.
  if ((version & 0x0f0f0f0f) === 0x0a0a0a0a || version >>> 8 === 0xfaceb0) return QuicVersion.any
  return QuicVersion.none
}

/** One packet of a datagram: offsets into its bytes. Filled by readLongHeader(). */
export class LongHeader {
  version = 0
  isInitial = false
  at = 0
  destinationAt = 0
  destinationEnd = 0
  /** Offset of the protected packet number; 0 for packet types without one. */
  numberAt = 0
  /** Offset of the next packet of the datagram. */
  end = 0
}

/** @returns false if bytes[at..end) does not begin with the long header of a known version. Hot path up to the version. */
export function readLongHeader(bytes: Uint8Array, at: number, end: number, out: LongHeader): boolean {
  if (end - at < 7 || (bytes[at] & 0x80) === 0) return false
  out.version = quicVersion(((bytes[at + 1] << 24) | (bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4]) >>> 0)
  if (out.version === QuicVersion.none) return false
  out.at = at
  out.destinationAt = at + 6
  out.destinationEnd = out.destinationAt + bytes[at + 5]
  if (bytes[at + 5] > MAX_CONNECTION_ID || out.destinationEnd >= end) return false
  const sourceEnd = out.destinationEnd + 1 + bytes[out.destinationEnd]
  if (bytes[out.destinationEnd] > MAX_CONNECTION_ID || sourceEnd > end) return false
  out.isInitial = false
  out.numberAt = 0
  out.end = end
  if (out.version === QuicVersion.negotiation) return (end - sourceEnd) % 4 === 0 && end > sourceEnd
  const type = (bytes[at] >> 4) & 3
  const [initial, retry] = out.version === QuicVersion.two ? [1, 0] : [0, 3]
  if (type === retry) return true
  let next = sourceEnd
  out.isInitial = type === initial
  if (out.isInitial) {
    const token = readVarint(bytes, next, end)
    if (token < 0) return false
    next += varintBytes(bytes, next) + token
  }
  const length = readVarint(bytes, next, end)
  if (length < 0) return false
  out.numberAt = next + varintBytes(bytes, next)
  // A length beyond the datagram: cut by the capture, or not QUIC.
  if (out.numberAt > end) return false
  out.end = Math.min(end, out.numberAt + length)
  return true
}

/** Variable-length integer (RFC 9000 16), -1 if it is cut off. */
function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const length = varintBytes(bytes, at)
  if (at + length > end) return -1
  let value = bytes[at] & 0x3f
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]
  return value
}

function varintBytes(bytes: Uint8Array, at: number): number {
  return 1 << (bytes[at] >> 6)
}

const Frame = { padding: 0, ping: 1, ack: 2, ackEcn: 3, crypto: 6, googleCrypto: 8, close: 0x1c } as const

/**
 * Adds the CRYPTO frames (RFC 9000 19.6) of a decrypted Initial to `assembly`.
 * @returns false, without adding any, if there are frames that an Initial cannot have (RFC 9000 12.4): the keys were wrong
 */
export function readCryptoFrames(bytes: Uint8Array, assembly: Assembly | null): boolean {
  const end = bytes.length
  if (assembly !== null && !readCryptoFrames(bytes, null)) return false
  let at = 0
  while (at < end) {
    const type = bytes[at++]
    if (type === Frame.padding || type === Frame.ping) continue
    if (type === Frame.close) return true
    if (type === Frame.ack || type === Frame.ackEcn) {
      at = skipAck(bytes, at, end, type === Frame.ackEcn)
      if (at < 0) return false
      continue
    }
    if (type !== Frame.crypto && type !== Frame.googleCrypto) return false
    const offset = readVarint(bytes, at, end)
    if (offset < 0) return false
    at += varintBytes(bytes, at)
    const length = readVarint(bytes, at, end)
    if (length < 0) return false
    at += varintBytes(bytes, at)
    if (at + length > end) return false
    assembly?.insert(offset, bytes, at, at + length)
    at += length
  }
  return true
}

/** Offset after an ACK frame (RFC 9000 19.3: largest, delay, count of ranges, first range, then gap and length each); -1 if it is cut off. */
function skipAck(bytes: Uint8Array, at: number, end: number, hasEcn: boolean): number {
  let next = at
  let left = 4
  for (let field = 0; left > 0; field++, left--) {
    const value = readVarint(bytes, next, end)
    if (value < 0) return -1
    if (field === 2) left += 2 * value + (hasEcn ? 3 : 0)
    next += varintBytes(bytes, next)
  }
  return next
}
