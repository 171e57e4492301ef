// A finished report in memory -> the player in this page's place, and how it is saved.
import type { Done, SavedAs } from '../../../src/browser/messages.ts'
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import { manifestOf } from '../../../src/publish/manifest.ts'
import type { LiveSource } from '../live/source.ts'
import { announce, byId, make } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'
import { loadScript } from '../ui/load-script.ts'
import { openMenu } from '../ui/menu.ts'
import type { AnalysisClient } from './analysis.ts'

/** Need nothing of the player's markup. */
const AHEAD = ['assets/worker.js', 'assets/start.js', 'assets/shared.js', 'assets/globe.js']

let ahead: Promise<unknown> | null = null
let tellLoaded: () => void

/** The player's scripts, its worker and its globe, while the capture is chosen. */
export function loadPlayerAhead(): void {
  if (ahead !== null) return
  globalThis.rtnvisPageLoaded = new Promise((resolve) => {
    tellLoaded = resolve
  })
  ahead = Promise.all(AHEAD.map(loadScript))
  ahead.then(() => globalThis.rtnvisMakeGlobe!()).catch(() => {}) // reported when the player opens
}

/** A finished report. @throws Error: a script is missing */
export async function openPlayer(database: ArrayBuffer, done: Done, analysis: AnalysisClient): Promise<void> {
  await ahead
  globalThis.rtnvisDatabase = database
  await placePlayer(manifestOf(database.byteLength, done.summary, { hasReportPage: false }), () => addActions(done, analysis))
}

/** What was read so far. @param onPlaced the player's markup is on the page @throws Error: a script is missing */
export async function openGrowing(name: string, source: LiveSource, onPlaced: () => void): Promise<void> {
  await ahead
  globalThis.rtnvisLiveSource = source
  const none = { packets: 0, bytes: 0, flows: 0, hosts: 0, publicHosts: 0, locatedHosts: 0 }
  const summary = { name, firstUs: null, lastUs: null, ...none, histogram: [] }
  const live = { interfaceName: name, filter: '' }
  await placePlayer({ ...manifestOf(0, summary, { hasReportPage: false }), live }, onPlaced)
}

async function placePlayer(manifest: SiteManifest, onPlaced: () => void): Promise<void> {
  const root = document.documentElement
  delete root.dataset.over
  globalThis.rtnvisManifest = manifest
  globalThis.rtnvisBegin!() // the worker is busy with it while the page is made
  root.dataset.state = 'loading'
  document.body.replaceChildren(byId<HTMLTemplateElement>('player').content)
  onPlaced()
  await loadScript('assets/app.js')
  tellLoaded()
}

const FILES: Record<SavedAs, { label: string; name: (stem: string) => string }> = {
  html: { label: 'Report as one .html file', name: (stem) => `${stem}.html` },
  zip: { label: 'Report as a folder (.zip)', name: (stem) => `${stem}.zip` },
  'report.html': { label: 'report.html, to print', name: () => 'report.html' },
  'report.md': { label: 'report.md, for a ticket', name: () => 'report.md' },
  'traffic.sqlite': { label: 'traffic.sqlite', name: () => 'traffic.sqlite' },
}

/** The buttons that a report has only here. */
export function addActions(done: Done, analysis: AnalysisClient): void {
  const stem = fileStem(done.summary.name)
  const save = make('button', 'button', 'Save as')
  save.id = 'save-as'
  save.type = 'button'
  save.setAttribute('aria-haspopup', 'menu')
  save.addEventListener('click', () => {
    const box = save.getBoundingClientRect()
    const items = (Object.keys(FILES) as SavedAs[]).map((as) => ({
      label: FILES[as].label,
      run() {
        save.disabled = true
        announce('Making the file')
        analysis.save(as, stem)
      },
    }))
    openMenu('Save as', items, box.left, box.bottom + 4)
  })
  analysis.onmessage = (message) => {
    save.disabled = false
    if (message.type === 'saved') offer(FILES[message.as].name(stem), message.file)
    else if (message.type === 'failed') tell(message.message)
  }
  const notes = notesOf(done)
  addAnother()
  addButtons(...(notes.length > 0 ? [notesButton(notes)] : []), save)
}

/** The way back to the start page. */
export function addAnother(): void {
  const again = make('a', 'button', 'Another')
  again.append(make('span', '', 'capture')) // where there is room
  again.ariaLabel = 'Another capture'
  again.id = 'another-capture'
  again.href = location.pathname
  addButtons(again)
}

function addButtons(...buttons: HTMLElement[]): void {
  document.querySelector('#masthead nav')!.prepend(...buttons)
}

/** What the program prints on the terminal. */
function notesOf({ hasLocations, isWhole, warnings }: Done): string[] {
  return [
    ...(isWhole ? [] : ['The reading was stopped: the report holds what was read until then.']),
    ...(hasLocations
      ? []
      : ['There was no location database, so no host has a place. Drop a MaxMind file (.mmdb) together with the capture.']),
    ...warnings,
  ]
}

function notesButton(notes: string[]): HTMLButtonElement {
  const button = make('button', 'button', notes.length === 1 ? '1 note' : `${notes.length} notes`)
  button.id = 'analysis-notes'
  button.type = 'button'
  button.addEventListener('click', () => {
    const dialog = make('dialog', 'small-dialog')
    const heading = make('h2', '', 'Notes of the analysis')
    heading.id = 'analysis-notes-title'
    dialog.setAttribute('aria-labelledby', heading.id)
    const list = make('ul', 'warnings')
    list.append(...notes.map((note) => make('li', '', formatHostile(note, 1000))))
    const close = make('button', 'button', 'Close')
    close.type = 'button'
    close.addEventListener('click', () => dialog.close())
    dialog.addEventListener('close', () => dialog.remove())
    const actions = make('div', 'card-actions')
    actions.append(close)
    dialog.append(heading, list, actions)
    document.body.append(dialog)
    dialog.showModal()
  })
  return button
}

function tell(text: string): void {
  announce(text)
  alert(text)
}

function offer(name: string, file: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** A report's name as that of a file on any system. */
export function fileStem(name: string): string {
  return (
    name
      .replace(/[\p{C}/\\:*?"<>|]/gu, '-')
      .replace(/^[. ]+|[. ]+$/g, '')
      .slice(0, 100) || 'report'
  )
}
