// Segments of one HTTP answer, from its head on -> SHA-256 of the body, once it is complete. Bytes are hashed as they come and not kept; only segments
// that arrive early wait.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Segments that wait for one before them; a body with more gaps is given up. */
const MAX_EARLY = 64
const MAX_EARLY_BYTES = 128 * 1024
const LF = 10
/** Hexadecimal digits of a chunk's size (RFC 9112 7.1). */
const MAX_SIZE_DIGITS = 7

export type BodyState = 'open' | 'complete' | 'failed'

export class HttpBody {
  private readonly hash = sha256.create()
  private readonly early = new Map<number, Uint8Array>()
  private earlyBytes = 0
  /** Sequence number of the next byte. */
  private next: number
  /** Bytes of the body that may still come. */
  private room: number
  /** Of the body, or of a chunk. */
  private left: number
  private readonly isChunked: boolean
  /** In a chunked body, what follows: a line with a size, its data, or the line end behind the data. */
  private part: 'size' | 'data' | 'end' = 'size'
  private size = 0
  private digits = 0
  private isSizeRead = false
  private state: BodyState = 'open'

  /** @param sequence of the body's first byte @param length of the body; null for chunks @param longest body that is hashed */
  constructor(sequence: number, length: number | null, longest: number) {
    this.next = sequence
    this.isChunked = length === null
    this.left = length ?? 0
    this.room = longest
    if (length === 0) this.state = 'failed'
  }

  get sha256(): string {
    return bytesToHex(this.hash.digest())
  }

  /** A segment's payload, in any order; repeated bytes count once, as they came first. */
  add(sequence: number, payload: Uint8Array): BodyState {
    if (this.state !== 'open') return this.state
    const ahead = (sequence - this.next) | 0
    if (ahead > 0) this.wait(sequence, payload)
    else if (ahead + payload.length > 0) {
      this.consume(payload.subarray(-ahead))
      this.consumeEarly()
    }
    return this.state
  }

  private wait(sequence: number, payload: Uint8Array): void {
    if (this.early.has(sequence)) return
    this.earlyBytes += payload.length
    if (this.early.size >= MAX_EARLY || this.earlyBytes > MAX_EARLY_BYTES) this.state = 'failed'
    else this.early.set(sequence, payload.slice())
  }

  private consumeEarly(): void {
    for (let found = true; found && this.state === 'open'; ) {
      found = false
      for (const [sequence, payload] of this.early) {
        const ahead = (sequence - this.next) | 0
        if (ahead > 0) continue
        this.early.delete(sequence)
        this.earlyBytes -= payload.length
        if (ahead + payload.length > 0) this.consume(payload.subarray(-ahead))
        found = true
      }
    }
  }

  /** The next bytes of the stream; those behind the body are of another answer. */
  private consume(bytes: Uint8Array): void {
    this.next = (this.next + bytes.length) | 0
    let at = 0
    while (at < bytes.length && this.state === 'open') {
      if (this.isChunked && this.part !== 'data') this.readLine(bytes[at++])
      else {
        const to = Math.min(bytes.length, at + this.left)
        this.hash.update(bytes.subarray(at, to))
        this.left -= to - at
        this.room -= to - at
        at = to
        if (this.room < 0) this.state = 'failed'
        else if (this.left === 0 && this.isChunked) this.part = 'end'
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
