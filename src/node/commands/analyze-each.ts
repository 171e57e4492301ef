// `rtnvis analyze --each`: captures, one after the other -> a report each, in a folder of reports.
import { mkdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import { escapeJson, formatCount, formatPlural, toPrintable } from '../../report/figures.ts'
import type { Report } from '../../report/index.ts'
import { alertsLabel } from '../../report/wording.ts'
import { findFiles, openAll } from '../input/inputs.ts'
import { replaceFile } from '../output/durable.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { checkListFolder, folderNames, LIST_FILE, renderList, reportName } from '../output/report-list.ts'
import { isNoSpace, writeError } from '../output/write-errors.ts'
import { Analyses, type AnalyzeOptions } from './analysis.ts'
import { OUTPUT } from './analyze.ts'
import { openInBrowser } from './open-in-browser.ts'
import { print, say } from './terminal.ts'

/** Reports whose folders are locked at once (folder-lock.ts). */
const FOLDERS_OPENED = 16

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
  const tell = new Teller(options)
  tell.warn([...warnings, ...(await analyses.check())])
  const alerts: Report['alerts'] = []
  let failed = 0
  for (let first = 0; first < files.length && !options.interrupt.aborted; first += FOLDERS_OPENED) {
    const group = files
      .slice(first, first + FOLDERS_OPENED)
      .map((file, i) => openReport(file, join(list, folders[first + i]), options.force))
    for (const due of group) {
      try {
        if (!options.interrupt.aborted) {
          const { report, warnings } = await makeReport(analyses, due, options)
          for (const alert of report.alerts) alerts.push(alert)
          tell.warn(warnings)
          await tell.made(due, report)
        }
      } catch (error) {
        // On a full disk the next report would fail, too.
        if (!(error instanceof CaptureError) || isNoSpace(error.cause)) throw error
        failed++
        await tell.failed(due.file, error.message)
      } finally {
        await due.folder.then((folder) => folder.close()).catch(() => {})
      }
    }
  }
  if (options.site) await writeList(list)
  if (options.open && options.site) openInBrowser(resolve(list, LIST_FILE))
  if (failed > 0)
    throw new CaptureError(`${formatCount(failed)} of ${formatPlural(files.length, 'capture')} have no report; the others are in ${list}`)
  return alerts
}

interface Due {
  file: string
  out: string
  /** Closed by the caller. */
  folder: Promise<OutputFolder>
}

function openReport(file: string, out: string, isForced: boolean): Due {
  const folder = OutputFolder.open(out, isForced, [file])
  folder.catch(() => {}) // reported when the capture is due
  return { file, out, folder }
}

async function makeReport(analyses: Analyses, due: Due, options: AnalyzeOptions): Promise<{ report: Report; warnings: string[] }> {
  const { file, out } = due
  const folder = await due.folder
  const sources = openAll([file], options.interrupt, { extent: options.digest ? 'all' : 'unhashed' })
  const { report, warnings } = await analyses.make({ sources, name: reportName([file]), given: null, folder, out }, () => {})
  return { report, warnings: [...warnings.places, ...folder.warnings, ...warnings.size] }
}

async function writeList(list: string): Promise<void> {
  try {
    await mkdir(list, { recursive: true })
    await replaceFile(join(list, LIST_FILE), await renderList(list))
  } catch (error) {
    throw await writeError(error, join(list, LIST_FILE), list)
  }
}

/** What is printed while the reports are made: a line each, or with --json an object each (JSON Lines). */
class Teller {
  private readonly options: Pick<AnalyzeOptions, 'quiet' | 'json'>
  private readonly warned = new Set<string>()

  constructor(options: Pick<AnalyzeOptions, 'quiet' | 'json'>) {
    this.options = options
  }

  /** Warnings that hold for all captures are said once. */
  warn(warnings: string[]): void {
    if (this.options.quiet) return
    for (const warning of warnings) if (!this.warned.has(warning)) say(warning)
    for (const warning of warnings) this.warned.add(warning)
  }

  async made({ file: capture, out: folder }: Due, report: Report): Promise<void> {
    if (!this.options.quiet) {
      const packets = formatPlural(report.packets, 'packet')
      process.stderr.write(
        `${toPrintable(`${folder}: ${packets}, ${formatPlural(report.hosts, 'host')}. ${alertsLabel(report.alerts)}`)}\n`,
      )
    }
    if (this.options.json) await printLine({ capture, folder, report })
  }

  /** @param message may have the capture's name without its folders */
  async failed(capture: string, message: string): Promise<void> {
    const name = basename(capture)
    const error = message.startsWith(name) ? capture + message.slice(name.length) : message
    say(error)
    if (this.options.json) await printLine({ capture, error })
  }
}

function printLine(value: unknown): Promise<void> {
  return print(`${escapeJson(JSON.stringify(value))}\n`)
}
