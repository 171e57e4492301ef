// Segments of one HTTP answer, from its head on -> the bytes of its body, in order, and whether it is complete.
import type { OpenFile } from './carried-files.ts'
import { Ordered } from './ordered.ts'

const LF = 10
/** Hexadecimal digits of a chunk's size (RFC 9112 7.1). */
const MAX_SIZE_DIGITS = 7

export type BodyState = 'open' | 'complete' | 'failed'

export class HttpBody {
  private readonly ordered: Ordered
  private readonly file: Pick<OpenFile, 'add'>
  /** Of the body, or of a chunk. */
  private left: number
  private readonly isChunked: boolean
  /** In a chunked body, what follows: a line with a size, its data, or the line end behind the data. */
  private part: 'size' | 'data' | 'end' = 'size'
  private size = 0
  private digits = 0
  private isSizeRead = false
  private state: BodyState = 'open'

  /** @param sequence of the body's first byte @param length of the body; null for chunks @param file that the body is added to */
  constructor(sequence: number, length: number | null, file: Pick<OpenFile, 'add'>) {
    this.ordered = new Ordered(sequence, (bytes) => this.consume(bytes))
    this.file = file
    this.isChunked = length === null
    this.left = length ?? 0
    if (length === 0) this.state = 'failed'
  }

  /** A segment's payload, in any order; repeated bytes count once, as they came first. */
  add(sequence: number, payload: Uint8Array): BodyState {
    if (this.state === 'open' && !this.ordered.add(sequence, payload)) this.state = 'failed'
    return this.state
  }

  /** The next bytes of the stream; those behind the body are of another answer. */
  private consume(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && this.state === 'open') {
      if (this.isChunked && this.part !== 'data') this.readLine(bytes[at++])
      else {
        const to = Math.min(bytes.length, at + this.left)
        if (!this.file.add(bytes.subarray(at, to))) this.state = 'failed'
        this.left -= to - at
        at = to
        if (this.state === 'failed') return
        if (this.left === 0 && this.isChunked) this.part = 'end'
        else if (this.left === 0) this.state = 'complete'
      }
    }
  }

  /** A byte of the line with a chunk's size (extensions behind the digits are skipped), or of the line end behind its data. */
  private readLine(byte: number): void {
    if (this.part === 'end') {
      if (byte === LF) this.part = 'size'
      return
    }
    const digit = Number.parseInt(String.fromCharCode(byte), 16)
    if (byte === LF) {
      if (this.digits === 0) this.state = 'failed'
      else if (this.size === 0) this.state = 'complete'
      this.left = this.size
      this.part = 'data'
      this.size = 0
      this.digits = 0
      this.isSizeRead = false
    } else if (this.isSizeRead || Number.isNaN(digit)) this.isSizeRead = true
    else if (++this.digits > MAX_SIZE_DIGITS) this.state = 'failed'
    else this.size = this.size * 16 + digit
  }
}
