// Paths of reports from the user, untrusted -> their rows, read in threads with a time limit.
import { stat } from 'node:fs/promises'
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import type { ReportRows } from '../../merge/report-rows.ts'
import { queryReports } from '../database/query-report.ts'
import { restoreReports } from '../output/restore-report.ts'
import { reasonOf } from './input.ts'
import { databaseOf } from './named-files.ts'

/** Rows of a report of a million conversations. */
export const HEAP_MB = 4096

export interface OpenReport extends NamedReport {
  file: string
  /** Differs for another file and for other content. */
  version: string
}

/** @param reports folders, or their traffic.sqlite @throws CaptureError with the path of the first that cannot be read */
export async function readNamedReports(reports: string[], interrupt: AbortSignal): Promise<OpenReport[]> {
  const files: string[] = []
  for (const report of reports) {
    await restoreReports(report)
    files.push(await databaseOf(report))
  }
  const versions = await Promise.all(files.map(versionOf))
  const answers = await queryReports<ReportRows>(files, 'rows', { script: 'merge-thread', heapMb: HEAP_MB, interrupt })
  return answers.map((answer, i) => {
    if ('error' in answer) throw new CaptureError(`${files[i]}: ${reasonOf(answer.error)}`)
    return { name: reports[i], rows: answer.value, file: files[i], version: versions[i] }
  })
}

/** @throws CaptureError with the path of the first that is not what was read before */
export async function checkVersions(reports: readonly OpenReport[]): Promise<void> {
  for (const { file, version } of reports)
    if ((await versionOf(file)) !== version) throw new CaptureError(`${file}: it was replaced while it was read: try again`)
}

async function versionOf(file: string): Promise<string> {
  const known = await stat(file).catch(() => null)
  return known === null ? '' : `${known.dev} ${known.ino} ${known.size} ${known.mtimeMs}`
}
