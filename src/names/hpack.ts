// HPACK (RFC 7541) header block -> :authority of a request. Literals and the static table only, no dynamic table.
import { nameText } from './text.ts'

/** Static table (RFC 7541 appendix A). */
const AUTHORITY = 1
const AUTHORITY_TEXT = ':authority'
const MAX_FIELDS = 64
const MAX_TEXT = 255

/**
 * Lengths of the Huffman codes of characters 0 to 126 (RFC 7541 appendix B); 0 for codes of more than 15 bits, which no host name needs.
 * The code is canonical: ordered by length, then by character, each code is its predecessor plus one.
 */
const LENGTHS = [13, ...new Array<number>(31).fill(0)].concat(
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 0, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13],
)
const MAX_BITS = 15

/** Character by (length << 15) | code. */
const CODES = new Map<number, number>()
let code = 0
for (let length = 1; length <= MAX_BITS; length++, code <<= 1) {
  for (let character = 0; character < LENGTHS.length; character++) {
    if (LENGTHS[character] === length) CODES.set((length << MAX_BITS) | code++, character)
  }
}

/** Decodes the Huffman-coded bytes[at..end); null if it contains other characters or invalid padding. */
export function huffmanText(bytes: Uint8Array, at: number, end: number): Uint8Array | null {
  const text = new Uint8Array(MAX_TEXT)
  let size = 0
  let bits = 0
  let word = 0
  for (let i = at; i < end; i++) {
    for (let bit = 7; bit >= 0; bit--) {
      word = (word << 1) | ((bytes[i] >> bit) & 1)
      if (++bits > MAX_BITS) return null
      const character = CODES.get((bits << MAX_BITS) | word)
      if (character === undefined) continue
      if (size === MAX_TEXT) return null
      text[size++] = character
      bits = 0
      word = 0
    }
  }
  // Padding is the start of the end-of-string code: all ones, less than a byte.
  return bits < 8 && word === (1 << bits) - 1 ? text.subarray(0, size) : null
}

/** Cursor over a header block. */
class Block {
  at: number
  readonly bytes: Uint8Array
  readonly end: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** Integer with a prefix of this many bits (RFC 7541 5.1), -1 if it is cut off or too large. */
  integer(prefix: number): number {
    if (this.at >= this.end) return -1
    const most = (1 << prefix) - 1
    let value = this.bytes[this.at++] & most
    if (value < most) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.at >= this.end) return -1
      const byte = this.bytes[this.at++]
      value += (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return -1
  }

  /** String literal (RFC 7541 5.2); undefined if it is cut off, null if it is not a host name. */
  text(): Uint8Array | null | undefined {
    const isHuffman = this.at < this.end && this.bytes[this.at] >= 0x80
    const length = this.integer(7)
    if (length < 0 || this.at + length > this.end) return undefined
    const from = this.at
    this.at += length
    return isHuffman ? huffmanText(this.bytes, from, this.at) : this.bytes.subarray(from, this.at)
  }
}

/** Value of :authority in a header block; null if absent or in the dynamic table. */
export function authorityIn(bytes: Uint8Array, at: number, end: number): string | null {
  const block = new Block(bytes, at, end)
  for (let fields = 0; fields < MAX_FIELDS && block.at < end; fields++) {
    const first = bytes[block.at]
    if (first >= 0x80) {
      if (block.integer(7) < 0) return null
      continue
    }
    if ((first & 0xe0) === 0x20) {
      if (block.integer(5) < 0) return null // dynamic table size update
      continue
    }
    const index = block.integer((first & 0x40) !== 0 ? 6 : 4)
    if (index < 0) return null
    let isAuthority = index === AUTHORITY
    if (index === 0) {
      const name = block.text()
      if (name === undefined) return null
      isAuthority = name !== null && nameText(name, 0, name.length) === AUTHORITY_TEXT
    }
    const value = block.text()
    if (value === undefined) return null
    if (isAuthority) return value === null || value.length === 0 ? null : nameText(value, 0, value.length)
  }
  return null
}
