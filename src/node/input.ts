// Files and stdin -> CaptureSource: read ahead into a ring of shared memory, hashed in another thread, decompressed if need be.
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { CaptureError } from '../errors.ts'
import type { CaptureSource, SourceEnd } from '../types.ts'
import { type Compression, compressionOf, decompress } from './decompress.ts'
import { type Digest, InlineDigest, ThreadDigest } from './digest.ts'

/** One being read, one being analysed, two on their way through the hash. */
const SLOTS = 4
const SLOT_BYTES = 2 << 20
/** Below this a file is hashed where it is read. */
const SMALL_BYTES = 4 << 20

/** Fills the buffer's front; 0 at the end. */
type Fill = (slot: Uint8Array) => Promise<number>

/**
 * @param path a file, or - for standard input
 * @param interrupt ends the wait for a silent pipe
 * @throws CaptureError naming the path, for what cannot be read
 */
export async function openInput(path: string, interrupt: AbortSignal): Promise<CaptureSource> {
  if (path === '-') return sourceOf('stdin', null, fillFromStdin(interrupt), async () => {})
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch (error) {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
  const status = await handle.stat()
  if (status.isDirectory()) {
    await handle.close()
    throw new CaptureError(`${path} is a folder: name the capture files in it`)
  }
  const fill: Fill = async (slot) => (await handle.read(slot, 0, slot.length)).bytesRead
  return sourceOf(path, status.isFile() ? status.size : null, fill, () => handle.close())
}

async function sourceOf(path: string, totalBytes: number | null, fill: Fill, close: () => Promise<void>): Promise<CaptureSource> {
  const digest = totalBytes !== null && totalBytes <= SMALL_BYTES ? new InlineDigest() : new ThreadDigest()
  const reading = new HashedReading(path, fill, digest, close)
  const compression = await reading.start()
  const raw = reading.chunks()
  return {
    file: basename(path),
    totalBytes,
    compression,
    chunks: compression === '' ? raw : decompress(compression, raw, (problem) => reading.report(problem)),
    bytesRead: () => reading.bytesRead,
    finish: (isInterrupted) => reading.finish(isInterrupted, totalBytes !== null),
    close: () => reading.end(),
  }
}

/** The ring: a slot is filled again only when it is analysed and hashed. */
class HashedReading {
  bytesRead = 0
  private readonly slots = Array.from({ length: SLOTS }, () => new Uint8Array(new SharedArrayBuffer(SLOT_BYTES)))
  private next = 0
  private ahead: Promise<Uint8Array> = Promise.resolve(new Uint8Array(0))
  private isComplete = false
  private problem = ''
  private readonly path: string
  private readonly fill: Fill
  private readonly digest: Digest
  private readonly close: () => Promise<void>

  constructor(path: string, fill: Fill, digest: Digest, close: () => Promise<void>) {
    this.path = path
    this.fill = fill
    this.digest = digest
    this.close = close
  }

  /** Reads the first chunk, which tells the compression. */
  async start(): Promise<Compression> {
    this.ahead = this.read()
    try {
      return compressionOf(await this.ahead)
    } catch (error) {
      await this.end()
      throw new CaptureError(`${this.path}: ${reasonOf(error)}`)
    }
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = await this.ahead
        if (chunk.length === 0) {
          this.isComplete = true
          return
        }
        this.bytesRead += chunk.length
        this.digest.update(chunk)
        await this.digest.settled(SLOTS - 2)
        this.ahead = this.read()
        yield chunk
      }
    } catch (error) {
      this.report(`reading stopped at byte ${this.bytesRead}: ${reasonOf(error)}`)
    } finally {
      this.ahead = this.ahead.catch(() => new Uint8Array(0))
      await this.ahead
    }
  }

  report(problem: string): void {
    this.problem ||= problem
  }

  /** @param isFile a capture that broke off early is still read to its end, so that its digest identifies the file; a pipe may have none */
  async finish(isInterrupted: boolean, isFile: boolean): Promise<SourceEnd> {
    if (isInterrupted) return { sha256: null, problem: this.problem }
    if (isFile && this.problem === '') for await (const _ of this.chunks());
    return { sha256: this.isComplete ? await this.digest.finish() : null, problem: this.problem }
  }

  async end(): Promise<void> {
    await this.digest.close()
    await this.close().catch(() => {})
  }

  private async read(): Promise<Uint8Array> {
    const slot = this.slots[this.next++ % SLOTS]!
    return slot.subarray(0, await this.fill(slot))
  }
}

/** A pipe hands out small pieces as they come; the ring takes them as chunks. */
function fillFromStdin(interrupt: AbortSignal): Fill {
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

/** The reason of a system error in words that say what to do. */
export function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file: check the name and the folder'
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it: change its permissions, or run as a user who may'
    case 'EISDIR':
      return 'it is a folder: name the capture files in it'
    case 'EIO':
      return 'the disk or network share reports a read error'
    case 'ENOSPC':
      return 'no space left on the disk: free some, or choose another folder with -o'
    case 'EROFS':
      return 'the disk is read-only: choose another folder with -o'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
