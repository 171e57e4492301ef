// `rtnvis analyze`: options -> sources -> the pipeline -> a report folder.

import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { analyze } from '../../analyze.ts'
import { reportName as nameOf } from '../../input/report-name.ts'
import { toPrintable } from '../../report/figures.ts'
import type { Report } from '../../report/index.ts'
import type { IndexEntry } from '../../report/pages.ts'
import { formatReport } from '../../report/text.ts'
import type { OnFinal } from '../../sqlite/btree-writer.ts'
import type { CaptureSource } from '../../types.ts'
import { loadSqlite, preferQuickStart } from '../database/sqlite.ts'
import { openAnalysisGeoip } from '../geoip/analysis-geoip.ts'
import { openDetection } from '../input/detection.ts'
import type { Inputs } from '../input/inputs.ts'
import { DataParts } from '../output/data-parts.ts'
import { readEntry } from '../output/index-entry.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { shortened } from '../output/output-place.ts'
import { ThreadPages } from '../output/pages.ts'
import { renderIndex } from '../output/render.ts'
import { publishReport } from '../output/report-folder.ts'
import { openInBrowser } from './open-in-browser.ts'
import type { AnalyzeFlags, Run } from './options.ts'
import { progressBar } from './progress.ts'
import { pipelineOptions, type ReportOptions } from './report-options.ts'
import { printJson, say, takesControls } from './terminal.ts'

export type AnalyzeOptions = AnalyzeFlags & Run

/** Folder of reports without --out. */
export const OUTPUT = 'output'
/** Longest folder name made from a title, bytes in UTF-8; shorter than file systems allow, because suffixes are added. */
const MAX_FOLDER_NAME = 200

/**
 * Analyses captures and publishes the report.
 * @param inputs closed at the end
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runAnalyze({ named, sources: inputs }: Inputs, options: AnalyzeOptions): Promise<Report> {
  const pipeline = await pipelineOptions('analyze', options)
  const { files, title, warnings: passedOver } = await named
  const given = options.name ?? title
  const name = given ?? reportName(files)
  const out = options.out ?? join(OUTPUT, folderName(name))
  // Runs while packets are read; its failure is reported where it is awaited.
  preferQuickStart()
  const sqlite = loadSqlite()
  sqlite.catch(() => {})
  const inputFiles = files.filter((file) => file !== '-')
  let folder: OutputFolder
  try {
    folder = await OutputFolder.open(out, options.force, inputFiles)
  } catch (error) {
    await closeInputs(inputs)
    throw error
  }
  const bar = progressBar(takesControls(process.stderr) && !options.quiet)
  const geoip = openAnalysisGeoip({ path: options.geoip, env: { ...process.env }, now: Date.now() })
  geoip.catch(() => {})
  const pageMaker = new ThreadPages()
  try {
    // A wrong --geoip must be reported before hours of reading; a database that was only found may open in the meantime.
    if (options.geoip || process.env.RTNVIS_GEOIP) await geoip
    const { detection, inputs: detectionInputs, warnings } = await openDetection(options)
    const signing = options.sign === undefined ? null : await import('../verify/signature.ts')
    await signing?.checkKey(options.sign!)
    const parts = new DataParts()
    const onFinal: OnFinal = (file, from, to) => parts.addFinal(file, from, to)
    const bytes = await analyze(
      await inputs,
      {
        geoip,
        openDatabase: sqlite,
        ...(options.site ? { onFinal } : {}),
        pageMaker,
        onProgress: bar.onProgress,
        isInterrupted: () => options.interrupt.aborted,
      },
      {
        reportName: name,
        ...pipeline,
        detection,
        inputs: {
          ...pipeline.inputs,
          name: given,
          ...(options.deduplicate && { deduplicate: true }),
          ...(options.site && options.singleFile && { pages: 'file' }),
          ...detectionInputs,
        },
      },
    )
    bar.stop()
    const openDatabase = await sqlite
    const { report, warnings: large } = await publishReport({ folder, out, bytes, parts, openDatabase }, options, () =>
      signing?.signFolder(folder.draft, options.sign!),
    )
    await listReport(folder, out, options)
    await printReport(report, out, [...passedOver, ...((await geoip)?.warnings ?? []), ...warnings, ...folder.warnings, ...large], options)
    if (options.open && options.site) openInBrowser(resolve(out, 'index.html'))
    return report
  } finally {
    bar.stop()
    await folder.close()
    await closeInputs(inputs)
    await (await geoip.catch(() => null))?.close()
    await pageMaker.close()
  }
}

/** Name of the first file without folders and extensions; for several files also the number of the others. */
export function reportName(files: string[]): string {
  return nameOf(files.map((file) => (file === '-' ? 'stdin' : basename(file))))
}

/**
 * A title may have characters that a folder name must not have: a leading dot hides a folder, Windows removes spaces and dots at the end,
 * and Windows reserves names of devices.
 */
export function folderName(name: string): string {
  const plain = toPrintable(name)
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/^[. ]+|[. ]+$/g, '')
  if (plain === '') return 'report'
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain)
  return shortened(isDevice ? `${plain}-report` : plain, MAX_FOLDER_NAME)
}

async function closeInputs(inputs: Promise<CaptureSource[]>): Promise<void> {
  for (const source of await inputs.catch(() => [])) await source.close()
}

/** Rewrites the page that lists the reports of the default folder; folders chosen by the user have none. */
export async function listReport(output: OutputFolder, out: string, { out: chosen, site }: ReportOptions): Promise<void> {
  if (chosen !== undefined || !site) return
  const folder = dirname(resolve(out))
  const reports: { folder: string; entry: IndexEntry }[] = []
  for (const item of await readdir(folder, { withFileTypes: true })) {
    if (!item.isDirectory() || item.name.startsWith('.')) continue
    const entry = await readEntry(join(folder, item.name, 'report.html'))
    if (entry !== null) reports.push({ folder: item.name, entry })
  }
  reports.sort((a, b) => (a.folder < b.folder ? -1 : 1))
  await output.replaceBeside('index.html', renderIndex(reports))
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
