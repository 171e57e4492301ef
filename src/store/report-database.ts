// Bytes of a traffic.sqlite that somebody sent -> a database to read from, or why it is none.
import type { SqlDatabase } from '../types.ts'
import { headerProblem, READING, tableProblems } from './check-schema.ts'
import { addMissingColumns } from './upgrade.ts'

/** Problems of a schema that are told; one that is wrong throughout has dozens. */
const TOLD = 3

export type DatabaseProblem =
  /** It cannot be read, now or later. */
  | 'unusable'
  /** Too many questions wait already. */
  | 'busy'
  /** The answer took too long. */
  | 'slow'
  /** Who asked is gone. */
  | 'gone'

/** A question to a database without an answer; the message is one line for the user. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
  readonly problem: DatabaseProblem

  constructor(problem: DatabaseProblem, message: string) {
    super(message)
    this.problem = problem
  }
}

/**
 * Opens the bytes of a report to be read. Pages that point in circles are not found here: whoever asks must be able to end the work.
 * @throws DatabaseError: they are no report that this program reads
 */
export function openReportDatabase(openDatabase: (bytes: Uint8Array) => SqlDatabase, bytes: Uint8Array): SqlDatabase {
  let database: SqlDatabase | null = null
  try {
    database = openDatabase(bytes)
    database.run(READING)
    const header = headerProblem(database)
    const problems = header === '' ? tableProblems(database) : [header]
    if (problems.length > 0) {
      const more = problems.length > TOLD ? `; and ${problems.length - TOLD} more` : ''
      throw new DatabaseError('unusable', `it is no report that this rtnvis reads: ${problems.slice(0, TOLD).join('; ')}${more}`)
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

/** sql.js throws bare strings at times. */
export function unreadable(error: unknown): DatabaseError {
  return new DatabaseError('unusable', `SQLite cannot read it: ${error instanceof Error ? error.message : String(error)}`)
}
