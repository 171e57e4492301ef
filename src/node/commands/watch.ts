// `rtnvis watch`: captures that a rotation leaves in a folder -> a report each, merged by hour or day, and a page that lists them.
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CaptureError } from '../../errors.ts'
import { CAPTURE_NAME } from '../../input/report-name.ts'
import type { Report } from '../../report/index.ts'
import type { Severity } from '../../types.ts'
import { reasonOf } from '../input/input.ts'
import { digestsOf, type Probe, probe } from '../input/probe.ts'
import { readNamedReports } from '../input/report-rows.ts'
import { FolderLock } from '../output/folder-lock.ts'
import { checkListFolder, folderName, LIST_FILE, renderList, reportName, writeList } from '../output/report-list.ts'
import { isNoSpace, writeError } from '../output/write-errors.ts'
import { type Entry, Journal } from '../watch/journal.ts'
import { type FoundFile, Rotation } from '../watch/rotation.ts'
import { isSpan, spanEndMs, spanOf } from '../watch/spans.ts'
import { Analyses, openReport } from './analysis.ts'
import { writeMerged } from './merge.ts'
import type { Run, WatchFlags } from './options.ts'
import { ReportLines } from './report-lines.ts'
import { say } from './terminal.ts'

export type WatchOptions = WatchFlags & Run

const EVERY_MS = 10_000
const SETTLE_MS = 30_000
/** Folder of the captures' own reports, beside those of hours or days. */
const CAPTURES = 'captures'
/** An analysis that was begun is finished: its report must have all packets. */
const NEVER = new AbortController().signal

/**
 * Runs until it is interrupted, or once.
 * @returns the severities of the alerts in the reports of captures
 * @throws CaptureError, UsageError: one line for the user
 */
export async function runWatch(folder: string, options: WatchOptions): Promise<Set<Severity>> {
  if (!(await stat(folder).catch(() => null))?.isDirectory())
    throw new CaptureError(`${folder} is not a folder: give the one that captures are rotated in`)
  await checkListFolder(options.out, options.force)
  const lock = await lockFolder(options.out)
  try {
    const watch = await Watch.open(folder, options)
    for (;;) {
      await watch.round()
      if (options.once || options.interrupt.aborted) return watch.severities
      await sleep(options.every ?? EVERY_MS, null, { signal: options.interrupt }).catch(() => {})
      if (options.interrupt.aborted) return watch.severities
    }
  } finally {
    await lock.release()
  }
}

async function lockFolder(out: string): Promise<FolderLock> {
  try {
    await mkdir(join(out, CAPTURES), { recursive: true })
    return await FolderLock.take(join(out, '.rtnvis-watch-lock'), out)
  } catch (error) {
    throw await writeError(error, out, out)
  }
}

class Watch {
  readonly severities = new Set<Severity>()
  private readonly folder: string
  private readonly options: WatchOptions
  private readonly rotation: Rotation
  private readonly journal: Journal
  private readonly analyses: Analyses
  private readonly lines: ReportLines
  /** In the first round they are written in any case: the run before may have been killed before it did, and a folder without captures has a page, too. */
  private hasLists = false
  /** What could not be read in the last round. */
  private problems = new Set<string>()

  private constructor(folder: string, options: WatchOptions, journal: Journal, analyses: Analyses) {
    this.folder = folder
    this.options = options
    this.rotation = new Rotation(folder, options.recursive, options.settle ?? SETTLE_MS)
    this.journal = journal
    this.analyses = analyses
    this.lines = new ReportLines(options)
  }

  /** @throws UsageError, CaptureError for wrong options and a damaged journal */
  static async open(folder: string, options: WatchOptions): Promise<Watch> {
    const { out, ...others } = options
    const analyses = await Analyses.open({
      ...{ ...others, out, interrupt: NEVER, digest: true },
      ...{ each: false, deduplicate: false, maskAccounts: false, open: false },
    })
    const watch = new Watch(folder, options, await Journal.open(out), analyses)
    watch.lines.warn(analyses.detection.warnings)
    return watch
  }

  /** New captures are analysed, their spans merged, old reports removed; a problem is one line, and the next round tries again. */
  async round(): Promise<void> {
    let hasChanged = false
    const fresh = (await this.look()).filter((file) => !this.journal.has(file))
    if (fresh.length > 0) await this.openLists()
    for (const file of fresh) {
      if (this.options.interrupt.aborted) break
      hasChanged = (await this.add(file)) || hasChanged
    }
    for (const span of this.unmergedSpans()) {
      if (this.options.interrupt.aborted) break
      hasChanged = (await this.merge(span)) || hasChanged
    }
    hasChanged = (await this.removeOld(Date.now())) || hasChanged
    if ((hasChanged || !this.hasLists) && this.options.site) await this.writeLists()
    this.hasLists = true
  }

  /** The folder may be on a share that is away for a while. */
  private async look(): Promise<FoundFile[]> {
    try {
      const { complete, problems } = await this.rotation.look(Date.now())
      this.report(problems)
      this.journal.forget((path) => this.rotation.has(path))
      return complete
    } catch (error) {
      this.report([`${this.folder}: ${reasonOf(error)}`])
      return []
    }
  }

  /** A problem that stays is printed in its first round only. */
  private report(problems: string[]): void {
    for (const problem of problems) if (!this.problems.has(problem)) say(problem)
    this.problems = new Set(problems)
  }

  /** Rules and block lists are files that change. */
  private async openLists(): Promise<void> {
    try {
      await this.analyses.reload()
    } catch (error) {
      say(`${reasonOf(error)}; the earlier ones are used`)
    }
  }

  /** @returns whether there is a new report */
  private async add(file: FoundFile): Promise<boolean> {
    const path = join(this.folder, file.path)
    const entry: Entry = { ...file, folder: null, sha256: null, span: null, isMerged: true, untilMs: Date.now() }
    let earlier: Entry | undefined
    try {
      const probed = await this.probed(path)
      if (probed !== null) {
        entry.firstUs = probed.firstUs
        const original = await this.originalOf(file, path)
        const known = this.journal.earlier(file.path, probed.firstUs)
        if (original === null) await this.analyse(path, entry, known?.folder ?? this.freeFolder(file.path))
        else this.lines.warn([`${path} is ${original}, compressed: its report is there`])
        earlier = known
      }
    } catch (error) {
      if (!(error instanceof CaptureError) || isNoSpace(error.cause)) throw error
      await this.lines.failed(path, error.message)
    }
    await this.replace(earlier, entry)
    return entry.folder !== null
  }

  /** A capture that grew is another one to the report of its span, which is then made again of all its captures. */
  private async replace(before: Entry | undefined, entry: Entry): Promise<void> {
    this.journal.set(entry, before)
    if (before?.span) {
      const others = this.journal.entries.filter(({ span }) => span === before.span)
      for (const other of others) other.isMerged = false
      if (others.length === 0) await rm(join(this.options.out, before.span), { recursive: true, force: true })
    }
    await this.journal.save()
  }

  /** @returns null: other files may lie beside captures @throws CaptureError for a damaged one, told by its name */
  private async probed(path: string): Promise<Probe | null> {
    try {
      return await probe(path)
    } catch (error) {
      if (error instanceof CaptureError && !CAPTURE_NAME.test(path)) return null
      throw error
    }
  }

  /** A rotation may compress a capture after it was analysed. @returns the name of the capture that this file is the same as, or null */
  private async originalOf({ path }: FoundFile, named: string): Promise<string | null> {
    const alike = this.journal.entries.filter(
      (entry) => entry.sha256 !== null && path.startsWith(`${entry.path}.`) && reportName([entry.path]) === reportName([path]),
    )
    if (alike.length === 0) return null
    const { content, problem } = await digestsOf(named)
    return alike.find(({ sha256 }) => problem === '' && sha256 === content)?.path ?? null
  }

  /** @param folder of its report */
  private async analyse(path: string, entry: Entry, folder: string): Promise<void> {
    const { out, by } = this.options
    const due = openReport(path, join(out, CAPTURES, folder), false)
    try {
      const { report, warnings } = await this.analyses.makeDue(due)
      this.lines.warn(warnings)
      await this.lines.made({ capture: path }, due.out, report)
      for (const { severity } of report.alerts) this.severities.add(severity as Severity)
      entry.folder = folder
      entry.sha256 = report.captures[0].sha256
      entry.span = report.firstUs === null ? null : spanOf(report.firstUs, by)
      entry.isMerged = entry.span === null
      entry.untilMs = Math.max(entry.untilMs, (report.lastUs ?? 0) / 1000)
    } finally {
      await due.folder.then((opened) => opened.close()).catch(() => {})
    }
  }

  /** The capture's name, with a number if another one has it. */
  private freeFolder(path: string): string {
    const taken = new Set(this.journal.entries.map(({ folder }) => folder?.toLowerCase()))
    const name = folderName(reportName([path]))
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name}-${number}`
      if (!taken.has(candidate.toLowerCase())) return candidate
    }
  }

  private unmergedSpans(): string[] {
    const spans = this.journal.entries.flatMap(({ isMerged, span }) => (isMerged || span === null ? [] : [span]))
    return [...new Set(spans)].sort()
  }

  /** Adds new reports to the span's; merging is associative, and a capture counts once. @returns whether the span's report is new */
  private async merge(span: string): Promise<boolean> {
    const { out } = this.options
    const entries = this.journal.entries.filter((entry) => entry.span === span)
    const fresh = entries.filter(({ isMerged }) => !isMerged)
    const pathsOf = (some: Entry[]) => some.flatMap(({ folder }) => (folder === null ? [] : [join(out, CAPTURES, folder)]))
    const target = join(out, span)
    try {
      const isWhole = fresh.length === entries.length
      const report = await this.writeSpan(span, isWhole ? pathsOf(entries) : [target, ...pathsOf(fresh)]).catch((error) => {
        if (!(error instanceof CaptureError) || isNoSpace(error.cause) || isWhole) throw error
        return this.writeSpan(span, pathsOf(entries)) // somebody removed or changed it
      })
      await this.lines.made({ span }, target, report)
      for (const entry of fresh) entry.isMerged = true
      await this.journal.save()
      return true
    } catch (error) {
      if (!(error instanceof CaptureError) || isNoSpace(error.cause)) throw error
      say(error.message)
      return false
    }
  }

  private async writeSpan(span: string, reports: string[]): Promise<Report> {
    const { programVersion, site, singleFile, out } = this.options
    const named = await readNamedReports(reports, NEVER)
    const form = { name: span, programVersion, site, singleFile, out: join(out, span) }
    return writeMerged(named, this.analyses.detection, { ...form, force: false, quiet: true, json: false, interrupt: NEVER }, [])
  }

  /** @returns whether one was removed */
  private async removeOld(now: number): Promise<boolean> {
    const { keep, out } = this.options
    if (keep === undefined) return false
    const old = this.journal.entries.filter(({ folder, untilMs }) => folder !== null && now - untilMs > keep)
    const spans = new Set(old.flatMap(({ span }) => (span === null ? [] : [span])))
    for (const entry of old) {
      await rm(join(out, CAPTURES, entry.folder!), { recursive: true, force: true })
      entry.folder = null
    }
    const kept = new Set(this.journal.entries.flatMap(({ folder, span }) => (folder === null ? [] : [span])))
    for (const span of spans)
      if (!kept.has(span) && now - spanEndMs(span) > keep) await rm(join(out, span), { recursive: true, force: true })
    if (old.length > 0) await this.journal.save()
    return old.length > 0
  }

  private async writeLists(): Promise<void> {
    const { out } = this.options
    await writeList(join(out, CAPTURES), await renderList(join(out, CAPTURES), { spansHref: `../${LIST_FILE}` }))
    await writeList(out, await renderList(out, { isListed: isSpan, isNewestFirst: true, capturesHref: `./${CAPTURES}/${LIST_FILE}` }))
  }
}
