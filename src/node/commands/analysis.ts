// Captures -> a published report. What all analyses of a run share is opened once: options, rules, location database, SQLite.
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { analyzeTo } from '../../analyze.ts'
import type { Geoip } from '../../geo/databases.ts'
import type { Report } from '../../report/index.ts'
import type { CaptureSource, OnProgress, SqlDatabase } from '../../types.ts'
import { DATABASE_FILE } from '../database/report-database.ts'
import { loadSqlite } from '../database/sqlite.ts'
import { collectGarbage } from '../force-gc.ts'
import { AnalysisGeoip } from '../geoip/analysis-geoip.ts'
import { type GeoipOptions, openGeoip } from '../geoip/geoip.ts'
import { type OpenDetection, openDetection } from '../input/detection.ts'
import { openAll } from '../input/inputs.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { ThreadPages } from '../output/pages.ts'
import { publishReport } from '../output/report-folder.ts'
import { reportName } from '../output/report-list.ts'
import { ReportStore } from '../output/report-store.ts'
import { writeError } from '../output/write-errors.ts'
import type { AnalyzeFlags, Run } from './options.ts'
import { type PipelineOptions, pipelineOptions } from './report-options.ts'

export type AnalyzeOptions = AnalyzeFlags & Run

export interface Captures {
  sources: Promise<CaptureSource[]>
  /** The report's title, and the one that was given by the user or by a folder's name; null: none. */
  name: string
  given: string | null
  /** For the report; `out` is its path as the user named it. */
  folder: OutputFolder
  out: string
}

/** A report of one capture that is about to be made. */
export interface Due {
  file: string
  out: string
  /** Closed by the caller. */
  folder: Promise<OutputFolder>
}

/** Locks the folder; an error is reported when the report is due. */
export function openReport(file: string, out: string, isForced: boolean): Due {
  const folder = OutputFolder.open(out, isForced, [file])
  folder.catch(() => {})
  return { file, out, folder }
}

export class Analyses {
  private readonly options: AnalyzeOptions
  private readonly pipeline: PipelineOptions
  private readonly sqlite: Promise<(bytes?: Uint8Array) => SqlDatabase>
  private readonly places: GeoipOptions
  private readonly geoip: Promise<Geoip | null>
  private rules: OpenDetection | null = null
  /** The folder of the last report. */
  private earlier: string | null = null
  private signing: typeof import('../verify/signature.ts') | null = null

  private constructor(options: AnalyzeOptions, pipeline: PipelineOptions) {
    this.options = options
    this.pipeline = pipeline
    // Both are loaded while packets are read; a failure is reported where they are awaited.
    this.sqlite = loadSqlite()
    this.sqlite.catch(() => {})
    this.places = { path: options.geoip, env: { ...process.env }, now: Date.now() }
    this.geoip = openGeoip(this.places)
    this.geoip.catch(() => {})
  }

  /** Opens what the options name: a wrong one must be reported before hours of reading. @throws UsageError */
  static async open(options: AnalyzeOptions): Promise<Analyses> {
    const analyses = new Analyses(options, await pipelineOptions('analyze', options))
    if (options.geoip || process.env.RTNVIS_GEOIP) await analyses.geoip
    await analyses.reload()
    if (options.sign !== undefined) {
      analyses.signing = await import('../verify/signature.ts')
      await analyses.signing.checkKey(options.sign)
    }
    return analyses
  }

  /** Rules, block lists and baseline, with their warnings. */
  get detection(): OpenDetection {
    return this.rules!
  }

  /** Reads them again, for analyses to come. @throws UsageError; the earlier ones stay */
  async reload(): Promise<void> {
    this.rules = await openDetection(this.options)
  }

  /**
   * The sources are closed by the caller.
   * @returns the report, and warnings in the order they are printed: before those of the folder, and after
   * @throws CaptureError, UsageError: one line for the user
   */
  async make(
    { sources, name, given, folder, out }: Captures,
    onProgress: OnProgress,
  ): Promise<{ report: Report; warnings: { places: string[]; size: string[] } }> {
    const { options, pipeline, detection, signing } = this
    const geoip = this.geoip.then((found) => found && new AnalysisGeoip(this.places, found))
    geoip.catch(() => {})
    const pageMaker = new ThreadPages(folder.draft)
    const store = new ReportStore(join(folder.draft, DATABASE_FILE), pipeline.inputs.pages)
    try {
      const written = analyzeTo(
        store,
        await sources,
        {
          geoip,
          openDatabase: this.sqlite,
          pageMaker,
          collectGarbage,
          sha256: () => createHash('sha256'),
          onProgress,
          isInterrupted: () => options.interrupt.aborted,
        },
        {
          reportName: name,
          ...pipeline,
          detection: detection.detection,
          inputs: {
            ...pipeline.inputs,
            name: given,
            ...(options.deduplicate && { deduplicate: true }),
            ...detection.inputs,
          },
        },
      )
      await written.catch(async (error: unknown) => {
        if (error !== store.failure && error !== pageMaker.failure) throw error
        await pageMaker.close()
        await store.close()
        await folder.close() // the free space in the message does not include the draft
        throw await writeError(error, out, folder.draft)
      })
      const finish = async () => {
        await store.close()
        await signing?.signFolder(folder.draft, options.sign!)
      }
      const { bytes, parts } = store
      const content = { folder, out, bytes, parts, openDatabase: await this.sqlite }
      const { report, warnings } = await publishReport(content, { ...options, earlier: this.earlier }, finish)
      if (options.site && !options.singleFile) this.earlier = resolve(out)
      return { report, warnings: { places: (await geoip)?.warnings ?? [], size: warnings } }
    } finally {
      await store.close()
      await (await geoip.catch(() => null))?.close()
      await pageMaker.close()
    }
  }

  /** The report of one capture. @throws as make() */
  async makeDue({ file, out, folder: opening }: Due): Promise<{ report: Report; warnings: string[] }> {
    const folder = await opening
    const { interrupt, digest } = this.options
    const sources = openAll([file], interrupt, { extent: digest ? 'all' : 'unhashed' })
    try {
      const { report, warnings } = await this.make({ sources, name: reportName([file]), given: null, folder, out }, () => {})
      return { report, warnings: [...warnings.places, ...folder.warnings, ...warnings.size] }
    } finally {
      await closeSources(sources)
    }
  }
}

export async function closeSources(sources: Promise<CaptureSource[]>): Promise<void> {
  for (const source of await sources.catch(() => [])) await source.close()
}
