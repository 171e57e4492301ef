// Bytes of a file -> CaptureSource: decompressed, read to the end for the digest, with problems in reading.

import { type Compression, compressionOf, type DecompressionHost, decompress, MAGIC_BYTES } from '../compression/decompress.ts'
import { peek } from '../compression/peek.ts'
import { CaptureError } from '../errors.ts'
import { formatCount } from '../report/figures.ts'
import type { CaptureSource, SourceEnd } from '../types.ts'
import type { Feed } from './feed.ts'

/** Functions that the platform provides for reading. */
export interface SourceHost extends DecompressionHost {
  /** Why a read failed, as words that say what to do. */
  reasonOf(error: unknown): string
}

/** An input: a file or a stream. */
export interface Named {
  /** Path, for messages. */
  path: string
  /** Base name, for the report. */
  file: string
  /** Size when the file was opened; null for a stream. */
  totalBytes: number | null
  /** Current size of a file. */
  sizeNow?: () => Promise<number>
}

/** @throws CaptureError naming the path if its first bytes cannot be read */
export async function openSource(named: Named, feed: Feed, host: SourceHost): Promise<CaptureSource> {
  const { file, totalBytes } = named
  const reading = new Reading(named, feed, host)
  const compression = await reading.start()
  const raw = reading.chunks()
  return {
    file,
    totalBytes,
    compression,
    chunks: compression === '' ? raw : decompress(compression, raw, (problem) => reading.report(problem), host),
    isWaiting: () => feed.isWaiting?.() ?? false,
    bytesRead: () => reading.bytesRead,
    finish: (isInterrupted) => reading.finish(isInterrupted),
    close: () => reading.end(),
  }
}

/** One pass over a feed, with its problems. */
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
  private readonly host: SourceHost
  private isClosed = false

  constructor({ path, totalBytes, sizeNow }: Named, feed: Feed, host: SourceHost) {
    this.path = path
    this.feed = feed
    this.totalBytes = totalBytes
    this.sizeNow = sizeNow ?? null
    this.host = host
  }

  /** Reads the first bytes, which show the compression. */
  async start(): Promise<Compression> {
    try {
      const { head, whole } = await peek(this.pieces(), MAGIC_BYTES)
      this.whole = whole
      return compressionOf(head)
    } catch (error) {
      await this.end()
      throw this.failed(this.host.reasonOf(error))
    }
  }

  private async *pieces(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.feed.next(); piece.length > 0; piece = await this.feed.next()) yield piece
  }

  /**
   * Can be left early and called again: it continues at the same position.
   * @throws CaptureError if the file cannot be read to its end: the part read so far is not a complete capture
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
      throw this.failed(this.host.reasonOf(error))
    }
    if (this.totalBytes !== null && this.bytesRead < this.totalBytes)
      throw this.failed(
        `the file had ${formatCount(this.totalBytes)} bytes when it was opened and became shorter while it was read: try again`,
      )
  }

  /** Stored, because a decompressor may report it as damaged data. */
  private failed(reason: string): CaptureError {
    this.failure ??= new CaptureError(`${this.path}: cannot be read at byte ${this.bytesRead}: ${reason}`, this.bytesRead)
    return this.failure
  }

  report(problem: string): void {
    this.problem ||= problem
  }

  /**
   * A capture that ends early is still read to the file's end, so that its digest identifies the file; a pipe may have no end.
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

/** Start of the warning about a file that was still being written. */
export const GREW = 'the file grew while it was read'

function describeGrowth(from: number, to: number): string {
  return `${GREW}, from ${formatCount(from)} to ${formatCount(to)} bytes: its end may be missing, analyse it again when it is complete`
}
