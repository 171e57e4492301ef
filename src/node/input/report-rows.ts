// Paths of reports from the user, untrusted -> their rows, read in a thread with a time limit.
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import type { ReportRows } from '../../merge/report-rows.ts'
import { queryReport } from '../database/query-report.ts'
import { restoreReports } from '../output/restore-report.ts'
import { reasonOf } from './input.ts'
import { databaseOf } from './named-files.ts'

/** Rows of a report of a million conversations. */
const HEAP_MB = 4096

/** @param report folder or traffic.sqlite @throws CaptureError with the path */
export async function readNamedReport(report: string, interrupt: AbortSignal): Promise<NamedReport> {
  await restoreReports(report)
  const file = await databaseOf(report)
  try {
    return { name: report, rows: await queryReport<ReportRows>(file, 'rows', null, { script: 'merge-thread', heapMb: HEAP_MB, interrupt }) }
  } catch (error) {
    throw new CaptureError(`${file}: ${reasonOf(error)}`)
  }
}
