// `rtnvis site [DIR]`: copies the analyzer to a folder for any static host, a USB stick, or to open with a double click.
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'
import { dataList } from '../../publish/data-scripts.ts'
import { toPrintable } from '../../report/figures.ts'
import { AnalyzerData } from '../output/analyzer-data.ts'
import { SITE } from '../paths.ts'
import { print } from './terminal.ts'

/** File that identifies a folder of an earlier run. */
const MARK = 'analyzer/start.js'
const LIST = 'analyzer/data/list.js'

/** @throws UsageError for a folder with other files in it */
export async function runSite(folder: string, { force }: { force: boolean }): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new UsageError(`${folder}: ${error.code === 'ENOTDIR' ? 'it is a file: choose a folder' : error.message}`)
  })
  const isOurs = await stat(join(folder, MARK)).then(
    () => true,
    () => false,
  )
  if (found.length > 0 && !isOurs && !force) throw new UsageError(`${folder} has other files in it: choose an empty folder, or use --force`)
  await writeSite(folder)
  await print(`${toPrintable(join(folder, 'index.html'))}\n`)
}

/** @param siteDir the built page */
export async function writeSite(folder: string, siteDir = SITE): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const part of ['assets', 'analyzer', 'manual']) await cp(join(siteDir, part), join(folder, part), { recursive: true })
  const data = new AnalyzerData()
  const parts = await data.parts()
  for (const [name, count] of Object.entries(parts))
    for (let index = 0; index < count; index++)
      await writeFile(join(folder, 'analyzer/data', `${name}-${index}.js`), (await data.script(name, index))!)
  await writeFile(join(folder, LIST), dataList({ ...readList(await readFile(join(siteDir, LIST), 'utf8')), ...parts }))
  // Last, so that the page never exists without its files.
  await cp(join(siteDir, 'analyze.html'), join(folder, 'index.html'))
}

/** List of data files of the built page. */
export function readList(script: string): Record<string, number> {
  return JSON.parse(script.slice(script.indexOf('=') + 1)) as Record<string, number>
}
