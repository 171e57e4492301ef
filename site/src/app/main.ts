import { addTerm, setValue, valueIn } from '../../../src/filter/terms.ts'
import { startFilterBar } from '../filter-bar/filter-bar.ts'
import { startMatching } from '../filter-bar/filter-result.ts'
import { startFocusChip } from '../filter-bar/focus-chip.ts'
import { ListRenewal } from '../live/list-renewal.ts'
import { LiveMode } from '../live/live-mode.ts'
import { watchNewFindings } from '../live/new-findings.ts'
import { ServerSource } from '../live/server-source.ts'
import { createClock, cycle, fitSpeed, seek, setSpeed } from '../model/clock.ts'
import { LEAST_LOCATED, locatedShare } from '../model/local-map.ts'
import type { AlertMark, Report } from '../model/report.ts'
import { sunShown } from '../model/sun.ts'
import { FlowsPanel } from '../panels/flows-panel.ts'
import { Numbers } from '../panels/numbers.ts'
import { Findings } from '../playback/finding-tour.ts'
import { startNarrator } from '../playback/narrator.ts'
import { Playback } from '../playback/playback.ts'
import { SpeedControl } from '../playback/speed-control.ts'
import { Story } from '../playback/story.ts'
import { TimelineView } from '../playback/timeline.ts'
import { startWall } from '../playback/wall.ts'
import type { Matching } from '../protocol/messages.ts'
import { nextTurn } from '../protocol/time-slicing.ts'
import { startLocation } from '../session/location.ts'
import { showEmpty, showError, showReady } from '../session/notice.ts'
import { isOnStage, Session } from '../session/session.ts'
import { startTheme } from '../session/theme.ts'
import type { Player } from '../session/view.ts'
import { ArcController } from '../stage/arc-controller.ts'
import { WIDE_PIXELS } from '../stage/covered-space.ts'
import { viewCentre } from '../stage/initial-camera.ts'
import { readLayers } from '../stage/layers.ts'
import { showScale, startLayers } from '../stage/layers-panel.ts'
import { Legend } from '../stage/legend.ts'
import { LocalController } from '../stage/local/local-controller.ts'
import { OriginChoice } from '../stage/origin.ts'
import { startCapture } from '../stage/recording.ts'
import { isGeo, type Picked } from '../stage/renderer.ts'
import { Stage } from '../stage/stage.ts'
import { describeArcs, describePicked, groupTitle, titleOf } from '../stage/titles.ts'
import { frameWhole } from '../stage/whole-frame.ts'
import { announce, byId, download } from '../ui/dom.ts'
import { formatCounted, formatDuration } from '../ui/format.ts'
import { colourSlots, type Theme } from '../ui/palette.ts'
import { startDetail } from '../views/detail/page.ts'
import { fileStem } from '../views/tables/export-files.ts'
import { startAlertCount } from './alert-count.ts'
import { showPage } from './debug-api.ts'
import { startHelp } from './help.ts'
import { client, drawnBy, manifest, opened } from './start.ts'
import { showSpan, showSummary } from './summary.ts'
import { Tabs } from './tabs.ts'
import { VIEWS } from './views.ts'

const NO_GLOBE =
  'The globe needs WebGL, which this browser does not offer here: no graphics driver, a remote desktop, or switched off. The map shows the same.'

const session = new Session()
const stem = fileStem(manifest?.summary.name ?? '')
const match = startMatching(session, client)
let theme: Theme = startTheme(paint)
/** Whether the link that was opened asks for a view. */
const linkHasView = /(?:^|&)v=/.test(location.hash.slice(1))
let report: Report | null = null
let slots: number[] = []
let drawing: ArcController | null = null
let local: LocalController | null = null
let playback: Playback | null = null
let findings: Findings | null = null
let story: Story | null = null
/** A link has put the camera where it is: the first picture is not framed. */
let isAimed = false

const stage = new Stage(drawnBy, () => theme, viewCentre(manifest?.summary.origin), {
  title: (picked) =>
    (isGeo(picked) ? report && drawing?.slices && describePicked(report, picked, drawing.slices) : local?.titleOf(picked)) || '',
  click: focusOn,
})
const timeline = new TimelineView(session, {
  toggle: () => playback?.toggle(),
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
const live =
  manifest?.live &&
  new LiveMode(session, client, globalThis.rtnvisLiveSource ?? new ServerSource(manifest.live), { update: updateReport, finish: showWhole })
const origin = new OriginChoice(session, client, (moved) => void drawing?.renew(moved, () => showMoved(moved)))
const lists = new ListRenewal(session)
const legend = new Legend(session)
const tabs = new Tabs(VIEWS, (view) => session.set({ view }))

start()

function start(): void {
  setSidebar(innerWidth >= WIDE_PIXELS)
  const span = manifest && showSummary(manifest)
  if (span) {
    session.set({ clock: createClock(span.durationUs), isWhole: !manifest?.live })
    timeline.setSpan(span.firstUs, span.durationUs)
    timeline.showSummary(manifest!.summary.histogram, theme)
  }
  session.subscribe(
    ({ view }) => {
      showView(view)
      show()
    },
    ['view'],
  )
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
    if (!stage.hasGlobe) tabs.refuse('globe', NO_GLOBE)
    showView(session.state.view)
  })
  // Errors are shown once the stage is drawn, or has failed.
  Promise.all([reportRead, drawnBy])
    .then(([report]) => showReport(report, drawn))
    .catch(async (error: Error) => {
      await drawn.catch(() => {})
      showError(error)
    })
  drawn.catch(showError)
  byId('toggle-sidebar').addEventListener('click', () => setSidebar(document.documentElement.dataset.sidebar === 'closed'))
  for (const [kind, title] of [
    ['unlocated', 'Unlocated'],
    ['local', 'Within the origin'],
  ] as const)
    byId(`tray-${kind}`).addEventListener('click', () => numbers.open({ kind }, title))
  byId('whole-earth').addEventListener('click', () => stage.lookAtEarth())
  byId('download-csv').addEventListener('click', () => flows.downloadCsv(numbers.queryOf({ kind: 'all' })))
  byId('download-database').addEventListener('click', async () =>
    download('traffic.sqlite', 'application/vnd.sqlite3', await client.ask('database', null)),
  )
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
  drawing = new ArcController(session, client, stage, opened, (slices, isOther) => {
    showScale(readLayers(session.state.options.layers), report!, slices)
    if (slices.whole && isOther && !isAimed) frameWhole(stage, report!, slices)
    isAimed = false
  })
  local = new LocalController(session, client, stage, opened, (terms, title) => numbers.open({ kind: 'terms', terms }, title))
  openHome(opened)
  const arcs = session.state.view === 'local' ? local.refresh() : drawing.refresh()
  await nextTurn()
  sidebar.load(opened)
  numbers.refresh(true)
  timeline.setSpan(firstUs, durationUs)
  speed.load(fitSpeed(durationUs))
  legend.load(opened, slots, theme)
  startLayers(session, (layers) => {
    stage.setLayers(layers)
    if (drawing?.slices) showScale(layers, report!, drawing.slices)
  })
  const player: Player = {
    session,
    client,
    theme: () => theme,
    get report() {
      return report!
    },
  }
  await arcs
  timeline.load(player)
  await nextTurn()
  speed.enable()
  timeline.enable()
  tabs.load(player)
  showView(session.state.view)
  startDetail(player)
  showReady()
  session.set({ alerts: opened.alerts })
  if (live) watchNewFindings(session)
  show()
  playback = new Playback(session, opened)
  zoomToMain(opened)
  findings = new Findings(session, stage, opened, showAlert)
  const startPictures = () =>
    startCapture(player, stage, stem, {
      caption: () => findings?.text ?? '',
      slotOf: (application) => slots[application],
      play: () => playback?.toggle(),
      isStory: () => story?.isPlaying ?? false,
      playStory: () => story?.play(),
    })
  drawn.then(startPictures, () => {})
  startWall(session, stage, () => story)
  story = new Story(session, stage, findings, firstUs)
  if (!live) {
    void tellStory()
    void fillDigests()
  }
  startNarrator(session, firstUs, () => describeArcs(report!, drawing?.routesNow() ?? []))
  live?.start()
  void match()
  announce(`Report open: ${formatCounted(packets, 'packet')} in ${formatDuration(durationUs)}`)
  performance.mark('ready')
}

/** A running capture has grown: everything is drawn anew from where the reader is. */
async function updateReport(grown: Report, matching: Matching): Promise<void> {
  await drawing?.renew(grown, () => {
    report = grown
    slots = colourSlots(grown.applications)
    stage.load(grown, slots)
  })
  report = grown
  const { firstUs, durationUs } = grown.timeline
  timeline.grow(durationUs)
  local?.update(grown)
  showSpan(firstUs, durationUs, Number(grown.meta.bytes))
  legend.load(grown, slots, theme)
  sidebar.load(grown)
  playback?.update(grown)
  findings?.update(grown)
  session.set({ alerts: grown.alerts, matching })
  lists.request()
}

async function tellStory(): Promise<void> {
  story?.load(await client.ask('story', null))
}

async function fillDigests(): Promise<void> {
  const digests = await globalThis.rtnvisDigests
  if (digests) await client.ask('digests', digests)
}

/** A growing report is whole. */
function showWhole(whole: Report, isFollowed: boolean): void {
  const { firstUs, durationUs } = whole.timeline
  timeline.setSpan(firstUs, durationUs)
  speed.load(fitSpeed(durationUs))
  const { positionUs } = session.state.clock
  session.set({ clock: isFollowed ? createClock(durationUs) : seek(createClock(durationUs), positionUs), isWhole: isFollowed })
  zoomToMain(whole)
  void tellStory()
  void fillDigests()
  announce(`Report open: ${formatCounted(Number(whole.meta.packets), 'packet')} in ${formatDuration(durationUs)}`)
}

function zoomToMain({ timeline: { main, durationUs } }: Report): void {
  if (!playback!.run.pace) return
  speed.load(playback!.fit)
  const { clock } = session.state
  if (clock.speed === fitSpeed(durationUs)) session.set({ clock: setSpeed(clock, playback!.fit) })
  if (main) timeline.zoomTo(main)
}

/** Where hardly any traffic has two places, the local network is the first picture, unless the link asks for another. */
function openHome({ routes, origin, meta }: Report): void {
  if (locatedShare(routes, origin, Number(meta.bytes)) >= LEAST_LOCATED) return
  session.home = 'local'
  if (!linkHasView) session.set({ view: 'local' })
}

/** Private addresses have another place. */
function showMoved(moved: Report): void {
  report = moved
  stage.load(moved, slots)
  numbers.refresh(true)
}

/** Everything that follows from the clock. */
function show(): void {
  if (!drawing) return // a capture without packets has no moment
  const { clock } = session.state
  timeline.show(session.state)
  stage.show({
    seconds: clock.positionUs / 1e6,
    cycle: cycle(clock, playback?.run.pace),
    sun: sunShown(session.state, report!.timeline.firstUs),
  })
  if (session.state.view === 'local') local?.count()
  else drawing.count(!clock.isPlaying)
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
  const grouping = drawing?.slices?.grouping ?? 'route'
  if (picked.kind === 'route') numbers.open({ ...picked, grouping }, groupTitle(report, picked, grouping))
  else numbers.open(picked, titleOf(report, picked))
}

function showView(view: Session['state']['view']): void {
  const onStage = isOnStage(view) ? view : null
  if (!stage.renderer) {
    tabs.show(view)
    if (onStage || report) stage.use(onStage) // until then the poster stays visible
    return
  }
  const isThere = tabs.has(view) || onStage
  if (view === 'globe' && !stage.hasGlobe) session.set({ view: 'map' })
  else if (!isThere) session.set({ view: stage.hasGlobe ? 'globe' : 'map' })
  else {
    stage.use(onStage)
    tabs.show(view)
  }
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

function setSidebar(isOpen: boolean): void {
  document.documentElement.dataset.sidebar = isOpen ? 'open' : 'closed'
  byId('toggle-sidebar').setAttribute('aria-expanded', String(isOpen))
  stage.layOut()
}

showPage({
  get renderer() {
    return stage.renderer
  },
  get report() {
    return report
  },
  positionUs: () => session.state.clock.positionUs,
  routes: () => drawing?.routesNow() ?? [],
  local: () => local,
})
