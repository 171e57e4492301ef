// Paths of reports from the user, untrusted -> their rows, read in a thread with a time limit.
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import type { ReportRows } from '../../merge/report-rows.ts'
import { queryReports } from '../database/query-report.ts'
import { restoreReports } from '../output/restore-report.ts'
import { reasonOf } from './input.ts'
import { databaseOf } from './named-files.ts'

/** Rows of a report of a million conversations. */
const HEAP_MB = 4096

/** @param reports folders, or their traffic.sqlite @throws CaptureError with the path of the first that cannot be read */
export async function readNamedReports(reports: string[], interrupt: AbortSignal): Promise<NamedReport[]> {
  const files: string[] = []
  for (const report of reports) {
    await restoreReports(report)
    files.push(await databaseOf(report))
  }
  const answers = await queryReports<ReportRows>(files, 'rows', null, { script: 'merge-thread', heapMb: HEAP_MB, interrupt })
  return answers.map((answer, i) => {
    if ('error' in answer) throw new CaptureError(`${files[i]}: ${reasonOf(answer.error)}`)
    return { name: reports[i], rows: answer.value }
  })
}
