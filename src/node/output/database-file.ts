// A database that is written to its file page by page, then read there: reports larger than memory has room for.
import { closeSync, openSync, writeSync } from 'node:fs'
import type { PageStore } from '../../sqlite/btree-writer.ts'
import type { FileRanges } from '../../sqlite/byte-ranges.ts'
import { readAt } from '../read-at.ts'

/** Bytes written at once. */
const CHUNK_BYTES = 1 << 20

export class DatabaseFile implements PageStore {
  /** Complete after end(). */
  bytes: FileRanges = new FileBytes(-1, 0)
  private file = -1
  private readonly chunk = new Uint8Array(CHUNK_BYTES)
  /** Offset of the chunk in the file, and its length. */
  private start = 0
  private length = 0
  private ownBytes = 0
  private readonly onFinal: ((to: number) => void) | undefined

  /** @param onFinal called with the end of the bytes, from those of SQLite on, that are in the file and will not change again */
  constructor(onFinal?: (to: number) => void) {
    this.onFinal = onFinal
  }

  /** @param path of a file that does not exist @throws the system's error, as all methods do */
  open(path: string): void {
    this.file = openSync(path, 'wx+')
  }

  begin(ownBytes: number): void {
    this.ownBytes = ownBytes
  }

  write(content: Uint8Array, at: number): void {
    const end = this.start + this.length
    if (at !== end || this.length + content.length > CHUNK_BYTES) {
      this.flush()
      if (this.start >= this.ownBytes) this.onFinal?.(end)
      this.start = at
      this.length = 0
    }
    if (content.length > CHUNK_BYTES) this.writeAll(content, at)
    else {
      this.chunk.set(content, this.length)
      this.length += content.length
    }
  }

  end(length: number): void {
    this.flush()
    this.bytes = new FileBytes(this.file, length)
  }

  /** May be called again. */
  close(): void {
    if (this.file >= 0) closeSync(this.file)
    this.file = -1
  }

  private flush(): void {
    this.writeAll(this.chunk.subarray(0, this.length), this.start)
  }

  private writeAll(content: Uint8Array, at: number): void {
    for (let done = 0; done < content.length; ) done += writeSync(this.file, content, done, content.length - done, at + done)
  }
}

/** The bytes of an open file, read when they are asked for. */
export class FileBytes implements FileRanges {
  readonly length: number
  private readonly file: number

  constructor(file: number, length: number) {
    this.file = file
    this.length = length
  }

  /** @returns a copy */
  subarray(from = 0, to = this.length): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, Math.min(to, this.length) - from))
    this.copy(from, bytes)
    return bytes
  }

  copy(from: number, into: Uint8Array): void {
    const count = readAt(this.file, into, from)
    if (count < into.length) throw new RangeError(`the file ends at byte ${from + count} of ${this.length}`)
  }
}
