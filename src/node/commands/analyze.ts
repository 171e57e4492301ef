// `rtnvis analyze`: options -> sources -> the pipeline -> a report folder.

import { readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { analyze } from '../../analyze.ts'
import { DEFAULT_ORIGIN } from '../../geo/index.ts'
import { toPrintable } from '../../report/figures.ts'
import { type Report, summarize } from '../../report/index.ts'
import { formatReport } from '../../report/text.ts'
import type { OnFinal } from '../../sqlite/btree-writer.ts'
import type { CaptureSource, Origin, SqlDatabase } from '../../types.ts'
import { lend, loadSqlite, preferQuickStart } from '../database/sqlite.ts'
import { openAnalysisGeoip } from '../geoip/analysis-geoip.ts'
import { openDetection } from '../input/detection.ts'
import type { Inputs } from '../input/inputs.ts'
import { DataParts } from '../output/data-parts.ts'
import { readEntry } from '../output/index-entry.ts'
import { largePageWarnings } from '../output/large-page.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { shortened } from '../output/output-place.ts'
import { ThreadPages } from '../output/pages.ts'
import { allWritten, folderBytes, publishSite } from '../output/publish.ts'
import { type IndexEntry, renderIndex, renderReport } from '../output/render.ts'
import { summaryOf } from '../output/site-summary.ts'
import { writeError } from '../output/write-errors.ts'
import { SITE } from '../paths.ts'
import { flowLimit } from './flow-limit.ts'
import { openInBrowser } from './open-in-browser.ts'
import { progressBar } from './progress.ts'
import type { ReportOptions } from './report-options.ts'
import { printJson, say, takesControls } from './terminal.ts'

export interface AnalyzeOptions extends ReportOptions {
  singleFile: boolean
  /** Leave out packets that were captured twice. */
  deduplicate?: boolean
  /** An SSH key, or the public half of one that ssh-agent has. */
  sign?: string
}

/** Where reports go that were not told where. */
export const OUTPUT = 'output'
/** Of a folder's name made from a title, in UTF-8: leaves room for what programs add to it. */
const MAX_FOLDER_NAME = 200

/**
 * Analyses captures and publishes the report.
 * @param inputs closed in the end
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runAnalyze({ named, sources: inputs }: Inputs, options: AnalyzeOptions): Promise<Report> {
  const origin = await originOf(options.origin)
  const { files, title, warnings: passedOver } = await named
  const given = options.name ?? title
  const name = given ?? reportName(files)
  const out = options.out ?? join(OUTPUT, folderName(name))
  // Goes on while packets are read; a failure must wait for its await.
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
    // A wrong name must not be found out after an hour of reading; what is looked for by itself may open meanwhile.
    if (options.geoip || process.env.RTNVIS_GEOIP) await geoip
    const { detection, inputs: told, warnings } = await openDetection(options)
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
        programVersion: options.programVersion,
        origin,
        maxPackets: options.maxPackets,
        maxFlows: flowLimit('analyze', options.maxMemory),
        detection,
        inputs: {
          name: given,
          origin: options.origin ?? null,
          maxPackets: options.maxPackets,
          ...(options.deduplicate && { deduplicate: true }),
          pages: !options.site ? 'none' : options.singleFile ? 'file' : 'folder',
          ...told,
        },
      },
    )
    bar.stop()
    const openDatabase = await sqlite
    let report: Report
    let large: string[] = []
    try {
      report = await writeReport(folder.draft, bytes, parts, () => readReport(openDatabase(lend(bytes))), options)
      if (options.site && options.singleFile) large = await largePageWarnings(folder.draft, out)
      await signing?.signFolder(folder.draft, options.sign!)
      await folder.publish()
    } catch (error) {
      await folder.close() // the free space that is told is what there is without the draft
      throw await writeError(error, out, folder.draft, () => neededBytes(bytes, parts, options.site))
    }
    await listReport(folder, out, options)
    await tellReport(report, out, [...passedOver, ...((await geoip)?.warnings ?? []), ...warnings, ...folder.warnings, ...large], options)
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

/** The default costs nothing; a city by name loads the list of cities. */
export async function originOf(text: string | undefined): Promise<Origin | 'auto'> {
  if (text === undefined) return DEFAULT_ORIGIN
  if (text === 'auto') return 'auto'
  const { findCity } = await import('../geoip/find-city.ts')
  return findCity(text)
}

/** The first file's name without folders and capture endings; several files say how many more. */
export function reportName(files: string[]): string {
  const first = files[0]
  const stem = first === '-' ? 'stdin' : basename(first).replace(/(\.(pcap|pcapng|cap|dmp|gz|zst|zstd))+$/i, '') || basename(first)
  return files.length === 1 ? stem : `${stem}-and-${files.length - 1}-more`
}

/**
 * A title may hold what a folder's name may not, here or where the report is copied to: a point in front hides it, spaces and points at the end are lost on
 * Windows, which also has names of devices.
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

/** Reads the facts back, as every reader of the file will. */
export function readReport(database: SqlDatabase): Report {
  try {
    return summarize(database)
  } finally {
    database.close()
  }
}

/** @param read runs here once other threads have begun to compress and to write the database */
async function writeReport(
  folder: string,
  database: Uint8Array,
  parts: DataParts,
  read: () => Report,
  options: AnalyzeOptions,
): Promise<Report> {
  const reading = setImmediate().then(read)
  const writes: Promise<unknown>[] = [writeFile(join(folder, 'traffic.sqlite'), database)]
  if (options.site) {
    const summary = reading.then(summaryOf)
    const siteDir = SITE
    writes.push(
      publishSite({ siteDir, outDir: folder, database, parts, summary, singleFile: options.singleFile }),
      reading.then((report) => writePages(folder, report)),
    )
  }
  await allWritten([reading, ...writes])
  return reading
}

/** What a report takes on the disk, but for the pages to print. */
async function neededBytes(database: Uint8Array, parts: DataParts, hasSite: boolean): Promise<number> {
  if (!hasSite) return database.length
  let bytes = database.length + (await folderBytes(SITE))
  for await (const script of parts.finish(database)) bytes += script.length
  return bytes
}

export async function writePages(folder: string, report: Report): Promise<void> {
  const { html, md } = renderReport(report, { hasPlayer: true })
  await Promise.all([writeFile(join(folder, 'report.html'), html), writeFile(join(folder, 'report.md'), md)])
}

/** The page that lists the reports of the default folder, made anew each time; a folder of the user's choice gets none. */
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

/** The summary on stdout for --json, the one for people on stderr. */
export async function tellReport(report: Report, out: string, warnings: string[], options: ReportOptions): Promise<void> {
  if (!options.quiet) {
    for (const warning of warnings) say(warning)
    process.stderr.write(`${formatReport(report, { color: takesControls(process.stderr) })}\n`)
    const place = options.site ? `Open ${join(out, 'index.html')}` : `Database: ${join(out, 'traffic.sqlite')}`
    process.stderr.write(`${toPrintable(place)}\n`)
  }
  if (options.json) await printJson(report)
}
