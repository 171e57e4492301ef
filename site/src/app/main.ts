// The page of a report: connects its parts, and says what happens when the report, the filter, the clock or the theme changes.
import { addTerm, setValue, valueIn } from '../../../src/filter/terms.ts'
import { startFilterBar } from '../filter-bar/filter-bar.ts'
import { startMatching } from '../filter-bar/filter-result.ts'
import { startFocusChip } from '../filter-bar/focus-chip.ts'
import { ListRenewal } from '../live/list-renewal.ts'
import { LiveMode } from '../live/live-mode.ts'
import { watchNewFindings } from '../live/new-findings.ts'
import { ServerSource } from '../live/server-source.ts'
import { createClock, cycle, fitSpeed, rateOf, seek } from '../model/clock.ts'
import type { AlertMark, Report } from '../model/report.ts'
import { sunShown } from '../model/sun.ts'
import { FlowsPanel } from '../panels/flows-panel.ts'
import { Numbers } from '../panels/numbers.ts'
import { SpeedControl } from '../playback/speed-control.ts'
import { TimelineView } from '../playback/timeline.ts'
import type { Matching } from '../protocol/messages.ts'
import { nextTurn } from '../protocol/time-slicing.ts'
import { startLocation } from '../session/location.ts'
import { showEmpty, showError, showReady } from '../session/notice.ts'
import { Session } from '../session/session.ts'
import { startTheme } from '../session/theme.ts'
import type { Player } from '../session/view.ts'
import { ArcController } from '../stage/arc-controller.ts'
import { EffectsController } from '../stage/effects/effects-controller.ts'
import { viewCentre } from '../stage/initial-camera.ts'
import { readLayers } from '../stage/layers.ts'
import { showScales, startLayers } from '../stage/layers-panel.ts'
import { Legend } from '../stage/legend.ts'
import { LocalController } from '../stage/local/local-controller.ts'
import { OriginChoice } from '../stage/origin.ts'
import { isGeo, type Moment, makeSignal, type Picked } from '../stage/renderer.ts'
import { Stage } from '../stage/stage.ts'
import { groupTitle, titleOf } from '../stage/titles.ts'
import { frameWhole } from '../stage/whole-frame.ts'
import { announce } from '../ui/dom.ts'
import { formatCounted, formatDuration } from '../ui/format.ts'
import { colourSlots, type Theme } from '../ui/palette.ts'
import { startDetail } from '../views/detail/page.ts'
import { fileStem } from '../views/tables/export-files.ts'
import { startAlertCount } from './alert-count.ts'
import { startButtons } from './buttons.ts'
import { showPage } from './debug-api.ts'
import { startHelp } from './help.ts'
import { Playing } from './playing.ts'
import { openHome, showView } from './show-view.ts'
import { beginReport, client, drawnBy } from './start.ts'
import { showSpan, showSummary } from './summary.ts'
import { Tabs } from './tabs.ts'
import { VIEWS } from './views.ts'

const { manifest, opened } = beginReport()
const session = new Session()
const stem = fileStem(manifest?.summary.name ?? '')
const match = startMatching(session, client)
let theme: Theme = startTheme(paint)
let report: Report | null = null
let slots: number[] = []
let arcs: ArcController | null = null
let local: LocalController | null = null
let effects: EffectsController | null = null
let playing: Playing | null = null
/** A link has put the camera where it is: the first picture is not framed. */
let isAimed = false

const source = manifest?.live && (globalThis.rtnvisLiveSource ?? new ServerSource(manifest.live))
/** Given when nothing more urgent is to be done: while the analyzer reads a capture, that needs the processor. */
const calm = makeSignal()
if (source?.isRealTime !== false) calm.give()

const stage = new Stage(drawnBy, calm.heard, () => theme, viewCentre(manifest?.summary.origin), {
  title: (picked) =>
    [isGeo(picked) ? arcs?.describe(picked) : local?.titleOf(picked), effects?.describe(picked, local?.map ?? null)]
      .filter(Boolean)
      .join(' · '),
  click: focusOn,
})
const timeline = new TimelineView(session, {
  toggle: () => playing?.toggle(),
  seek: (positionUs) => session.set({ clock: seek(session.state.clock, positionUs) }),
})
const speed = new SpeedControl(session)
const flows = new FlowsPanel(
  client,
  () => `${stem}-flows`,
  (terms) => {
    session.filterBy(addTerm(session.state.filterText, terms))
    session.set({ view: 'flows' })
  },
)
const numbers = new Numbers(session, client, flows, () => report)
const { sidebar } = numbers
const live = source && new LiveMode(session, client, source, { update: updateReport, finish: showWhole })
const origin = new OriginChoice(session, client, (moved) => void arcs?.renew(moved, () => showMoved(moved)))
const lists = new ListRenewal(session)
const legend = new Legend(session, () => effects?.entries ?? [])
const tabs = new Tabs(VIEWS, (view) => session.set({ view }))

start()

function start(): void {
  const span = manifest && showSummary(manifest)
  if (span) {
    session.set({ clock: createClock(span.durationUs), isWhole: !manifest?.live })
    timeline.setSpan(span.firstUs, span.durationUs)
    timeline.showSummary(manifest!.summary.histogram, theme)
  }
  session.subscribe(() => {
    showView(session, stage, tabs, report !== null)
    show()
  }, ['view'])
  session.subscribe(() => void (report && match()), ['filterText', 'span'])
  session.subscribe(showFilter, ['matching'])
  session.subscribe(show, ['clock', 'isWhole', 'span', 'options'])
  const writeFilter = startFilterBar(
    session,
    client,
    () => stage.camera,
    () => report?.timeline.firstUs ?? 0,
  )
  startFocusChip(session, () => report)
  startAlertCount(session)
  startLocation(session, writeFilter, (camera) => {
    stage.camera = camera
    isAimed = true
  })
  startHelp()
  const reportRead = live ? live.open() : opened!
  const drawn = stage.start().then(() => {
    showView(session, stage, tabs, report !== null)
  })
  // Errors are shown once the stage is drawn, or has failed.
  Promise.all([reportRead, drawnBy])
    .then(([report]) => showReport(report, drawn))
    .catch(async (error: Error) => {
      await drawn.catch(() => {})
      showError(error)
    })
  drawn.catch(showError)
  startButtons(stage, numbers, flows, client)
}

/** `drawn`: the stage has its picture. The report is prepared meanwhile. */
async function showReport(read: Report, drawn: Promise<void>): Promise<void> {
  const opened = live || Number(read.meta.packets) === 0 ? read : await origin.load(read)
  report = opened
  slots = colourSlots(opened.applications)
  const packets = Number(opened.meta.packets)
  if (packets === 0) {
    sidebar.load(opened)
    numbers.refresh(true)
    await drawn
    showEmpty()
    return
  }
  const { firstUs, durationUs } = opened.timeline
  stage.load(opened, slots)
  arcs = new ArcController(session, client, stage, opened, (slices, isOther) => {
    showScales(readLayers(session.state.options.layers), report!, slices)
    if (slices.whole && isOther && !isAimed) frameWhole(stage, report!, slices)
    isAimed = false
  })
  local = new LocalController(session, client, stage, opened, (terms, title) => numbers.open({ kind: 'terms', terms }, title))
  effects = new EffectsController(session, client, stage, () => legend.load(report!, slots, theme))
  openHome(session, opened)
  const picture = session.state.view === 'local' ? local.refresh() : arcs.refresh()
  await nextTurn()
  sidebar.load(opened)
  numbers.refresh(true)
  timeline.setSpan(firstUs, durationUs)
  speed.load(fitSpeed(durationUs))
  legend.load(opened, slots, theme)
  startLayers(session, (layers) => {
    stage.setLayers(layers)
    if (arcs?.slices) showScales(layers, report!, arcs.slices)
  })
  const player: Player = {
    session,
    client,
    theme: () => theme,
    get report() {
      return report!
    },
  }
  await picture
  timeline.load(player)
  await nextTurn()
  speed.enable()
  timeline.enable()
  tabs.load(player)
  showView(session, stage, tabs, report !== null)
  startDetail(player)
  showReady()
  session.set({ alerts: opened.alerts })
  if (live) watchNewFindings(session)
  show()
  const slotOf = (application: number) => slots[application]
  playing = new Playing(
    player,
    stage,
    { timeline, speed, showAlert, routesNow, slotOf, stem, effectNames: () => effects?.entries.map(({ name }) => name) ?? [] },
    drawn,
  )
  if (!live) void playing.complete()
  live?.start()
  void match()
  void effects.refresh()
  announceReport(opened)
  performance.mark('ready')
}

/** A running capture has grown: everything is drawn anew from where the reader is. */
async function updateReport(grown: Report, matching: Matching): Promise<void> {
  await arcs?.renew(grown, () => {
    report = grown
    slots = colourSlots(grown.applications)
    stage.load(grown, slots)
  })
  await nextTurn()
  report = grown
  const { firstUs, durationUs } = grown.timeline
  timeline.grow(durationUs)
  local?.update(grown)
  effects?.update()
  showSpan(firstUs, durationUs, Number(grown.meta.bytes))
  legend.load(grown, slots, theme)
  sidebar.load(grown)
  playing?.update(grown)
  session.set({ alerts: grown.alerts, matching })
  lists.request()
}

/** A growing report is whole. */
function showWhole(whole: Report, isFollowed: boolean): void {
  playing?.finish(whole, isFollowed)
  calm.give()
  announceReport(whole)
}

function announceReport({ meta, timeline: { durationUs } }: Report): void {
  announce(`Report open: ${formatCounted(Number(meta.packets), 'packet')} in ${formatDuration(durationUs)}`)
}

/** Private addresses have another place. */
function showMoved(moved: Report): void {
  report = moved
  stage.load(moved, slots)
  numbers.refresh(true)
}

/** Routes that are drawn as arcs now. */
function routesNow(): number[] {
  return arcs?.routesNow() ?? []
}

/** Everything that follows from the clock. */
function show(): void {
  if (!arcs) return // a capture without packets has no moment
  const { clock } = session.state
  timeline.show(session.state)
  const moment: Moment = {
    seconds: clock.positionUs / 1e6,
    cycle: cycle(clock, playing?.pace),
    rate: rateOf(clock, playing?.pace),
    sun: sunShown(session.state, report!.timeline.firstUs),
  }
  stage.show(moment)
  effects?.show(moment)
  if (session.state.view === 'local') local?.count()
  else arcs.count(!clock.isPlaying)
  numbers.follow(Boolean(live))
}

/** Flows that show a finding, in the table. */
function showAlert({ rule }: AlertMark): void {
  session.filterBy(setValue(session.state.filterText, 'alert', rule))
  session.set({ view: 'flows' })
}

/** Focuses what was clicked on the stage and shows its flows; a click on nothing ends the focus. */
function focusOn(picked: Picked | null): void {
  if (picked && !isGeo(picked)) {
    local?.click(picked)
    return
  }
  session.set({ selection: picked })
  if (!picked || !report) return
  const grouping = arcs?.slices?.grouping ?? 'route'
  if (picked.kind === 'route') numbers.open({ ...picked, grouping }, groupTitle(report, picked, grouping))
  else numbers.open(picked, titleOf(report, picked))
}

/** Everything that follows from the filter. */
function showFilter(): void {
  const { matching, filterText } = session.state
  if (!report || !matching) return
  sidebar.showFilter(valueIn(filterText, 'app'), valueIn(filterText, 'proto'))
  legend.mark()
  show()
  numbers.refresh(true)
}

function paint(next: Theme): void {
  theme = next
  stage.paint(theme)
  timeline.paint()
  tabs.paint(theme)
  if (!report) return
  legend.load(report, slots, theme)
  showFilter()
}

showPage({
  get renderer() {
    return stage.renderer
  },
  get report() {
    return report
  },
  positionUs: () => session.state.clock.positionUs,
  routes: routesNow,
  local: () => local,
  effects: () => effects,
})
