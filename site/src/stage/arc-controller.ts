// Asks the worker what is to be drawn under the filter, the span and the trail's length, hands it to the stage, and says what was left out:
// one picture of the whole period, and the arcs of each moment. Only what is shown next is waited for.
import { quote } from '../../../src/filter/syntax.ts'
import { type ArcSlices, countArcs, ENTRY, entriesAt, isFaint, type Share, sliceAt } from '../model/arc-slices.ts'
import type { Report } from '../model/report.ts'
import { type Grouping, groupRoutes } from '../model/route-groups.ts'
import type { Selection } from '../model/selection.ts'
import type { ReportClient } from '../protocol/client.ts'
import { LatestQuestion } from '../protocol/latest-question.ts'
import type { Questions } from '../protocol/messages.ts'
import type { Session } from '../session/session.ts'
import { byId } from '../ui/dom.ts'
import { formatBytes, formatCount, formatCounted } from '../ui/format.ts'
import type { GeoPicked } from './renderer.ts'
import type { Stage } from './stage.ts'
import { describePicked } from './titles.ts'

/** Lengths of trails to choose from, in multiples of a sixtieth of the capture. */
export const TRAILS = { short: 0.25, usual: 1, long: 4, longest: 15 } as const
export type Trail = keyof typeof TRAILS

/** What the width of an arc in a whole picture is, as a link says it. */
export function widthOf(chosen: string | undefined): keyof Share {
  return chosen === 'packets' || chosen === 'flows' ? chosen : 'bytes'
}

/** The trail that a link asks for. */
export function trailOf(chosen: string | undefined): Trail {
  return chosen && chosen in TRAILS ? (chosen as Trail) : 'usual'
}

/** Capture seconds for which an arc stays visible after its traffic. */
export function trailSeconds({ momentUs, durationUs }: Report['timeline'], trail: Trail): number {
  return Math.max(1e-6, Math.min(momentUs * TRAILS[trail], durationUs / 4) / 1e6)
}

/** Shortest time between two changes of the count beside the clock, so that it can be read. */
const COUNT_MS = 150

/** What the arcs of a whole picture stand for. */
const GROUPED: Record<Grouping, string> = {
  route: '',
  places: ' between places',
  regions: ' between regions',
  countries: ' between countries',
  source: ' from countries',
}

/** Answers kept: coming back to a zoom shows at once what was there. */
const KEPT = 4

/** One of the two things that can be drawn, and the question it answers. */
interface Part {
  slices: ArcSlices | null
  /** By question, the last ones. */
  known: Map<string, ArcSlices>
  latest: LatestQuestion
}

export class ArcController {
  readonly #session: Session
  readonly #client: ReportClient
  readonly #stage: Stage
  #report: Report
  readonly #onSlices: (slices: ArcSlices, isOther: boolean) => void
  #focusAsked: AbortController | null = null
  #countedMs = Number.NEGATIVE_INFINITY
  #lateCount = 0
  #hasFocused = false
  readonly #whole: Part = { slices: null, known: new Map(), latest: new LatestQuestion() }
  readonly #moments: Part = { slices: null, known: new Map(), latest: new LatestQuestion() }
  /** Filter and span of the whole picture on the stage: with others it is framed anew. */
  #framed = ''
  #onStage: ArcSlices | null = null

  constructor(
    session: Session,
    client: ReportClient,
    stage: Stage,
    report: Report,
    onSlices: (slices: ArcSlices, isOther: boolean) => void,
  ) {
    this.#session = session
    this.#client = client
    this.#stage = stage
    this.#report = report
    this.#onSlices = onSlices
    stage.onZoom = () => void this.refresh()
    session.subscribe(() => void this.refresh(), ['filterText', 'options', 'view', 'span', 'isWhole'])
    session.subscribe(() => void this.#focus(), ['selection'])
  }

  /** A running capture has grown. `load` puts the report on the stage, at once with what is drawn of it. */
  async renew(report: Report, load: () => void): Promise<void> {
    this.#report = report
    for (const part of [this.#whole, this.#moments]) {
      part.latest.forget()
      part.known.clear()
    }
    await this.refresh(load)
  }

  /** What the stage shows, or shows as soon as it is there. */
  get slices(): ArcSlices | null {
    return this.#shown.slices
  }

  /** What stands in the tooltip of an arc or a place. */
  describe(picked: GeoPicked): string {
    return this.slices ? describePicked(this.#report, picked, this.slices, this.#session.state.clock.positionUs / 1e6) : ''
  }

  get #shown(): Part {
    return this.#session.state.isWhole ? this.#whole : this.#moments
  }

  /** Draws anew if anything it depends on has changed. What is not shown now is asked for afterwards, so that it is there when it is wanted. */
  async refresh(before?: () => void): Promise<void> {
    const { isWhole, filterText, span, options } = this.#session.state
    const trail = trailSeconds(this.#report.timeline, trailOf(options.trail))
    const by = widthOf(options.width)
    const askWhole = () => this.#ask(this.#whole, 'whole', { filterText, span, by, mostArcs: this.#stage.mostWhole }, before)
    const askMoments = () => this.#ask(this.#moments, 'slices', { filterText, trailSeconds: trail, mostArcs: this.#stage.mostArcs }, before)
    this.#show()
    const shown = isWhole ? askWhole() : askMoments()
    const other = isWhole ? askMoments() : null // the whole picture is quickly made when it is wanted
    await shown
    void other
  }

  async #ask<About extends 'whole' | 'slices'>(
    part: Part,
    about: About,
    question: Questions[About]['question'],
    before?: () => void,
  ): Promise<void> {
    const slices = await part.latest.ask(question, async (signal, key) => {
      const answer = part.known.get(key) ?? (await this.#client.ask(about, question, signal))
      part.known.delete(key)
      part.known.set(key, answer)
      if (part.known.size > KEPT) part.known.delete(part.known.keys().next().value!)
      return answer
    })
    if (!slices) return
    part.slices = slices
    if (part === this.#shown) before?.()
    this.#show()
  }

  /** Hands what is shown to the stage, if it is there and not yet on it. */
  #show(): void {
    const { slices } = this.#shown
    if (!slices || slices === this.#onStage) return
    this.#onStage = slices
    this.#stage.draw(slices)
    this.#showTray(slices)
    const { filterText, span } = this.#session.state
    const framed = JSON.stringify([filterText, span])
    this.#onSlices(slices, framed !== this.#framed)
    if (slices.whole) this.#framed = framed
    // The focus that a link asks for, and that of other groups.
    if (!this.#hasFocused || this.#session.state.selection) void this.#focus()
    this.#hasFocused = true
    this.count(true)
  }

  /** Routes drawn as arcs at this moment; traffic within one place is a ring, not an arc. */
  routesNow(): number[] {
    const slices = this.slices
    if (!slices) return []
    const { routes } = this.#report
    return entriesAt(slices, this.#session.state.clock.positionUs / 1e6)
      .map((entry) => slices.entries[entry * ENTRY])
      .filter((route) => routes.source[route] !== routes.target[route])
  }

  /** Brings the number of arcs up to date, at once or when it is time. */
  count(isUrgent: boolean): void {
    const now = performance.now()
    clearTimeout(this.#lateCount)
    if (!isUrgent && now - this.#countedMs < COUNT_MS) {
      this.#lateCount = window.setTimeout(() => this.count(true), COUNT_MS)
      return
    }
    this.#countedMs = now
    const slices = this.#onStage
    if (!slices || this.#session.state.view === 'local') return // the local network counts its own lines
    const seconds = this.#session.state.clock.positionUs / 1e6
    const arcs = countArcs(slices, this.#report.routes, seconds)
    const slice = sliceAt(slices, seconds)
    const leftOut = slices.leftOut[slice]
    const element = byId('arc-count')
    const why = this.#stage.isSoftware ? ' · no graphics card' : ''
    element.textContent = slices.whole
      ? `${formatCounted(arcs, 'arc')}${GROUPED[slices.grouping]}${describeRest(slices, arcs)}`
      : leftOut > 0
        ? `${formatCounted(arcs, 'arc')}, ${formatCount(leftOut)} left out${why}`
        : `${formatCounted(arcs, 'arc')}${GROUPED[slices.grouping]}`
    element.title =
      leftOut > 0
        ? 'There are more arcs at this moment than can be drawn smoothly here: those with most bytes are. A filter shows the others.'
        : element.textContent
    for (const name of ['unlocated', 'local'] as const) {
      const { sliceBytes } = slices[name]
      byId(`tray-${name}`).dataset.active = String((sliceBytes[slice] ?? 0) > 0)
    }
  }

  /** Traffic that no arc can show; the tray is always visible. */
  #showTray(slices: ArcSlices): void {
    for (const name of ['unlocated', 'local'] as const) {
      const { bytes, flows } = slices[name]
      byId(`tray-${name}-share`).textContent = flows === 0 ? 'none' : `${formatBytes(bytes)} · ${formatCounted(flows, 'flow')}`
      byId(`tray-${name}`).dataset.empty = String(flows === 0)
    }
  }

  async #focus(): Promise<void> {
    this.#focusAsked?.abort()
    const { selection } = this.#session.state
    const known = selection ? this.#routesOf(selection) : null
    if (known !== undefined) {
      this.#stage.focus(this.#withGroups(known), selection?.kind === 'place' ? selection.place : -1)
      return
    }
    const asked = new AbortController()
    this.#focusAsked = asked
    try {
      const { routes } = await this.#client.ask('match', { filterText: termOf(selection!), span: null }, asked.signal)
      this.#stage.focus(this.#withGroups(routes), -1)
    } catch (error) {
      if (!asked.signal.aborted) throw error
    }
  }

  /** The route that stands for a group is in focus if any of the group is. */
  #withGroups(inFocus: Uint8Array | null): Uint8Array | null {
    const { slices } = this
    if (!inFocus || !slices || slices.grouping === 'route') return inFocus
    const { groupOf, count } = groupRoutes(this.#report, slices.grouping)
    const isIn = new Uint8Array(count)
    inFocus.forEach((mark, route) => {
      if (mark) isIn[groupOf[route]] = 1
    })
    return groupOf.reduce((all, group, route) => {
      all[route] = isIn[group]
      return all
    }, new Uint8Array(groupOf.length))
  }

  /** Routes in focus if the page knows them; undefined if the worker must be asked. */
  #routesOf(selection: Selection): Uint8Array | null | undefined {
    const { routes, places, alerts } = this.#report
    const inFocus = new Uint8Array(routes.count)
    const mark = (concerns: (route: number) => boolean) => {
      for (let route = 0; route < routes.count; route++) if (concerns(route)) inFocus[route] = 1
      return inFocus
    }
    switch (selection.kind) {
      case 'route':
        return mark((route) => route === selection.route)
      case 'place':
        return mark((route) => routes.source[route] === selection.place || routes.target[route] === selection.place)
      case 'country': {
        const isIn = (place: number) => places[place].countryCode === selection.code && places[place].precision !== 'origin'
        return mark((route) => isIn(routes.source[route]) || isIn(routes.target[route]))
      }
      case 'alert':
        for (const route of alerts.find(({ id }) => id === selection.id)?.routes ?? []) inFocus[route] = 1
        return inFocus
      default:
        return undefined
    }
  }
}

/** ", the other 84 faint: 1.2 MB": the sum of what has no label. */
function describeRest(slices: ArcSlices, arcs: number): string {
  let bytes = 0
  let count = 0
  slices.whole?.bytes.forEach((value, entry) => {
    if (!isFaint(slices, entry)) return
    bytes += value
    count++
  })
  return count === 0 || arcs === 0 ? '' : `, ${formatCount(count)} of them faint: ${formatBytes(bytes)}`
}

function termOf(selection: Selection): string {
  if (selection.kind === 'host') return `ip:${selection.ip}`
  if (selection.kind === 'name') return `name:${quote(selection.name)}`
  if (selection.kind === 'flow') return `flow:${selection.id}`
  return ''
}
