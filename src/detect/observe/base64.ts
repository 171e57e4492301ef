// Base64 (RFC 4648 4) in a packet -> the bytes that it stands for.

/** At most `most` bytes of bytes[at..end); characters that do not belong count as 0. */
export function decodeBase64(bytes: Uint8Array, at: number, end: number, most: number): Uint8Array {
  const plain = new Uint8Array(Math.min(most, Math.floor((end - at) / 4) * 3))
  for (let i = at, length = 0; length < plain.length; i += 4) {
    let bits = 0
    for (let j = 0; j < 4; j++) bits = (bits << 6) | sextet(bytes[i + j])
    plain[length++] = bits >> 16
    plain[length++] = bits >> 8
    plain[length++] = bits
  }
  return plain
}

/** Padding counts as 0, too. */
function sextet(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52
  return byte === 0x2b ? 62 : byte === 0x2f ? 63 : 0
}
