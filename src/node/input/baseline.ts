// --baseline: an earlier report or its database -> what each client did in it.
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Baseline } from '../../detect/engine/baseline.ts'
import { UsageError } from '../../errors.ts'
import type { NamedFile } from '../../types.ts'
import { queryReport } from '../database/query-report.ts'
import { DATABASE_FILE } from '../database/report-database.ts'
import { reasonOf } from './input.ts'
import { digestOf } from './named-files.ts'

export interface OpenBaseline {
  baseline: Baseline
  input: NamedFile
}

/**
 * @param path a report's folder or a traffic.sqlite
 * @param givenName its name in findings; default: name of the folder or file
 * @throws UsageError
 */
export async function openBaseline(path: string | undefined, givenName?: string): Promise<OpenBaseline | null> {
  if (path === undefined) return null
  let file = path
  try {
    if ((await stat(path)).isDirectory()) file = join(path, DATABASE_FILE)
    return await read(file, givenName)
  } catch (error) {
    throw new UsageError(`--baseline ${file}: ${reasonOf(error)}`)
  }
}

async function read(file: string, givenName: string | undefined): Promise<OpenBaseline> {
  const own = basename(file) === DATABASE_FILE ? basename(dirname(resolve(file))) : basename(file)
  const name = givenName ?? own
  const baseline = await queryReport<Baseline>(file, 'baseline', name)
  return { baseline, input: { file: name, sha256: await digestOf(file) } }
}
