// Finished reports in a folder: which there are, and their databases, opened when they are asked for.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { CaptureError } from '../../errors.ts'
import type { SqlDatabase } from '../../types.ts'
import { isReport } from '../output-folder.ts'
import { loadSqlite } from '../sqlite.ts'

/** Databases kept open; each is in memory whole. */
const OPEN_DATABASES = 2

export class Reports {
  readonly folder: string
  /** The folder is itself a report; its name is then "". */
  readonly isSingle: boolean
  /** By path, the one used last at the end. */
  readonly #open = new Map<string, { version: string; database: Promise<SqlDatabase> }>()
  readonly #sqlite = loadSqlite()

  private constructor(folder: string, isSingle: boolean) {
    this.folder = folder
    this.isSingle = isSingle
  }

  /** @throws CaptureError if there is no such folder */
  static async open(folder: string): Promise<Reports> {
    const path = await realpath(resolve(folder)).catch(() => {
      throw new CaptureError(`${folder}: there is no such folder`)
    })
    if (!(await stat(path)).isDirectory())
      throw new CaptureError(`${folder} is a file: give the folder of a report, or a folder of reports`)
    return new Reports(path, await isReport(path))
  }

  /** Names of the reports' folders, sorted; [""] for a single one. */
  async names(): Promise<string[]> {
    if (this.isSingle) return ['']
    const names: string[] = []
    for (const entry of await readdir(this.folder)) if (await this.has(entry)) names.push(entry)
    return names.sort()
  }

  /** Name of the report made last; undefined where there is none, or the folder is itself one. */
  async newest(): Promise<string | undefined> {
    if (this.isSingle) return undefined
    const times = await Promise.all(
      (await this.names()).map(async (name) => ({ name, mtimeMs: (await stat(join(this.pathOf(name), 'traffic.sqlite'))).mtimeMs })),
    )
    return times.sort((a, b) => b.mtimeMs - a.mtimeMs)[0]?.name
  }

  async has(name: string): Promise<boolean> {
    if (this.isSingle) return name === ''
    if (name === '' || name.startsWith('.') || /[/\\\0]/.test(name)) return false
    return (await this.contains(join(this.folder, name))) && isReport(join(this.folder, name))
  }

  pathOf(name: string): string {
    return name === '' ? this.folder : join(this.folder, name)
  }

  /** Whether a path is what it seems: a link that leads out of the folder is not followed. */
  async contains(path: string): Promise<boolean> {
    const real = await realpath(path).catch(() => '')
    return real.startsWith(this.folder + sep)
  }

  /** The open database of a report; read anew when the file has changed. To be used before the next await: a later call may close it. */
  async database(name: string): Promise<SqlDatabase> {
    const file = join(this.pathOf(name), 'traffic.sqlite')
    if (!(await this.contains(file))) throw new CaptureError(`${file} leads out of the folder`)
    const { mtimeMs, size } = await stat(file)
    const version = `${mtimeMs} ${size}`
    const kept = this.#open.get(file)
    this.#open.delete(file)
    if (kept?.version === version) {
      this.#open.set(file, kept)
      return kept.database
    }
    if (kept) letGo(kept.database)
    // Kept before it is there, so that who asks meanwhile gets the same one.
    const opening = Promise.all([this.#sqlite, readFile(file)]).then(([openDatabase, bytes]) => openDatabase(bytes))
    this.#open.set(file, { version, database: opening })
    opening.catch(() => this.#open.get(file)?.database === opening && this.#open.delete(file))
    while (this.#open.size > OPEN_DATABASES) {
      const [oldest] = this.#open.keys()
      letGo(this.#open.get(oldest!)!.database)
      this.#open.delete(oldest!)
    }
    return opening
  }
}

function letGo(database: Promise<SqlDatabase>): void {
  database.then(closeLater, () => {}) // one that could not be opened needs no closing
}

/** An answer that has the database in hand is finished first. */
export function closeLater(database: SqlDatabase): void {
  setTimeout(() => database.close(), 1000).unref()
}
