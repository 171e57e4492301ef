// A path that somebody gave -> a database of ours to read from: the one door for files and databases that may have been made to do harm.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { CaptureError } from '../../errors.ts'
import { headerProblem, READING, tableProblems } from '../../store/check-schema.ts'
import { APPLICATION_ID } from '../../store/schema.ts'
import { addMissingColumns } from '../../store/upgrade.ts'
import type { SqlDatabase } from '../../types.ts'
import { reasonOf } from '../input/input.ts'

export const DATABASE_FILE = 'traffic.sqlite'

/** SQLite in WebAssembly reads a database from memory, and Node reads no more at once. */
export const MAX_DATABASE_BYTES = 2 ** 31 - 1

/** Where application_id stands in a SQLite file (file format, 1.3). */
const APPLICATION_ID_AT = 68
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
 * Opens a regular file, and nothing else: a pipe or a device may never answer.
 * @throws DatabaseError; what the system says
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK open(2) of a pipe waits for a writer; for a regular file it changes nothing. Windows has no such flag.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const status = await handle.stat()
    if (status.isDirectory()) throw new DatabaseError('unusable', 'it is a folder')
    if (!status.isFile()) throw new DatabaseError('unusable', 'it is a pipe or a device, not a file')
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** @throws DatabaseError for a file that is too large to be opened */
export function checkSize(bytes: number, limit = MAX_DATABASE_BYTES): void {
  if (bytes <= limit) return
  const [has, most] = [bytes, limit].map((size) => `${(size / 2 ** 30).toFixed(1)} GiB`)
  throw new DatabaseError('unusable', `it has ${has}; up to ${most} are opened here: ask it with the sqlite3 command`)
}

/** The whole file. @throws CaptureError naming the path */
export async function readDatabaseFile(path: string): Promise<Uint8Array> {
  try {
    const handle = await openRegular(path)
    try {
      checkSize((await handle.stat()).size)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
}

/** Whether rtnvis made the file: its header says so. False for what cannot be read. */
export async function isDatabaseFile(path: string): Promise<boolean> {
  try {
    const handle = await openRegular(path)
    try {
      const header = Buffer.alloc(APPLICATION_ID_AT + 4)
      const { bytesRead } = await handle.read(header, 0, header.length, 0)
      return bytesRead === header.length && header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID
    } finally {
      await handle.close()
    }
  } catch {
    return false
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
