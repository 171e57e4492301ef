// A folder in which a run was killed while it replaced its report -> the complete old report or the complete new one.
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FolderLock } from './folder-lock.ts'
import { besidePlace, insidePlace, type OutputPlace } from './output-place.ts'

/** Entries of a report, in the order in which they are removed. They are added in reverse order, the page last. */
const ENTRIES = ['index.html', 'report.html', 'report.md', 'SHA256SUMS.sig', 'SHA256SUMS', 'traffic.sqlite', 'assets']
/** Temporary files of a live report. */
const DRAFTS = ['report.html.draft', 'report.md.draft', 'traffic.sqlite.draft']

/**
 * Repairs `folder`, or the reports in it; called by everything that reads reports. Skips folders that are locked or not writable.
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

/** Path of the old report between the two renames; it stays there if the run is killed at that time. */
export function retiredPath(target: string): string {
  return `${besidePlace(target, target).prefix}old`
}

/** The name of the report in a retired folder; null for other folders. */
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
    // The disk is read-only or belongs to another user, who can repair it.
  } finally {
    await lock.release()
  }
}

/** Completes what a killed run started. The caller must hold the lock. */
export async function settle(place: OutputPlace): Promise<void> {
  if (place.isInside) return finishSwap(place)
  const old = `${place.prefix}old`
  if ((await entriesOf(old)) === null) return
  const entries = await entriesOf(place.target)
  if (entries === null || entries.length === 0) await rename(old, place.target)
  else if (entries.includes('traffic.sqlite')) await rm(old, { recursive: true, force: true })
}

/**
 * Replaces the report in a folder by a draft, without renaming the folder. The rename to "new" is the commit: before it there is the old
 * report; after it the new report is put in place, by this run or, if it is killed, by the next. Files of both are never there together.
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

/** Null if the folder does not exist. */
export async function entriesOf(path: string): Promise<string[] | null> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
