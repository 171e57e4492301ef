// A path from the user -> an open database of rtnvis. All untrusted files and databases are opened here.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { CaptureError } from '../../errors.ts'
import { DatabaseError } from '../../store/report-database.ts'
import { APPLICATION_ID } from '../../store/schema.ts'
import { reasonOf } from '../input/input.ts'

export const DATABASE_FILE = 'traffic.sqlite'

/** Limit: SQLite in WebAssembly reads a database from memory, and Node reads at most this many bytes at once. */
const MAX_DATABASE_BYTES = 2 ** 31 - 1

/** Offset of application_id in a SQLite file (file format, 1.3). */
const APPLICATION_ID_AT = 68
/**
 * Opens a regular file only, because opening or reading a pipe or a device may block.
 * @throws DatabaseError; the system's error
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK, open(2) of a pipe waits for a writer; it has no effect on regular files. Windows has no such flag.
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

/** @throws DatabaseError if the file is too large */
export function checkSize(bytes: number, limit = MAX_DATABASE_BYTES): void {
  if (bytes <= limit) return
  const [has, most] = [bytes, limit].map((size) => `${(size / 2 ** 30).toFixed(1)} GiB`)
  throw new DatabaseError('unusable', `it has ${has}; files of up to ${most} can be opened: use the sqlite3 command`)
}

/** Reads the whole file. @throws CaptureError with the path */
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

/** Whether the header says that rtnvis made the file; false for files that cannot be read. */
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
