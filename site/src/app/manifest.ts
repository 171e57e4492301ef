// What a page was given as its manifest -> a manifest that can be followed, or an error that says what is wrong.
import type { SiteManifest, SiteSummary } from '../../../src/contract/manifest.ts'
import { isCount, isPosition, isTime } from '../model/sound.ts'
import { formatBytes } from '../ui/format.ts'

/** SQLite in the page counts bytes of its file in 31 bits. */
const MOST_BYTES = 2 ** 31 - 1

/** A part is inflated in one piece; the program writes 4 MiB. */
const MOST_PART_BYTES = 64 * 2 ** 20

/** A larger database is opened only after the user was told what it needs. */
const LARGE_BYTES = 400e6

/** Memory for each byte of the database: the page holds the file twice and its columns (217 MB took 766 MB). */
const MEMORY_FACTOR = 3.5

const INSTEAD =
  'Query traffic.sqlite with a program for SQLite, read report.html, or analyse a part of the capture: a shorter time, or packets that match a filter.'

const DAMAGED = 'Copy the whole report folder again, or run rtnvis on the capture again.'

/** Throws an error for the reader of the page. */
export function checkManifest(given: unknown): SiteManifest {
  const manifest = given as SiteManifest
  const wrong = wrongIn(manifest)
  if (wrong) throw new Error(`The manifest of this report is damaged: ${wrong}. ${DAMAGED}`)
  if (manifest.databaseBytes > MOST_BYTES)
    throw new Error(
      `The database of this report has ${formatBytes(manifest.databaseBytes)}; a page can open ${formatBytes(MOST_BYTES)} at most. ${INSTEAD}`,
    )
  return manifest
}

/** What opening costs and what to do instead, for a database that is large; else null. */
export function costOf({ databaseBytes }: SiteManifest): string | null {
  if (databaseBytes <= LARGE_BYTES) return null
  const memory = formatBytes(databaseBytes * MEMORY_FACTOR)
  return `Its database has ${formatBytes(databaseBytes)}. To play it, this page needs about ${memory} of memory and some time; a browser that has less ends the page. ${INSTEAD}`
}

function wrongIn(manifest: SiteManifest | null): string | null {
  if (typeof manifest !== 'object' || manifest === null) return 'it is not a record'
  const { databaseBytes, partBytes, parts, folder, summary } = manifest
  if (!isCount(databaseBytes)) return 'the size of the database is not a number of bytes'
  if (!isCount(partBytes) || partBytes < 1 || partBytes > MOST_PART_BYTES) return 'a page cannot read parts of this size'
  if (parts !== Math.ceil(databaseBytes / partBytes)) return 'its parts do not add up to the database'
  if (folder !== undefined && !/^data(\/[\w-]{1,64})?$/.test(folder)) return 'rtnvis does not create a folder with this name for its parts'
  return isSummary(summary) ? null : 'its summary is none'
}

function isSummary(summary: SiteSummary | undefined): boolean {
  if (typeof summary !== 'object' || summary === null || typeof summary.name !== 'string') return false
  const { firstUs, lastUs, packets, bytes, flows, hosts, histogram, origin } = summary
  return (
    (firstUs === null || isTime(firstUs)) &&
    (lastUs === null || isTime(lastUs)) &&
    [packets, bytes, flows, hosts].every(isCount) &&
    Array.isArray(histogram) &&
    histogram.length <= 10_000 &&
    histogram.every((value) => Number.isFinite(value) && value >= 0) &&
    (origin === undefined || origin === null || isPosition(origin.latitudeDeg, origin.longitudeDeg))
  )
}
