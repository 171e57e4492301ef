// The queue between capturing and processing: a fixed number of chunks on memory that all threads share. A chunk is free, or held by as many readers as
// it was handed to. The lowest free chunk is taken first, so that a queue which is never long touches little memory.

/** 128 MiB: a second and a half of a gigabit while a report is being put together. */
const CHUNKS = 128
export const CHUNK_BYTES = 1 << 20

/** What another thread needs to use the pool. */
export interface SharedChunks {
  bytes: SharedArrayBuffer
  /** Int32: how many readers still hold each chunk. */
  holders: SharedArrayBuffer
}

/** A filled part of a chunk on its way to a reader. */
export interface ChunkMessage {
  chunk: number
  from: number
  to: number
}

export function createChunks(): SharedChunks {
  return { bytes: new SharedArrayBuffer(CHUNKS * CHUNK_BYTES), holders: new SharedArrayBuffer(CHUNKS * 4) }
}

export class ChunkPool {
  private readonly bytes: Uint8Array
  private readonly holders: Int32Array

  constructor({ bytes, holders }: SharedChunks) {
    this.bytes = new Uint8Array(bytes)
    this.holders = new Int32Array(holders)
  }

  /** The number of a free chunk, now held once by the caller; -1 when all are in use. Only one thread takes. */
  take(): number {
    for (let chunk = 0; chunk < this.holders.length; chunk++) {
      if (Atomics.load(this.holders, chunk) !== 0) continue
      Atomics.store(this.holders, chunk, 1)
      return chunk
    }
    return -1
  }

  /** One more reader holds the chunk. */
  hold(chunk: number): void {
    Atomics.add(this.holders, chunk, 1)
  }

  /** A reader needs it no more. */
  release(chunk: number): void {
    Atomics.sub(this.holders, chunk, 1)
  }

  view({ chunk, from, to }: ChunkMessage): Uint8Array {
    return this.bytes.subarray(chunk * CHUNK_BYTES + from, chunk * CHUNK_BYTES + to)
  }
}
