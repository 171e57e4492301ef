// Finished reports in a folder: their list, and answers from their databases. Of a report's folder only traffic.sqlite
// and the entry for the list are read, because everything else in it is untrusted.
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { CaptureError } from '../../errors.ts'
import type { IndexEntry } from '../../report/pages.ts'
import { DatabaseError } from '../../store/report-database.ts'
import { checkSize, DATABASE_FILE, isDatabaseFile } from '../database/report-database.ts'
import { readEntry } from '../output/index-entry.ts'
import { restoreReports, retiredName, retiredPath } from '../output/restore-report.ts'
import type { DatabaseThreads } from '../workers/database-threads.ts'
import type { Values } from './parameters.ts'
import type { Question } from './questions.ts'
import { type ReportFile, ReportFiles } from './report-files.ts'

/** Larger databases are not served, because a thread holds the whole database in memory. */
const MAX_SERVED_BYTES = 2 ** 30
/** Summaries that are cached, a few kilobytes each. */
const KEPT_SUMMARIES = 200

export class Reports {
  /** Folder that contains the reports' folders. */
  readonly #parent: string
  /** Name of the only served folder, whose report has the name "". Null: all folders are served. */
  readonly #only: string | null
  readonly #threads: DatabaseThreads
  readonly #files = new ReportFiles()
  /** SiteSummary as JSON, by version of the database. */
  readonly #summaries = new Map<string, Promise<string>>()

  private constructor(parent: string, only: string | null, threads: DatabaseThreads) {
    this.#parent = parent
    this.#only = only
    this.#threads = threads
  }

  /** @throws CaptureError if the folder does not exist */
  static async open(folder: string, threads: DatabaseThreads): Promise<Reports> {
    await restoreReports(folder)
    const asked = resolve(folder)
    const path = await realpath(asked).catch(() => null)
    if (path === null) {
      if (await isDatabaseFile(join(retiredPath(asked), DATABASE_FILE))) return new Reports(dirname(asked), basename(asked), threads)
      throw new CaptureError(`${folder}: there is no such folder`)
    }
    if (!(await stat(path)).isDirectory())
      throw new CaptureError(`${folder} is a file: give the folder of a report, or a folder of reports`)
    const isSingle = await isDatabaseFile(join(path, DATABASE_FILE))
    return isSingle ? new Reports(dirname(path), basename(path), threads) : new Reports(path, null, threads)
  }

  /** Whether the folder itself is a report, which then has the name "". */
  get isSingle(): boolean {
    return this.#only !== null
  }

  /** Names of the reports' folders, sorted; [""] for a single report. */
  async names(): Promise<string[]> {
    if (this.isSingle) return ['']
    const names = new Set((await readdir(this.#parent)).map((entry) => retiredName(entry) ?? entry))
    const found: string[] = []
    for (const name of names) if (await this.has(name)) found.push(name)
    return found.sort()
  }

  async has(name: string): Promise<boolean> {
    return (await this.#databasePath(name)) !== null
  }

  /** Name of the newest report; undefined if there is none, or for a single report. */
  async newest(): Promise<string | undefined> {
    if (this.isSingle) return undefined
    let newest: { name: string; mtimeMs: number } | undefined
    for (const name of await this.names()) {
      const path = await this.#databasePath(name)
      const mtimeMs = path === null ? 0 : (await stat(path)).mtimeMs
      if (!newest || mtimeMs > newest.mtimeMs) newest = { name, mtimeMs }
    }
    return newest?.name
  }

  /** Calls `work` with the current database of a report. @throws DatabaseError */
  async use<Result>(name: string, work: (file: ReportFile) => Promise<Result>): Promise<Result> {
    const path = await this.#databasePath(name)
    if (path === null) throw new DatabaseError('unusable', 'the report is not there any more')
    const file = await this.#files.open(name, path)
    try {
      return await work(file)
    } finally {
      file.release()
    }
  }

  /** Calls `work` with an earlier version of the database; null if it is not open any more. */
  async useVersion<Result>(name: string, version: string, work: (file: ReportFile) => Promise<Result>): Promise<Result | null> {
    const kept = this.#files.kept(name, version)
    if (!kept)
      return (await this.has(name)) ? this.use(name, (file) => (file.version === version ? work(file) : Promise.resolve(null))) : null
    try {
      return await work(kept)
    } finally {
      kept.release()
    }
  }

  /** @throws DatabaseError */
  query(name: string, question: Question, values: Values, signal?: AbortSignal): Promise<string> {
    return this.use(name, (file) => this.#askFile(file, question, values, signal))
  }

  /** SiteSummary of an open database as JSON; computed once. @throws DatabaseError */
  summary(file: ReportFile): Promise<string> {
    const kept = this.#summaries.get(file.version)
    if (kept) return kept
    const summary = this.#askFile(file, 'siteSummary', {})
    this.#summaries.set(file.version, summary)
    if (this.#summaries.size > KEPT_SUMMARIES) this.#summaries.delete(this.#summaries.keys().next().value!)
    summary.catch((error) => {
      // An unusable file stays unusable; other errors may be temporary.
      if (!(error instanceof DatabaseError && error.problem === 'unusable')) this.#summaries.delete(file.version)
    })
    return summary
  }

  /** The entry of the report for the list, from its report.html; null if there is none. */
  async entry(name: string): Promise<IndexEntry | null> {
    const path = await this.#pathIn(name, 'report.html')
    return path === null ? null : readEntry(path)
  }

  async close(): Promise<void> {
    await this.#threads.close()
    this.#files.close()
  }

  async #askFile(file: ReportFile, question: Question, values: Values, signal?: AbortSignal): Promise<string> {
    checkSize(file.bytes, MAX_SERVED_BYTES)
    // The thread may still read after the client is gone: the file stays open until ask() is done.
    file.retain()
    try {
      return await this.#threads.query<string>({ version: file.version, fd: file.fd, bytes: file.bytes }, question, values, signal)
    } finally {
      file.release()
    }
  }

  async #databasePath(name: string): Promise<string | null> {
    const path = await this.#pathIn(name, DATABASE_FILE)
    return path !== null && (await isDatabaseFile(path)) ? path : null
  }

  /** Path of a file of a report, with links resolved; null if it does not exist, or if a link leads out of the served folder. */
  async #pathIn(name: string, file: string): Promise<string | null> {
    if (this.#only === null ? name === '' || name.startsWith('.') || /[/\\\0]/.test(name) : name !== '') return null
    const named = join(this.#parent, this.#only ?? name)
    // While a report is replaced, and after a run was killed during it, the report is in the retired folder.
    const folder = await realpath(named).catch(() => realpath(retiredPath(named)).catch(() => null))
    const path = folder === null ? null : await realpath(join(folder, file)).catch(() => null)
    return path !== null && isBelow(path, this.#only === null ? this.#parent : folder!) ? path : null
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
