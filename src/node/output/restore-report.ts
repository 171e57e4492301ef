// A folder in which a run was killed while it put its report in place -> the old report or the new one, whole.
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FolderLock } from './folder-lock.ts'
import { besidePlace, insidePlace, type OutputPlace } from './output-place.ts'

/** What a report is made of, in the order in which it is taken away; it is put there the other way round, the page last. */
const ENTRIES = ['index.html', 'report.html', 'report.md', 'SHA256SUMS.sig', 'SHA256SUMS', 'traffic.sqlite', 'assets']
/** Files of a live report that were being replaced when it was killed. */
const DRAFTS = ['report.html.draft', 'report.md.draft', 'traffic.sqlite.draft']

/**
 * Mends `folder`, or the reports in it: for all who read reports. Leaves alone what another run is busy with, and what this user may not change.
 * @param folder may be missing
 */
export async function restoreReports(folder: string): Promise<void> {
  const path = await realpath(folder).catch(() => resolve(folder))
  await restore(besidePlace(folder, path))
  await restore(insidePlace(folder, path))
  for (const name of await readdir(path).catch(() => [])) {
    const aside = retiredName(name)
    if (aside !== null) await restore(besidePlace(folder, join(path, aside)))
    else if (!name.startsWith('.')) await restore(insidePlace(folder, join(path, name)))
  }
}

/** Where the old report is between the two renames, and stays if the run is killed there. */
export function retiredPath(target: string): string {
  return `${besidePlace(target, target).prefix}old`
}

/** The name of the report that a retired folder holds, null for any other folder's name. */
export function retiredName(folder: string): string | null {
  return /^\.(.+)\.rtnvis-old$/.exec(folder)?.[1] ?? null
}

async function restore(place: OutputPlace): Promise<void> {
  const steps = place.isInside ? ['new', 'moving'] : ['old']
  const isThere = await Promise.all(steps.map((step) => lstat(place.prefix + step).catch(() => null)))
  if (isThere.every((status) => status === null)) return
  const lock = await FolderLock.take(`${place.prefix}lock`, place.named).catch(() => null)
  if (lock === null) return
  try {
    await settle(place)
  } catch {
    // A read-only disk, or another user's: whoever may write it does it.
  } finally {
    await lock.release()
  }
}

/** Ends what a killed run began. Only under the lock. */
export async function settle(place: OutputPlace): Promise<void> {
  if (place.isInside) return finishSwap(place)
  const old = `${place.prefix}old`
  if ((await entriesOf(old)) === null) return
  const entries = await entriesOf(place.target)
  if (entries === null || entries.length === 0) await rename(old, place.target)
  else if (entries.includes('traffic.sqlite')) await rm(old, { recursive: true, force: true })
}

/**
 * Swaps a finished draft for the report in the folder, without moving the folder. The rename to "new" decides: before it there is the old report, after it
 * the new one will be there, put in place by this run, or by the next where this one is killed. At no moment are there files of both.
 */
export async function swap(place: OutputPlace, draft: string): Promise<void> {
  await rm(`${place.prefix}old`, { recursive: true, force: true })
  await rename(draft, `${place.prefix}new`)
  await finishSwap(place)
}

async function finishSwap({ target, prefix }: OutputPlace): Promise<void> {
  const [fresh, moving, old] = ['new', 'moving', 'old'].map((step) => prefix + step) as [string, string, string]
  if ((await entriesOf(fresh)) !== null) {
    await mkdir(old, { recursive: true })
    for (const name of ENTRIES) await rename(join(target, name), join(old, name)).catch(unlessMissing)
    for (const name of DRAFTS) await rm(join(target, name), { force: true })
    await rename(fresh, moving)
  }
  const names = await entriesOf(moving)
  if (names !== null) {
    const order = (name: string) => ENTRIES.indexOf(name)
    for (const name of names.sort((a, b) => order(b) - order(a))) await rename(join(moving, name), join(target, name))
    await rmdir(moving)
  }
  await rm(old, { recursive: true, force: true })
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/** Null if there is no such folder. */
export async function entriesOf(path: string): Promise<string[] | null> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
