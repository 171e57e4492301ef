// Options of pcapng blocks (draft-ietf-opsawg-pcapng 3.5): writes them, and copies them from either byte order into little-endian. Cold path.
import { ENHANCED_PACKET_BLOCK, INTERFACE_BLOCK } from './pcapng-blocks.ts'

export const OPTION_COMMENT = 1
/** shb_userappl */
export const OPTION_APPLICATION = 4

export const NO_OPTIONS = new Uint8Array(0)

/** Custom options begin with a private enterprise number. */
const CUSTOM_OPTIONS = new Set([2988, 2989, 19372, 19373])

/** By block type: options whose value is one number, and its length (if_speed, if_tsoffset, if_txspeed, if_rxspeed; epb_flags, -dropcount, -packetid, -queue). */
const NUMBERS = new Map([
  [
    INTERFACE_BLOCK,
    new Map([
      [8, 8],
      [14, 8],
      [16, 8],
      [17, 8],
    ]),
  ],
  [
    ENHANCED_PACKET_BLOCK,
    new Map([
      [2, 4],
      [4, 8],
      [5, 8],
      [6, 4],
    ]),
  ],
])

/** @param value at most 65,535 bytes */
export function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + paddedLength(value.length))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, code, true)
  view.setUint16(2, value.length, true)
  bytes.set(value, 4)
  return bytes
}

/** An option for a block of this type; its value is copied. */
export function copyOption(blockType: number, code: number, value: Uint8Array, isLittleEndian: boolean): Uint8Array {
  const copy = option(code, value)
  if (isLittleEndian) return copy
  const length = NUMBERS.get(blockType)?.get(code) ?? (CUSTOM_OPTIONS.has(code) ? 4 : 0)
  if (length > 0 && length <= value.length) copy.subarray(4, 4 + length).reverse()
  return copy
}

/** All options between two offsets of a block, up to the first invalid one. */
export function copyOptions(blockType: number, bytes: Uint8Array, from: number, to: number, isLittleEndian: boolean): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const copies: Uint8Array[] = []
  for (let at = from; at + 4 <= to; ) {
    const code = view.getUint16(at, isLittleEndian)
    const length = view.getUint16(at + 2, isLittleEndian)
    if (code === 0 || at + 4 + length > to) break
    copies.push(copyOption(blockType, code, bytes.subarray(at + 4, at + 4 + length), isLittleEndian))
    at += 4 + paddedLength(length)
  }
  return joined(copies)
}

export function joined(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 0) return NO_OPTIONS
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Values and packets are padded to 32 bits. */
export function paddedLength(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}

/** The value of the last option with this code in `options`, which are complete and little-endian; undefined for none. */
export function findOption(options: Uint8Array, code: number): Uint8Array | undefined {
  const view = new DataView(options.buffer, options.byteOffset, options.length)
  let found: Uint8Array | undefined
  for (let at = 0; at + 4 <= options.length; ) {
    const length = view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === code && length > 0) found = options.subarray(at + 4, at + 4 + length)
    at += 4 + paddedLength(length)
  }
  return found
}
