// The queue between capturing and processing: a fixed number of chunks in shared memory. A chunk is free, or held by the number of readers it was
// sent to. The lowest free chunk is taken first, so that a short queue uses little memory.

/** 128 MiB: one and a half seconds at 1 Gbit/s, for the time in which a report is made. */
const CHUNKS = 128
export const CHUNK_BYTES = 1 << 20

/** Data that another thread needs to use the pool. */
export interface SharedChunks {
  bytes: SharedArrayBuffer
  /** Int32: number of readers that hold each chunk. */
  holders: SharedArrayBuffer
}

/** The filled part of a chunk, sent to a reader. */
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

  /** Number of a free chunk, now held by the caller; -1 if none is free. Only one thread may call it. */
  take(): number {
    for (let chunk = 0; chunk < this.holders.length; chunk++) {
      if (Atomics.load(this.holders, chunk) !== 0) continue
      Atomics.store(this.holders, chunk, 1)
      return chunk
    }
    return -1
  }

  /** Adds a reader of the chunk. */
  hold(chunk: number): void {
    Atomics.add(this.holders, chunk, 1)
  }

  /** Removes a reader of the chunk. */
  release(chunk: number): void {
    Atomics.sub(this.holders, chunk, 1)
  }

  view({ chunk, from, to }: ChunkMessage): Uint8Array {
    return this.bytes.subarray(chunk * CHUNK_BYTES + from, chunk * CHUNK_BYTES + to)
  }
}
