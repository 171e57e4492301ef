// Databases -> reports on disk. A separate thread, so that compressing and rendering block nothing else.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { summaryOf } from '../../publish/site-summary.ts'
import type { Report } from '../../report/index.ts'
import { loadSqlite, preferQuickStart } from '../database/sqlite.ts'
import { collectGarbage } from '../force-gc.ts'
import { replaceFile } from '../output/durable.ts'
import { publishEdition, publishSite } from '../output/publish.ts'
import { renderReport } from '../output/render.ts'
import { readReport } from '../output/report-folder.ts'
import { SITE } from '../paths.ts'

export interface ToReport {
  folder: string
  database: Uint8Array
  hasSite: boolean
  /** 0: the folder is new and also gets the page. */
  edition: number
  isLast: boolean
}

export type FromReport = { report: Report } | { error: string; code: string | undefined }

preferQuickStart()
const openDatabase = loadSqlite()

parentPort!.on('message', async (message: ToReport) => {
  try {
    report({ report: await write(message) })
    setImmediate(collectGarbage)
  } catch (error) {
    const { message: text, code } = error as NodeJS.ErrnoException
    report({ error: text, code })
  }
})

async function write({ folder, database, hasSite, edition, isLast }: ToReport): Promise<Report> {
  const report = readReport((await openDatabase)(database))
  const put = edition === 0 ? writeFile : replaceFile
  if (edition === 0) await mkdir(folder, { recursive: true })
  await put(join(folder, 'traffic.sqlite'), database)
  if (!hasSite) return report
  const summary = summaryOf(report)
  if (edition === 0) await publishSite({ siteDir: SITE, outDir: folder, database, summary, singleFile: false })
  else await publishEdition({ outDir: folder, database, summary, number: edition, isLast })
  const { html, md } = renderReport(report, { hasPlayer: true })
  await put(join(folder, 'report.html'), html)
  await put(join(folder, 'report.md'), md)
  return report
}

function report(message: FromReport): void {
  parentPort!.postMessage(message)
}
