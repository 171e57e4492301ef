// Publishing: the built page without data + a database -> a report that opens with a double click, as a folder or as one file.
// A page from file:// may load only scripts beside it, so the database is gzip and base64 inside scripts.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { copyFile, link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SiteManifest, SiteSummary } from '../../contract/manifest.ts'
import { manifestOf, manifestScript } from '../../publish/manifest.ts'
import { readSinglePage, singlePage } from '../../publish/single-page.ts'
import type { ByteRanges } from '../../sqlite/byte-ranges.ts'
import { DATA_FOLDER, DataParts, scriptPath } from './data-parts.ts'
import { replaceFile, syncFolder, writeDurably } from './durable.ts'

const MANIFEST = 'manifest.js'

export interface Publication {
  /** Folder of the built page: index.html and assets/. */
  siteDir: string
  /** Folder to write to; created if necessary. */
  outDir: string
  database: ByteRanges
  /** Slices of the database that are already compressed. */
  parts?: DataParts
  /** A promise allows compression to start before the summary is complete. */
  summary: SiteSummary | Promise<SiteSummary>
  /** One index.html that contains everything, instead of index.html and assets/. */
  singleFile: boolean
  /** A folder that was published before, with the same page. */
  earlier?: string | null
}

/** Writes the page with its data. Equal input makes equal files. */
export async function publishSite({
  siteDir,
  outDir,
  database,
  summary,
  singleFile,
  earlier = null,
  ...given
}: Publication): Promise<void> {
  const parts = (given.parts ?? new DataParts()).start(database)
  const manifest = manifestOf(database.length, await summary, { hasReportPage: !singleFile })
  await mkdir(outDir, { recursive: true })
  if (singleFile) await writeSingleFile(siteDir, outDir, manifest, parts.finish(database))
  else await writeFolder({ siteDir, outDir, earlier }, manifest, (folder) => parts.writeScripts(database, folder))
}

type Page = Pick<Publication, 'siteDir' | 'outDir'> & { earlier: string | null }

async function writeFolder(page: Page, manifest: SiteManifest, writeScripts: (folder: string) => Promise<void>): Promise<void> {
  const data = join(page.outDir, DATA_FOLDER)
  await mkdir(data, { recursive: true })
  await removeOthers(data, [MANIFEST, ...Array.from({ length: manifest.parts }, (_, index) => scriptPath('', index))]) // of an earlier, longer report
  await allWritten([placePage(page), writeFile(join(data, MANIFEST), manifestScript(manifest)), writeScripts(data)])
}

async function removeOthers(folder: string, kept: string[]): Promise<void> {
  const names = new Set(kept)
  for (const name of await readdir(folder)) if (!names.has(name)) await rm(join(folder, name), { recursive: true, force: true })
}

/** The page is the same in every report: those of one run share its files (3.7 MB) where the file system has hard links. */
async function placePage({ siteDir, outDir, earlier }: Page): Promise<void> {
  const assets = await readdir(join(siteDir, 'assets'))
  const files = ['index.html', ...assets.map((name) => join('assets', name))]
  const place = async (file: string): Promise<void> => {
    const to = join(outDir, file)
    const isShared =
      earlier !== null &&
      (await link(join(earlier, file), to).then(
        () => true,
        () => false,
      ))
    if (isShared) return
    await rm(to, { force: true }) // of an earlier report, which may share it
    await copyFile(join(siteDir, file), to)
  }
  await allWritten(files.map(place))
}

/** Waits for all writes, so that none is running when an error removes the folder. @throws the error of the first write that failed */
export async function allWritten(writes: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(writes)
  await Promise.all(writes)
}

/** Size of all files in a folder. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)))
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0)
}

/** The part of a published folder that changes with its database. */
export interface Edition {
  outDir: string
  database: Uint8Array
  summary: SiteSummary
  /** Ascending; the previous edition stays for pages that are still loading it. */
  number: number
  /** Whether it is the last edition; older ones are then removed. */
  isLast: boolean
}

/** Replaces the data of a folder that publishSite() made. A page that is opened at that time finds the old edition or the new one. */
export async function publishEdition({ outDir, database, summary, number, isLast }: Edition): Promise<void> {
  const data = join(outDir, DATA_FOLDER)
  const name = `edition-${number}`
  const folder = `data/${name}`
  const manifest = manifestOf(database.length, summary, { folder, hasReportPage: true })
  await mkdir(join(data, name), { recursive: true })
  await new DataParts().writeScripts(database, join(data, name), writeDurably)
  await syncFolder(join(data, name))
  await replaceFile(join(data, MANIFEST), manifestScript(manifest))
  await removeOthers(data, [name, MANIFEST, ...(isLast ? [] : [`edition-${number - 1}`])])
}

async function writeSingleFile(siteDir: string, outDir: string, manifest: SiteManifest, parts: AsyncIterable<string>): Promise<void> {
  const read = (name: string) => readFile(join(siteDir, name), 'utf8')
  const page = singlePage(await readSinglePage(read), manifest, parts, sha256Base64)
  await pipeline(page, createWriteStream(join(outDir, 'index.html')))
}

function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
