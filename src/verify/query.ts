// Queries on an untrusted database: an SQLite error becomes a check that differs, never an exception.
import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase, SqlValue } from '../types.ts'
import { type Check, differs } from './check.ts'

export const DATABASE = 'database'

/** The first row of a query that always has one. */
export function rowOf(database: SqlDatabase, sql: string): SqlValue[] {
  return rowsOf(database, sql)[0]
}

/** The number that a query returns. */
export function numberOf(database: SqlDatabase, sql: string): number {
  return Number(rowOf(database, sql)[0])
}

/** Runs one check; if SQLite fails, the result is a check that differs. */
export function attempt(subject: string, check: () => Check): Check {
  try {
    return check()
  } catch (error) {
    return differs(DATABASE, subject, `SQLite cannot read it: ${messageOf(error)}`)
  }
}

/** The message of an error; sql.js sometimes throws strings. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
