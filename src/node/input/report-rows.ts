// Paths of reports from the user, untrusted -> their rows, read in a thread with a time limit.
import { join } from 'node:path'
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import type { ReportRows } from '../../merge/report-rows.ts'
import { checkSize, DATABASE_FILE, openRegular } from '../database/report-database.ts'
import { restoreReports } from '../output/restore-report.ts'
import { DatabaseThreads } from '../workers/database-threads.ts'
import { reasonOf } from './input.ts'
import { isFolder } from './named-files.ts'

/** A file whose b-tree pages form a loop would never end. */
const LIMIT_MS = 120_000
const LIMIT_MS_PER_MB = 2000
/** Rows of a report of a million conversations. */
const HEAP_MB = 4096

/** @param report folder or traffic.sqlite @throws CaptureError with the path */
export async function readReport(report: string, interrupt: AbortSignal): Promise<NamedReport> {
  await restoreReports(report)
  const file = (await isFolder(report)) ? join(report, DATABASE_FILE) : report
  try {
    return { name: report, rows: await rowsOf(file, interrupt) }
  } catch (error) {
    throw new CaptureError(`${file}: ${reasonOf(error)}`)
  }
}

async function rowsOf(file: string, interrupt: AbortSignal): Promise<ReportRows> {
  const handle = await openRegular(file)
  try {
    const { size } = await handle.stat()
    checkSize(size)
    const limitMs = LIMIT_MS + (size / 1e6) * LIMIT_MS_PER_MB
    const threads = new DatabaseThreads({ threads: 1, limitMs, heapMb: HEAP_MB, script: 'merge-thread' })
    try {
      return await threads.query<ReportRows>({ version: file, fd: handle.fd, bytes: size }, 'rows', null, interrupt)
    } finally {
      await threads.close()
    }
  } finally {
    await handle.close()
  }
}
