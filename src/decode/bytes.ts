// Bytes -> integers, for layers off the hot path: the caller has checked the bounds. No bytes, for records that are not filled yet.

export const NO_BYTES = new Uint8Array(0)

/** Unsigned, network order. */
export function be16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}

/** Unsigned, network order. */
export function be24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]
}

/** Unsigned, network order. */
export function be32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** Unsigned, little-endian. */
export function le16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8)
}

/** Unsigned, little-endian. */
export function le32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}
