// Files of a report's folder, compared with those reproduced from its database -> missing, unknown and different ones with the first different byte.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { PART_BYTES } from '../../publish/manifest.ts'
import { summaryOf } from '../../publish/site-summary.ts'
import type { Report } from '../../report/index.ts'
import type { ReportInputs } from '../../types.ts'
import { agrees, type Check, differs } from '../../verify/check.ts'
import { SIGNATURE, SUMS } from '../verify/checksums.ts'
import { listFiles, MAX_FILES, readUpTo } from '../verify/folder-files.ts'
import { publishEdition, publishSite } from './publish.ts'
import { writePages } from './report-folder.ts'

const FILES = 'files of the folder'
const DATABASE_FILE = 'traffic.sqlite'
/** Bytes shown at a difference. */
const EXCERPT = 40
/** A file is read up to this many bytes beyond its expected size. */
const SPARE_BYTES = 1 << 20

/**
 * @param database the database that the pages must show
 * @param pages kind of the page beside it
 * @param captures paths of captures, which may be in the folder
 * @param readReport reads the report from the database
 */
export async function checkFiles(
  folder: string,
  database: Uint8Array,
  pages: ReportInputs['pages'],
  captures: ReadonlySet<string>,
  siteDir: string,
  readReport: () => Promise<Report>,
): Promise<Check[]> {
  const again = await mkdtemp(join(tmpdir(), 'rtnvis-verify-'))
  try {
    if (pages !== 'none') {
      const report = await readReport()
      const summary = summaryOf(report)
      await publishSite({ siteDir, outDir: again, database, summary, singleFile: pages === 'file' })
      const number = await editionOf(folder)
      if (pages === 'folder' && number !== null) await publishEdition({ outDir: again, database, summary, number, isLast: true })
      await writePages(again, report)
    }
    return await compareFolders(again, folder, captures)
  } finally {
    await rm(again, { recursive: true, force: true })
  }
}

/** Number of the last edition, if the report was replaced during a capture. */
async function editionOf(folder: string): Promise<number | null> {
  const manifest = await readUpTo(join(folder, 'assets/data/manifest.js'), SPARE_BYTES)
  const number = /"folder":"data\/edition-(\d{1,9})"/.exec(manifest?.toString('latin1') ?? '')?.[1]
  return number === undefined ? null : Number(number)
}

async function compareFolders(again: string, folder: string, captures: ReadonlySet<string>): Promise<Check[]> {
  const expected = await listFiles(again)
  const found = await listFiles(folder)
  const checks: Check[] = []
  for (const [path, isPlain] of found) {
    if (!isPlain) checks.push(differs(path, FILES, 'it is not a regular file (a link, pipe or device)'))
    else if (!expected.has(path) && ![DATABASE_FILE, SUMS, SIGNATURE].includes(path) && !captures.has(join(folder, path)))
      checks.push(differs(path, FILES, 'no report has this file: it was added'))
  }
  if (found.size >= MAX_FILES) checks.push(differs('folder', FILES, `there are more than ${MAX_FILES}, which no report has`))
  for (const path of expected.keys()) {
    if (!found.has(path)) checks.push(differs(path, FILES, 'it is missing'))
    else if (found.get(path)) checks.push(...(await compareFile(path, again, folder)))
  }
  if (checks.length === 0) checks.push(agrees('folder', FILES, `${expected.size} made again and found alike, no others`))
  return checks
}

async function compareFile(path: string, again: string, folder: string): Promise<Check[]> {
  const expected = await readFile(join(again, path))
  const found = await readUpTo(join(folder, path), expected.length + SPARE_BYTES)
  if (found === null) return [differs(path, FILES, 'it cannot be read')]
  if (expected.equals(found)) return []
  if (isDataAlike(expected.toString('latin1'), found.toString('latin1')))
    return [agrees(path, FILES, 'its data are compressed by another zlib and have the same content')]
  const at = firstDifference(expected, found)
  const excerpt = (bytes: Buffer) => JSON.stringify(bytes.subarray(Math.max(0, at - EXCERPT / 2), at + EXCERPT).toString('utf8'))
  const own = path.endsWith('.js') && !path.includes('/data/') ? "it is not this version's own script; " : ''
  return [
    differs(path, FILES, `${own}from byte ${at} on it differs from the reproduced one: ${excerpt(expected)}, found ${excerpt(found)}`),
  ]
}

function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at
  return length
}

/** A slice of the database as publish.ts writes it: as a separate script, or in a page of one file. */
const DATA = /(rtnvisPart\(\d+,"|<script type="text\/plain" id="rtnvis-part-\d+">)([A-Za-z0-9+/=]*)/g

/** Another version of zlib may compress differently: the text around the data, and the decompressed data, must be equal. */
function isDataAlike(expected: string, found: string): boolean {
  const slices = (text: string) => [...text.matchAll(DATA)].map(([, , base64]) => base64)
  const [mine, theirs] = [slices(expected), slices(found)]
  if (mine.length === 0 || mine.length !== theirs.length || expected.replace(DATA, '$1') !== found.replace(DATA, '$1')) return false
  return mine.every((base64, i) => base64 === theirs[i] || inflate(base64)?.equals(inflate(theirs[i]) ?? Buffer.alloc(0)) === true)
}

/** Null if it is no gzip data, or more than a slice. */
function inflate(base64: string): Buffer | null {
  try {
    return gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: PART_BYTES })
  } catch {
    return null
  }
}
