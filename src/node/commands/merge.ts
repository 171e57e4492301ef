// `rtnvis merge`: reports -> one report of all of them, in a folder of its own.
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { CaptureError } from '../../errors.ts'
import type { NamedReport } from '../../merge/captures.ts'
import { type MergeOptions as CoreOptions, type MergedReport, mergeReports } from '../../merge/index.ts'
import type { Report } from '../../report/index.ts'
import { DatabaseError } from '../../store/report-database.ts'
import type { PartOfTable } from '../../store/traffic-pages.ts'
import type { DatabaseRest } from '../../store/write.ts'
import { DATABASE_FILE } from '../database/report-database.ts'
import { loadSqlite } from '../database/sqlite.ts'
import { collectGarbage } from '../force-gc.ts'
import { type OpenDetection, openDetection } from '../input/detection.ts'
import { type OpenReport, readNamedReports } from '../input/report-rows.ts'
import { Timelines } from '../input/timelines.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { publishReport } from '../output/report-folder.ts'
import { ReportStore } from '../output/report-store.ts'
import { writeError } from '../output/write-errors.ts'
import { siteFile } from '../paths.ts'
import { printReport } from './analyze.ts'
import type { MergeFlags, Run } from './options.ts'
import { pagesOf } from './report-options.ts'

export type MergeOptions = MergeFlags & Run

/** @throws CaptureError, UsageError: one line for the user */
export async function runMerge(reports: string[], options: MergeOptions): Promise<Report> {
  if (options.site) siteFile('index.html')
  await OutputFolder.check(options.out, options.force, [])
  const opened = await openDetection(options)
  const named = await readNamedReports(reports, options.interrupt)
  return writeMerged(named, opened, options, opened.warnings)
}

type Form = Pick<MergeOptions, 'name' | 'programVersion' | 'site' | 'singleFile'>

/** @throws CaptureError for reports that cannot be merged */
export function merge(
  named: NamedReport[],
  { detection, inputs }: OpenDetection,
  { name, programVersion, site, singleFile }: Form,
  callbacks: Pick<CoreOptions, 'onTaken' | 'onOrder' | 'onFlows'> = {},
): MergedReport {
  const names = named.map(({ name }) => name).join(', ')
  const form = { name: name ?? null, programVersion, detection, inputs: { ...inputs, pages: pagesOf({ site, singleFile }) } }
  const merged = inOneLine(names, () => mergeReports(named, { ...form, onReleased: collectGarbage, ...callbacks }))
  const write: MergedReport['write'] = (...to) =>
    restInOneLine(
      names,
      inOneLine(names, () => merged.write(...to)),
    )
  return { ...merged, write }
}

/** @throws CaptureError for a DatabaseError */
function inOneLine<Result>(names: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw error instanceof DatabaseError ? new CaptureError(`${names}: ${error.message}`) : error
  }
}

/** Refers to nothing else of what was merged. */
function restInOneLine(names: string, { add, finish }: DatabaseRest): DatabaseRest {
  return { add: (part) => inOneLine(names, () => add(part)), finish: () => inOneLine(names, finish) }
}

type Output = Form & Pick<MergeOptions, 'force' | 'quiet' | 'json' | 'interrupt'> & { out: string }

/** Merges, writes the folder of the report and prints its summary. @param onMerged called before it is written @throws CaptureError: one line for the user */
export async function writeMerged(
  named: OpenReport[],
  opened: OpenDetection,
  options: Output,
  warnings: string[],
  onMerged: (merged: MergedReport) => void = () => {},
): Promise<Report> {
  const draft = await writeDraft(named, opened, options, onMerged)
  // Not awaited here: what was merged is garbage when this function has returned.
  return publishDraft(draft, options, warnings)
}

interface Draft {
  folder: OutputFolder
  store: ReportStore
  openDatabase: Awaited<ReturnType<typeof loadSqlite>>
}

async function writeDraft(
  named: OpenReport[],
  opened: OpenDetection,
  options: Output,
  onMerged: (merged: MergedReport) => void,
): Promise<Draft> {
  const { out, force, interrupt } = options
  const openDatabase = await loadSqlite()
  const folder = await OutputFolder.open(out, force, [])
  // Always in its file: the timelines' pages are not in memory, either.
  const store = new ReportStore(join(folder.draft, DATABASE_FILE), pagesOf(options), { largeBytes: 0 })
  let timelines: Timelines | undefined
  // A function of its own: what was merged is garbage when it has returned.
  const begin = async (): Promise<[DatabaseRest, AsyncIterable<PartOfTable>]> => {
    const merged = merge(named, opened, options, {
      onTaken: (taken, widthUs) => {
        const reports = taken.map((index) => named[index])
        timelines = new Timelines(reports, widthUs, folder.draft, interrupt)
      },
      onOrder: (data) => timelines!.addOrder(data),
      onFlows: (data) => timelines!.addFlows(data),
    })
    onMerged(merged)
    const made = await timelines!.merged()
    return [merged.write(openDatabase(), store, made), made.conversations]
  }
  try {
    const [rest, conversations] = await begin()
    collectGarbage()
    for await (const part of conversations) rest.add(part)
    rest.finish()
    return { folder, store, openDatabase }
  } catch (error) {
    await timelines?.close()
    await store.close()
    await folder.close() // the free space in the message does not include the draft
    throw await writeError(error, out, folder.draft)
  } finally {
    await timelines?.close()
  }
}

async function publishDraft({ folder, store, openDatabase }: Draft, options: Output, warnings: string[]): Promise<Report> {
  const { out } = options
  try {
    await setImmediate()
    collectGarbage() // the page's parts make V8 look through the heap again and again
    const content = { folder, out, bytes: store.bytes, parts: store.parts, openDatabase }
    const made = await publishReport(content, options, () => store.close())
    await printReport(made.report, out, [...warnings, ...folder.warnings, ...made.warnings], options)
    return made.report
  } finally {
    await store.close()
    await folder.close()
  }
}
