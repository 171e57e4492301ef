// The bytes of a database -> the folder of its report: database, player, pages to print.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { summaryOf } from '../../publish/site-summary.ts'
import { HEALTH_ROWS, type Report, summarize } from '../../report/index.ts'
import type { ByteRanges, FileRanges } from '../../sqlite/byte-ranges.ts'
import { readHealth } from '../../store/read-hosts.ts'
import type { SqlDatabase } from '../../types.ts'
import { DATABASE_FILE } from '../database/report-database.ts'
import { borrowBytes } from '../database/sqlite.ts'
import { SITE, scriptFile } from '../paths.ts'
import { AnsweringThread } from '../workers/answering-thread.ts'
import { DataParts } from './data-parts.ts'
import { largePageWarnings } from './large-page.ts'
import type { OutputFolder } from './output-folder.ts'
import { allWritten, folderBytes, publishSite } from './publish.ts'
import { renderReport } from './render.ts'
import { writeError } from './write-errors.ts'

/** A smaller database is read before a thread has started. */
const LARGE_BYTES = 64 << 20

export interface ReportFolder {
  folder: OutputFolder
  /** As the user named it. */
  out: string
  /** Of traffic.sqlite; what is not an array is in the draft already. */
  bytes: Uint8Array | FileRanges
  parts: DataParts
  openDatabase(bytes: Uint8Array): SqlDatabase
}

interface Form {
  site: boolean
  singleFile: boolean
  /** As of publishSite(). */
  earlier?: string | null
}

/**
 * Writes the report as a draft, which then takes its place.
 * @param finish called before, with everything written
 * @throws CaptureError that names the folder and what to do
 */
export async function publishReport(
  { folder, out, bytes, parts, openDatabase }: ReportFolder,
  form: Form,
  finish?: () => Promise<void> | undefined,
): Promise<{ report: Report; warnings: string[] }> {
  try {
    const report = await writeReport(folder.draft, bytes, parts, () => readFacts(folder.draft, bytes, openDatabase), form)
    const warnings = form.site && form.singleFile ? await largePageWarnings(folder.draft, out) : []
    await finish?.()
    await folder.publish()
    return { report, warnings }
  } catch (error) {
    await folder.close() // the free space in the message does not include the draft
    throw await writeError(error, out, folder.draft, () => neededBytes(bytes, form.site))
  }
}

/** Of a large database, a thread reads all but the health of servers, which takes longest. */
async function readFacts(draft: string, bytes: ReportFolder['bytes'], openDatabase: ReportFolder['openDatabase']): Promise<Report> {
  const database = openDatabase(borrowBytes(bytes))
  if (bytes instanceof Uint8Array || bytes.length < LARGE_BYTES) return readReport(database)
  const thread = new AnsweringThread<Report>(scriptFile('facts-thread'), join(draft, DATABASE_FILE))
  try {
    const healthRows = readHealth(database, HEALTH_ROWS)
    return { ...(await thread.answer), healthRows }
  } finally {
    database.close()
    await thread.close()
  }
}

/** Reads the report's facts from the database, as other programs do. */
export function readReport(database: SqlDatabase): Report {
  try {
    return summarize(database)
  } finally {
    database.close()
  }
}

/** @param read called after other threads have started to compress and to write the database */
async function writeReport(
  folder: string,
  database: ByteRanges,
  parts: DataParts,
  read: () => Report | Promise<Report>,
  options: Form,
): Promise<Report> {
  const reading = setImmediate().then(read)
  const writes: Promise<unknown>[] = database instanceof Uint8Array ? [writeFile(join(folder, DATABASE_FILE), database)] : []
  if (options.site) {
    const summary = reading.then(summaryOf)
    const siteDir = SITE
    writes.push(
      publishSite({ siteDir, outDir: folder, database, parts, summary, singleFile: options.singleFile, earlier: options.earlier ?? null }),
      reading.then((report) => writePages(folder, report)),
    )
  }
  await allWritten([reading, ...writes])
  return reading
}

/** Bytes that a report needs on disk, without the pages for printing. */
async function neededBytes(database: ByteRanges, hasSite: boolean): Promise<number> {
  if (!hasSite) return database.length
  let bytes = database.length + (await folderBytes(SITE))
  for await (const script of new DataParts().finish(database)) bytes += script.length
  return bytes
}

export async function writePages(folder: string, report: Report): Promise<void> {
  const { html, md } = renderReport(report, { hasPlayer: true })
  await Promise.all([writeFile(join(folder, 'report.html'), html), writeFile(join(folder, 'report.md'), md)])
}
