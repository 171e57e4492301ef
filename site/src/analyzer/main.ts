// The start page: files that are dropped or chosen -> an analysis with its progress -> the player in its place.
import type { FromAnalysis } from '../../../src/browser/messages.ts'
import { decodeBase64 } from '../../../src/publish/base64.ts'
import type { Progress } from '../../../src/types.ts'
import { startTheme } from '../session/theme.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatBytes, formatCounted, formatHostile } from '../ui/format.ts'
import { AnalysisClient } from './analysis.ts'
import { filesOf, sortOut } from './chosen.ts'
import { readOptions } from './options.ts'
import { loadPlayerAhead, openPlayer } from './player.ts'
import { loadData } from './scripts.ts'

declare const RTNVIS_VERSION: string

const root = document.documentElement
const analysis = new AnalysisClient()
/** Databases and rules that were dropped before a capture. */
const kept: { geoip: File[]; rules: File | null } = { geoip: [], rules: null }
let startedMs = 0

startTheme(() => {})
startDropping()
startChoosing()
byId('cancel').addEventListener('click', () => {
  byId<HTMLButtonElement>('cancel').disabled = true
  byId('reading-text').textContent = 'Making the report of what was read …'
  analysis.cancel()
})

function startDropping(): void {
  addEventListener('dragover', (event) => {
    event.preventDefault()
    if (isStart()) root.dataset.over = 'true'
  })
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) delete root.dataset.over
  })
  addEventListener('drop', (event) => {
    event.preventDefault()
    delete root.dataset.over
    if (event.dataTransfer && isStart()) void take(filesOf(event.dataTransfer))
  })
}

function startChoosing(): void {
  for (const [button, input] of [
    ['choose-files', 'files'],
    ['choose-folder', 'folder'],
  ]) {
    const chooser = byId<HTMLInputElement>(input)
    byId(button).addEventListener('click', () => chooser.click())
    chooser.addEventListener('change', () => {
      const files = [...(chooser.files ?? [])]
      chooser.value = '' // the same file may be chosen again
      if (files.length > 0) void take(Promise.resolve({ files, isFolder: input === 'folder' }))
    })
  }
  byId('try-demo').addEventListener('click', () => void tryDemo())
}

/** No analysis goes on. */
function isStart(): boolean {
  return root.dataset.state === 'start' && byId('reading').hidden
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
  await take(Promise.resolve({ files: [new File(packed, 'demo.pcapng.gz')], isFolder: false }))
}

async function take(dropped: Promise<{ files: File[]; isFolder: boolean }>): Promise<void> {
  try {
    const { files, isFolder } = await dropped
    const chosen = await sortOut(files, isFolder)
    if (chosen.geoip.length > 0) kept.geoip = chosen.geoip
    kept.rules = chosen.rules ?? kept.rules
    if (chosen.captures.length > 0) await analyze(chosen.captures)
    else if (chosen.report) await openReport(chosen.report)
    else if (chosen.geoip.length > 0 || chosen.rules) tellKept()
    else
      showProblem(
        isFolder
          ? 'There is no capture in this folder: none of its names ends in .pcap, .pcapng, .cap, .gz or .zst.'
          : 'No file was dropped.',
      )
  } catch (error) {
    showProblem((error as Error).message)
  }
}

function tellKept(): void {
  const names = [...kept.geoip, ...(kept.rules ? [kept.rules] : [])].map(({ name }) => formatHostile(name, 60))
  showProblem(`${names.join(' and ')} will be used. Now drop a capture.`)
}

async function analyze(captures: File[]): Promise<void> {
  const options = readOptions(kept)
  showReading(captures.length === 1 ? captures[0].name : formatCounted(captures.length, 'file'))
  analysis.onmessage = hear
  await analysis.begin({ type: 'analyze', captures, options, programVersion: RTNVIS_VERSION })
  loadPlayerAhead()
}

async function openReport(file: File): Promise<void> {
  showReading(file.name)
  analysis.onmessage = hear
  await analysis.begin({ type: 'open', file })
  loadPlayerAhead()
}

function hear(message: FromAnalysis): void {
  if (message.type === 'progress') showProgress(message.progress)
  else if (message.type === 'failed') showProblem(message.message)
  else if (message.type === 'done') openPlayer(message, analysis).catch((error: Error) => showProblem(error.message))
}

function showReading(name: string): void {
  startedMs = performance.now()
  byId('drop').hidden = true
  byId('message').hidden = true
  byId('options').hidden = true
  byId('reading').hidden = false
  byId<HTMLButtonElement>('cancel').disabled = false
  byId('reading-title').textContent = `Reading ${formatHostile(name, 80)}`
  byId('reading-text').textContent = ''
  byId<HTMLProgressElement>('reading-progress').removeAttribute('value')
  announce(`Reading ${formatHostile(name, 80)}`)
}

function showProgress({ bytes, totalBytes, packets }: Progress): void {
  if (byId<HTMLButtonElement>('cancel').disabled) return
  const seconds = (performance.now() - startedMs) / 1000
  const rate = bytes / Math.max(seconds, 0.001)
  const parts = [
    totalBytes === null ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    formatCounted(packets, 'packet'),
  ]
  parts.push(`${formatBytes(Math.round(rate))}/s`)
  if (totalBytes !== null) {
    byId<HTMLProgressElement>('reading-progress').value = bytes / totalBytes
    const left = Math.ceil((totalBytes - bytes) / rate)
    parts.push(bytes >= totalBytes ? 'making the report' : `${left} s left`)
  }
  byId('reading-text').textContent = parts.join(' · ')
}

/** One sentence; the page is as it was before. */
function showProblem(text: string): void {
  analysis.close()
  byId('reading').hidden = true
  byId('drop').hidden = false
  byId('options').hidden = false
  byId('message').hidden = false
  byId('message').textContent = text
}
