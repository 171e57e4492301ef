// A report is written beside its folder and then takes its place: at any moment there is the old one or the new one, never a mixture.
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { CaptureError } from '../errors.ts'
import { reasonOf } from './input.ts'
import { DATABASE_FILE, isDatabaseFile } from './report-database.ts'

export class OutputFolder {
  /** Write the report here. */
  readonly draft: string
  private readonly target: string
  private readonly isReplacing: boolean

  private constructor(target: string, draft: string, isReplacing: boolean) {
    this.target = target
    this.draft = draft
    this.isReplacing = isReplacing
  }

  /**
   * Opens a draft for `path`, which may be missing, empty, or a report made earlier; anything else only by force.
   * @param inputs files that must outlive the replacement, whatever is forced
   * @throws CaptureError naming the folder
   */
  static async open(path: string, isForced: boolean, inputs: string[]): Promise<OutputFolder> {
    const target = resolve(path)
    refuseHolding(path, inputs)
    const prefix = draftPrefix(target)
    try {
      await mkdir(dirname(target), { recursive: true })
      await restore(target)
      const isReplacing = await OutputFolder.check(path, isForced, inputs)
      await removeStaleDrafts(dirname(target), prefix)
      const draft = join(dirname(target), `${prefix}${process.pid}`)
      await rm(draft, { recursive: true, force: true })
      await mkdir(draft)
      return new OutputFolder(target, draft, isReplacing)
    } catch (error) {
      throw error instanceof CaptureError ? error : new CaptureError(`${path}: ${reasonOf(error)}`)
    }
  }

  /**
   * Changes nothing.
   * @returns whether something is there that open() would replace
   * @throws CaptureError if it must not be replaced; parameters as those of open()
   */
  static async check(path: string, isForced: boolean, inputs: string[]): Promise<boolean> {
    const target = resolve(path)
    refuseHolding(path, inputs)
    const entries = await entriesOf(target)
    if (entries === null || entries.length === 0) return false
    if (isForced || (await isReport(target))) return true
    throw new CaptureError(`${path} holds something that is no rtnvis report: choose another folder with -o, or replace it with --force`)
  }

  /**
   * Puts the draft in the place of the folder. rename() is atomic; an empty folder is replaced by it directly. The files are not waited for until they are
   * on the disk, which would cost an analysis more than a hundredth of its time: after a power cut the capture is still there to be analysed again. What
   * cannot be made again is made durable by who writes it (live-report.ts).
   */
  async publish(): Promise<void> {
    if (!this.isReplacing) return rename(this.draft, this.target)
    const old = retiredPath(this.target)
    await rename(this.target, old)
    try {
      await rename(this.draft, this.target)
    } catch (error) {
      await rename(old, this.target)
      throw error
    }
    await rm(old, { recursive: true, force: true })
  }

  /** Removes the draft; the folder stays as it was. */
  discard(): Promise<void> {
    return rm(this.draft, { recursive: true, force: true })
  }
}

/** @throws CaptureError if what must outlive a replacement of `path` is in it */
function refuseHolding(path: string, inputs: string[]): void {
  for (const kept of [...inputs, process.cwd()]) {
    if (isWithin(resolve(kept), resolve(path)))
      throw new CaptureError(`${path} would be replaced, and ${kept} is in it: choose another folder with -o`)
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function draftPrefix(target: string): string {
  return `.${basename(target)}.rtnvis-draft-`
}

/** Where the old report is between the two renames, and stays if the run is killed there. */
export function retiredPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.rtnvis-old`)
}

/** The name of the report that a retired folder holds, null for any other folder's name. */
export function retiredName(folder: string): string | null {
  return /^\.(.+)\.rtnvis-old$/.exec(folder)?.[1] ?? null
}

/** A run that was killed between the two renames left the old report aside: it goes back first. */
async function restore(target: string): Promise<void> {
  const old = retiredPath(target)
  if ((await entriesOf(old)) === null) return
  if ((await entriesOf(target)) === null) await rename(old, target)
  else await rm(old, { recursive: true, force: true })
}

/** Drafts of runs that were killed; those of runs that still go on are left alone. */
async function removeStaleDrafts(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    if (!isRunning(pid)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Null if there is no such folder. */
async function entriesOf(path: string): Promise<string[] | null> {
  try {
    return await readdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw new CaptureError(`${path} is a file: choose a folder with -o`)
    throw error
  }
}

/** Whether rtnvis made what is in a folder: its database says so. */
export function isReport(folder: string): Promise<boolean> {
  return isDatabaseFile(join(folder, DATABASE_FILE))
}
