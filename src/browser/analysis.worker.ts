// The worker of an analysis: files and options in; progress, the report and its saved files out.

import pagesText from 'worker:pages'
import readerText from 'worker:reader'
import initSqlJs from 'sql.js/dist/sql-wasm-inline.js'
import { CaptureError, UsageError } from '../errors.ts'
import { summaryOf } from '../publish/site-summary.ts'
import { type Report, summarize } from '../report/index.ts'
import { renderReport } from '../report/pages.ts'
import { openReportDatabase } from '../store/report-database.ts'
import type { SqlDatabase } from '../types.ts'
import { type Analysed, analyzeFiles, centresOf } from './analysis.ts'
import { Digests, fillDigests } from './digests.ts'
import { reasonOf } from './file-stream.ts'
import { openBundled, type WorkerGeolocator } from './geoip.ts'
import type { Analyze, FromAnalysis, SavedAs, ToAnalysis } from './messages.ts'
import { PackedStore } from './packed-data.ts'
import { WorkerPages } from './pages.ts'
import { Reader } from './reader.ts'
import { databaseOfPage } from './saved-page.ts'
import { type PageTexts, saveFolder, saveSinglePage } from './saving.ts'
import { templates } from './templates.ts'

/** The worker's global scope: the build turns this module into a function. */
declare const rtnvisScope: {
  onmessage: (event: { data: ToAnalysis }) => void
  postMessage(message: FromAnalysis, transfer?: Transferable[]): void
}

/** Each makes the page draw a frame, which takes processor time from the reading where there is no graphics card. */
const PROGRESS_MS = 1000

const openDatabase = initSqlJs().then((sql) => (bytes?: Uint8Array) => new sql.Database(bytes) as SqlDatabase)
const reader = new Reader(readerText)
const packed = new PackedStore((name) => rtnvisScope.postMessage({ type: 'wanted', of: name }))

/** A capture has come. */
let isAsked = false
let isInterrupted = false
/** The page has drawn the last update and wants more. */
let isGrowthWanted = false
let digests = new Digests()
let locations: Promise<WorkerGeolocator | null> | null = null
/** The finished report, with its digests. */
let made: Promise<{ database: Blob; report: Report }> | null = null

// A browser that ends a worker for lack of memory sends no event, but frees its locks. A page that may not use locks does not notice.
const lock = `rtnvis ${performance.timeOrigin} ${Math.random()}`
Promise.resolve(
  navigator.locks?.request(lock, () => {
    rtnvisScope.postMessage({ type: 'lives', lock })
    return new Promise(() => {})
  }),
).catch(() => {})

rtnvisScope.onmessage = ({ data }) => {
  switch (data.type) {
    case 'analyze':
      isAsked = true
      isInterrupted = false
      isGrowthWanted = false
      digests = new Digests()
      run(() => runAnalysis(data), 'analysis')
      break
    case 'open':
      run(() => openFinished(data.file), 'analysis')
      break
    case 'prepare':
      prepare().catch(() => {}) // reported by the analysis
      break
    case 'part':
      packed.add(data)
      break
    case 'missing':
      packed.giveUp(data.of)
      break
    case 'cancel':
      isInterrupted = true
      break
    case 'grow':
      isGrowthWanted = true
      break
    case 'digest':
      digests.set(data.index, data.sha256)
      break
    case 'save':
      run(() => save(data.as, data.folder), 'save')
  }
}

function run(work: () => Promise<void>, during: 'analysis' | 'save'): void {
  work().catch((error: unknown) => rtnvisScope.postMessage({ type: 'failed', message: lineOf(error), during }))
}

/** While a capture is chosen: what an analysis needs is opened, and the demo is analysed, so that the engine has compiled all stages. */
async function prepare(): Promise<void> {
  reader.start()
  packed.read('vendors').catch(() => {})
  await bundledLocations()
  const demo = await packed.read('demo')
  if (demo === null) return
  const options = { name: null, origin: null, maxPackets: 0, rules: null, blocklists: [], baseline: null, geoip: [] }
  const stopIfAsked = () => {
    if (isAsked) throw new Error('a capture has come')
  }
  stopIfAsked()
  await analyzeFiles(
    { type: 'analyze', captures: [new File([demo], 'demo')], folder: null, options, programVersion: '' },
    {
      openDatabase,
      packed,
      read: (file) => reader.open(file),
      bundledLocations,
      pendingDigest: () => '',
      onProgress: stopIfAsked,
      isInterrupted: () => false,
    },
  )
}

async function runAnalysis(message: Analyze): Promise<void> {
  let reportedMs = Number.NEGATIVE_INFINITY
  const pageMaker = new WorkerPages(pagesText)
  const analysed = await analyzeFiles(message, {
    openDatabase,
    packed,
    read: (file) => reader.open(file),
    pageMaker,
    bundledLocations,
    pendingDigest: (index) => digests.pendingOf(index),
    onProgress(progress, grow) {
      const grown = isGrowthWanted && !isInterrupted ? grow() : null
      if (grown !== null) {
        isGrowthWanted = false
        rtnvisScope.postMessage(grown, grown.base ? [grown.base] : [])
      }
      const now = performance.now()
      if (now - reportedMs < PROGRESS_MS) return
      reportedMs = now
      rtnvisScope.postMessage({ type: 'progress', progress })
    },
    isInterrupted: () => isInterrupted,
  })
  pageMaker.close()
  if (isInterrupted) digests.skip()
  await finish(analysed)
}

function bundledLocations(): Promise<WorkerGeolocator | null> {
  locations ??= Promise.all([packed.read('locations'), centresOf(packed)]).then(
    ([bytes, centreOf]) => bytes && openBundled(bytes, centreOf),
  )
  return locations
}

/** Opens a database of an earlier report, or a page that contains one. */
async function openFinished(file: File): Promise<void> {
  const bytes = /\.html?$/i.test(file.name) ? await databaseOfPage(file) : new Uint8Array(await file.arrayBuffer())
  try {
    openReportDatabase(await openDatabase, bytes).close()
  } catch (error) {
    throw new CaptureError(`${file.name}: ${(error as Error).message}`)
  }
  digests = new Digests()
  digests.skip()
  await finish({ captures: [], database: bytes, warnings: [], hasLocations: true })
}

/** The page opens its copy of the database while this one is summarised. */
async function finish({ database, ...told }: Analysed): Promise<void> {
  const { buffer } = database.slice() as Uint8Array<ArrayBuffer>
  rtnvisScope.postMessage({ type: 'database', database: buffer }, [buffer])
  const open = await openDatabase
  const summary = summaryOf(summarizeAndClose(open(database)))
  rtnvisScope.postMessage({ type: 'done', ...told, summary, isWhole: !isInterrupted })
  const kept = new Blob([database as Uint8Array<ArrayBuffer>])
  made = digests.areKnown.then(async () => {
    const filled = fillDigests(new Uint8Array(await kept.arrayBuffer()), digests.all, open)
    const blob = new Blob([filled as Uint8Array<ArrayBuffer>], { type: 'application/vnd.sqlite3' })
    rtnvisScope.postMessage({ type: 'digests', digests: digests.all, database: blob })
    return { database: blob, report: summarizeAndClose(open(filled)) }
  })
}

function summarizeAndClose(opened: SqlDatabase): Report {
  const report = summarize(opened)
  opened.close()
  return report
}

async function save(as: SavedAs, folder: string): Promise<void> {
  const { database, report } = await made!
  rtnvisScope.postMessage({ type: 'saved', as, file: await fileOf(as, folder, database, report) })
}

async function fileOf(as: SavedAs, folder: string, database: Blob, report: Report): Promise<Blob> {
  if (as === 'traffic.sqlite') return database
  if (as === 'report.html') return new Blob([renderReport(templates, report, false).html], { type: 'text/html' })
  if (as === 'report.md') return new Blob([renderReport(templates, report, false).md], { type: 'text/markdown' })
  const texts = await packed.readJson<PageTexts>('page')
  if (texts === null) throw new CaptureError('analyzer/data/page-0.js is missing: copy the whole folder of the analyzer again')
  const summary = summaryOf(report)
  return as === 'zip' ? saveFolder(texts, database, summary, report, folder) : saveSinglePage(texts, database, summary)
}

function lineOf(error: unknown): string {
  if (error instanceof CaptureError || error instanceof UsageError) return error.message
  if (/memory|allocation|Invalid (typed )?array length/i.test(String(error)))
    return 'This capture needs more memory than this browser allows a page: analyse a part of it, or use the rtnvis program, which needs less.'
  return `unexpected error: ${reasonOf(error)}`
}
