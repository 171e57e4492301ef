// A folder that a capturing program rotates files in -> the files that are complete.
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DATABASE_FILE } from '../database/report-database.ts'
import { reasonOf } from '../input/input.ts'

/** A file as it was when it was seen: another size or time means another content. */
export interface FoundFile {
  /** Relative to the folder. */
  path: string
  bytes: number
  mtimeMs: number
}

export class Rotation {
  private readonly folder: string
  private readonly isRecursive: boolean
  private readonly settleMs: number
  /** By path: the file, and when it was first seen so, of performance.now(). */
  private seen = new Map<string, FoundFile & { sinceMs: number }>()

  /** @param settleMs time without change after which a file is complete */
  constructor(folder: string, isRecursive: boolean, settleMs: number) {
    this.folder = folder
    this.isRecursive = isRecursive
    this.settleMs = settleMs
  }

  /** Whether the file was there at the last look. */
  has(path: string): boolean {
    return this.seen.has(path)
  }

  /**
   * Regular files that have not changed for long enough, by their own time or since they were seen first; ordered by time. Hidden files, files
   * without content and folders of reports are left out.
   * @param now of the wall clock, ms since the epoch
   * @throws the system's error, if the folder itself cannot be read
   * @returns the files, and what could not be read
   */
  async look(now: number): Promise<{ complete: FoundFile[]; problems: string[] }> {
    const found: FoundFile[] = []
    const problems: string[] = []
    await this.collect(this.folder, found, problems)
    const elapsed = performance.now()
    const seen = new Map<string, FoundFile & { sinceMs: number }>()
    for (const file of found) {
      const before = this.seen.get(file.path)
      const isSame = before !== undefined && before.bytes === file.bytes && before.mtimeMs === file.mtimeMs
      seen.set(file.path, { ...file, sinceMs: isSame ? before.sinceMs : elapsed })
    }
    this.seen = seen
    const complete = [...seen.values()].filter(
      ({ mtimeMs, sinceMs }) => now - mtimeMs >= this.settleMs || elapsed - sinceMs >= this.settleMs,
    )
    complete.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1))
    return { complete: complete.map(({ path, bytes, mtimeMs }) => ({ path, bytes, mtimeMs })), problems }
  }

  private async collect(folder: string, found: FoundFile[], problems: string[]): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
      if (folder === this.folder) throw error
      problems.push(`${folder}: ${reasonOf(error)}`)
      return []
    })
    if (folder !== this.folder && entries.some(({ name }) => name === DATABASE_FILE)) return
    for (const entry of entries) {
      const path = join(folder, entry.name)
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory() && this.isRecursive) await this.collect(path, found, problems)
      if (!entry.isFile()) continue
      const status = await stat(path).catch(() => null) // rotated away
      if (status === null || status.size === 0) continue
      const refusal = await access(path, constants.R_OK).catch((error: Error) => error)
      if (refusal) problems.push(`${path}: ${reasonOf(refusal)}`)
      else found.push({ path: relative(this.folder, path), bytes: status.size, mtimeMs: status.mtimeMs })
    }
  }
}
