// Paths of databases -> open files that stay the same while they are used, even if another file gets their name.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { DatabaseError } from '../../store/report-database.ts'
import { openRegular } from '../database/report-database.ts'

/** Files kept open after use, so that a page that loads a report in parts gets all parts of the same file. */
const KEPT_FILES = 16
/** Bytes of a download that are read at once. */
const CHUNK_BYTES = 1 << 18

export class ReportFile {
  /** Differs for each file, and for each content of it. */
  readonly version: string
  readonly bytes: number
  readonly mtimeMs: number
  readonly #handle: FileHandle
  #uses = 1

  private constructor(handle: FileHandle, version: string, bytes: number, mtimeMs: number) {
    this.#handle = handle
    this.version = version
    this.bytes = bytes
    this.mtimeMs = mtimeMs
  }

  /** @throws DatabaseError; the system's error */
  static async open(path: string): Promise<ReportFile> {
    const handle = await openRegular(path)
    const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs } = await handle.stat({ bigint: true })
    const version = createHash('sha256').update([dev, ino, size, mtimeNs, ctimeNs].join(' ')).digest('hex').slice(0, 32)
    return new ReportFile(handle, version, Number(size), Number(mtimeMs))
  }

  get fd(): number {
    return this.#handle.fd
  }

  retain(): this {
    this.#uses++
    return this
  }

  release(): void {
    if (--this.#uses === 0) void this.#handle.close()
  }

  /** The bytes from `at`; fewer at the end of the file. */
  async read(at: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.bytes - at)))
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, buffer.length - filled, at + filled)
      if (bytesRead === 0) break // the file was truncated in the meantime
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  /**
   * From byte `first` to byte `last`, both included. The file stays in use until the stream ends or is cancelled.
   * createReadStream() is not used: it leaves the file open when it ends, or closes it for all users when it is destroyed.
   */
  stream(first: number, last: number): ReadableStream<Uint8Array> {
    this.retain()
    let at = first
    let isOver = false
    const end = () => {
      if (!isOver) this.release()
      isOver = true
    }
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const chunk = await this.read(at, Math.min(CHUNK_BYTES, last + 1 - at))
            if (isOver) return
            if (chunk.length === 0) throw new DatabaseError('unusable', `it was cut at byte ${at} while it was sent`)
            at += chunk.length
            controller.enqueue(chunk)
            if (at <= last) return
            controller.close()
            end()
          } catch (error) {
            end()
            throw error
          }
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    )
  }
}

export class ReportFiles {
  /** By report and version, the most recently used last. */
  readonly #kept = new Map<string, ReportFile>()

  /** Opens the current file at `path`; the caller must release it. @throws DatabaseError; the system's error */
  async open(report: string, path: string): Promise<ReportFile> {
    const file = await ReportFile.open(path)
    const kept = this.kept(report, file.version)
    if (kept) {
      file.release()
      return kept
    }
    this.#kept.set(keyOf(report, file.version), file.retain())
    for (const [key, oldest] of this.#kept) {
      if (this.#kept.size <= KEPT_FILES) break
      this.#kept.delete(key)
      oldest.release()
    }
    return file
  }

  /** A version that is still open; the caller must release it. */
  kept(report: string, version: string): ReportFile | undefined {
    const key = keyOf(report, version)
    const file = this.#kept.get(key)
    if (!file) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, file)
    return file.retain()
  }

  close(): void {
    for (const file of this.#kept.values()) file.release()
    this.#kept.clear()
  }
}

function keyOf(report: string, version: string): string {
  return `${version} ${report}`
}
