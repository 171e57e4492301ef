// `rtnvis merge`: reports -> one report of all of them, in a folder of its own.
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import { type MergedReport, mergeReports } from '../../merge/index.ts'
import type { Report } from '../../report/index.ts'
import { DatabaseError } from '../../store/report-database.ts'
import { loadSqlite } from '../database/sqlite.ts'
import { type OpenDetection, openDetection } from '../input/detection.ts'
import { readNamedReports } from '../input/report-rows.ts'
import { DataParts } from '../output/data-parts.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { publishReport } from '../output/report-folder.ts'
import { printReport } from './analyze.ts'
import type { MergeFlags, Run } from './options.ts'

export type MergeOptions = MergeFlags & Run

/** @throws CaptureError, UsageError: one line for the user */
export async function runMerge(reports: string[], options: MergeOptions): Promise<Report> {
  await OutputFolder.check(options.out, options.force, [])
  const opened = await openDetection(options)
  const named = await readNamedReports(reports, options.interrupt)
  return writeMerged(merge(named, opened, options), options, opened.warnings)
}

/** @throws CaptureError for reports that cannot be merged */
export function merge(
  named: NamedReport[],
  { detection, inputs }: OpenDetection,
  { name, programVersion, site, singleFile }: Pick<MergeOptions, 'name' | 'programVersion' | 'site' | 'singleFile'>,
): MergedReport {
  const pages = !site ? 'none' : singleFile ? 'file' : 'folder'
  try {
    return mergeReports(named, { name: name ?? null, programVersion, detection, inputs: { ...inputs, pages } })
  } catch (error) {
    throw lineOf(error, named)
  }
}

/** The line for the user; of other errors, the error itself. */
function lineOf(error: unknown, named: NamedReport[]): unknown {
  return error instanceof DatabaseError ? new CaptureError(`${named.map(({ name }) => name).join(', ')}: ${error.message}`) : error
}

type Output = Pick<MergeOptions, 'site' | 'singleFile' | 'force' | 'quiet' | 'json'> & { out: string }

/** Writes the folder of the report and prints its summary. */
export async function writeMerged(merged: MergedReport, options: Output, warnings: string[]): Promise<Report> {
  const { out } = options
  const openDatabase = await loadSqlite()
  const bytes = merged.write(openDatabase())
  const folder = await OutputFolder.open(out, options.force, [])
  try {
    const made = await publishReport({ folder, out, bytes, parts: new DataParts(), openDatabase }, options)
    await printReport(made.report, out, [...warnings, ...folder.warnings, ...made.warnings], options)
    return made.report
  } finally {
    await folder.close()
  }
}
