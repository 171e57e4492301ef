// Pieces of a file -> Feed: one piece is read while the one before is analysed.
import type { Feed } from '../input/feed.ts'
import { type Bytes, PIECE_BYTES, type Pieces } from './file-stream.ts'

export class FileFeed implements Feed {
  private readonly pieces: Pieces
  private readonly sha256: string
  private ahead: Promise<Bytes> | null = null
  private isThere = false
  /** Given out last, and free at the next call. */
  private given: Bytes = new Uint8Array(PIECE_BYTES)

  /** @param sha256 of the whole file, or what stands for it */
  constructor(pieces: Pieces, sha256: string) {
    this.pieces = pieces
    this.sha256 = sha256
  }

  async next(): Promise<Uint8Array> {
    const piece = await (this.ahead ?? this.pieces.fill(new ArrayBuffer(PIECE_BYTES)))
    if (piece.length > 0) this.readOn()
    this.given = piece
    return piece
  }

  isWaiting(): boolean {
    return this.ahead !== null && !this.isThere
  }

  async digest(): Promise<string> {
    return this.sha256
  }

  close(): Promise<void> {
    return this.pieces.close()
  }

  private readOn(): void {
    this.isThere = false
    this.ahead = this.pieces.fill(this.given.buffer)
    const settle = () => {
      this.isThere = true
    }
    this.ahead.then(settle, settle) // next() reports the error
  }
}
