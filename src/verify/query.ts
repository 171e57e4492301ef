// Questions to a database that may be anything: what SQLite refuses becomes a check that differs, never an error.
import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase, SqlValue } from '../types.ts'
import { type Check, differs } from './check.ts'

export const DATABASE = 'database'

/** The first row of a query that always has one. */
export function rowOf(database: SqlDatabase, sql: string): SqlValue[] {
  return rowsOf(database, sql)[0]
}

/** The number a query answers. */
export function numberOf(database: SqlDatabase, sql: string): number {
  return Number(rowOf(database, sql)[0])
}

/** Runs one check; when SQLite cannot answer it, that is the result. */
export function attempt(subject: string, check: () => Check): Check {
  try {
    return check()
  } catch (error) {
    return differs(DATABASE, subject, `SQLite cannot read it: ${messageOf(error)}`)
  }
}

/** sql.js throws bare strings at times. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
