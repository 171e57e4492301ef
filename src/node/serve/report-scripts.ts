// The database of a report -> the scripts by which the page reads it (publish.ts writes the same into folders). They are made here from
// traffic.sqlite: scripts that lie in a report's folder are anybody's code, and are never sent.
import type { SiteSummary } from '../../contract/manifest.ts'
import { manifestScript, manifestOf as manifestWith, PART_BYTES, partScript, partsOf } from '../../publish/manifest.ts'
import { packPart } from '../output/data-parts.ts'
import type { ReportFile } from './report-files.ts'

/** Compressed parts that are cached, about 3 MB each. */
const KEPT_PARTS = 16

/** Path under assets/, with the version of the database, so that all parts of a page come from the same file. */
const PART = /^assets\/data\/([0-9a-f]{32})\/part-(0|[1-9]\d{0,3})\.js$/

/** The part that a path under a report asks for; null for other paths. */
export function partOf(path: string): { version: string; index: number } | null {
  const match = PART.exec(path)
  return match ? { version: match[1], index: Number(match[2]) } : null
}

/** @param summary SiteSummary as JSON */
export function manifestOf(file: ReportFile, summary: string): string {
  const place = { folder: `data/${file.version}`, hasReportPage: true }
  return manifestScript(manifestWith(file.bytes, JSON.parse(summary) as SiteSummary, place))
}

export class PartScripts {
  /** By version and index, the most recently used last. */
  readonly #kept = new Map<string, Promise<string>>()

  /** Null if the database has no such part. */
  async part(file: ReportFile, index: number): Promise<string | null> {
    if (index >= partsOf(file.bytes)) return null
    const key = `${file.version} ${index}`
    const part = this.#kept.get(key) ?? make(file, index)
    this.#kept.delete(key)
    this.#kept.set(key, part)
    part.catch(() => this.#kept.delete(key))
    if (this.#kept.size > KEPT_PARTS) this.#kept.delete(this.#kept.keys().next().value!)
    return part
  }
}

async function make(file: ReportFile, index: number): Promise<string> {
  return partScript(index, await packPart(await file.read(index * PART_BYTES, PART_BYTES)))
}
