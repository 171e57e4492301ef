// Lines with a JSON list each -> packed lists, a third of the bytes, in one thread; packed lists -> their values in another. For lists of texts, whole numbers and null as our
// own statements make them: JSON.parse() would need the bytes as text and make each text anew, millions of times the same few thousand.

import { parseAddress } from '../../decode/address.ts'

/** Texts that are remembered on both sides: the one read last of those with a hash. */
const REMEMBERED = 1 << 16
/** A longer text, or one with an escape or with other letters than those of ASCII, is left to JSON.parse(). */
const LONGEST_TEXT = 128
const LINE_FEED = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const DIGIT_0 = 0x30
const OPEN = 0x5b
const BACKSLASH = 0x5c
const CLOSE = 0x5d

/** First byte of a packed list, which no line of JSON begins with; its length in bytes follows in two of them. */
export const PACKED = 1
export const PACKED_HEAD = 3
const LONGEST_PACKED = 0xffff

/** What a value begins with. A number has as many bytes as its sign says after `number`; texts have their place, a new one its length and letters, too. */
const Sign = { null: 0, number: 1, known: 9, new: 10 } as const

export class ListPacker {
  /** By place. Null: one that the reader was not told. */
  private readonly texts = new Array<string | null>(REMEMBERED).fill('')
  /** Places of texts that are new in this list, and their number. */
  private readonly newPlaces: number[] = []
  private news = 0
  private packed = new Uint8Array(0)
  private at = 0
  private to = 0

  /** @param lines a line feed ends each @returns them in the same order, packed or as they are; valid until the next call */
  pack(lines: Uint8Array): Uint8Array {
    // A value takes at most one byte more than in JSON, where it takes two with what follows it.
    if (this.packed.length < 2 * lines.length) this.packed = new Uint8Array(2 * lines.length)
    this.to = 0
    for (let from = 0; from < lines.length; ) {
      const end = lines.indexOf(LINE_FEED, from)
      const start = this.to
      if (!this.add(lines, from, end)) {
        for (let i = 0; i < this.news; i++) this.texts[this.newPlaces[i]] = null
        this.packed.set(lines.subarray(from, end + 1), start)
        this.to = start + end + 1 - from
      }
      from = end + 1
    }
    return this.packed.subarray(0, this.to)
  }

  /** @returns false: the line is anything else, or no JSON */
  private add(bytes: Uint8Array, from: number, end: number): boolean {
    const start = this.to
    this.news = 0
    this.at = from + 1
    this.to += PACKED_HEAD
    if (end - from < 3 || bytes[from] !== OPEN || bytes[end - 1] !== CLOSE) return false
    do if (!this.addValue(bytes, end)) return false
    while (bytes[this.at++] === COMMA)
    const length = this.to - start
    if (bytes[this.at - 1] !== CLOSE || this.at !== end || length > LONGEST_PACKED) return false
    this.packed[start] = PACKED
    this.packed[start + 1] = length & 0xff
    this.packed[start + 2] = length >> 8
    return true
  }

  private addValue(bytes: Uint8Array, end: number): boolean {
    const first = bytes[this.at]
    if (first === QUOTE) return this.addText(bytes, end)
    if (first >= DIGIT_0 && first <= DIGIT_0 + 9) return this.addNumber(bytes)
    const { at } = this
    if (first !== 0x6e || bytes[at + 1] !== 0x75 || bytes[at + 2] !== 0x6c || bytes[at + 3] !== 0x6c) return false
    this.at += 4
    this.packed[this.to++] = Sign.null
    return true
  }

  private addNumber(bytes: Uint8Array): boolean {
    const { packed } = this
    let { at } = this
    let value = bytes[at++] - DIGIT_0
    for (let digit = bytes[at] - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++at] - DIGIT_0) {
      if (value === 0 || value > 900_719_925_474_098) return false
      value = value * 10 + digit
    }
    this.at = at
    const sign = this.to++
    for (; value > 0xffff_ffff; value = Math.floor(value / 256)) packed[this.to++] = value % 256
    for (let rest = value >>> 0; rest > 0; rest >>>= 8) packed[this.to++] = rest
    packed[sign] = Sign.number + this.to - sign - 1
    return true
  }

  private addText(bytes: Uint8Array, end: number): boolean {
    const from = this.at + 1
    let hash = 0
    let at = from
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH || at >= end) return false
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    this.at = at + 1
    if (at - from > LONGEST_TEXT) return false
    const place = (Math.imul(hash, 0x9e3779b1) >>> 16) & (REMEMBERED - 1)
    const { packed } = this
    const sign = this.to
    packed[sign + 1] = place & 0xff
    packed[sign + 2] = place >> 8
    this.to = sign + 3
    if (isText(this.texts[place], bytes, from, at)) {
      packed[sign] = Sign.known
      return true
    }
    packed[sign] = Sign.new
    packed[this.to++] = at - from
    for (let i = from; i < at; i++) packed[this.to++] = bytes[i]
    this.texts[place] = textOf(bytes, from, at)
    this.newPlaces[this.news++] = place
    return true
  }
}

export class PackedLists {
  /** Of the list that was read last; more than `count` values may be here. */
  readonly values: (string | number | null)[] = []
  count = 0
  /** By place. */
  private readonly texts = new Array<string>(REMEMBERED).fill('')
  private readonly addresses = new Array<Uint8Array | null>(REMEMBERED).fill(null)
  /** By index in the list, of texts. */
  private readonly places: number[] = []

  /** @param from where a list begins whose length says that it ends at `to` @returns false: no packer has made it */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    const { values, texts } = this
    let count = 0
    let at = from + PACKED_HEAD
    while (at < to) {
      const sign = bytes[at++]
      if (sign === Sign.null) values[count++] = null
      else if (sign < Sign.known) {
        let value = 0
        for (let place = sign - Sign.number - 1; place >= 0; place--) value = value * 256 + bytes[at + place]
        at += sign - Sign.number
        values[count++] = value
      } else {
        const place = bytes[at] | (bytes[at + 1] << 8)
        at += 2
        if (sign === Sign.new) {
          const end = at + 1 + bytes[at]
          texts[place] = textOf(bytes, at + 1, end)
          this.addresses[place] = null
          at = end
        }
        this.places[count] = place
        values[count++] = texts[place]
      }
    }
    this.count = count
    return at === to
  }

  /** @returns parseAddress() of a value; null unless it is a text */
  addressAt(index: number): Uint8Array | null {
    const text = this.values[index]
    const place = this.places[index]
    if (typeof text !== 'string') return null
    // Another text of the list may have taken its place.
    if (text !== this.texts[place]) return parseAddress(text)
    this.addresses[place] ??= parseAddress(text)
    return this.addresses[place]
  }
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode.apply(null, bytes.subarray(from, to) as unknown as number[])
}

function isText(text: string | null, bytes: Uint8Array, from: number, to: number): boolean {
  if (text === null || text.length !== to - from) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}
