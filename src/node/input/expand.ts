// Names on the command line -> files: folders and patterns are replaced by the captures in them, sorted by the time of their first packets.
import { constants, type Dirent } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { CaptureError } from '../../errors.ts'
import { byFirstTime, describeNone, describeSkipped } from '../../input/found.ts'
import { CAPTURE_NAME } from '../../input/report-name.ts'
import { DATABASE_FILE, isDatabaseFile } from '../database/report-database.ts'
import type { Expanded, Named } from './arguments.ts'
import { reasonOf } from './input.ts'
import { type Probe, probe } from './probe.ts'

const DEEPER = '; --recursive looks into the folders in it, too'

/** @throws CaptureError if a name does not exist or contains no captures */
export async function expand(named: Named[], isRecursive: boolean): Promise<Expanded> {
  const expanded: Expanded = { files: [], probes: new Map(), title: null, warnings: [] }
  for (const { name, kind } of named) {
    if (kind === 'file') expanded.files.push(name)
    else if (kind === 'pattern') await addFound(name, await matches(name), expanded)
    else await addFound(name, await filesIn(name, isRecursive, expanded.warnings), expanded, isRecursive ? '' : DEEPER)
  }
  await sortByTime(expanded)
  if (named.length === 1 && named[0].kind === 'folder') expanded.title = basename(resolve(named[0].name)) || null
  return expanded
}

async function matches(pattern: string): Promise<string[]> {
  const found = await glob(pattern, { expandDirectories: false, followSymbolicLinks: false })
  if (found.length === 0) throw new CaptureError(`${pattern}: no file matches this pattern`)
  return found
}

/** Regular files below a folder, ordered by name, without hidden files, other reports and circular links. */
async function filesIn(folder: string, isRecursive: boolean, warnings: string[]): Promise<string[]> {
  const files: string[] = []
  const seen = new Set<string>()
  const look = async (path: string): Promise<void> => {
    const { dev, ino } = await stat(path, { bigint: true })
    if (seen.has(`${dev}:${ino}`)) return
    seen.add(`${dev}:${ino}`)
    const entries = await readdir(path, { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    if (path !== folder && (await isReport(path, entries))) return
    for (const { name } of entries) {
      if (name.startsWith('.')) continue
      const inside = join(path, name)
      const status = await stat(inside).catch(() => null)
      if (status?.isFile()) files.push(inside)
      if (!status?.isDirectory() || !isRecursive) continue
      await look(inside).catch((error) => warnings.push(`${inside} was skipped: ${reasonOf(error)}`))
    }
  }
  try {
    await look(folder)
  } catch (error) {
    throw new CaptureError(`${folder}: ${reasonOf(error)}`)
  }
  return files
}

async function isReport(folder: string, entries: Dirent[]): Promise<boolean> {
  return entries.some(({ name }) => name === DATABASE_FILE) && (await isDatabaseFile(join(folder, DATABASE_FILE)))
}

/** Adds those files that are captures. */
async function addFound(name: string, paths: string[], expanded: Expanded, hint = ''): Promise<void> {
  const others: string[] = []
  let captures = 0
  for (const path of paths) {
    const found = await probeFound(path, expanded.warnings)
    if (found === null) others.push(basename(path))
    if (!found) continue
    captures++
    expanded.files.push(path)
    expanded.probes.set(path, found)
  }
  if (captures === 0) throw new CaptureError(`${name} ${describeNone(others)}${hint}`)
  if (others.length > 0) expanded.warnings.push(`${name}: ${describeSkipped(others)}`)
}

/** @returns null: not a capture; undefined: unreadable, with a warning */
async function probeFound(path: string, warnings: string[]): Promise<Probe | null | undefined> {
  try {
    await access(path, constants.R_OK)
  } catch (error) {
    warnings.push(`${path} was skipped: ${reasonOf(error)}`)
    return undefined
  }
  try {
    const found = await probe(path)
    // An empty file with the name of a capture is one that has no data yet.
    return found.bytes === 0 && !CAPTURE_NAME.test(path) ? null : found
  } catch (error) {
    if (error instanceof CaptureError) return null
    throw error
  }
}

async function sortByTime({ files, probes }: Expanded): Promise<void> {
  for (const path of files) if (path !== '-' && !probes.has(path)) probes.set(path, await probe(path))
  const found = (path: string) => ({ path, firstUs: probes.get(path)?.firstUs ?? null })
  files.sort((a, b) => byFirstTime(found(a), found(b)))
}
