// A database and its summary -> the scripts that carry them beside the page.
import type { SiteManifest, SiteSummary } from '../contract/manifest.ts'

/** Slices of a database are compressed each on its own, so that both ends may work on several at once. About 2 MiB of script at a usual ratio. */
export const PART_BYTES = 4 * 1024 * 1024

/** Slices that a database of so many bytes makes. */
export function partsOf(databaseBytes: number): number {
  return Math.ceil(databaseBytes / PART_BYTES)
}

export function manifestOf(
  databaseBytes: number,
  summary: SiteSummary,
  more: Pick<SiteManifest, 'folder' | 'hasReportPage'>,
): SiteManifest {
  return { databaseBytes, partBytes: PART_BYTES, parts: partsOf(databaseBytes), ...more, summary }
}

/** JSON that may stand in a script element: "<" would let a hostile name end it. The two separators end a line in old engines. */
export function scriptJson(value: unknown): string {
  const escaped: Record<string, string> = { '<': '\\u003c', '\u2028': '\\u2028', '\u2029': '\\u2029' }
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => escaped[character])
}

export function manifestScript(manifest: SiteManifest): string {
  return `rtnvisManifest=${scriptJson(manifest)}\n`
}

export function partScript(index: number, base64: string): string {
  return `rtnvisPart(${index},"${base64}")\n`
}
