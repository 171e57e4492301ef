// `rtnvis export`: reports -> files that other programs read. Written in a draft folder, then renamed, so that there is never half a file; or inserted
// into a database.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import { clickhouseDdl } from '../../export/clickhouse-ddl.ts'
import { DDL, type FormatName } from '../../export/format-names.ts'
import { exportFormat } from '../../export/index.ts'
import { TABLE_NAMES } from '../../export/lake-tables.ts'
import { formatPlural } from '../../report/figures.ts'
import type { ExportAnswer, ExportJob } from '../database/export-question.ts'
import { queryReport } from '../database/query-report.ts'
import { reasonOf } from '../input/input.ts'
import { databaseOf } from '../input/named-files.ts'
import { isClickhouse } from '../lake/clickhouse-place.ts'
import { ClickhouseTarget } from '../lake/clickhouse-target.ts'
import { type LakeFiles, lakeFiles, removeEarlierFiles } from '../lake/lake-files.ts'
import { writeFilesTo } from '../output/draft-files.ts'
import { restoreReports } from '../output/restore-report.ts'
import { writeReason } from '../output/write-errors.ts'
import type { ExportFlags, Run } from './options.ts'
import { print, say } from './terminal.ts'

export type ExportOptions = ExportFlags & Pick<Run, 'interrupt'>

/** Hosts, places and names of a large report. */
const HEAP_MB = 2048

/** @throws CaptureError, UsageError; then the folder, or the database, is as it was */
export async function runExport(reports: string[], options: ExportOptions): Promise<void> {
  const { to } = options
  checkOptions(options)
  if (to === DDL) return print(clickhouseDdl())
  if (reports.length === 0) throw new UsageError('name the reports to export: folders, or their traffic.sqlite')
  if (isClickhouse(to)) return exportToDatabase(to, reports, options)
  await exportToFolder(to as FormatName, reports, options)
}

function checkOptions({ to, json, sensor, communityId, private: isPrivate, out }: ExportOptions): void {
  const isLake = to === 'parquet' || isClickhouse(to)
  if (json && to !== 'zeek') throw new UsageError('--json: only the logs of --to zeek have two forms')
  if (sensor !== undefined && !isLake) throw new UsageError('--sensor: only --to parquet and clickhouse://... have sensors')
  if (!communityId && !isLake) throw new UsageError('--no-community-id: only --to parquet and clickhouse://... can leave them out')
  if (isPrivate && to !== 'stix' && to !== 'misp') throw new UsageError('--private: only --to stix and misp leave out what is private')
  if ((to === DDL || isClickhouse(to)) && out !== undefined) throw new UsageError(`--out: --to ${to} writes no files`)
}

async function exportToFolder(to: FormatName, reports: string[], options: ExportOptions): Promise<void> {
  const { out, json, force, quiet, interrupt } = options
  if (out === undefined) throw new UsageError('-o, --out is missing: the folder to write to')
  const isLake = to === 'parquet'
  const form = { isJson: json, isPrivate: options.private }
  const names = isLake ? TABLE_NAMES : exportFormat(to, form).files.map(({ name }) => name)
  const databases = await databasesOf(reports)
  await refuseFiles(out, force || isLake ? [] : names)
  try {
    let written: LakeFiles = new Map()
    const records = await writeFilesTo(out, async (draft) => {
      const counts = await writeDraft(databases, draft, to, names, options)
      if (isLake && counts.some((count) => count > 0)) written = await lakeFiles(draft)
      return counts
    })
    if (written.size > 0) await removeEarlierFiles(out, written)
    if (!quiet) for (const [i, name] of names.entries()) say(`${join(out, name)}: ${formatPlural(records[i], 'record')}`)
  } catch (error) {
    if (interrupt.aborted) return say('interrupted: nothing was written')
    if (error instanceof CaptureError || error instanceof UsageError) throw error
    throw new CaptureError(`${out}: ${await writeReason(error, out)}`)
  }
}

/** The Parquet files that a lake would get are what the database gets. */
async function exportToDatabase(address: string, reports: string[], options: ExportOptions): Promise<void> {
  const { quiet, interrupt } = options
  const draft = await mkdtemp(join(tmpdir(), 'rtnvis-export-'))
  let target: ClickhouseTarget | undefined
  try {
    target = await ClickhouseTarget.open(address, interrupt)
    const records = await writeDraft(await databasesOf(reports), draft, 'parquet', TABLE_NAMES, options, target.version)
    if (records.some((count) => count > 0)) await target.fill(await lakeFiles(draft), records)
    if (!quiet) for (const [i, name] of TABLE_NAMES.entries()) say(`${target.name}, ${name}: ${formatPlural(records[i], 'record')}`)
  } catch (error) {
    if (interrupt.aborted && target?.isPartial !== true) return say('interrupted: nothing was written')
    if (error instanceof CaptureError || error instanceof UsageError) throw error
    throw new CaptureError(`${draft}: ${await writeReason(error, draft)}`)
  } finally {
    await rm(draft, { recursive: true, force: true })
    await target?.close()
  }
}

/** @param version of the rows of a database @returns the records of each file, or table */
async function writeDraft(
  databases: readonly string[],
  folder: string,
  format: FormatName,
  names: readonly string[],
  { json, private: isPrivate, sensor, communityId: hasCommunityIds, interrupt }: ExportOptions,
  version?: number,
): Promise<number[]> {
  let records = names.map(() => 0)
  for (const [i, file] of databases.entries()) {
    const [isFirst, isLast] = [i === 0, i === databases.length - 1]
    const form = { isJson: json, isPrivate }
    const job = { folder, format, form, sensor, hasCommunityIds, isFirst, isLast, records, ...(version !== undefined && { version }) }
    records = await exportOne(file, job, interrupt)
  }
  return records
}

/** The database of each report. @throws UsageError for a report that is named twice: its conversations would be there twice */
async function databasesOf(reports: string[]): Promise<string[]> {
  const files: string[] = []
  const seen = new Set<string>()
  for (const report of reports) {
    await restoreReports(report)
    const file = await databaseOf(report)
    const status = await stat(file).catch(() => null)
    const identity = status === null ? file : `${status.dev} ${status.ino}`
    if (seen.has(identity)) throw new UsageError(`${report} is named twice`)
    seen.add(identity)
    files.push(file)
  }
  return files
}

/** @param refused names that must not be there @throws UsageError */
async function refuseFiles(out: string, refused: readonly string[]): Promise<void> {
  if ((await stat(out).catch(() => null))?.isDirectory() === false) throw new UsageError(`${out} is a file: choose a folder`)
  for (const name of refused)
    if ((await stat(join(out, name)).catch(() => null)) !== null)
      throw new UsageError(`${join(out, name)} exists already: choose another folder, or replace it with --force`)
}

async function exportOne(file: string, job: ExportJob, interrupt: AbortSignal): Promise<number[]> {
  const whole = { script: 'export-thread', heapMb: HEAP_MB, interrupt }
  const answer = await queryReport<ExportAnswer>(file, 'export', job, whole).catch((error) => {
    throw new CaptureError(`${file}: ${reasonOf(error)}`)
  })
  if ('failed' in answer) throw Object.assign(new Error(answer.failed.message), { code: answer.failed.code })
  return answer.records
}
