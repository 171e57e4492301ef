// `rtnvis analyze --each`: captures, one after the other -> a report each, in a folder of reports.
import { join, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import { formatCount, formatPlural } from '../../report/figures.ts'
import type { Report } from '../../report/index.ts'
import { findFiles } from '../input/inputs.ts'
import { checkListFolder, folderNames, LIST_FILE, renderList, writeList } from '../output/report-list.ts'
import { isNoSpace } from '../output/write-errors.ts'
import { Analyses, type AnalyzeOptions, type Due, openReport } from './analysis.ts'
import { OUTPUT } from './analyze.ts'
import { openInBrowser } from './open-in-browser.ts'
import { ReportLines } from './report-lines.ts'

/** Reports whose folders are locked at once (folder-lock.ts), and how many wait for their captures when the next ones are. */
const FOLDERS_OPENED = 48
const FOLDERS_WAITING = 16

/**
 * What is wrong with one capture or its folder is said in one line, and the next one is analysed.
 * @returns the alerts of all reports
 * @throws UsageError; CaptureError at the end, if captures have no report
 */
export async function runAnalyzeEach(names: string[], options: AnalyzeOptions): Promise<Report['alerts']> {
  if (options.name !== undefined)
    throw new UsageError('--name is the title of one report; with --each, reports have the names of their captures')
  if (names.includes('-')) throw new UsageError('standard input (-) is one capture: analyse it without --each')
  const analyses = await Analyses.open(options)
  const list = options.out ?? OUTPUT
  await checkListFolder(list, options.force)
  const { files, warnings } = await findFiles(names, options.recursive)
  const folders = folderNames(files)
  const lines = new ReportLines(options)
  lines.warn([...warnings, ...analyses.detection.warnings])
  const alerts: Report['alerts'] = []
  let failed = 0
  const dues: Due[] = []
  try {
    for (let opened = 0; ; ) {
      if (dues.length <= FOLDERS_WAITING)
        for (const last = Math.min(files.length, opened + FOLDERS_OPENED); opened < last; opened++)
          dues.push(openReport(files[opened], join(list, folders[opened]), options.force))
      if (dues.length === 0 || options.interrupt.aborted) break
      const [due] = dues
      try {
        const { report, warnings } = await analyses.makeDue(due)
        for (const alert of report.alerts) alerts.push(alert)
        lines.warn(warnings)
        await lines.made({ capture: due.file }, due.out, report)
      } catch (error) {
        // On a full disk the next report would fail, too.
        if (!(error instanceof CaptureError) || isNoSpace(error.cause)) throw error
        failed++
        await lines.failed(due.file, error.message)
      }
      await close(dues.shift()!)
    }
  } finally {
    for (const due of dues) await close(due)
  }
  if (options.site) await writeList(list, await renderList(list))
  if (options.open && options.site) openInBrowser(resolve(list, LIST_FILE))
  if (failed > 0)
    throw new CaptureError(`${formatCount(failed)} of ${formatPlural(files.length, 'capture')} have no report; the others are in ${list}`)
  return alerts
}

/** What is wrong with the folder was said when its report was due. */
async function close({ folder }: Due): Promise<void> {
  await folder.then((opened) => opened.close()).catch(() => {})
}
