// sql.js as the core's SqlDatabase.
import initSqlJs from 'sql.js'
import type { SqlDatabase } from '../types.ts'

/** Loads SQLite (WebAssembly, compiled beside whatever else goes on); the function it gives opens an empty database, or the one in `bytes`. */
export async function loadSqlite(): Promise<(bytes?: Uint8Array) => SqlDatabase> {
  const sql = await initSqlJs()
  return (bytes) => new sql.Database(bytes) as SqlDatabase
}
