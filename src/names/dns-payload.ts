// Records of DNS answers that hold any data (TXT, NULL and their like) -> how much of it looks like encoded data, not like a text.

/** Shorter strings are counters, versions and short keys. */
const LEAST_BYTES = 40
/** Hexadecimal digits by chance have 3.5 to 4 bits a character, base64 up to 6. */
const LEAST_ENTROPY_BITS = 3.3
const MAX_BYTES = 4096
/** Share of characters in a text that are neither letters nor signs. */
const TEXT_CONTROLS = 0.1
const TXT = 16
/** NULL, TXT, KEY; above, types for private use (RFC 6895 3.1), which iodine uses. */
const FREE_TYPES = new Set([10, TXT, 25])
const FIRST_PRIVATE_TYPE = 65_280
const LAST_PRIVATE_TYPE = 65_534

export interface DnsPayload {
  bytes: number
  /** Different for different data, as far as 32 bits can be. */
  checksum: number
}

const CONTENT = new Uint8Array(MAX_BYTES)
const counts = new Uint16Array(256)

/** The data of one record, bytes[at..end), added to what the records before it have. @returns null without any */
export function addPayload(before: DnsPayload | null, type: number, bytes: Uint8Array, at: number, end: number): DnsPayload | null {
  if (!FREE_TYPES.has(type) && (type < FIRST_PRIVATE_TYPE || type > LAST_PRIVATE_TYPE)) return before
  if (end - at < LEAST_BYTES) return before
  const length = type === TXT ? joinStrings(bytes, at, end) : copy(bytes, at, end)
  const run = longestRun(length)
  if (run < LEAST_BYTES || run < length / 2 || entropyOf(length) < LEAST_ENTROPY_BITS) return before
  let checksum = before?.checksum ?? 0x811c9dc5
  for (let i = 0; i < length; i++) checksum = Math.imul(checksum ^ CONTENT[i], 0x01000193) // FNV-1a
  return { bytes: (before?.bytes ?? 0) + length, checksum: checksum >>> 0 }
}

/** Character strings, each behind its length (RFC 1035 3.3.14). @returns bytes in CONTENT */
function joinStrings(bytes: Uint8Array, at: number, end: number): number {
  let length = 0
  for (let next = at; next < end; next += 1 + bytes[next]) {
    const to = Math.min(end, next + 1 + bytes[next], next + 1 + MAX_BYTES - length)
    CONTENT.set(bytes.subarray(next + 1, to), length)
    length += to - next - 1
  }
  return length
}

function copy(bytes: Uint8Array, at: number, end: number): number {
  const length = Math.min(MAX_BYTES, end - at)
  CONTENT.set(bytes.subarray(at, at + length))
  return length
}

/** Longest part without what separates the words of texts, settings and paths; all of what is no text. */
function longestRun(length: number): number {
  let controls = 0
  for (let i = 0; i < length; i++) if (CONTENT[i] < 0x20 || CONTENT[i] > 0x7e) controls++
  if (controls > length * TEXT_CONTROLS) return length
  let longest = 0
  for (let i = 0, begin = 0; i <= length; i++) {
    const byte = CONTENT[i]
    if (i < length && byte !== 0x20 && byte !== 0x2c && byte !== 0x3b && byte !== 0x7c && byte !== 0x3a) continue
    longest = Math.max(longest, i - begin)
    begin = i + 1
  }
  return longest
}

/** Shannon entropy, bits a byte. */
function entropyOf(length: number): number {
  counts.fill(0)
  for (let i = 0; i < length; i++) counts[CONTENT[i]]++
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length)
  return bits
}
