// sql.js -> the core's SqlDatabase.
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import type initSqlJs from 'sql.js'
import type { FileRanges } from '../../sqlite/byte-ranges.ts'
import type { SqlDatabase } from '../../types.ts'

/**
 * For runs with few SQL queries: compiles SQLite's WebAssembly only once, without optimisation. Optimising in the background took a tenth
 * of the time of an analysis from the threads that read and hash. Call before loadSqlite().
 */
export function preferQuickStart(): void {
  setFlagsFromString('--liftoff-only')
}

/** Loads SQLite (WebAssembly, compiled while other code runs). The returned function opens an empty database, or the database in `bytes`. */
export async function loadSqlite(): Promise<(bytes?: Uint8Array) => SqlDatabase> {
  // With import, Node would first search the whole script for its exports.
  const open = createRequire(import.meta.url)('sql.js') as typeof initSqlJs
  const sql = await open()
  return (bytes) => new sql.Database(bytes) as SqlDatabase
}

/** Bytes whose slice() returns the same array and not a copy. */
class BorrowedBytes extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array
  }

  override slice(): this {
    return this
  }
}

/** Bytes of a database that is only read: SQLite uses them themselves. Otherwise opening copies them (2 % of the time of an analysis). */
export function borrowBytes(bytes: Uint8Array | FileRanges): Uint8Array {
  if (bytes instanceof Uint8Array) return new BorrowedBytes(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length)
  // Of what it only reads, the file system of sql.js uses no more than this, and copies what subarray() returns before it asks again.
  const window = new FileWindows(bytes)
  const borrowed = { length: bytes.length, subarray: (from: number, to: number) => window.subarray(from, to), slice: () => borrowed }
  return borrowed as unknown as Uint8Array
}

/** Bytes read ahead, and for how many tables at a time. */
const WINDOW_BYTES = 64 << 10
const WINDOWS = 4

/** Parts of a file, always in the same memory: with new memory for each page, a merge of 24 reports collected garbage every 10 MB. */
class FileWindows {
  private readonly file: FileRanges
  /** The one used last is the first. */
  private readonly windows = Array.from({ length: WINDOWS }, () => ({ bytes: new Uint8Array(WINDOW_BYTES), from: 0, to: 0 }))

  constructor(file: FileRanges) {
    this.file = file
  }

  /** @returns bytes that are valid until the next call */
  subarray(from: number, to: number): Uint8Array {
    if (to - from > WINDOW_BYTES) return this.file.subarray(from, to)
    const { windows } = this
    // SQLite reads a page at a time: of a table from its beginning on the next one, others anywhere.
    let index = windows.findIndex((window) => from >= window.from && from <= window.to)
    if (index < 0) index = WINDOWS - 1
    const [window] = windows.splice(index, 1)
    windows.unshift(window)
    if (from < window.from || to > window.to) {
      const end = from === window.to ? Math.min(from + WINDOW_BYTES, this.file.length) : to
      this.file.copy(from, window.bytes.subarray(0, end - from))
      ;[window.from, window.to] = [from, end]
    }
    return window.bytes.subarray(from - window.from, Math.min(to, window.to) - window.from)
  }
}
