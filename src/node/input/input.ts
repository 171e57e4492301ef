// Files and stdin -> CaptureSource: read ahead, hashed, decompressed if need be.
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Compression, compressionOf, MAGIC_BYTES } from '../../compression/decompress.ts'
import { peek } from '../../compression/peek.ts'
import { CaptureError } from '../../errors.ts'
import type { Feed } from '../../input/feed.ts'
import { formatCount } from '../../report/figures.ts'
import type { CaptureSource, SourceEnd } from '../../types.ts'
import { decompress } from '../compression/decompress.ts'
import { InlineDigest, ThreadDigest } from './digest.ts'
import { ThreadFeed } from './file-feed.ts'
import { fillByName, fillFromFile, fillFromStdin, RingFeed } from './ring-feed.ts'

/** Below this a file is read and hashed where it is analysed. */
const SMALL_BYTES = 4 << 20
/** Captures of the same time are read at once: so many by threads, so many with their files kept open. */
const MAX_THREADS = 4
const MAX_KEPT_OPEN = 32
const PIPE_BYTES = 2 << 20
const PIECE_BYTES = 256 << 10
/** For captures beyond MAX_KEPT_OPEN, and where only the beginning is wanted. */
const SMALL_PIECE_BYTES = 64 << 10

let keptOpen = 0

/** What of a source is wanted. */
export type Extent = 'all' | 'beginning'

/**
 * @param path a file, or - for standard input
 * @param interrupt ends the wait for a silent pipe
 * @throws CaptureError naming the path, for what cannot be read
 */
export async function openInput(path: string, interrupt: AbortSignal, extent: Extent = 'all'): Promise<CaptureSource> {
  if (path === '-') {
    const feed = new RingFeed(fillFromStdin(interrupt), new ThreadDigest(), PIPE_BYTES, async () => {})
    return sourceOf('stdin', feed, null, null)
  }
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
  if (!status.isFile()) {
    const feed = new RingFeed(fillFromFile(handle), new ThreadDigest(), PIPE_BYTES, () => handle.close())
    return sourceOf(path, feed, null, null)
  }
  const sizeNow = async () => (await stat(path)).size
  return sourceOf(path, feedOf(path, handle, status.size, extent), status.size, sizeNow)
}

/** @param handle of a regular file; closed with the feed, or before */
function feedOf(path: string, handle: FileHandle, bytes: number, extent: Extent): Feed {
  if (keptOpen >= MAX_KEPT_OPEN) return new RingFeed(fillByName(path, handle), new InlineDigest(), SMALL_PIECE_BYTES, async () => {})
  keptOpen++
  const close = async () => {
    keptOpen--
    await handle.close()
  }
  if (extent === 'beginning') return new RingFeed(fillFromFile(handle), new InlineDigest(), SMALL_PIECE_BYTES, close)
  if (bytes > SMALL_BYTES && ThreadFeed.open < MAX_THREADS) return new ThreadFeed(handle.fd, close)
  return new RingFeed(fillFromFile(handle), new InlineDigest(), PIECE_BYTES, close)
}

/** @param totalBytes null: a pipe or device */
async function sourceOf(
  path: string,
  feed: Feed,
  totalBytes: number | null,
  sizeNow: (() => Promise<number>) | null,
): Promise<CaptureSource> {
  const reading = new Reading(path, feed, totalBytes, sizeNow)
  const compression = await reading.start()
  const raw = reading.chunks()
  return {
    file: basename(path),
    totalBytes,
    compression,
    chunks: compression === '' ? raw : decompress(compression, raw, (problem) => reading.report(problem)),
    isWaiting: () => feed.isWaiting?.() ?? false,
    bytesRead: () => reading.bytesRead,
    finish: (isInterrupted) => reading.finish(isInterrupted),
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
  private readonly sizeNow: (() => Promise<number>) | null
  private isClosed = false

  /** @param totalBytes of a file, when it was opened @param sizeNow of a file */
  constructor(path: string, feed: Feed, totalBytes: number | null, sizeNow: (() => Promise<number>) | null) {
    this.path = path
    this.feed = feed
    this.totalBytes = totalBytes
    this.sizeNow = sizeNow
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
   * A capture that broke off early is still read to the file's end, so that its digest identifies the file; a pipe may have none.
   * @throws CaptureError as chunks() does
   */
  async finish(isInterrupted: boolean): Promise<SourceEnd> {
    if (this.failure !== null) throw this.failure
    if (isInterrupted) return { sha256: null, problem: this.problem }
    if (this.totalBytes !== null && this.problem === '') for await (const _ of this.chunks());
    const sha256 = this.isComplete ? await this.feed.digest() : null
    return { sha256, problem: this.problem, warnings: await this.growth() }
  }

  private async growth(): Promise<string[]> {
    if (this.totalBytes === null || this.sizeNow === null) return []
    const bytes = Math.max(this.bytesRead, await this.sizeNow().catch(() => 0))
    return bytes > this.totalBytes ? [describeGrowth(this.totalBytes, bytes)] : []
  }

  async end(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    await this.feed.close().catch(() => {})
  }
}

/** So begins what is said of a file that somebody was still writing. */
export const GREW = 'the file grew while it was read'

function describeGrowth(from: number, to: number): string {
  return `${GREW}, from ${formatCount(from)} to ${formatCount(to)} bytes: its end may be missing, analyse it again when it is complete`
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
