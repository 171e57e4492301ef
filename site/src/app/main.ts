// The page of a report: connects its parts, and says what happens when the report, the filter, the clock or the theme changes.
import { addTerm, setValue, valueIn } from '../../../src/filter/terms.ts'
import { startFilterBar } from '../filter-bar/filter-bar.ts'
import { startMatching } from '../filter-bar/filter-result.ts'
import { startFocusChip } from '../filter-bar/focus-chip.ts'
import { ListRenewal } from '../live/list-renewal.ts'
import { LiveMode } from '../live/live-mode.ts'
import { watchNewFindings } from '../live/new-findings.ts'
import { createClock, cycle, fitSpeed, rateOf, seek } from '../model/clock.ts'
import type { AlertMark, Report } from '../model/report.ts'
import { sunShown } from '../model/sun.ts'
import { FlowsPanel } from '../panels/flows-panel.ts'
import { Numbers } from '../panels/numbers.ts'
import { startEras } from '../playback/era-choice.ts'
import { SpeedControl } from '../playback/speed-control.ts'
import { TimelineView } from '../playback/timeline.ts'
import type { Matching } from '../protocol/messages.ts'
import { nextTurn } from '../protocol/time-slicing.ts'
import { eraOf } from '../session/hash.ts'
import { startLocation } from '../session/location.ts'
import { showEmpty, showError, showReady } from '../session/notice.ts'
import { Session } from '../session/session.ts'
import { startTheme } from '../session/theme.ts'
import type { Player } from '../session/view.ts'
import { viewCentre } from '../stage/initial-camera.ts'
import { startLayers } from '../stage/layers-panel.ts'
import { Legend } from '../stage/legend.ts'
import { OriginChoice } from '../stage/origin.ts'
import { makeSignal } from '../stage/renderer.ts'
import { Stage } from '../stage/stage.ts'
import { colourSlots, type Theme } from '../ui/palette.ts'
import { startDetail } from '../views/detail/page.ts'
import { fileStem } from '../views/tables/export-files.ts'
import { startAlertCount } from './alert-count.ts'
import { startButtons } from './buttons.ts'
import { showPage } from './debug-api.ts'
import { focusOn } from './focus.ts'
import { startHelp } from './help.ts'
import { Pictures } from './pictures.ts'
import { Playing } from './playing.ts'
import { openHome, showView } from './show-view.ts'
import { beginReport, client, drawnBy } from './start.ts'
import { announceReport, showSummary, tellPeriod } from './summary.ts'
import { Tabs } from './tabs.ts'
import { VIEWS } from './views.ts'

const { manifest, opened, growing } = beginReport()
const session = new Session()
const stem = fileStem(manifest?.summary.name ?? '')
const match = startMatching(session, client)
let theme: Theme = startTheme(paint)
let report: Report | null = null
let slots: number[] = []
let pictures: Pictures | null = null
let playing: Playing | null = null
/** A link has put the camera where it is: the first picture is not framed. */
let isAimed = false
let restoreLocation = () => {}

/** Given when nothing more urgent is to be done: while the analyzer reads a capture, that needs the processor. */
const calm = makeSignal()
if (growing?.source.isRealTime !== false) calm.give()

const stage = new Stage(drawnBy, calm.heard, () => theme, viewCentre(manifest?.summary.origin), {
  title: (picked) => pictures?.titleOf(picked) ?? '',
  click: (picked) => focusOn(picked, session, numbers, pictures),
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
const live = growing && new LiveMode(session, client, growing.source, growing.opened, { update: updateReport, finish: showWhole })
const origin = new OriginChoice(session, client, (moved) => void pictures?.renewArcs(moved, () => showMoved(moved)))
const lists = new ListRenewal(session)
const legend = new Legend(session, () => pictures?.effects.entries ?? [])
const tabs = new Tabs(VIEWS, (view) => session.set({ view }))

start()

function start(): void {
  const span = manifest && showSummary(manifest)
  // The manifest knows the main part alone.
  if (span && eraOf(location.hash) === 0) {
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
  restoreLocation = startLocation(session, writeFilter, (camera) => {
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
  tellPeriod(opened)
  slots = colourSlots(opened.applications)
  if (Number(opened.meta.packets) === 0) {
    sidebar.load(opened)
    numbers.refresh(true)
    await drawn
    showEmpty()
    return
  }
  const { firstUs, durationUs } = opened.timeline
  stage.load(opened, slots)
  const drawing = new Pictures(session, client, stage, {
    report: () => report!,
    takeAim,
    openFlows: (terms, title) => numbers.open({ kind: 'terms', terms }, title),
    effectsChanged: () => legend.load(report!, slots, theme),
  })
  pictures = drawing
  openHome(session, opened)
  const picture = drawing.refresh()
  await nextTurn()
  sidebar.load(opened)
  numbers.refresh(true)
  timeline.setSpan(firstUs, durationUs)
  if (eraOf(location.hash) > 0 && !live) {
    session.set({ clock: createClock(durationUs), isWhole: true })
    restoreLocation() // its times are known to lie within this part only now
  }
  speed.load(fitSpeed(durationUs))
  legend.load(opened, slots, theme)
  startLayers(session, (layers) => drawing.setLayers(layers))
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
  if (!live) startEras(session, opened)
  showReady()
  session.set({ alerts: opened.alerts })
  if (live) watchNewFindings(session)
  show()
  const slotOf = (application: number) => slots[application]
  playing = new Playing(
    player,
    stage,
    { timeline, speed, showAlert, routesNow, slotOf, stem, effectNames: () => drawing.effects.entries.map(({ name }) => name) },
    drawn,
  )
  if (!live) void playing.complete()
  live?.start()
  void match()
  void drawing.effects.refresh()
  announceReport(opened)
  performance.mark('ready')
}

/** A running capture has grown: everything is drawn anew from where the reader is. */
async function updateReport(grown: Report, matching: Matching): Promise<void> {
  await pictures?.renewArcs(grown, () => {
    report = grown
    slots = colourSlots(grown.applications)
    stage.load(grown, slots)
  })
  await nextTurn()
  report = grown
  tellPeriod(grown)
  timeline.grow(grown.timeline.durationUs)
  pictures?.update(grown)
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

/** Private addresses have another place. */
function showMoved(moved: Report): void {
  report = moved
  stage.load(moved, slots)
  numbers.refresh(true)
}

/** Routes that are drawn as arcs now. */
function routesNow(): number[] {
  return pictures?.routesNow() ?? []
}

/** The next picture is framed, unless this says not to. */
function takeAim(): boolean {
  const wasAimed = isAimed
  isAimed = false
  return wasAimed
}

/** Everything that follows from the clock. */
function show(): void {
  if (!pictures) return // a capture without packets has no moment
  const { clock } = session.state
  timeline.show(session.state)
  pictures.show({
    seconds: clock.positionUs / 1e6,
    cycle: cycle(clock, playing?.pace),
    rate: rateOf(clock, playing?.pace),
    sun: sunShown(session.state, report!.timeline.firstUs),
  })
  numbers.follow(Boolean(live))
}

/** Flows that show a finding, in the table. */
function showAlert({ rule }: AlertMark): void {
  session.filterBy(setValue(session.state.filterText, 'alert', rule))
  session.set({ view: 'flows' })
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
  local: () => pictures?.local ?? null,
  effects: () => pictures?.effects ?? null,
})
