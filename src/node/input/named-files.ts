// Name and digest of a file that a report was made from -> its path: one of the given files, else one with this name near the report.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { DATABASE_FILE } from '../database/report-database.ts'
import { reasonOf } from './input.ts'

/** Folders that are searched: the current one, the report's, its parent. */
export function placesNear(folder: string): string[] {
  return [...new Set([process.cwd(), folder, dirname(folder)])]
}

/** The database of a report, which is named by its folder or by the file. */
export async function databaseOf(report: string): Promise<string> {
  return (await isFolder(report)) ? join(report, DATABASE_FILE) : report
}

/** Whether it is a file name without folders: a report is untrusted. */
export function isPlainName(name: string): boolean {
  return basename(name) === name && !/^\.{0,2}$|[\\\0]/.test(name)
}

/** Paths of files with this name; none for a name with folders. */
export async function filesNamed(name: string, places: string[]): Promise<string[]> {
  if (!isPlainName(name)) return []
  const paths = places.map((place) => join(place, name))
  const found = await Promise.all(paths.map(isFile))
  return paths.filter((_, i) => found[i])
}

/** @returns the first path whose file has this digest, null for none @throws CaptureError if one cannot be read */
export async function findDigest(sha256: string, paths: string[]): Promise<string | null> {
  for (const path of paths) if ((await digestOf(path)) === sha256) return path
  return null
}

/** @throws CaptureError if the path does not exist */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  )
}

/** @throws CaptureError */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    if (!(await stat(path)).isFile()) throw new CaptureError(`${path} is not a file`)
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) hash.update(chunk)
  } catch (error) {
    throw error instanceof CaptureError ? error : new CaptureError(`${path}: ${reasonOf(error)}`)
  }
  return hash.digest('hex')
}
