// The start page: files that are dropped or chosen -> an analysis with its progress -> the player in its place.
import type { Done, FromAnalysis, Grown } from '../../../src/browser/messages.ts'
import { decodeBase64 } from '../../../src/publish/base64.ts'
import { showError } from '../session/notice.ts'
import { startTheme } from '../session/theme.ts'
import { byId } from '../ui/dom.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'
import { toast } from '../ui/toast.ts'
import { AnalysisClient } from './analysis.ts'
import { type Dropped, filesOf, sortOut } from './chosen.ts'
import { AnalysisSource } from './growing.ts'
import { startInstalling } from './installing.ts'
import { readOptions } from './options.ts'
import { addActions, addAnother, fileStem, loadPlayerAhead, openGrowing, openPlayer } from './player.ts'
import { Reading } from './reading.ts'
import { keepReport, startRecent } from './recent.ts'
import { keepTexts, loadData } from './scripts.ts'

declare const RTNVIS_VERSION: string

const root = document.documentElement
/** Of the start page, when nothing is read. */
const PARTS = ['drop', 'message', 'below']
const analysis = new AnalysisClient()
/** Databases and rules that were dropped before a capture: for the next one. */
const kept: { geoip: File[]; rules: File | null } = { geoip: [], rules: null }
const reading = new Reading(() => analysis.cancel())
/** The picture of what was read so far, once it is there. */
let growing: AnalysisSource | null = null
/** The report, once it is made. */
let database = new ArrayBuffer(0)
/** The report is made of a capture: it was not saved or kept before. */
let isNew = false

keepTexts()
startTheme(() => {})
startDropping()
startChoosing()
void startRecent((file) => void take(Promise.resolve({ files: [file], folder: null })))
startInstalling((files) => void take(files.then((files) => ({ files, folder: null }))))
function startDropping(): void {
  // Text may be dragged into a field.
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files')
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    if (!isStart()) return
    root.dataset.over = 'true'
    prepare()
  })
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) delete root.dataset.over
  })
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    delete root.dataset.over
    if (isStart()) void take(filesOf(event.dataTransfer!))
    else if (reading.isGoingOn) toast('One capture is read at a time: stop this one first.')
    else toast('Press Another capture first. The page then forgets this report: save it, if you need it.')
  })
}

function startChoosing(): void {
  for (const [button, input] of [
    ['choose-files', 'files'],
    ['choose-folder', 'folder'],
  ]) {
    const chooser = byId<HTMLInputElement>(input)
    byId(button).addEventListener('click', () => {
      chooser.click()
      prepare()
    })
    chooser.addEventListener('change', () => {
      const files = [...(chooser.files ?? [])]
      chooser.value = '' // the same file may be chosen again
      const folder = input === 'folder' ? (files.at(0)?.webkitRelativePath.split('/')[0] ?? '') : null
      if (files.length > 0) void take(Promise.resolve({ files, folder }))
    })
  }
  byId('try-demo').addEventListener('click', () => void tryDemo())
}

/** A capture is about to come. */
function prepare(): void {
  analysis.prepare()
  loadPlayerAhead()
}

/** No analysis goes on. */
function isStart(): boolean {
  return root.dataset.state === 'start' && !reading.isGoingOn
}

async function tryDemo(): Promise<void> {
  const packed: Uint8Array<ArrayBuffer>[] = []
  const isThere = await loadData('demo', ({ base64, index }) => {
    packed[index] = decodeBase64(base64)
  })
  if (!isThere) {
    showProblem('analyzer/data/demo-0.js is missing: copy the whole folder of the analyzer again.')
    return
  }
  await take(Promise.resolve({ files: [new File(packed, 'demo.pcapng.gz')], folder: null }))
}

async function take(dropped: Promise<Dropped>): Promise<void> {
  try {
    const all = await dropped
    const chosen = await sortOut(all)
    if (chosen.geoip.length > 0) kept.geoip = chosen.geoip
    kept.rules = chosen.rules ?? kept.rules
    if (chosen.captures.length > 0) await analyze(chosen.captures, all.folder)
    else if (chosen.report) await begin(chosen.report.name, { type: 'open', file: chosen.report })
    else if (chosen.geoip.length > 0 || chosen.rules) tellKept()
    else showProblem(all.folder === null ? 'No file was dropped.' : 'There is no file in this folder.')
  } catch (error) {
    showProblem((error as Error).message)
  }
}

function tellKept(): void {
  showProblem(`${keptNames().join(' and ')} will be used. Now drop a capture.`)
}

function keptNames(): string[] {
  return [...kept.geoip, ...(kept.rules ? [kept.rules] : [])].map(({ name }) => name)
}

/** One of them may be what was wrong. @returns what is said of it */
function forgetKept(): string {
  const names = keptNames()
  kept.geoip = []
  kept.rules = null
  return names.length === 0 ? '' : `. The next capture is read without ${names.join(' and ')}, unless dropped again.`
}

async function analyze(captures: File[], folder: string | null): Promise<void> {
  const options = readOptions(kept)
  const name = folder || (captures.length === 1 ? captures[0].name : formatCounted(captures.length, 'file'))
  await begin(name, { type: 'analyze', captures, folder, options, programVersion: RTNVIS_VERSION })
  analysis.grow()
}

async function begin(name: string, message: Parameters<AnalysisClient['begin']>[0]): Promise<void> {
  for (const id of PARTS) byId(id).hidden = true
  reading.begin(name)
  isNew = message.type === 'analyze'
  analysis.onmessage = hear
  loadPlayerAhead()
  await analysis.begin(message)
}

function hear(message: FromAnalysis): void {
  switch (message.type) {
    case 'progress':
      reading.show(message.progress)
      break
    case 'grown':
      reading.tellLeftOut(message.leftOut)
      if (growing) growing.take(message)
      else grow(message)
      break
    case 'failed':
      if (growing) failGrowing(message.message)
      else showProblem(message.message + forgetKept())
      break
    case 'database':
      database = message.database
      growing?.finish(database)
      break
    case 'done':
      void finish(message)
  }
}

/** The report is kept when it is open: what is said of that belongs to the page that stays. */
async function finish(done: Done): Promise<void> {
  if (growing) addActions(done, analysis)
  else await openPlayer(database, done, analysis).catch((error: Error) => showProblem(error.message))
  reading.end()
  if (isNew) keepReport(fileStem(done.summary.name), await analysis.database)
}

function grow(first: Grown): void {
  growing = new AnalysisSource(first, () => analysis.grow())
  openGrowing(first.name, growing, () => reading.moveOver()).catch((error: Error) => showError(error))
}

/** The picture stays, with one sentence over it. */
function failGrowing(text: string): void {
  reading.end()
  growing!.fail(text)
  showError(new Error(formatHostile(text, 1000)), 'The capture could not be read')
  addAnother()
}

/** One sentence; the page is as it was before. */
function showProblem(text: string): void {
  analysis.close()
  reading.end()
  for (const id of PARTS) byId(id).hidden = false
  byId('message').textContent = formatHostile(text, 1000)
}
