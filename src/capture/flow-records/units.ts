// Bytes of a log -> its units, one by one: lines, packed lists, or JSON objects in lists or over several lines. Looks at each byte once.
import type { ChunkWindow } from '../chunks.ts'
import { PACKED, PACKED_HEAD } from './flat-list.ts'

/** Longest line: a log's lines have a few hundred bytes, and a longer one is no log. */
export const MAX_LINE_BYTES = 1 << 20
/** Longest object: one of Azure's has a minute of a network interface. */
const MAX_OBJECT_BYTES = 1 << 24
/** Bytes of the beginning of an object that show whether a list of records begins in it. */
const WRAPPER_BYTES = 64
const WRAPPER = /^\{\s*"records"\s*:\s*\[/
const LINE_FEED = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d

/** The next unit begins at window.at. */
export interface Units {
  readonly kind: 'line' | 'record'
  readonly maxBytes: number
  /** Bytes of the unit in the window so far. */
  length: number
  /** @returns bytes to skip after the unit, which has `length` bytes; -1 if its end is not in the window */
  find(window: ChunkWindow, isAtEnd: boolean): number
}

export class Lines implements Units {
  readonly kind = 'line'
  readonly maxBytes = MAX_LINE_BYTES
  length = 0

  find(window: ChunkWindow, isAtEnd: boolean): number {
    const feed = window.bytes.subarray(0, window.end).indexOf(LINE_FEED, window.at + this.length)
    const isFound = feed >= 0
    this.length = (isFound ? feed : window.end) - window.at
    return isFound ? this.length + 1 : isAtEnd ? this.length : -1
  }
}

/** Lines, and packed lists in place of some. */
export class PackedLines extends Lines {
  override find(window: ChunkWindow, isAtEnd: boolean): number {
    const { bytes, at, end } = window
    if (at === end || bytes[at] !== PACKED) return super.find(window, isAtEnd)
    const length = end - at < PACKED_HEAD ? PACKED_HEAD : bytes[at + 1] | (bytes[at + 2] << 8)
    this.length = Math.min(length, end - at)
    return length <= end - at ? length : -1
  }
}

/** What is between the objects is passed over, and so is a `{"records":[` around them. */
export class JsonObjects implements Units {
  readonly kind = 'record'
  readonly maxBytes = MAX_OBJECT_BYTES
  length = 0
  private depth = 0
  private isText = false
  private isEscaped = false

  find(window: ChunkWindow, isAtEnd: boolean): number {
    if (this.length === 0 && !this.begin(window, isAtEnd)) return -1
    const { bytes, end } = window
    for (let at = window.at + this.length; at < end; at++) {
      const byte = bytes[at]
      if (this.isText) {
        if (this.isEscaped) this.isEscaped = false
        else if (byte === BACKSLASH) this.isEscaped = true
        else if (byte === QUOTE) this.isText = false
      } else if (byte === QUOTE) this.isText = true
      else if (byte === OPEN) this.depth++
      else if (byte === CLOSE && --this.depth === 0) {
        this.length = at + 1 - window.at
        return this.length
      }
    }
    this.length = end - window.at
    return -1
  }

  /** Moves the window to the first byte of an object. @returns false if there is none yet */
  private begin(window: ChunkWindow, isAtEnd: boolean): boolean {
    for (;;) {
      const open = window.bytes.subarray(0, window.end).indexOf(OPEN, window.at)
      window.skip((open < 0 ? window.end : open) - window.at)
      if (open < 0 || (window.end - window.at < WRAPPER_BYTES && !isAtEnd)) return false
      const text = String.fromCharCode(...window.bytes.subarray(window.at, Math.min(window.end, window.at + WRAPPER_BYTES)))
      const wrapper = WRAPPER.exec(text)
      if (wrapper === null) return true
      window.skip(wrapper[0].length)
    }
  }
}
