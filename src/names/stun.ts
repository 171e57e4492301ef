// STUN (RFC 8489) and TURN (RFC 8656) messages -> position of relayed data, in which DTLS may be.

const COOKIE = [0x21, 0x12, 0xa4, 0x42]
const HEADER_BYTES = 20
const DATA = 0x0013
const MAX_ATTRIBUTES = 32

/** Two zero bits, a valid length, the magic cookie. */
export function isStun(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER_BYTES || bytes[at] > 0x3f || ((bytes[at + 2] << 8) | bytes[at + 3]) !== end - at - HEADER_BYTES) return false
  return COOKIE.every((byte, i) => bytes[at + 4 + i] === byte)
}

/** Offset of the payload in a ChannelData message, or in a Send or Data indication; -1 for other messages. */
export function relayedAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) return -1
  if (bytes[at] >= 0x40 && bytes[at] <= 0x4f) return ((bytes[at + 2] << 8) | bytes[at + 3]) <= end - at - 4 ? at + 4 : -1
  if (!isStun(bytes, at, end)) return -1
  let next = at + HEADER_BYTES
  for (let i = 0; i < MAX_ATTRIBUTES && next + 4 <= end; i++) {
    if (((bytes[next] << 8) | bytes[next + 1]) === DATA) return next + 4
    next += 4 + ((((bytes[next + 2] << 8) | bytes[next + 3]) + 3) & ~3)
  }
  return -1
}
