// Google QUIC, Q024 to Q050 -> the server name in the client's hello (CHLO): tags and values, unencrypted up to Q046 (Chromium, QUIC Crypto).
import { nameText } from './text.ts'

const CHLO = 0x43484c4f
const SNI = 0x534e4900
const MAX_TAGS = 128
/** The message begins within this many bytes, after packet and frame headers. */
const MAX_HEADERS = 64

/** True if a packet has a version Q0NN: after one byte of flags, or after the 8 bytes of connection id that follow. Hot path. */
export function isGoogleQuic(bytes: Uint8Array, at: number, end: number): boolean {
  return isVersion(bytes, at + 1, end) || ((bytes[at] & 0x09) === 0x09 && isVersion(bytes, at + 9, end))
}

function isVersion(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 4 && bytes[at] === 0x51 && bytes[at + 1] === 0x30 && isDigit(bytes[at + 2]) && isDigit(bytes[at + 3])
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** @returns the server name of the CHLO near the beginning of bytes[at..end), null for none */
export function parseGoogleHello(bytes: Uint8Array, at: number, end: number): string | null {
  const limit = Math.min(end - 8, at + MAX_HEADERS)
  for (let i = at; i <= limit; i++) if (tagAt(bytes, i) === CHLO) return serverName(bytes, i, end)
  return null
}

function tagAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/** Format: tag, 16-bit count, two bytes of padding; per entry a tag and the end of its value; the values. Little-endian. */
function serverName(bytes: Uint8Array, at: number, end: number): string | null {
  const count = bytes[at + 4] | (bytes[at + 5] << 8)
  const valuesAt = at + 8 + 8 * count
  if (count > MAX_TAGS || valuesAt > end) return null
  let from = 0
  for (let entry = at + 8; entry < valuesAt; entry += 8) {
    const to = bytes[entry + 4] | (bytes[entry + 5] << 8) | (bytes[entry + 6] << 16)
    if (to < from || valuesAt + to > end) return null
    if (tagAt(bytes, entry) === SNI) return to > from ? nameText(bytes, valuesAt + from, valuesAt + to) : null
    from = to
  }
  return null
}
