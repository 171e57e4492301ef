// `rtnvis site [PATH]`: copies the analyzer to a folder for any static host, a USB stick, or to open with a double click; or makes one file of it.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { UsageError } from '../../errors.ts'
import { dataList } from '../../publish/data-scripts.ts'
import { serviceWorker } from '../../publish/service-worker.ts'
import { singleAnalyzer } from '../../publish/single-analyzer.ts'
import { toPrintable } from '../../report/figures.ts'
import { AnalyzerData } from '../output/analyzer-data.ts'
import { writeFilesTo } from '../output/draft-files.ts'
import { replaceFile } from '../output/durable.ts'
import { writeError } from '../output/write-errors.ts'
import { SITE, siteFile } from '../paths.ts'
import { print } from './terminal.ts'

/** File that identifies a folder of an earlier run. */
const MARK = 'analyzer/start.js'
const LIST = 'analyzer/data/list.js'
/** Kept in the browser from the first visit on. */
const OFFLINE = /^(index\.html|assets\/[\w-]+\.(js|css)|analyzer\/(?!data\/(locations|cities)-).+)$/

export interface SiteOptions {
  force: boolean
  singleFile: boolean
}

/** @throws CaptureError if the page was not built, UsageError for a folder with other files in it, or a file that is there */
export async function runSite(path: string | undefined, { force, singleFile }: SiteOptions): Promise<void> {
  siteFile('analyze.html')
  if (singleFile) await writeSingleFile(path ?? 'rtnvis.html', force)
  else await writeFolder(path ?? 'rtnvis-site', force)
}

async function writeFolder(folder: string, force: boolean): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new UsageError(`${folder}: ${error.code === 'ENOTDIR' ? 'it is a file: name a folder' : error.message}`)
  })
  const isOurs = await stat(join(folder, MARK)).then(
    () => true,
    () => false,
  )
  if (found.length > 0 && !isOurs && !force) throw new UsageError(`${folder} has other files in it: name an empty folder, or use --force`)
  await writeFilesTo(folder, (draft) => writeSite(draft)).catch(async (error) => {
    throw await writeError(error, folder, folder)
  })
  await print(`${toPrintable(join(folder, 'index.html'))}\n`)
}

async function writeSingleFile(file: string, force: boolean): Promise<void> {
  const status = await stat(file).catch(() => null)
  if (status?.isDirectory()) throw new UsageError(`${file} is a folder: name a file`)
  if (status !== null && !force) throw new UsageError(`${file} is there: name another file, or use --force`)
  const html = await singleFileSite()
  await replaceFile(file, html).catch(async (error) => {
    throw await writeError(error, file, dirname(file))
  })
  await print(`${toPrintable(file)}\n`)
}

/** @param siteDir the built page */
export async function singleFileSite(siteDir = SITE): Promise<string> {
  const read = (path: string) => readFile(join(siteDir, path), 'utf8')
  return singleAnalyzer(read, readList(await read(LIST)), (text) => createHash('sha256').update(text).digest('base64'))
}

async function writeSite(folder: string): Promise<void> {
  for (const part of ['assets', 'analyzer', 'manual']) await cp(join(SITE, part), join(folder, part), { recursive: true })
  const data = new AnalyzerData()
  const parts = await data.parts()
  for (const [name, count] of Object.entries(parts))
    for (let index = 0; index < count; index++)
      await writeFile(join(folder, 'analyzer/data', `${name}-${index}.js`), (await data.script(name, index))!)
  const list = dataList({ ...readList(await readFile(join(SITE, LIST), 'utf8')), ...parts })
  await writeFile(join(folder, LIST), `${list}rtnvisHosted=true\n`)
  await cp(join(SITE, 'analyze.html'), join(folder, 'index.html'))
  await writeFile(join(folder, 'sw.js'), await workerOf(folder))
}

/** The service worker that keeps the page, without what is loaded when it is wanted. */
async function workerOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
  const kept = files.map((path) => path.replaceAll(sep, '/')).filter((path) => OFFLINE.test(path))
  kept.sort()
  const hash = createHash('sha256')
  for (const path of kept) hash.update(path).update(await readFile(join(folder, path)))
  return serviceWorker(kept, hash.digest('hex').slice(0, 16))
}

/** List of data files of the built page. */
export function readList(script: string): Record<string, number> {
  return JSON.parse(/=(.*)/.exec(script)![1]) as Record<string, number>
}
