// Pipes and files -> Feed, without a thread that reads.
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { Feed } from '../../input/feed.ts'
import { type Digest, ThreadDigest } from './digest.ts'

/** Time after which fillAtOnce() handles signals and timers. */
const TURN_MS = 10

/** Fills the start of the buffer and returns the number of bytes; 0 at the end. */
export type Fill = (slot: Uint8Array) => Promise<number>

/** Reads one piece ahead; a slot is reused after it has been analysed and hashed. */
export class RingFeed implements Feed {
  private readonly slots: Uint8Array[]
  private index = 0
  private ahead: Promise<Uint8Array> | null = null
  private readonly fill: Fill
  private readonly hash: Digest
  private readonly release: () => Promise<void>

  /** @param slotBytes size of one slot; several are allocated */
  constructor(fill: Fill, hash: Digest, slotBytes: number, release: () => Promise<void>) {
    // One is read, one is analysed; two more may wait for a hashing thread.
    const isShared = hash instanceof ThreadDigest
    this.slots = Array.from(
      { length: isShared ? 4 : 2 },
      () => new Uint8Array(isShared ? new SharedArrayBuffer(slotBytes) : new ArrayBuffer(slotBytes)),
    )
    this.fill = fill
    this.hash = hash
    this.release = release
  }

  async next(): Promise<Uint8Array> {
    const piece = await (this.ahead ?? this.read())
    if (piece.length === 0) return piece
    this.hash.update(piece)
    await this.hash.settled(this.slots.length - 2)
    this.ahead = this.read()
    this.ahead.catch(() => {}) // the next call reports the error
    return piece
  }

  digest(): Promise<string | null> {
    return this.hash.finish()
  }

  async close(): Promise<void> {
    await this.ahead?.catch(() => {})
    await this.hash.close()
    await this.release()
  }

  private async read(): Promise<Uint8Array> {
    const slot = this.slots[this.index++ % this.slots.length]
    return slot.subarray(0, await this.fill(slot))
  }
}

/** A pipe returns small pieces; the ring combines them into chunks. */
export function fillFromStdin(interrupt: AbortSignal): Fill {
  let left: Buffer = Buffer.alloc(0)
  const pieces = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const interrupted = new Promise<{ done: true; value: undefined }>((resolve) => {
    interrupt.addEventListener('abort', () => resolve({ done: true, value: undefined }))
  })
  return async (slot) => {
    if (left.length === 0) {
      const { value, done } = await Promise.race([pieces.next(), interrupted])
      if (done) return 0
      left = value
    }
    const bytes = Math.min(slot.length, left.length)
    slot.set(left.subarray(0, bytes))
    left = left.subarray(bytes)
    return bytes
  }
}

export function fillFromFile(handle: FileHandle): Fill {
  return async (slot) => (await handle.read(slot, 0, slot.length)).bytesRead
}

/** Reads in the calling thread, whose core then has the bytes in its cache: faster than a thread that reads ahead, where there is little to do a byte. */
export function fillAtOnce({ fd }: FileHandle): Fill {
  let position = 0
  let nextTurn = 0
  return async (slot) => {
    // Signals and timers are handled in between.
    if (performance.now() >= nextTurn) {
      await setImmediate()
      nextTurn = performance.now() + TURN_MS
    }
    const bytes = readSync(fd, slot, 0, slot.length, position)
    position += bytes
    return bytes
  }
}

/**
 * Opens the file for each piece: hundreds of captures of the same time would need more descriptors than a process may have.
 * @param handle of the file; closed before the first piece
 */
export function fillByName(path: string, handle: FileHandle): Fill {
  let position = 0
  const opened = handle.stat({ bigint: true }).finally(() => handle.close())
  opened.catch(() => {}) // the first piece reports the error
  return async (slot) => {
    const { dev, ino } = await opened
    const again = await open(path)
    try {
      const status = await again.stat({ bigint: true })
      if (status.dev !== dev || status.ino !== ino) throw new Error('it was replaced by another file while it was read: try again')
      const { bytesRead } = await again.read(slot, 0, slot.length, position)
      position += bytesRead
      return bytesRead
    } finally {
      await again.close()
    }
  }
}
