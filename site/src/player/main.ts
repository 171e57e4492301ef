// The page: opens the report beside it or inside it, and ties clock, stage, dock and sidebar together.
import type { SiteManifest } from '../../../src/node/site-manifest.ts'
import { ReportClient } from '../worker/client.ts'
import type { Span } from '../worker/tally.ts'
import { advance, type Clock, createClock, cycle, pause, play, seek, setSpeed } from './clock.ts'
import { segmentsAt } from './columns.ts'
import { announce, byId, download } from './dom.ts'
import { FlowsPanel } from './flows-panel.ts'
import { formatBytes, formatCount, formatDate, formatDuration, formatHostile, formatInstant } from './format.ts'
import { markLegend, showLegend } from './legend.ts'
import { readState, showEmpty, showError, showProgress, showReady } from './notice.ts'
import { readManifest, sendParts } from './open.ts'
import { COLOUR_COUNT, colourSlots, type Theme } from './palette.ts'
import type { Picked } from './picture.ts'
import { type Filter, NO_FILTER, passesFilter, placeName, type Report } from './report.ts'
import './page-view.ts'
import { Sidebar } from './sidebar.ts'
import { Stage, WIDE_PIXELS } from './stage.ts'
import { startTheme } from './theme.ts'
import { TimelineView } from './timeline.ts'
import { viewCentre } from './view.ts'

/** A frame that comes later than this was held up by the browser: playback goes on from where it stopped instead of jumping. */
const LONGEST_FRAME_MS = 250

const client = new ReportClient()
const manifest = readManifest()
let theme: Theme = startTheme(paint)
let clock: Clock = createClock(1)
let report: Report | null = null
let slots: number[] = []
let filter: Filter = NO_FILTER
let lastFrameMs = 0

const stage = new Stage(() => theme, viewCentre(manifest?.summary.origin), {
  title: titleOf,
  click: (picked) => flows.open({ subject: picked, span: spanNow(), filter }, titleOf(picked)),
})
const timeline = new TimelineView(theme, {
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
const flows = new FlowsPanel(
  client,
  () => `${(manifest?.summary.name ?? 'rtnvis').replace(/[^\w.-]+/g, '-').slice(0, 60) || 'rtnvis'}-flows`,
)

start()

function start(): void {
  setSidebar(innerWidth >= WIDE_PIXELS)
  if (manifest) showSummary(manifest)
  const drawn = stage.start()
  openReport().then(
    async (opened) => {
      await drawn
      showReport(opened)
    },
    async (error: Error) => {
      await drawn
      showError(error)
    },
  )
  byId('toggle-sidebar').addEventListener('click', () => setSidebar(document.documentElement.dataset.sidebar === 'closed'))
  byId('download-csv').addEventListener('click', () => flows.downloadCsv({ subject: { kind: 'all' }, span: spanNow(), filter }))
  byId('download-database').addEventListener('click', async () =>
    download('traffic.sqlite', 'application/vnd.sqlite3', await client.ask('database', null)),
  )
}

/** All that can be said before the database is open. */
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
  // A damaged part is known to the worker before the last one is sent, so both are waited for at once.
  const [opened] = await Promise.all([client.opened, sendParts(manifest, client, showProgress)])
  return opened
}

function showReport(opened: Report): void {
  report = opened
  slots = colourSlots(opened.applications)
  sidebar.load(opened)
  refreshSidebar(true)
  const packets = Number(opened.meta.packets)
  if (packets === 0 || opened.applications.length === 0) {
    showEmpty(packets)
    return
  }
  const { firstUs, durationUs, bins, binBytes } = opened.timeline
  clock = createClock(durationUs)
  timeline.setSpan(firstUs, durationUs)
  timeline.setHistogram({ bins, binBytes, colours: slots })
  timeline.enable()
  showLegend(opened.applications, slots, theme, (application) => sidebar.setApplication(application))
  stage.load(opened, slots)
  showReady()
  show()
  announce(`Report open: ${formatCount(packets)} packets in ${formatDuration(durationUs)}`)
  performance.mark('ready')
}

/** Ticks of the moment, or null for the whole capture. */
function spanNow(): Span {
  if (!report || !sidebar.isMoment) return null
  const { tickUs, momentUs } = report.timeline
  return { fromTick: Math.floor((clock.positionUs - momentUs) / tickUs), toTick: Math.floor(clock.positionUs / tickUs) + 1 }
}

function refreshSidebar(isUrgent: boolean): void {
  if (report) sidebar.refresh(spanNow(), filter, isUrgent)
}

function setClock(next: Clock): void {
  const isStarting = next.isPlaying && !clock.isPlaying
  clock = next
  show()
  if (!isStarting) return
  lastFrameMs = performance.now()
  requestAnimationFrame(onFrame)
}

function onFrame(nowMs: number): void {
  if (!clock.isPlaying) return
  clock = advance(clock, Math.min(nowMs - lastFrameMs, LONGEST_FRAME_MS))
  lastFrameMs = nowMs
  show()
  if (clock.isPlaying) requestAnimationFrame(onFrame)
  else announce('End of the capture')
}

/** Everything that follows from the clock. */
function show(): void {
  timeline.show(clock)
  stage.show({ seconds: clock.positionUs / 1e6, cycle: cycle(clock) })
  const arcs = arcsNow().length
  byId('arc-count').textContent = `${formatCount(arcs)} ${arcs === 1 ? 'arc' : 'arcs'}`
  if (sidebar.isMoment) refreshSidebar(!clock.isPlaying)
}

/** Lanes drawn as arcs at this moment; traffic within one place is a ring, not an arc. */
function arcsNow(): number[] {
  if (!report) return []
  const { segments, lanes } = report
  return segmentsAt(segments, clock.positionUs / 1e6)
    .map((segment) => segments.lane[segment]!)
    .filter((lane) => passesFilter(lanes, lane, filter) && lanes.source[lane] !== lanes.target[lane])
}

function titleOf(picked: Picked): string {
  if (!report) return ''
  const { lanes, places, applications } = report
  if (picked.kind === 'place') return placeName(places[picked.place]!)
  const { lane } = picked
  const ends = [lanes.source[lane]!, lanes.target[lane]!].map((place) => placeName(places[place]!))
  return `${ends.join(' → ')} · ${formatHostile(applications[lanes.application[lane]!]!, 40)}`
}

function applyFilter(next: Filter): void {
  if (!report) return
  filter = next
  const { lanes } = report
  stage.filter((lane) => passesFilter(lanes, lane, filter))
  markLegend(filter.application)
  show()
  refreshSidebar(true)
}

function paint(next: Theme): void {
  theme = next
  stage.paint(theme)
  timeline.paint(theme)
  if (!report) return
  showLegend(report.applications, slots, theme, (application) => sidebar.setApplication(application))
  markLegend(filter.application)
}

function setSidebar(isOpen: boolean): void {
  document.documentElement.dataset.sidebar = isOpen ? 'open' : 'closed'
  byId('toggle-sidebar').setAttribute('aria-expanded', String(isOpen))
  stage.layOut()
}

window.rtnvis = {
  get state() {
    return readState()
  },
  get picture() {
    return stage.picture?.kind
  },
  get positionUs() {
    return clock.positionUs
  },
  get arcs() {
    return arcsNow().map((lane) => titleOf({ kind: 'lane', lane }))
  },
}
