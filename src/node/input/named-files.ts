// Files a report was made from, known by name and digest: the ones given, else those of that name near the report.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { reasonOf } from './input.ts'

/** Folders that are looked into: the current one, the report's, the one above it. */
export function placesNear(folder: string): string[] {
  return [...new Set([process.cwd(), folder, dirname(folder)])]
}

/** Whether it is a name and nothing more: a report may hold any text. */
export function isPlainName(name: string): boolean {
  return basename(name) === name && !/^\.{0,2}$|[\\\0]/.test(name)
}

/** Paths of files of that name; a name that leads elsewhere has none. */
export async function filesNamed(name: string, places: string[]): Promise<string[]> {
  if (!isPlainName(name)) return []
  const paths = places.map((place) => join(place, name))
  const found = await Promise.all(paths.map(isFile))
  return paths.filter((_, i) => found[i])
}

/** @returns the first path whose file has that digest, null where none has @throws CaptureError: one of them cannot be read */
export async function findDigest(sha256: string, paths: string[]): Promise<string | null> {
  for (const path of paths) if ((await digestOf(path)) === sha256) return path
  return null
}

/** @throws CaptureError if there is nothing at the path */
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
    if (!(await stat(path)).isFile()) throw new CaptureError(`${path} is no file`)
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) hash.update(chunk)
  } catch (error) {
    throw error instanceof CaptureError ? error : new CaptureError(`${path}: ${reasonOf(error)}`)
  }
  return hash.digest('hex')
}
