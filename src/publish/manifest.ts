// A database and its summary -> the scripts next to the page that contain them.
import type { SiteManifest, SiteSummary } from '../contract/manifest.ts'

/** Each slice of a database is compressed separately, so that several can be processed in parallel. About 2 MiB of script at a typical ratio. */
export const PART_BYTES = 4 * 1024 * 1024

/** Number of slices for this many bytes. */
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

/** JSON for a script element: "<" is escaped, because a hostile name could end the element. The two separators end a line in old engines. */
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
