// --baseline: an older report, or its database -> what was known then.
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Baseline } from '../detect/baseline.ts'
import { UsageError } from '../errors.ts'
import { readBaseline } from '../store/read-baseline.ts'
import type { SqlDatabase } from '../types.ts'
import { reasonOf } from './input.ts'

const DATABASE = 'traffic.sqlite'

/**
 * @param path of a report's folder or of a traffic.sqlite
 * @throws UsageError
 */
export async function openBaseline(
  path: string | undefined,
  sqlite: Promise<(bytes?: Uint8Array) => SqlDatabase>,
): Promise<Baseline | null> {
  if (path === undefined) return null
  let baseline: Baseline | null = null
  try {
    const file = (await stat(path)).isDirectory() ? join(path, DATABASE) : path
    const name = basename(file) === DATABASE ? basename(dirname(resolve(file))) : basename(file)
    const database = (await sqlite)(await readFile(file))
    try {
      baseline = readBaseline(database, name)
    } finally {
      database.close()
    }
  } catch (error) {
    throw new UsageError(`--baseline ${path}: ${reasonOf(error)}`)
  }
  if (baseline === null) throw new UsageError(`--baseline ${path}: not a database that rtnvis made`)
  return baseline
}
