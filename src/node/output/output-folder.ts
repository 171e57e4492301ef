// A report is written as a draft, which then replaces its folder: at any time there is the old report or the new one, never a mixture.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { DATABASE_FILE, isDatabaseFile } from '../database/report-database.ts'
import { FolderLock } from './folder-lock.ts'
import { insidePlace, type OutputPlace, placeOf } from './output-place.ts'
import { entriesOf, settle, swap } from './restore-report.ts'
import { writeError } from './write-errors.ts'

/** Entries that systems create on every disk; a disk that has only these counts as empty. */
const OF_THE_SYSTEM = ['lost+found', 'System Volume Information', '$RECYCLE.BIN', '.Trashes', '.fseventsd', '.Spotlight-V100', '.DS_Store']

export class OutputFolder {
  /** The folder to write the report to. */
  readonly draft: string
  /** Warnings for the user, printed at the end. */
  readonly warnings: string[]
  private readonly place: OutputPlace
  private readonly lock: FolderLock
  /** The uppermost folder that was created. */
  private readonly made: string | undefined

  private constructor(place: OutputPlace, lock: FolderLock, made: string | undefined, warnings: string[]) {
    this.place = place
    this.lock = lock
    this.made = made
    this.warnings = warnings
    this.draft = `${place.prefix}draft-${randomBytes(4).toString('hex')}`
  }

  /**
   * Locks the folder and opens a draft for `path`, which may be missing, empty, or an earlier report; anything else only if forced.
   * @param inputs files that must not be deleted by the replacement, even if forced
   * @throws CaptureError that names the folder and its lock holder; UsageError for an invalid path
   */
  static async open(path: string, isForced: boolean, inputs: string[]): Promise<OutputFolder> {
    let parent = dirname(resolve(path))
    let made: string | undefined
    let lock: FolderLock | null = null
    try {
      const place = await placeOf(path)
      parent = dirname(place.prefix)
      await refuseHolding(place, inputs)
      await refuseFile(place)
      made = await mkdir(parent, { recursive: true })
      lock = await FolderLock.take(`${place.prefix}lock`, path)
      await settle(place)
      await refuseForeign(place, isForced)
      const folder = new OutputFolder(place, lock, made, await removeStaleDrafts(place))
      await mkdir(folder.draft)
      return folder
    } catch (error) {
      await lock?.release()
      await removeMade(parent, made)
      throw await writeError(error, path, parent)
    }
  }

  /**
   * Checks the folder; changes nothing except that it removes the leftovers of a killed run.
   * @throws CaptureError if `path` must not be replaced; for parameters see open()
   */
  static async check(path: string, isForced: boolean, inputs: string[]): Promise<void> {
    try {
      const place = await placeOf(path)
      await refuseHolding(place, inputs)
      await refuseFile(place)
      await refuseForeign(place, isForced)
      const isThere = await stat(`${place.prefix}lock`).catch(() => null)
      if (isThere !== null) await (await FolderLock.take(`${place.prefix}lock`, path)).release()
    } catch (error) {
      throw await writeError(error, path, dirname(resolve(path)))
    }
  }

  /**
   * Replaces the folder by the draft. Files are not synced, because this would take more than 1 % of the time of an analysis, and after a power
   * failure the capture can be analysed again. Data that cannot be made again is synced by the code that writes it (live-report.ts).
   */
  async publish(): Promise<void> {
    const { place, draft } = this
    await this.lock.confirm(place.named)
    if (place.isInside) return swap(place, draft)
    const entries = await entriesOf(place.target)
    if (entries === null || entries.length === 0) return rename(draft, place.target)
    const old = `${place.prefix}old`
    await rm(old, { recursive: true, force: true })
    try {
      await rename(place.target, old)
    } catch {
      // Folders in a lower layer of a container image cannot be renamed (EXDEV), nor files that are open on Windows.
      return swap(insidePlace(place.named, place.target), draft)
    }
    try {
      await rename(draft, place.target)
    } catch (error) {
      await rename(old, place.target)
      throw error
    }
    await rm(old, { recursive: true, force: true })
  }

  /** Replaces a file in the parent folder. It is written under the name of a draft, so that the next run removes it after a crash. */
  async replaceBeside(name: string, content: string): Promise<void> {
    const draft = `${this.draft}-${name}`
    try {
      await writeFile(draft, content)
      await rename(draft, join(dirname(this.place.target), name))
    } catch (error) {
      await rm(draft, { force: true })
      throw await writeError(error, join(dirname(this.place.named), name), dirname(draft))
    }
  }

  /** Removes a draft that was not published, and releases the lock. */
  async close(): Promise<void> {
    await rm(this.draft, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
    await this.lock.release()
    await removeMade(dirname(this.place.prefix), this.made)
  }
}

/** @throws CaptureError if a file that must not be deleted is in the folder */
async function refuseHolding({ named, target }: OutputPlace, inputs: string[]): Promise<void> {
  for (const kept of [...inputs, process.cwd()]) {
    const path = await realpath(kept).catch(() => resolve(kept))
    if (path === target || path.startsWith(target.endsWith(sep) ? target : target + sep))
      throw new CaptureError(`${named} would be replaced, and ${kept} is in it: choose another folder with -o`)
  }
}

async function refuseFile({ named, target }: OutputPlace): Promise<void> {
  const status = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (status !== null && !status.isDirectory()) throw new CaptureError(`${named} is a file: choose a folder with -o`)
}

async function refuseForeign({ named, target }: OutputPlace, isForced: boolean): Promise<void> {
  const entries = ((await entriesOf(target)) ?? []).filter((name) => !name.startsWith('.rtnvis-') && !OF_THE_SYSTEM.includes(name))
  if (entries.length === 0 || isForced || (await isDatabaseFile(join(target, DATABASE_FILE)))) return
  throw new CaptureError(
    `${named} contains something that is not an rtnvis report: choose another folder with -o, or replace it with --force`,
  )
}

/** Removes drafts of killed runs; with the lock, no running process has one. @returns what could not be removed, for the user */
async function removeStaleDrafts({ prefix }: OutputPlace): Promise<string[]> {
  const folder = dirname(prefix)
  const warnings: string[] = []
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(prefix)}draft-`)) continue
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {
      warnings.push(`${join(folder, name)} is left of a run that was killed, and belongs to another user: remove it`)
    })
  }
  return warnings
}

/** Removes the created folders that are still empty, from `folder` up to `made`. */
async function removeMade(folder: string, made: string | undefined): Promise<void> {
  if (made === undefined) return
  for (let path = folder; path.startsWith(made); path = dirname(path)) {
    const isGone = await rmdir(path).then(
      () => true,
      () => false,
    )
    if (!isGone) return
  }
}
