// Bytes of a list of JSON -> its values, for lists of texts, whole numbers and null as our own statements make them. JSON.parse() would need the bytes as text and make
// each text anew, millions of times the same few thousand.

/** Texts that are remembered: the one read last of those with a hash. */
const REMEMBERED = 1 << 16
/** A longer text, or one with an escape or with other letters than those of ASCII, is left to JSON.parse(). */
const LONGEST_TEXT = 128
const QUOTE = 0x22
const COMMA = 0x2c
const DIGIT_0 = 0x30
const OPEN = 0x5b
const BACKSLASH = 0x5c
const CLOSE = 0x5d

export class FlatLists {
  /** Of the list that was read last; more than `count` values may be here. */
  readonly values: (string | number | null)[] = []
  count = 0
  private readonly texts = new Array<string>(REMEMBERED).fill('')
  private at = 0

  /** @returns false: the bytes are anything else, or no JSON */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.at = from + 1
    this.count = 0
    if (to - from < 3 || bytes[from] !== OPEN || bytes[to - 1] !== CLOSE) return false
    for (;;) {
      const value = this.valueAt(bytes, to)
      if (value === undefined) return false
      this.values[this.count++] = value
      const end = bytes[this.at++]
      if (end === COMMA) continue
      return end === CLOSE && this.at === to
    }
  }

  private valueAt(bytes: Uint8Array, to: number): string | number | null | undefined {
    const first = bytes[this.at]
    if (first === QUOTE) return this.textAt(bytes, to)
    if (first >= DIGIT_0 && first <= DIGIT_0 + 9) return this.numberAt(bytes)
    const { at } = this
    if (first !== 0x6e || bytes[at + 1] !== 0x75 || bytes[at + 2] !== 0x6c || bytes[at + 3] !== 0x6c) return undefined
    this.at += 4
    return null
  }

  private numberAt(bytes: Uint8Array): number | undefined {
    let { at } = this
    let value = bytes[at++] - DIGIT_0
    for (let digit = bytes[at] - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++at] - DIGIT_0) {
      if (value === 0 || value > 900_719_925_474_098) return undefined
      value = value * 10 + digit
    }
    this.at = at
    return value
  }

  private textAt(bytes: Uint8Array, to: number): string | undefined {
    const from = this.at + 1
    let hash = 0
    let at = from
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH || at >= to) return undefined
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    this.at = at + 1
    if (at - from > LONGEST_TEXT) return undefined
    const place = (Math.imul(hash, 0x9e3779b1) >>> 16) & (REMEMBERED - 1)
    const known = this.texts[place]
    if (isText(known, bytes, from, at)) return known
    const text = String.fromCharCode.apply(null, bytes.subarray(from, at) as unknown as number[])
    this.texts[place] = text
    return text
  }
}

function isText(text: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}
