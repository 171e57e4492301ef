// The chart above the seek bar: stacked traffic over time. A drag selects a span, wheel and pinch zoom, alerts are marks.
import { type Stacking, stackSeries, type Unit } from '../charts/stacks.ts'
import { TimeChart, type Window } from '../charts/time-chart.ts'
import { seek } from '../model/clock.ts'
import type { TimeSpan } from '../model/selection.ts'
import type { Rates } from '../protocol/answers.ts'
import type { Session } from '../session/session.ts'
import type { Player } from '../session/view.ts'
import { announce, byId } from '../ui/dom.ts'
import { formatBitRate, formatCounted, formatDuration, formatInstant, formatMoment, formatRate, setZone } from '../ui/format.ts'
import { COLOUR_COUNT, colourOf, colourSlots, OTHERS, type Theme } from '../ui/palette.ts'
import { AlertMarks } from './alert-marks.ts'
import { RetransmissionLane } from './retransmission-lane.ts'

const HEIGHT = 80

/** Milliseconds without a zoom before new bars are requested, because a wheel sends many events. */
const SETTLE_MS = 90

/** A drag over a smaller share of the visible part is taken for an accident. */
const SHORTEST_SHARE = 0.003

const DEVICE_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

export class TimelineChart {
  readonly #session: Session
  readonly #element = byId('histogram')
  readonly #chart: TimeChart
  readonly #marks: AlertMarks
  readonly #lane: RetransmissionLane
  #firstUs = 0
  #durationUs = 1
  #player: Player | null = null
  #slots: number[] = []
  #rates: Rates | null = null
  #asking: AbortController | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Middle of the highest bar, microseconds since the epoch; null before there is one. */
  #peakUs: number | null = null

  constructor(session: Session) {
    this.#session = session
    this.#chart = new TimeChart(
      this.#element,
      {
        hasValueAxis: false,
        hasWheel: true,
        isRooted: true,
        height: HEIGHT,
        format: (value) => (this.#unit === 'bits' ? formatBitRate(value) : formatRate(value, 'packets')),
        click: (us) => session.set({ clock: seek(session.state.clock, us - this.#firstUs) }),
        brush: (window, isDone) => this.#brush(window, isDone),
        look: () => this.#askSoon(),
      },
      COLOUR_COUNT,
    )
    this.#marks = new AlertMarks(this.#element, (alert) => {
      session.set({ selection: { kind: 'alert', id: alert.id }, clock: seek(session.state.clock, alert.firstUs - this.#firstUs) })
      announce(`Alert: ${alert.title}`)
    })
    this.#lane = new RetransmissionLane(this.#element)
    // Subscribed first, so that the other subscribers format times in the new zone.
    session.subscribe(({ options }) => setZone(options.zone === 'device' ? DEVICE_ZONE : (options.zone ?? 'UTC')), ['options'])
    byId('go-peak').addEventListener('click', () => this.goToPeak())
    byId('span-clear').addEventListener('click', () => this.select(null))
    byId('zoom-in').addEventListener('click', () => this.zoom(0.5))
    byId('zoom-out').addEventListener('click', () => this.zoom(2))
    byId('zoom-whole').addEventListener('click', () => this.zoomTo(null))
    for (const [id, option] of [
      ['timeline-stack', 'stack'],
      ['timeline-unit', 'unit'],
      ['timeline-zone', 'zone'],
    ] as const) {
      const select = byId<HTMLSelectElement>(id)
      select.addEventListener('change', () => session.option(option, select.selectedIndex === 0 ? null : select.value))
    }
  }

  get #stack(): Stacking {
    return this.#session.state.options.stack === 'direction' ? 'direction' : 'application'
  }

  get #unit(): Unit {
    return this.#session.state.options.unit === 'packets' ? 'packets' : 'bits'
  }

  /** Sets the ends of the timeline, before the report is open. */
  setSpan(firstUs: number, durationUs: number): void {
    this.#firstUs = firstUs
    this.#durationUs = Math.max(1, durationUs)
    this.#chart.setWhole({ fromUs: firstUs, toUs: firstUs + this.#durationUs })
  }

  /** A running capture has grown: a view of the whole stays a view of the whole, a zoomed view stays where it is. */
  grow(durationUs: number): void {
    this.#durationUs = Math.max(1, durationUs)
    this.#chart.growWhole({ fromUs: this.#firstUs, toUs: this.#firstUs + this.#durationUs })
    if (this.#player) this.#slots = colourSlots(this.#player.report.applications)
  }

  /** Bytes for each bin from the summary, drawn before the report is open. */
  showSummary(binBytes: number[], theme: Theme): void {
    const bins = binBytes.length
    const binUs = this.#durationUs / Math.max(1, bins)
    const values = binBytes.map((bytes) => (bytes * 8e6) / binUs)
    this.#chart.setData({ startUs: this.#firstUs, binUs, bins, series: [{ name: 'All', colour: colourOf(theme, OTHERS), values }] })
  }

  load(player: Player): void {
    this.#player = player
    this.#slots = colourSlots(player.report.applications)
    const origin = player.report.places[player.report.origin]
    const zones: [string, string][] = [['UTC', 'UTC']]
    if (origin?.timeZone) zones.push([origin.timeZone, `Capture (${origin.timeZone})`])
    zones.push(['device', `This device (${DEVICE_ZONE})`])
    byId('timeline-zone').replaceChildren(...zones.map(([zone, text]) => new Option(text, zone)))
    this.#session.subscribe(() => this.#showSpan(), ['span'])
    this.#session.subscribe(() => this.#showOptions(), ['options'])
    this.#session.subscribe(() => this.#ask(), ['matching'])
    this.#session.subscribe(({ alerts }) => this.#marks.show(alerts, this.#chart.view), ['alerts'])
    this.#chart.setGaps(
      player.report.timeline.gaps.map(({ fromUs, toUs }) => ({ fromUs: this.#firstUs + fromUs, toUs: this.#firstUs + toUs })),
    )
    this.#showOptions()
    this.#showSpan()
  }

  /** Null: no moment is shown. */
  showPosition(positionUs: number | null): void {
    this.#chart.showPosition(positionUs === null ? null : this.#firstUs + positionUs)
  }

  paint(): void {
    this.#draw()
    this.#chart.repaint()
  }

  /** Sets the span, limited to the capture; null removes it. */
  select(span: TimeSpan | null): void {
    this.#session.set({ span })
    if (span) announce(`Selected from ${formatInstant(this.#firstUs + span.fromUs)}, ${formatDuration(span.toUs - span.fromUs)}`)
    else announce('Whole capture selected')
  }

  /** Sets the start or end of the span to the current position. */
  markEdge(edge: 'fromUs' | 'toUs'): void {
    const { span, clock } = this.#session.state
    const marked = { fromUs: 0, toUs: this.#durationUs, ...span, [edge]: clock.positionUs }
    if (marked.fromUs < marked.toUs) this.select(marked)
    else this.select(edge === 'fromUs' ? { fromUs: clock.positionUs, toUs: this.#durationUs } : { fromUs: 0, toUs: clock.positionUs })
  }

  /** Goes to the highest bar of the visible part. */
  goToPeak(): void {
    if (this.#peakUs === null) return
    this.#session.set({ clock: seek(this.#session.state.clock, this.#peakUs - this.#firstUs) })
    announce(`Peak at ${formatInstant(this.#peakUs)}`)
  }

  /** Zooms around the current position; a factor below 1 zooms in. */
  zoom(factor: number): void {
    const { fromUs, toUs } = this.#chart.view
    const at = this.#firstUs + this.#session.state.clock.positionUs
    this.#chart.zoom(factor, at >= fromUs && at <= toUs ? at : (fromUs + toUs) / 2)
  }

  /** Shows a span; null shows the whole capture. */
  zoomTo(span: TimeSpan | null): void {
    const { fromUs, toUs } = span ?? { fromUs: 0, toUs: this.#durationUs }
    this.#chart.setView({ fromUs: this.#firstUs + fromUs, toUs: this.#firstUs + toUs })
    this.#askSoon()
  }

  #brush({ fromUs, toUs }: Window, isDone: boolean): void {
    this.#chart.showSpan({ fromUs, toUs })
    if (!isDone) return
    const { view } = this.#chart
    if (toUs - fromUs < (view.toUs - view.fromUs) * SHORTEST_SHARE) this.#showSpan()
    else this.select({ fromUs: Math.round(fromUs - this.#firstUs), toUs: Math.round(toUs - this.#firstUs) })
  }

  #showSpan(): void {
    const { span } = this.#session.state
    const absolute = span && { fromUs: this.#firstUs + span.fromUs, toUs: this.#firstUs + span.toUs }
    this.#chart.showSpan(absolute)
    byId('span-tools').hidden = !absolute
    if (absolute)
      byId('span-text').textContent =
        `${formatMoment(absolute.fromUs)} – ${formatMoment(absolute.toUs)} · ${formatDuration(absolute.toUs - absolute.fromUs)}`
  }

  #showOptions(): void {
    const { options } = this.#session.state
    for (const [id, value] of [
      ['timeline-stack', options.stack],
      ['timeline-unit', options.unit],
      ['timeline-zone', options.zone],
    ] as const) {
      const select = byId<HTMLSelectElement>(id)
      // A link may have the zone of another report, or of the place where it was said to be made: times are in it.
      if (select.id === 'timeline-zone' && value && ![...select.options].some((option) => option.value === value) && setZone(value))
        select.add(new Option(value, value))
      select.value = value ?? ''
      if (select.selectedIndex < 0) select.selectedIndex = 0
    }
    this.#ask()
  }

  #askSoon(): void {
    this.#showView()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), SETTLE_MS)
  }

  /** Moves the seek bar and the marks to match the visible part. */
  #showView(): void {
    const { fromUs, toUs } = this.#chart.view
    const share = (us: number) => (us - this.#firstUs) / this.#durationUs
    const overview = byId('timeline-view')
    overview.style.left = `${share(fromUs) * 100}%`
    overview.style.width = `${(share(toUs) - share(fromUs)) * 100}%`
    const isWhole = share(toUs) - share(fromUs) > 0.9999
    overview.hidden = isWhole
    byId<HTMLButtonElement>('zoom-whole').disabled = isWhole
    byId<HTMLButtonElement>('zoom-out').disabled = isWhole
    this.#marks.show(this.#session.state.alerts, this.#chart.view)
    this.#lane.place(this.#chart.view)
  }

  #ask(): void {
    this.#showView()
    if (!this.#player) return
    this.#asking?.abort()
    this.#asking = new AbortController()
    const { signal } = this.#asking
    const { fromUs, toUs } = this.#chart.view
    const span = { fromUs: fromUs - this.#firstUs, toUs: toUs - this.#firstUs }
    const bins = Math.max(40, Math.min(480, Math.floor(this.#element.clientWidth / 3)))
    this.#player.client.ask('rates', { filterText: this.#session.state.filterText, span, bins, by: this.#stack }, signal).then(
      (rates) => {
        this.#rates = rates
        this.#draw()
      },
      (error: unknown) => {
        if (!signal.aborted) throw error
      },
    )
  }

  #draw(): void {
    if (!this.#rates || !this.#player) return
    const { report, theme } = this.#player
    const { startUs, binUs, bins } = this.#rates
    const series = stackSeries(this.#rates, this.#stack, this.#unit, report.applications, this.#slots, theme())
    const { retransmissions } = this.#rates
    const note = (bin: number) => (retransmissions[bin] > 0 ? formatCounted(retransmissions[bin], 'retransmission') : '')
    this.#chart.setData({ startUs, binUs, bins, series, note })
    this.#lane.show(this.#rates)
    this.#lane.place(this.#chart.view)
    const totals = Array.from({ length: bins }, (_, bin) => series.reduce((sum, { values }) => sum + values[bin], 0))
    const most = Math.max(...totals)
    byId<HTMLButtonElement>('go-peak').disabled = most === 0
    this.#peakUs = most === 0 ? null : startUs + (totals.indexOf(most) + 0.5) * binUs
    byId('timeline-peak').textContent = `peak ${this.#unit === 'bits' ? formatBitRate(most) : formatRate(most, 'packets')}`
  }
}
