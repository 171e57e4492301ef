// File -> Feed: reads slices of a few megabytes in advance.
import type { Feed } from '../input/feed.ts'

const SLICE_BYTES = 4 << 20
const AHEAD = 2

export class FileFeed implements Feed {
  private readonly file: Blob
  private readonly sha256: () => Promise<string | null>
  private readonly ahead: { piece: Promise<Uint8Array>; isThere: boolean }[] = []
  private at = 0

  /** @param sha256 of the whole file, which another worker computes */
  constructor(file: Blob, sha256: () => Promise<string | null>) {
    this.file = file
    this.sha256 = sha256
  }

  async next(): Promise<Uint8Array> {
    while (this.ahead.length < AHEAD && this.at < this.file.size) this.readOn()
    const next = this.ahead.shift()
    if (next === undefined) return new Uint8Array(0)
    const piece = await next.piece
    this.readOn()
    return piece
  }

  isWaiting(): boolean {
    return this.ahead[0]?.isThere === false
  }

  async digest(): Promise<string> {
    return (await this.sha256()) ?? ''
  }

  async close(): Promise<void> {
    this.at = this.file.size
    this.ahead.length = 0
  }

  private readOn(): void {
    if (this.at >= this.file.size) return
    const slice = this.file.slice(this.at, this.at + SLICE_BYTES)
    this.at += SLICE_BYTES
    const reading = { piece: slice.arrayBuffer().then((buffer) => new Uint8Array(buffer)), isThere: false }
    const settle = () => {
      reading.isThere = true
    }
    reading.piece.then(settle, settle) // next() reports the error
    this.ahead.push(reading)
  }
}

/** Slices of a file that is read once. */
export async function* slicesOf(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += SLICE_BYTES) yield new Uint8Array(await file.slice(at, at + SLICE_BYTES).arrayBuffer())
}

/** Why a browser could not read a file, worded as on the command line. */
export function reasonOf(error: unknown): string {
  const { name, message } = error as Error
  switch (name) {
    case 'NotFoundError':
      return 'no such file: it was moved or deleted since it was chosen, or is a folder'
    case 'NotReadableError':
      return 'it was changed, moved or locked since it was chosen, or is a folder: choose it again'
    case 'SecurityError':
      return 'this browser does not let the page read it'
    default:
      return message ?? String(error)
  }
}
