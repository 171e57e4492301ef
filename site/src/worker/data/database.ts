// Parts of the report's database -> an open sql.js database, or a DatabaseError that says what to do.

import type { Database, Statement } from 'sql.js'
import initSqlJs from 'sql.js/dist/sql-wasm-inline.js'
import { decodeBase64 } from '../../../../src/publish/base64.ts'
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../../src/store/schema.ts'
import { addMissingColumns } from '../../../../src/store/upgrade.ts'

/** The database cannot be shown; the message is shown to the reader. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
}

/** The engine starts now, while the parts arrive. */
const engine = initSqlJs()

/** Decompresses a part (a gzip member in base64) to `offset` in `target`; throws unless it has exactly `length` bytes. */
export async function inflatePart(base64: string, target: Uint8Array, offset: number, length: number): Promise<void> {
  const damaged = 'A part of the report is damaged. Run rtnvis on the capture again, or copy the whole folder again.'
  // Base64 of incompressible bytes, and some margin.
  if (base64.length > length * 1.5 + 1024) throw new DatabaseError(damaged)
  let at = 0
  try {
    const stream = new Blob([decodeBase64(base64)]).stream().pipeThrough(new DecompressionStream('gzip'))
    const reader = stream.getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (at + next.value.length > length) {
        void reader.cancel()
        throw new Error('longer than the manifest says')
      }
      target.set(next.value, offset + at)
      at += next.value.length
    }
  } catch {
    throw new DatabaseError(damaged)
  }
  if (at !== length) throw new DatabaseError(damaged)
}

/** The database is untrusted: functions in its schema do not run, and SQLite's memory is limited. */
const GUARDS = `PRAGMA trusted_schema = OFF; PRAGMA hard_heap_limit = ${512 * 1024 * 1024}`

/** Opens the bytes and checks that they are a report of a version that this page can read. */
export async function openDatabase(bytes: Uint8Array): Promise<Database> {
  const { Database } = await engine
  const again = 'Run rtnvis on the capture again.'
  try {
    const database = new Database(bytes)
    database.run(GUARDS)
    const applicationId = numberOf(database, 'PRAGMA application_id')
    const version = numberOf(database, 'PRAGMA user_version')
    if (applicationId !== APPLICATION_ID) throw new DatabaseError(`The database of this report was not written by rtnvis. ${again}`)
    if (version !== SCHEMA_VERSION)
      throw new DatabaseError(`The database has schema version ${version}; this page reads version ${SCHEMA_VERSION}. ${again}`)
    addMissingColumns(database)
    return database
  } catch (error) {
    throw explainDamage(error)
  }
}

/** An error while a database was opened -> a message for the reader. */
export function explainDamage(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error
  const message = messageOf(error)
  if (/memory|allocation|Invalid (typed )?array length|Invalid string length/i.test(message))
    return new DatabaseError(
      'This report needs more memory than this browser allows a page. Query traffic.sqlite with a program for SQLite, read report.html, ' +
        'or analyse a part of the capture.',
    )
  return new DatabaseError(`The database of this report is damaged (${message}). Run rtnvis on the capture again.`)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function numberOf(database: Database, sql: string): number {
  let value = 0
  forEachRow(database, sql, (row) => {
    value = Number(row.get()[0])
  })
  return value
}

/** Rows read between two yields. */
const ROWS = 1000

/** Like forEachRow(), but yields regularly. */
export function* eachRow(database: Database, sql: string, visit: (row: Statement) => void): Generator<void, void> {
  const statement = database.prepare(sql)
  try {
    for (let rows = 1; statement.step(); rows++) {
      visit(statement)
      if (rows % ROWS === 0) yield
    }
  } finally {
    statement.free()
  }
}

/** Steps through a SELECT; `visit` reads the current row with `row.get()`. */
export function forEachRow(database: Database, sql: string, visit: (row: Statement) => void, values: (string | number)[] = []): void {
  const statement = database.prepare(sql)
  try {
    statement.bind(values)
    while (statement.step()) visit(statement)
  } finally {
    statement.free()
  }
}
