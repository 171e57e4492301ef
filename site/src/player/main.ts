// The page: opens the report beside it or inside it, and ties clock, picture, dock and sidebar together.
import type { SiteManifest } from '../../../src/node/site-manifest.ts'
import { ReportClient } from '../worker/client.ts'
import { advance, type Clock, createClock, cycle, pause, play, seek, setSpeed } from './clock.ts'
import { segmentsAt } from './columns.ts'
import { announce, byId, download, make } from './dom.ts'
import { FlowsPanel } from './flows-panel.ts'
import { formatBytes, formatCount, formatDate, formatDuration, formatHostile, formatInstant } from './format.ts'
import { GlobePicture, probeWebGl } from './globe.ts'
import { MapPicture } from './map.ts'
import { readManifest, sendParts } from './open.ts'
import { COLOUR_COUNT, colourOf, colourSlots, type Theme } from './palette.ts'
import type { Picture } from './picture.ts'
import { type Filter, NO_FILTER, placeName, type Report } from './report.ts'
import { Sidebar } from './sidebar.ts'
import { startTheme } from './theme.ts'
import { TimelineView } from './timeline.ts'

type State = 'loading' | 'ready' | 'empty' | 'error'

declare global {
  interface Window {
    /** For tests and the curious: what is on the stage right now. Read only. */
    rtnvis: { readonly state: State; readonly picture: Picture['kind']; readonly positionUs: number; readonly arcs: string[] }
  }
}

const root = document.documentElement
const client = new ReportClient()
const manifest = readManifest()
let theme: Theme = startTheme(paint)
let clock: Clock = createClock(1)
let report: Report | null = null
let slots: number[] = []
let filter: Filter = NO_FILTER
let picture: Picture | null = null

const timeline = new TimelineView({
  toggle() {
    setClock(clock.isPlaying ? pause(clock) : play(clock))
    announce(clock.isPlaying ? 'Playing' : `Paused at ${formatInstant((report?.timeline.firstUs ?? 0) + clock.positionUs)}`)
  },
  seek: (positionUs) => setClock(seek(clock, positionUs)),
  speed: (speed) => setClock(setSpeed(clock, speed)),
})
const sidebar = new Sidebar(client, {
  open: (subject, title) => flows.open({ subject, span: spanNow(), filter }, title),
  filter: applyFilter,
  span: () => refreshSidebar(true),
})
const flows = new FlowsPanel(client, () => `${fileStem()}-flows`)

start()

function start(): void {
  if (manifest) showSummary(manifest)
  const webGl = probeWebGl()
  const opened = openReport()
  // After the first text is on the screen: the globe takes the longest to set up.
  requestAnimationFrame(() => {
    const stage = byId('stage')
    picture = webGl ? new GlobePicture(stage, webGl, theme) : new MapPicture(stage, theme)
    root.dataset.picture = picture.kind
    layOut()
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('first-picture')))
    opened.then(showReport, showError)
  })
  byId('toggle-sidebar').addEventListener('click', () => setSidebar(root.dataset.sidebar === 'closed'))
  setSidebar(innerWidth >= 900)
  addEventListener('resize', layOut)
  document.addEventListener('visibilitychange', () => picture?.setVisible(!document.hidden))
  byId('download-csv').addEventListener('click', () => flows.downloadCsv({ subject: { kind: 'all' }, span: spanNow(), filter }))
  byId('download-database').addEventListener('click', async () =>
    download('traffic.sqlite', 'application/vnd.sqlite3', await client.ask('database', null)),
  )
  watchPointer()
}

function showSummary({ summary, hasReportPage }: SiteManifest): void {
  const name = formatHostile(summary.name, 80)
  document.title = `${name} · rtnvis`
  byId('report-name').textContent = name
  for (const id of ['report-link', 'notice-link']) byId(id).hidden = !hasReportPage
  byId('total-bytes').textContent = formatBytes(summary.bytes)
  byId('total-packets').textContent = formatCount(summary.packets)
  byId('total-flows').textContent = formatCount(summary.flows)
  byId('total-hosts').textContent = formatCount(summary.hosts)
  if (summary.firstUs === null || summary.lastUs === null) return
  const durationUs = summary.lastUs - summary.firstUs
  byId('report-span').textContent = `${formatDate(summary.firstUs)} · ${formatDuration(durationUs)} · ${formatBytes(summary.bytes)}`
  timeline.setSpan(summary.firstUs, durationUs)
  timeline.setHistogram({ bins: summary.histogram.length, binBytes: summary.histogram, colours: [COLOUR_COUNT - 1] })
}

async function openReport(): Promise<Report> {
  if (!manifest)
    throw new Error(
      'assets/data/manifest.js is missing or damaged. Keep index.html together with its assets folder: copy the whole report folder.',
    )
  const progress = byId<HTMLProgressElement>('progress')
  await sendParts(manifest, client, (share) => {
    progress.value = share * 0.9
  })
  return client.opened
}

function showReport(opened: Report): void {
  const { lanes, timeline: span } = opened
  report = opened
  slots = colourSlots(opened.applications)
  sidebar.load(opened)
  refreshSidebar(true)
  if (Number(opened.meta.packets) === 0 || (span.ticks === 0 && lanes.count === 0)) {
    const isSilent = Number(opened.meta.packets) === 0
    showNotice('empty', isSilent ? 'No packets in this capture' : 'No IP traffic in this capture', emptyText(opened, isSilent))
    return
  }
  clock = createClock(span.durationUs)
  timeline.setSpan(span.firstUs, span.durationUs)
  timeline.setHistogram({ bins: span.bins, binBytes: span.binBytes, colours: slots })
  timeline.enable()
  showLegend(opened)
  picture!.load(opened, slots)
  root.dataset.state = 'ready'
  byId('notice').hidden = true
  show()
  announce(`Report open: ${formatCount(Number(opened.meta.packets))} packets in ${formatDuration(span.durationUs)}`)
  performance.mark('ready')
}

function emptyText(opened: Report, isSilent: boolean): string {
  return isSilent
    ? 'The file was read to its end and is a valid capture. Nothing was recorded in it, so there is nothing to play.'
    : `${formatCount(Number(opened.meta.packets))} packets were read; none of them is IP, so none has a place on the globe.`
}

function showError(error: Error): void {
  showNotice('error', 'This report cannot be opened', error.message)
}

function showNotice(state: State, title: string, text: string): void {
  root.dataset.state = state
  byId('notice-title').textContent = title
  byId('notice-text').textContent = text
  byId('progress').hidden = true
  announce(`${title}. ${text}`)
}

/** Ticks of the moment, or null for the whole capture. */
function spanNow() {
  if (!report || !sidebar.isMoment) return null
  const { tickUs, momentUs } = report.timeline
  return { fromTick: Math.floor((clock.positionUs - momentUs) / tickUs), toTick: Math.floor(clock.positionUs / tickUs) + 1 }
}

function refreshSidebar(isUrgent: boolean): void {
  if (report) sidebar.refresh(spanNow(), filter, isUrgent)
}

function setClock(next: Clock): void {
  const starts = next.isPlaying && !clock.isPlaying
  clock = next
  show()
  if (starts) requestAnimationFrame(tick)
}

let lastMs = 0
function tick(nowMs: number): void {
  if (!clock.isPlaying) {
    lastMs = 0
    return
  }
  // A page that was hidden gets one frame with a long gap: it goes on from where it stopped.
  clock = advance(clock, lastMs === 0 ? 0 : Math.min(nowMs - lastMs, 250))
  lastMs = clock.isPlaying ? nowMs : 0
  show()
  if (clock.isPlaying) requestAnimationFrame(tick)
}

/** Everything that follows from the clock. */
function show(): void {
  timeline.show(clock)
  picture?.show({ seconds: clock.positionUs / 1e6, cycle: cycle(clock) })
  const arcs = arcsNow().length
  byId('arc-count').textContent = `${formatCount(arcs)} ${arcs === 1 ? 'arc' : 'arcs'}`
  if (sidebar.isMoment) refreshSidebar(!clock.isPlaying)
}

function passes(lane: number): boolean {
  const { lanes } = report!
  return (
    (filter.application === null || lanes.application[lane] === filter.application) &&
    (filter.transport === null || lanes.transport[lane] === filter.transport)
  )
}

/** Lanes drawn as arcs at this moment. */
function arcsNow(): number[] {
  if (!report) return []
  const { segments, lanes } = report
  return segmentsAt(segments, clock.positionUs / 1e6)
    .map((segment) => segments.lane[segment]!)
    .filter((lane) => passes(lane) && lanes.source[lane] !== lanes.target[lane])
}

function laneTitle(lane: number): string {
  const { lanes, places, applications } = report!
  const name = (place: number) => placeName(places[place]!)
  return `${name(lanes.source[lane]!)} → ${name(lanes.target[lane]!)} · ${formatHostile(applications[lanes.application[lane]!]!, 40)}`
}

function applyFilter(next: Filter): void {
  filter = next
  picture?.filter(passes)
  for (const button of byId('legend').querySelectorAll('button'))
    button.setAttribute('aria-pressed', String(filter.application !== null && Number(button.value) === filter.application))
  show()
  refreshSidebar(true)
}

/** The applications with a colour of their own, and one entry for the others. */
function showLegend(opened: Report): void {
  const shown = opened.applications.slice(0, COLOUR_COUNT)
  byId('legend').replaceChildren(
    ...shown.map((application, index) => {
      const button = make('button', '', formatHostile(application, 24))
      button.type = 'button'
      button.value = String(index)
      button.setAttribute('aria-pressed', 'false')
      button.title = `Only ${button.textContent}`
      button.style.setProperty('--colour', colourOf(theme, slots[index]!))
      button.addEventListener('click', () => sidebar.setApplication(filter.application === index ? null : index))
      const item = make('li')
      item.append(button)
      return item
    }),
  )
}

function paint(next: Theme): void {
  theme = next
  picture?.paint(theme)
  timeline.paint(theme)
  if (report) showLegend(report)
}

function setSidebar(isOpen: boolean): void {
  root.dataset.sidebar = isOpen ? 'open' : 'closed'
  byId('toggle-sidebar').setAttribute('aria-expanded', String(isOpen))
  layOut()
}

/** Keeps the picture in the middle of the space that the panels leave free. */
function layOut(): void {
  const isWide = innerWidth >= 900
  const right = isWide && root.dataset.sidebar === 'open' ? byId('sidebar').offsetWidth + 16 : 0
  picture?.inset(right, isWide ? byId('dock').offsetHeight - 40 : byId('dock').offsetHeight)
}

function watchPointer(): void {
  const stage = byId('stage')
  const tooltip = byId('tooltip')
  let down: { x: number; y: number } | null = null
  let isWaiting = false
  const titleOf = (x: number, y: number) => {
    const picked = report ? picture?.pick(x, y) : null
    return picked ? { picked, title: picked.kind === 'lane' ? laneTitle(picked.lane) : placeName(report!.places[picked.place]!) } : null
  }
  stage.addEventListener('pointermove', ({ offsetX, offsetY, clientX, clientY, buttons }) => {
    if (isWaiting) return
    isWaiting = true
    requestAnimationFrame(() => {
      isWaiting = false
      const found = buttons === 0 ? titleOf(offsetX, offsetY) : null
      tooltip.hidden = !found
      stage.style.cursor = found ? 'pointer' : ''
      if (!found) return
      tooltip.textContent = found.title
      tooltip.style.left = `${Math.min(clientX + 14, innerWidth - tooltip.offsetWidth - 8)}px`
      tooltip.style.top = `${Math.max(8, clientY - tooltip.offsetHeight - 12)}px`
    })
  })
  stage.addEventListener('pointerleave', () => {
    tooltip.hidden = true
  })
  stage.addEventListener('pointerdown', ({ clientX, clientY }) => {
    down = { x: clientX, y: clientY }
  })
  stage.addEventListener('click', ({ offsetX, offsetY, clientX, clientY }) => {
    if (!down || Math.hypot(clientX - down.x, clientY - down.y) > 5) return // it was a turn of the globe
    const found = titleOf(offsetX, offsetY)
    if (!found) return
    // What is on the stage is of the moment, so its flows are too, unless the sidebar shows the whole capture.
    flows.open({ subject: found.picked, span: spanNow(), filter }, found.title)
  })
}

function fileStem(): string {
  return (manifest?.summary.name ?? 'rtnvis').replace(/[^\w.-]+/g, '-').slice(0, 60) || 'rtnvis'
}

window.rtnvis = {
  get state() {
    return root.dataset.state as State
  },
  get picture() {
    return picture!.kind
  },
  get positionUs() {
    return clock.positionUs
  },
  get arcs() {
    return arcsNow().map(laneTitle)
  },
}
