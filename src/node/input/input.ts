// Files and stdin -> CaptureSource: read ahead, hashed, decompressed if need be.
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { formatCount } from '../../report/figures.ts'
import type { CaptureSource, SourceEnd } from '../../types.ts'
import { peek } from '../compression/peek.ts'
import { type Compression, compressionOf, decompress, MAGIC_BYTES } from './decompress.ts'
import { type Digest, InlineDigest, ThreadDigest } from './digest.ts'
import type { Feed } from './feed.ts'
import { ThreadFeed } from './file-feed.ts'

/** One being read, one being analysed, two on their way through the hash. */
const SLOTS = 4
const SLOT_BYTES = 2 << 20
/** Below this a file is read and hashed where it is analysed: a thread takes longer to start. */
const SMALL_BYTES = 4 << 20

/** Fills the buffer's front; 0 at the end. */
type Fill = (slot: Uint8Array) => Promise<number>

/**
 * Opens captures in their order, all or none. Reading begins at once; what goes wrong is told where the result is awaited.
 * @param interrupt ends the wait for a silent pipe
 */
export function openInputs(files: string[], interrupt: AbortSignal): Promise<CaptureSource[]> {
  const inputs = openAll(files, interrupt)
  inputs.catch(() => {})
  return inputs
}

async function openAll(files: string[], interrupt: AbortSignal): Promise<CaptureSource[]> {
  const sources: CaptureSource[] = []
  try {
    for (const file of files) sources.push(await openInput(file, interrupt))
    return sources
  } catch (error) {
    for (const source of sources) await source.close()
    throw error
  }
}

/**
 * @param path a file, or - for standard input
 * @param interrupt ends the wait for a silent pipe
 * @throws CaptureError naming the path, for what cannot be read
 */
export async function openInput(path: string, interrupt: AbortSignal): Promise<CaptureSource> {
  if (path === '-') return sourceOf('stdin', null, new RingFeed(fillFromStdin(interrupt), new ThreadDigest(), async () => {}))
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch (error) {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
  const status = await handle.stat().catch(async (error) => {
    await handle.close()
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  })
  if (status.isDirectory()) {
    await handle.close()
    throw new CaptureError(`${path} is a folder: name the capture files in it`)
  }
  const totalBytes = status.isFile() ? status.size : null
  return sourceOf(path, totalBytes, feedOf(handle, totalBytes))
}

/** @param totalBytes null: a pipe or device by name */
function feedOf(handle: FileHandle, totalBytes: number | null): Feed {
  const close = () => handle.close()
  if (totalBytes !== null && totalBytes > SMALL_BYTES) return new ThreadFeed(handle.fd, close)
  const fill: Fill = async (slot) => (await handle.read(slot, 0, slot.length)).bytesRead
  return new RingFeed(fill, totalBytes === null ? new ThreadDigest() : new InlineDigest(), close)
}

async function sourceOf(path: string, totalBytes: number | null, feed: Feed): Promise<CaptureSource> {
  const reading = new Reading(path, feed, totalBytes)
  const compression = await reading.start()
  const raw = reading.chunks()
  return {
    file: basename(path),
    totalBytes,
    compression,
    chunks: compression === '' ? raw : decompress(compression, raw, (problem) => reading.report(problem)),
    isWaiting: () => feed.isWaiting?.() ?? false,
    bytesRead: () => reading.bytesRead,
    finish: (isInterrupted) => reading.finish(isInterrupted, totalBytes !== null),
    close: () => reading.end(),
  }
}

/** One pass over a feed, and what went wrong on the way. */
class Reading {
  bytesRead = 0
  private whole: AsyncIterator<Uint8Array> | null = null
  private isComplete = false
  private problem = ''
  private failure: CaptureError | null = null
  private readonly path: string
  private readonly feed: Feed
  private readonly totalBytes: number | null

  /** @param totalBytes of a file, when it was opened */
  constructor(path: string, feed: Feed, totalBytes: number | null) {
    this.path = path
    this.feed = feed
    this.totalBytes = totalBytes
  }

  /** Reads the first bytes, which tell the compression. */
  async start(): Promise<Compression> {
    try {
      const { head, whole } = await peek(this.pieces(), MAGIC_BYTES)
      this.whole = whole
      return compressionOf(head)
    } catch (error) {
      await this.end()
      throw this.failed(reasonOf(error))
    }
  }

  private async *pieces(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.feed.next(); piece.length > 0; piece = await this.feed.next()) yield piece
  }

  /**
   * Left early, it goes on where it was when it is called again.
   * @throws CaptureError where the file cannot be read to its end: what was read so far is no capture that somebody ended there
   */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      while (!this.isComplete) {
        const step = await this.whole!.next()
        this.isComplete = step.done === true
        if (step.done) break
        this.bytesRead += step.value.length
        yield step.value
      }
    } catch (error) {
      throw this.failed(reasonOf(error))
    }
    if (this.totalBytes !== null && this.bytesRead < this.totalBytes)
      throw this.failed(
        `the file was ${formatCount(this.totalBytes)} bytes long when it was opened and became shorter meanwhile: try again`,
      )
  }

  /** Kept, because a decompressor may take it for damage of the data. */
  private failed(reason: string): CaptureError {
    this.failure ??= new CaptureError(`${this.path}: cannot be read at byte ${this.bytesRead}: ${reason}`, this.bytesRead)
    return this.failure
  }

  report(problem: string): void {
    this.problem ||= problem
  }

  /**
   * @param isFile a capture that broke off early is still read to its end, so that its digest identifies the file; a pipe may have none
   * @throws CaptureError as chunks() does
   */
  async finish(isInterrupted: boolean, isFile: boolean): Promise<SourceEnd> {
    if (this.failure !== null) throw this.failure
    if (isInterrupted) return { sha256: null, problem: this.problem }
    if (isFile && this.problem === '') for await (const _ of this.chunks());
    return { sha256: this.isComplete ? await this.feed.digest() : null, problem: this.problem }
  }

  async end(): Promise<void> {
    await this.feed.close().catch(() => {})
  }
}

/** Pipes and small files: one piece read ahead; a slot is filled again only when it is analysed and hashed. */
class RingFeed implements Feed {
  private readonly slots = Array.from({ length: SLOTS }, () => new Uint8Array(new SharedArrayBuffer(SLOT_BYTES)))
  private index = 0
  private ahead: Promise<Uint8Array> | null = null
  private readonly fill: Fill
  private readonly hash: Digest
  private readonly release: () => Promise<void>

  constructor(fill: Fill, hash: Digest, release: () => Promise<void>) {
    this.fill = fill
    this.hash = hash
    this.release = release
  }

  async next(): Promise<Uint8Array> {
    const piece = await (this.ahead ?? this.read())
    if (piece.length === 0) return piece
    this.hash.update(piece)
    await this.hash.settled(SLOTS - 2)
    this.ahead = this.read()
    this.ahead.catch(() => {}) // told by the next call
    return piece
  }

  digest(): Promise<string> {
    return this.hash.finish()
  }

  async close(): Promise<void> {
    await this.ahead?.catch(() => {})
    await this.hash.close()
    await this.release()
  }

  private async read(): Promise<Uint8Array> {
    const slot = this.slots[this.index++ % SLOTS]
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
      return 'the disk or network share reports a read error; copy what can be read to another disk (GNU ddrescue) and analyse the copy'
    case 'ESTALE':
      return 'the file is gone from the network share'
    case 'ENOTDIR':
      return 'a part of this path is a file, not a folder'
    case 'ENAMETOOLONG':
      return 'the name is longer than the file system allows'
    case 'ELOOP':
      return 'its symbolic links lead in a circle'
    case 'ENXIO':
    case 'ENODEV':
      return 'it is a socket or device that cannot be read as a file'
    case 'ENOSPC':
      return 'no space left on the disk: free some, or choose another folder with -o'
    case 'EROFS':
      return 'the disk is read-only: choose another folder with -o'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
