// `rtnvis analyze`: options -> sources -> the pipeline -> a report folder.
import { dirname, join, resolve } from 'node:path'
import { toPrintable } from '../../report/figures.ts'
import type { Report } from '../../report/index.ts'
import { formatReport } from '../../report/text.ts'
import { preferQuickStart } from '../database/sqlite.ts'
import type { Inputs } from '../input/inputs.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { folderName, LIST_FILE, renderList, reportName } from '../output/report-list.ts'
import { Analyses, type AnalyzeOptions, closeSources } from './analysis.ts'
import { openInBrowser } from './open-in-browser.ts'
import { progressBar } from './progress.ts'
import type { ReportOptions } from './report-options.ts'
import { printJson, say, takesControls } from './terminal.ts'

/** Folder of reports without --out. */
export const OUTPUT = 'output'

/**
 * Analyses captures and publishes the report.
 * @param inputs closed at the end
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runAnalyze({ named, sources }: Inputs, options: AnalyzeOptions): Promise<Report> {
  preferQuickStart()
  const analyses = await Analyses.open(options)
  const { files, title, warnings: passedOver } = await named
  const given = options.name ?? title
  const name = given ?? reportName(files)
  const out = options.out ?? join(OUTPUT, folderName(name))
  let folder: OutputFolder | null = null
  const bar = progressBar(takesControls(process.stderr) && !options.quiet)
  try {
    const inputFiles = files.filter((file) => file !== '-')
    folder = await OutputFolder.open(out, options.force, inputFiles)
    const { report, warnings: found } = await analyses.make({ sources, name, given, folder, out }, bar.onProgress)
    bar.stop()
    await listReport(folder, out, options)
    await printReport(
      report,
      out,
      [...passedOver, ...found.places, ...analyses.detection.warnings, ...folder.warnings, ...found.size],
      options,
    )
    if (options.open && options.site) openInBrowser(resolve(out, 'index.html'))
    return report
  } finally {
    bar.stop()
    await folder?.close()
    await closeSources(sources)
  }
}

/** Rewrites the page that lists the reports of the default folder; folders chosen by the user have none. */
export async function listReport(output: OutputFolder, out: string, { out: chosen, site }: ReportOptions): Promise<void> {
  if (chosen !== undefined || !site) return
  await output.replaceBeside(LIST_FILE, await renderList(dirname(resolve(out))))
}

/** Prints the summary: with --json on stdout, otherwise as text on stderr. */
export async function printReport(
  report: Report,
  out: string,
  warnings: string[],
  options: Pick<ReportOptions, 'quiet' | 'site' | 'json'>,
): Promise<void> {
  if (!options.quiet) {
    for (const warning of warnings) say(warning)
    process.stderr.write(`${formatReport(report, { color: takesControls(process.stderr) })}\n`)
    const place = options.site ? `Open ${join(out, 'index.html')}` : `Database: ${join(out, 'traffic.sqlite')}`
    process.stderr.write(`${toPrintable(place)}\n`)
  }
  if (options.json) await printJson(report)
}
