// The first 100 bytes of a SQLite file (file format 1.3), compared with those of this version: another program that writes to it changes them.
import { PRAGMAS, TABLES } from '../store/schema.ts'
import type { SqlDatabase } from '../types.ts'
import { agrees, type Check, differs } from './check.ts'
import { DATABASE } from './query.ts'

export const HEADER_BYTES = 100

/** Name, offset and length. The number of pages is not compared, because it depends on the content; integrity_check compares it with the file. */
const FIELDS: [string, number, number][] = [
  ['page size', 16, 2],
  ['write version', 18, 1],
  ['read version', 19, 1],
  ['reserved bytes', 20, 1],
  ['payload fractions', 21, 3],
  ['change counter', 24, 4],
  ['first free page', 32, 4],
  ['free pages', 36, 4],
  ['schema cookie', 40, 4],
  ['schema format', 44, 4],
  ['default cache size', 48, 4],
  ['largest root page (auto_vacuum)', 52, 4],
  ['text encoding', 56, 4],
  ['user_version', 60, 4],
  ['incremental vacuum', 64, 4],
  ['application_id', 68, 4],
  ['reserved for expansion', 72, 20],
  ['version-valid-for', 92, 4],
  ['SQLite version', 96, 4],
]

/** @param database an empty database, which is closed here */
export function expectedHeader(database: SqlDatabase): Uint8Array {
  database.run(PRAGMAS)
  database.run('BEGIN')
  database.run(TABLES)
  database.run('COMMIT')
  const header = database.export().slice(0, HEADER_BYTES)
  database.close()
  return header
}

export function checkHeaderBytes(file: Uint8Array, expected: Uint8Array): Check {
  const subject = 'header of the file'
  const value = (bytes: Uint8Array, at: number, length: number): bigint => {
    let number = 0n
    for (const byte of bytes.subarray(at, at + length)) number = (number << 8n) | BigInt(byte)
    return number
  }
  const wrong = FIELDS.filter(([, at, length]) => value(file, at, length) !== value(expected, at, length)).map(
    ([name, at, length]) => `${name} is ${value(file, at, length)}, rtnvis writes ${value(expected, at, length)}`,
  )
  if (wrong.length === 0) return agrees(DATABASE, subject, 'as this version writes it: no later program has changed the file')
  return differs(DATABASE, subject, `${wrong.join('; ')}: the file was changed after rtnvis wrote it`)
}
