// Publishing: the built page without data + a database -> a report that opens with a double click, as a folder or as one file.
// A page from file:// may load only scripts beside it, so the database is gzip and base64 inside scripts.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SiteManifest, SiteSummary } from '../../contract/manifest.ts'
import { DataParts, PART_BYTES } from './data-parts.ts'
import { replaceFile, syncFolder, writeDurably } from './durable.ts'

export interface Publication {
  /** Folder of the built page: index.html and assets/. */
  siteDir: string
  /** Folder to write to; created if necessary. */
  outDir: string
  database: Uint8Array
  /** Slices of the database that are already compressed. */
  parts?: DataParts
  /** A promise allows compression to start before the summary is complete. */
  summary: SiteSummary | Promise<SiteSummary>
  /** One index.html that contains everything, instead of index.html and assets/. */
  singleFile: boolean
}

/** Writes the page with its data. Equal input makes equal files. */
export async function publishSite({ siteDir, outDir, database, summary, singleFile, ...given }: Publication): Promise<void> {
  const parts = (given.parts ?? new DataParts()).start(database)
  const manifest: SiteManifest = {
    databaseBytes: database.length,
    partBytes: PART_BYTES,
    parts: DataParts.count(database),
    hasReportPage: !singleFile,
    summary: await summary,
  }
  await mkdir(outDir, { recursive: true })
  if (singleFile) await writeSingleFile(siteDir, outDir, manifest, parts.finish(database))
  else await writeFolder(siteDir, outDir, manifest, parts.finish(database))
}

/** JSON for a script element: "<" is escaped because a hostile name could end the element, U+2028 and U+2029 because old engines take them for line ends. */
export function scriptJson(value: unknown): string {
  const escaped: Record<string, string> = { '<': '\\u003c', '\u2028': '\\u2028', '\u2029': '\\u2029' }
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => escaped[character])
}

async function writeFolder(siteDir: string, outDir: string, manifest: SiteManifest, parts: AsyncIterable<string>): Promise<void> {
  const assets = join(outDir, 'assets')
  const data = join(assets, 'data')
  await rm(data, { recursive: true, force: true }) // parts of an earlier, longer report
  await mkdir(data, { recursive: true })
  await allWritten([
    cp(join(siteDir, 'index.html'), join(outDir, 'index.html')),
    cp(join(siteDir, 'assets'), assets, { recursive: true }),
    writeFile(join(data, 'manifest.js'), manifestScript(manifest)),
    writeParts(parts, (index, script) => writeFile(join(data, `part-${index}.js`), script)),
  ])
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

/** Writes one part after another, so that few compressed parts are in memory. */
async function writeParts(parts: AsyncIterable<string>, write: (index: number, script: string) => Promise<void>): Promise<void> {
  let index = 0
  for await (const part of parts) {
    await write(index, partScript(index, part))
    index++
  }
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
  const data = join(outDir, 'assets', 'data')
  const name = `edition-${number}`
  const folder = `data/${name}`
  const manifest: SiteManifest = {
    databaseBytes: database.length,
    partBytes: PART_BYTES,
    parts: DataParts.count(database),
    folder,
    hasReportPage: true,
    summary,
  }
  await mkdir(join(data, name), { recursive: true })
  await writeParts(new DataParts().finish(database), (index, script) => writeDurably(join(data, name, `part-${index}.js`), script))
  await syncFolder(join(data, name))
  await replaceFile(join(data, 'manifest.js'), manifestScript(manifest))
  const kept = new Set([name, 'manifest.js', ...(isLast ? [] : [`edition-${number - 1}`])])
  for (const old of await readdir(data)) if (!kept.has(old)) await rm(join(data, old), { recursive: true, force: true })
}

export function manifestScript(manifest: SiteManifest): string {
  return `rtnvisManifest=${scriptJson(manifest)}\n`
}

export function partScript(index: number, base64: string): string {
  return `rtnvisPart(${index},"${base64}")\n`
}

/** The page's own scripts in their order, without the script with the data. */
const SCRIPT = /<script defer src="\.\/(assets\/[\w-]+\.js)"><\/script>/g

async function writeSingleFile(siteDir: string, outDir: string, manifest: SiteManifest, parts: AsyncIterable<string>): Promise<void> {
  const read = (name: string) => readFile(join(siteDir, name), 'utf8')
  const [page, style] = await Promise.all(['index.html', 'assets/app.css'].map(read))
  const scripts = await Promise.all([...page.matchAll(SCRIPT)].map(([, name]) => read(name)))
  // Replacement functions, because "$" in a replacement text has a special meaning.
  const swap = (html: string, pattern: RegExp, text: string) => {
    if (!pattern.test(html)) throw new Error(`${siteDir}/index.html has no ${pattern}: build the site again`)
    return html.replace(pattern, () => text)
  }
  let html = page
  html = swap(html, /<link rel="stylesheet" href="\.\/assets\/app\.css">/, `<style>${style}</style>`)
  html = swap(html, /<script defer src="\.\/assets\/data\/manifest\.js"><\/script>/, '')
  if (scripts.length === 0) throw new Error(`${siteDir}/index.html has no script: build the site again`)
  html = html.replaceAll(SCRIPT, '')
  html = swap(html, /script-src 'self'/, `script-src ${scripts.map((script) => `'${hashSource(script)}'`).join(' ')}`)
  html = swap(html, /style-src 'self'/, `style-src '${hashSource(style)}'`)
  // The page's own scripts come before the data, so that the first picture does not wait for it.
  const own = scripts.map((script) => `<script>${script}</script>`)
  const head = `<script type="application/json" id="rtnvis-manifest">${scriptJson(manifest)}</script>${own.join('')}`
  if (!html.includes(END)) throw new Error(`${siteDir}/index.html has no ${END}: build the site again`)
  const at = html.lastIndexOf(END)
  // In pieces, because one string with the whole page could exceed V8's longest string.
  await pipeline(
    async function* () {
      yield html.slice(0, at) + head
      let index = 0
      for await (const part of parts) yield `<script type="text/plain" id="rtnvis-part-${index++}">${part}</script>`
      yield html.slice(at)
    },
    createWriteStream(join(outDir, 'index.html')),
  )
}

const END = '</body>'

/** Content Security Policy Level 3, hash-source: sha256 of the element's text. */
function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
