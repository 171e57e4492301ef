// Files in; their pieces out, some ahead of who takes them. Several stripes of a file are read at once, each as a stream: a single one waits for
// the browser's process after every read, and reads less each time.
import { type Bytes, FileStream, PIECE_BYTES } from './file-stream.ts'
import type { FromReader, ToReader } from './reader.ts'

declare const self: {
  onmessage: (event: { data: ToReader }) => void
  postMessage(message: FromReader, transfer?: Transferable[]): void
}

const STRIPE_PIECES = 8
const STRIPE_BYTES = STRIPE_PIECES * PIECE_BYTES
/** Stripes with memory: one that is taken, and those that are read meanwhile. */
const STRIPES = 3

interface Stripe {
  stream: FileStream
  /** Read, and not given out. */
  pieces: Bytes[]
  /** Null while it is read. */
  end: { error: Error | null } | null
}

class Reading {
  private readonly id: number
  private readonly file: Blob
  private readonly free: ArrayBuffer[] = []
  /** In the order of the file, from the one whose pieces are given out. */
  private stripes: Stripe[] = []
  /** Where the next stripe begins. */
  private at = 0

  constructor(id: number, file: Blob) {
    this.id = id
    this.file = file
    for (let piece = 0; piece < STRIPES * STRIPE_PIECES; piece++) this.take(new ArrayBuffer(PIECE_BYTES))
  }

  /** A stripe begins when there is memory for all of it, so that the first one never waits for a later one's. */
  take(memory: ArrayBuffer): void {
    this.free.push(memory)
    if (this.free.length < STRIPE_PIECES || this.at >= this.file.size) return
    const stripe: Stripe = { stream: new FileStream(this.file.slice(this.at, this.at + STRIPE_BYTES), true), pieces: [], end: null }
    const bytes = Math.min(STRIPE_BYTES, this.file.size - this.at)
    this.at += STRIPE_BYTES
    this.stripes.push(stripe)
    void this.read(stripe, bytes, this.free.splice(0))
  }

  close(): void {
    this.free.length = 0
    this.at = this.file.size
    for (const { stream } of this.stripes) stream.close().catch(() => {})
    this.stripes = []
  }

  private async read(stripe: Stripe, bytes: number, memory: ArrayBuffer[]): Promise<void> {
    let error: Error | null = null
    try {
      for (let left = bytes; left > 0; ) {
        const piece = await stripe.stream.fill(memory.pop() ?? new ArrayBuffer(PIECE_BYTES))
        if (piece.length === 0) throw new DOMException('the file is shorter than it was', 'NotReadableError')
        left -= piece.length
        stripe.pieces.push(piece)
        this.give()
      }
    } catch (reason) {
      error = reason as Error
    }
    stripe.stream.close().catch(() => {})
    stripe.end = { error }
    this.give()
  }

  /** Gives out what is next in the file. */
  private give(): void {
    for (let first = this.stripes[0]; first !== undefined; first = this.stripes[0]) {
      for (const piece of first.pieces.splice(0)) this.post(piece)
      if (first.end === null) return
      if (first.end.error !== null) {
        const { name, message } = first.end.error
        this.close()
        self.postMessage({ id: this.id, error: { name, message } })
        return
      }
      this.stripes.shift()
      if (this.stripes.length === 0 && this.at >= this.file.size) this.post(new Uint8Array())
    }
  }

  private post(piece: Bytes): void {
    self.postMessage({ id: this.id, piece }, [piece.buffer])
  }
}

const readings = new Map<number, Reading>()

self.onmessage = ({ data }) => {
  if ('file' in data) readings.set(data.id, new Reading(data.id, data.file))
  else if ('memory' in data) readings.get(data.id)?.take(data.memory)
  else {
    readings.get(data.id)?.close()
    readings.delete(data.id)
  }
}
