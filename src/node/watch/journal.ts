// What a watched folder's captures became, kept in a file among the reports, so that the next run goes on.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CaptureError } from '../../errors.ts'
import { reasonOf } from '../input/input.ts'
import { replaceFile } from '../output/durable.ts'
import { writeError } from '../output/write-errors.ts'
import type { FoundFile } from './rotation.ts'

const JOURNAL_FILE = 'watch.json'

/** A capture that was dealt with; its report, if there is one, is in captures/FOLDER. */
export interface Entry extends FoundFile {
  /** Null: it is no capture, is damaged, is another one compressed, or its report was removed. */
  folder: string | null
  /** Of the file. */
  sha256: string | null
  /** Name of the span that its first packet is in; null without packets. */
  span: string | null
  isMerged: boolean
  /** The later of its last packet and its analysis, ms since the epoch. */
  untilMs: number
}

export class Journal {
  private readonly path: string
  readonly entries: Map<string, Entry>

  private constructor(path: string, entries: Map<string, Entry>) {
    this.path = path
    this.entries = entries
  }

  /** @throws CaptureError for a damaged file */
  static async open(folder: string): Promise<Journal> {
    const path = join(folder, JOURNAL_FILE)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Journal(path, new Map())
      throw new CaptureError(`${path}: ${reasonOf(error)}`)
    }
    const entries = parse(text)
    if (entries === null) throw new CaptureError(`${path} is damaged: remove it, and all captures are analysed again`)
    return new Journal(path, new Map(entries.map((entry) => [entry.path, entry])))
  }

  /** Whether the file, with this content, was dealt with. */
  has({ path, bytes, mtimeMs }: FoundFile): boolean {
    const known = this.entries.get(path)
    return known !== undefined && known.bytes === bytes && known.mtimeMs === mtimeMs
  }

  /** Forgets files that are gone and have no report. */
  forget(isThere: (path: string) => boolean): void {
    for (const { path, folder } of this.entries.values()) if (folder === null && !isThere(path)) this.entries.delete(path)
  }

  save(): Promise<void> {
    const text = `${JSON.stringify({ version: 1, captures: [...this.entries.values()] }, null, 1)}\n`
    return replaceFile(this.path, text).catch(async (error) => {
      throw await writeError(error, this.path, dirname(this.path))
    })
  }
}

function parse(text: string): Entry[] | null {
  try {
    const { version, captures } = JSON.parse(text) as { version: unknown; captures: unknown }
    return version === 1 && Array.isArray(captures) && captures.every(isEntry) ? captures : null
  } catch {
    return null
  }
}

/** Folders and spans become paths: they must be plain names. */
function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { path, bytes, mtimeMs, folder, sha256, span, isMerged, untilMs } = value as Record<string, unknown>
  return (
    typeof path === 'string' &&
    [bytes, mtimeMs, untilMs].every(Number.isFinite) &&
    [folder, span].every((name) => name === null || (typeof name === 'string' && /^[^./\\][^/\\]*$/.test(name))) &&
    (sha256 === null || typeof sha256 === 'string') &&
    typeof isMerged === 'boolean'
  )
}
