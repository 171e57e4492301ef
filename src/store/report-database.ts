// Bytes of an untrusted traffic.sqlite -> a database to read from, or an error that says why not.
import type { SqlDatabase } from '../types.ts'
import { headerProblem, READING, tableProblems } from './check-schema.ts'
import { addMissingColumns } from './upgrade.ts'

/** Most schema problems in a message; a wrong schema has dozens. */
const MAX_LISTED = 3

export type DatabaseProblem =
  /** The database can never be read. */
  | 'unusable'
  /** Too many queries are waiting. */
  | 'busy'
  /** The query took too long. */
  | 'slow'
  /** The client disconnected. */
  | 'gone'

/** A query without a result; the message is one line for the user. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
  readonly problem: DatabaseProblem

  constructor(problem: DatabaseProblem, message: string) {
    super(message)
    this.problem = problem
  }
}

/**
 * Opens the bytes of a report for reading. B-tree pages that form a loop are not found here: the caller must be able to stop a query.
 * @throws DatabaseError if this program cannot read them as a report
 */
export function openReportDatabase(openDatabase: (bytes: Uint8Array) => SqlDatabase, bytes: Uint8Array): SqlDatabase {
  let database: SqlDatabase | null = null
  try {
    database = openDatabase(bytes)
    database.run(READING)
    const header = headerProblem(database)
    const problems = header === '' ? tableProblems(database) : [header]
    if (problems.length > 0) {
      const more = problems.length > MAX_LISTED ? `; and ${problems.length - MAX_LISTED} more` : ''
      throw new DatabaseError(
        'unusable',
        `it is not a report that this version of rtnvis can read: ${problems.slice(0, MAX_LISTED).join('; ')}${more}`,
      )
    }
    database.run('PRAGMA query_only = OFF')
    addMissingColumns(database)
    database.run('PRAGMA query_only = ON')
    return database
  } catch (error) {
    database?.close()
    throw error instanceof DatabaseError ? error : unreadable(error)
  }
}

/** sql.js sometimes throws strings instead of errors. */
export function unreadable(error: unknown): DatabaseError {
  return new DatabaseError('unusable', `SQLite cannot read it: ${error instanceof Error ? error.message : String(error)}`)
}
