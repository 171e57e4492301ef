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
  /** Time of its first packet; null without packets. Journals of earlier versions have none. */
  firstUs?: number | null
  /** The file has another capture by now, as in a ring of files: the report stays. */
  isReplaced?: boolean
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
  /** By path: what the file has now. */
  private readonly current: Map<string, Entry>
  /** What files had before. */
  private replaced: Entry[]

  private constructor(path: string, entries: Entry[]) {
    this.path = path
    this.current = new Map(entries.filter(({ isReplaced }) => !isReplaced).map((entry) => [entry.path, entry]))
    this.replaced = entries.filter(({ isReplaced }) => isReplaced)
  }

  /** @throws CaptureError for a damaged file */
  static async open(folder: string): Promise<Journal> {
    const path = join(folder, JOURNAL_FILE)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Journal(path, [])
      throw new CaptureError(`${path}: ${reasonOf(error)}`)
    }
    const entries = parse(text)
    if (entries === null) throw new CaptureError(`${path} is damaged: remove it, and all captures are analysed again`)
    return new Journal(path, entries)
  }

  /** Whether the file, with this content, was dealt with. */
  has({ path, bytes, mtimeMs }: FoundFile): boolean {
    const known = this.current.get(path)
    return known !== undefined && known.bytes === bytes && known.mtimeMs === mtimeMs
  }

  get entries(): Entry[] {
    return [...this.current.values(), ...this.replaced]
  }

  /** The entry of the same capture in a file that has changed: it begins with the same packet, or had none yet. */
  earlier(path: string, firstUs: number | null): Entry | undefined {
    return this.entries.find(
      (entry) => entry.path === path && (entry.folder ?? entry.span) !== null && (entry.firstUs ?? firstUs) === firstUs,
    )
  }

  /** @param earlier that this takes the place of; other captures that the file had keep their reports */
  set(entry: Entry, earlier: Entry | undefined): void {
    const before = this.current.get(entry.path)
    if (before !== undefined && before.folder !== null) this.replaced.push({ ...before, isReplaced: true })
    this.replaced = this.replaced.filter(({ folder }) => folder === null || folder !== earlier?.folder)
    this.current.set(entry.path, entry)
  }

  /** Forgets files that are gone and have no report. */
  forget(isThere: (path: string) => boolean): void {
    for (const { path, folder } of this.current.values()) if (folder === null && !isThere(path)) this.current.delete(path)
    this.replaced = this.replaced.filter(({ folder }) => folder !== null)
  }

  save(): Promise<void> {
    const text = `${JSON.stringify({ version: 1, captures: this.entries }, null, 1)}\n`
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
  const {
    path,
    bytes,
    mtimeMs,
    folder,
    sha256,
    span,
    isMerged,
    untilMs,
    firstUs = null,
    isReplaced = false,
  } = value as Record<string, unknown>
  return (
    typeof path === 'string' &&
    [bytes, mtimeMs, untilMs].every(Number.isFinite) &&
    [folder, span].every((name) => name === null || (typeof name === 'string' && /^[^./\\][^/\\]*$/.test(name))) &&
    (sha256 === null || typeof sha256 === 'string') &&
    (firstUs === null || Number.isFinite(firstUs)) &&
    [isMerged, isReplaced].every((flag) => typeof flag === 'boolean')
  )
}
