// `rtnvis merge`: reports -> one report of all of them, in a folder of its own.
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import { type MergedReport, mergeReports } from '../../merge/index.ts'
import type { Report } from '../../report/index.ts'
import { DatabaseError } from '../../store/report-database.ts'
import { borrowBytes, loadSqlite } from '../database/sqlite.ts'
import { type OpenDetection, openDetection } from '../input/detection.ts'
import { readReport as readRows } from '../input/report-rows.ts'
import { DataParts } from '../output/data-parts.ts'
import { largePageWarnings } from '../output/large-page.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { writeError } from '../output/write-errors.ts'
import { neededBytes, printReport, readReport, writeReport } from './analyze.ts'
import type { MergeFlags, Run } from './options.ts'

export type MergeOptions = MergeFlags & Run

/** @throws CaptureError, UsageError: one line for the user */
export async function runMerge(reports: string[], options: MergeOptions): Promise<Report> {
  const opened = await openDetection(options)
  const named: NamedReport[] = []
  for (const report of reports) named.push(await readRows(report, options.interrupt))
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
  const { out, site, singleFile } = options
  const openDatabase = await loadSqlite()
  const bytes = merged.write(openDatabase())
  const folder = await OutputFolder.open(out, options.force, [])
  const parts = new DataParts()
  try {
    const report = await writeReport(folder.draft, bytes, parts, () => readReport(openDatabase(borrowBytes(bytes))), options)
    const large = site && singleFile ? await largePageWarnings(folder.draft, out) : []
    await folder.publish()
    await printReport(report, out, [...warnings, ...folder.warnings, ...large], options)
    return report
  } catch (error) {
    await folder.close() // the free space in the message does not include the draft
    throw await writeError(error, out, folder.draft, () => neededBytes(bytes, parts, site))
  } finally {
    await folder.close()
  }
}
