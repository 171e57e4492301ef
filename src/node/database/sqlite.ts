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
  const window = new FileWindow(bytes)
  const borrowed = { length: bytes.length, subarray: (from: number, to: number) => window.subarray(from, to), slice: () => borrowed }
  return borrowed as unknown as Uint8Array
}

/** SQLite reads a page at a time, most often the next one. */
const WINDOW_BYTES = 64 << 10

/** Part of a file, always in the same memory: with new memory for each page, a merge of 24 reports collected garbage every 10 MB. */
class FileWindow {
  private readonly file: FileRanges
  private readonly bytes = new Uint8Array(WINDOW_BYTES)
  private from = 0
  private to = 0

  constructor(file: FileRanges) {
    this.file = file
  }

  /** @returns bytes that are valid until the next call */
  subarray(from: number, to: number): Uint8Array {
    if (to - from > WINDOW_BYTES) return this.file.subarray(from, to)
    if (from < this.from || to > this.to) {
      const end = Math.min(from + WINDOW_BYTES, this.file.length)
      this.file.copy(from, this.bytes.subarray(0, end - from))
      ;[this.from, this.to] = [from, end]
    }
    return this.bytes.subarray(from - this.from, Math.min(to, this.to) - this.from)
  }
}
