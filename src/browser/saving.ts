// A report in memory -> the files that `analyze` writes into a folder, or with --single-file.
import { BlobReader, BlobWriter, configure, TextReader, ZipWriter } from '@zip.js/zip.js/lib/zip-core-custom.js'
import type { SiteSummary } from '../contract/manifest.ts'
import { encodeBase64 } from '../publish/base64.ts'
import { manifestOf, manifestScript, PART_BYTES, partScript, partsOf } from '../publish/manifest.ts'
import { LATE_SCRIPTS, type PageFiles, singlePage } from '../publish/single-page.ts'
import type { Report } from '../report/index.ts'
import { renderReport } from '../report/pages.ts'
import { sha256Base64, templates } from './templates.ts'

// The page's Content Security Policy forbids the library's own workers.
configure({ useWebWorkers: false })

/** Files of the built page. */
export interface PageTexts {
  /** Path below the page's folder -> text. */
  files: Record<string, string>
}

export function pageFilesOf({ files }: PageTexts): PageFiles & { paths: string[] } {
  const html = files['index.html']
  const paths = [...html.matchAll(/<script defer src="\.\/(assets\/[\w-]+\.js)"><\/script>/g)].map(([, path]) => path)
  const textsOf = (wanted: string[]) => wanted.map((path) => files[path])
  return { html, style: files['assets/app.css'], scripts: textsOf(paths), late: textsOf(LATE_SCRIPTS), paths }
}

/** One HTML file with all data. */
export async function saveSinglePage(texts: PageTexts, database: Blob, summary: SiteSummary): Promise<Blob> {
  const manifest = manifestOf(database.size, summary, { hasReportPage: false })
  const pieces: BlobPart[] = []
  // Blobs, because strings would stay in memory until the last one is made.
  for await (const piece of singlePage(pageFilesOf(texts), manifest, packParts(database), sha256Base64)) pieces.push(new Blob([piece]))
  return new Blob(pieces, { type: 'text/html' })
}

/** The report's folder as a zip file. @param folder name of the folder in it */
export async function saveFolder(texts: PageTexts, database: Blob, summary: SiteSummary, report: Report, folder: string): Promise<Blob> {
  const zip = new ZipWriter(new BlobWriter('application/zip'))
  const add = (path: string, text: string) => zip.add(`${folder}/${path}`, new TextReader(text))
  for (const [path, text] of Object.entries(texts.files)) await add(path, text)
  await add('assets/data/manifest.js', manifestScript(manifestOf(database.size, summary, { hasReportPage: true })))
  let index = 0
  for await (const part of packParts(database)) await add(`assets/data/part-${index}.js`, partScript(index++, part))
  const { html, md } = renderReport(templates, report, true)
  await add('report.html', html)
  await add('report.md', md)
  await zip.add(`${folder}/traffic.sqlite`, new BlobReader(database))
  return zip.close()
}

/** One gzip member in base64 per slice. */
async function* packParts(database: Blob): AsyncGenerator<string> {
  for (let index = 0; index < partsOf(database.size); index++) {
    const slice = database.slice(index * PART_BYTES, (index + 1) * PART_BYTES)
    const packed = await new Response(slice.stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
    yield encodeBase64(new Uint8Array(packed))
  }
}
