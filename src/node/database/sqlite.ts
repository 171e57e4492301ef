// sql.js as the core's SqlDatabase.
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import type initSqlJs from 'sql.js'
import type { SqlDatabase } from '../../types.ts'

/**
 * For a run that asks SQLite little: its WebAssembly is compiled once, plainly. Optimising it in the background took a tenth of a whole analysis
 * from the threads that read and hash. Call before loadSqlite().
 */
export function preferQuickStart(): void {
  setFlagsFromString('--liftoff-only')
}

/** Loads SQLite (WebAssembly, compiled beside whatever else goes on); the function it gives opens an empty database, or the one in `bytes`. */
export async function loadSqlite(): Promise<(bytes?: Uint8Array) => SqlDatabase> {
  // Not by import: Node would first search the whole script for what it exports.
  const open = createRequire(import.meta.url)('sql.js') as typeof initSqlJs
  const sql = await open()
  return (bytes) => new sql.Database(bytes) as SqlDatabase
}

/** Bytes that give themselves where a copy is asked for. */
class Lent extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array
  }

  override slice(): this {
    return this
  }
}

/** A file for a database that is only read: SQLite reads these very bytes; opening it copies them otherwise (2 % of a whole analysis). */
export function lend(bytes: Uint8Array): Uint8Array {
  return new Lent(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length)
}
