// Joins chunks of any size so that a record is always contiguous. Only records across two chunks are copied; at most one chunk and one record are held.
import { NO_BYTES } from '../decode/bytes.ts'

/** The unread bytes of a stream: bytes[at..end). The format readers change `at`; only fill() and skip() replace `bytes`. */
export class ChunkWindow {
  bytes: Uint8Array = NO_BYTES
  /** A view of the same memory as `bytes`, with the same offsets. */
  view: DataView = new DataView(NO_BYTES.buffer)
  at = 0
  end = 0
  /** Offset of bytes[0] in the stream, for messages. */
  base = 0
  private held: Uint8Array = NO_BYTES
  private heldAt = 0
  private toSkip = 0
  private ended = false
  private readonly source: AsyncIterator<Uint8Array>

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]()
  }

  /** Offset of the next unread byte in the stream. */
  get offset(): number {
    return this.base + this.at + this.toSkip
  }

  /** Skips n bytes, which need not be loaded: an unknown pcapng block can have any length. */
  skip(n: number): void {
    const here = Math.min(n, this.end - this.at)
    this.at += here
    this.toSkip += n - here
  }

  /** Loads until `wanted` unread bytes are contiguous; false when the stream ends before (the remaining bytes can still be read). */
  async fill(wanted: number): Promise<boolean> {
    while (this.toSkip > 0) {
      if (this.heldAt === this.held.length && !(await this.pull())) return false
      const step = Math.min(this.toSkip, this.held.length - this.heldAt)
      this.base += this.end + step
      this.at = this.end = 0
      this.heldAt += step
      this.toSkip -= step
    }
    if (this.end - this.at >= wanted) return true
    if (this.at === this.end) {
      if (this.heldAt === this.held.length && !(await this.pull())) return wanted === 0
      this.base += this.end - this.heldAt
      this.load(this.held)
      this.at = this.heldAt
      this.end = this.heldAt = this.held.length
      if (this.end - this.at >= wanted) return true
    }
    return this.bridge(wanted)
  }

  /** Ends the source's iteration, so that it can close its file. */
  async close(): Promise<void> {
    this.ended = true
    await this.source.return?.()
  }

  /** Copies the unread bytes, and what the record needs of the next chunks, into a separate buffer. */
  private async bridge(wanted: number): Promise<boolean> {
    const joined = new Uint8Array(wanted)
    let filled = this.end - this.at
    joined.set(this.bytes.subarray(this.at, this.end))
    this.base += this.at
    this.load(joined)
    this.at = 0
    while (filled < wanted && (this.heldAt < this.held.length || (await this.pull()))) {
      const step = Math.min(wanted - filled, this.held.length - this.heldAt)
      joined.set(this.held.subarray(this.heldAt, this.heldAt + step), filled)
      this.heldAt += step
      filled += step
    }
    this.end = filled
    return filled === wanted
  }

  private load(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Takes the next chunk. All of the old chunk has been read or copied, because the source may reuse its memory. */
  private async pull(): Promise<boolean> {
    while (!this.ended) {
      const { value, done } = await this.source.next()
      if (done) this.ended = true
      else if (value.length > 0) {
        this.held = value
        this.heldAt = 0
        return true
      }
    }
    this.held = NO_BYTES
    this.heldAt = 0
    return false
  }
}
