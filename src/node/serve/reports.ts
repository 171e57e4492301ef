// Finished reports in a folder: which there are, and answers from their databases. Of a report's folder traffic.sqlite is all that is read,
// and the entry for the list; everything else in it may have been made to do harm, and nobody asks for it.
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { checkSize, DATABASE_FILE, DatabaseError, isDatabaseFile } from '../database/report-database.ts'
import { readEntry } from '../output/index-entry.ts'
import type { IndexEntry } from '../output/render.ts'
import { restoreReports, retiredName, retiredPath } from '../output/restore-report.ts'
import type { DatabaseThreads } from '../workers/database-threads.ts'
import type { Values } from './parameters.ts'
import type { Question } from './questions.ts'
import { type ReportFile, ReportFiles } from './report-files.ts'

/** A thread holds the whole database in memory. */
const MAX_SERVED_BYTES = 2 ** 30
/** Summaries kept; each is a few kilobytes. */
const KEPT_SUMMARIES = 200

export class Reports {
  /** Where the reports' folders are. */
  readonly #parent: string
  /** Name of the only folder that is served; its report has the name "". Null: all of them are. */
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

  /** @throws CaptureError if there is no such folder */
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

  /** The folder is itself a report; its name is then "". */
  get isSingle(): boolean {
    return this.#only !== null
  }

  /** Names of the reports' folders, sorted; [""] for a single one. */
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

  /** Name of the report made last; undefined where there is none, or the folder is itself one. */
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

  /** Works on the database that a report has now. @throws DatabaseError */
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

  /** The same for a database that it had a moment ago; null if that is not known. */
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
  ask(name: string, question: Question, values: Values, signal?: AbortSignal): Promise<string> {
    return this.use(name, (file) => this.#askFile(file, question, values, signal))
  }

  /** SiteSummary of an open database, as JSON; made once. @throws DatabaseError */
  summary(file: ReportFile): Promise<string> {
    const kept = this.#summaries.get(file.version)
    if (kept) return kept
    const summary = this.#askFile(file, 'siteSummary', {})
    this.#summaries.set(file.version, summary)
    if (this.#summaries.size > KEPT_SUMMARIES) this.#summaries.delete(this.#summaries.keys().next().value!)
    summary.catch((error) => {
      // What is wrong with the file stays wrong; anything else may be tried again.
      if (!(error instanceof DatabaseError && error.problem === 'unusable')) this.#summaries.delete(file.version)
    })
    return summary
  }

  /** What report.html says of the report for the list; null where it says nothing. */
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
    // The thread may still read when this is over for who asked: the file stays open until ask() says that it is done.
    file.retain()
    try {
      return await this.#threads.ask<string>({ version: file.version, fd: file.fd, bytes: file.bytes }, question, values, signal)
    } finally {
      file.release()
    }
  }

  async #databasePath(name: string): Promise<string | null> {
    const path = await this.#pathIn(name, DATABASE_FILE)
    return path !== null && (await isDatabaseFile(path)) ? path : null
  }

  /** A file of a report, without links; null if it is not there, or a link leads out of what is served. */
  async #pathIn(name: string, file: string): Promise<string | null> {
    if (this.#only === null ? name === '' || name.startsWith('.') || /[/\\\0]/.test(name) : name !== '') return null
    const named = join(this.#parent, this.#only ?? name)
    // While the folder is replaced, and after a run that was killed at it, the report is in the retired one.
    const folder = await realpath(named).catch(() => realpath(retiredPath(named)).catch(() => null))
    const path = folder === null ? null : await realpath(join(folder, file)).catch(() => null)
    return path !== null && isBelow(path, this.#only === null ? this.#parent : folder!) ? path : null
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
