// The dock: play button, clock, seek bar (playback.ts handles its arrow keys), and the chart of traffic over time above.
import { pause } from '../model/clock.ts'
import type { TimeSpan } from '../model/selection.ts'
import { isTaken } from '../session/keys.ts'
import type { Session, SessionState } from '../session/session.ts'
import type { Player } from '../session/view.ts'
import { byId, trackHeight, trackOverflow } from '../ui/dom.ts'
import { formatDate, formatDuration, formatInstant, formatTime, formatZone } from '../ui/format.ts'
import type { Theme } from '../ui/palette.ts'
import { TimelineChart } from './timeline-chart.ts'

export interface TimelineEvents {
  toggle(): void
  seek(positionUs: number): void
}

export class TimelineView {
  readonly #button = byId<HTMLButtonElement>('play')
  readonly #slider = byId<HTMLInputElement>('time')
  readonly #whole = byId<HTMLButtonElement>('whole')
  readonly #chart: TimelineChart
  #firstUs = 0

  constructor(session: Session, events: TimelineEvents) {
    this.#chart = new TimelineChart(session)
    trackHeight('dock')
    trackHeight('tray')
    for (const row of ['tabs', 'legend', 'tray']) trackOverflow(row)
    this.#button.addEventListener('click', () => events.toggle())
    this.#whole.addEventListener('click', () => session.set({ isWhole: true, clock: pause(session.state.clock) }))
    this.#slider.addEventListener('input', () => events.seek(Number(this.#slider.value)))
    this.#slider.addEventListener('keydown', (event) => {
      const step = Number(this.#slider.max) / 100
      const at = Number(this.#slider.value)
      const moves: Record<string, number> = {
        ArrowUp: at + step,
        ArrowDown: at - step,
        PageUp: at + 10 * step,
        PageDown: at - 10 * step,
      }
      const to = moves[event.key]
      if (to === undefined) return
      event.preventDefault() // the default step of the browser would be one microsecond
      events.seek(to)
    })
    document.addEventListener('keydown', (event) => {
      const target = event.target as HTMLElement
      if (event.code !== 'Space' || isTaken(event) || this.#button.disabled) return
      if (target.closest('button, a, input:not([type=range])')) return
      event.preventDefault()
      events.toggle()
    })
    document.addEventListener('keydown', (event) => {
      if (event.defaultPrevented || isTaken(event) || this.#button.disabled) return
      const { span } = session.state
      const does: Record<string, () => void> = {
        i: () => this.#chart.markEdge('fromUs'),
        o: () => this.#chart.markEdge('toUs'),
        p: () => this.#chart.goToPeak(),
        a: () => session.set({ isWhole: true, clock: pause(session.state.clock) }),
        x: () => this.#chart.select(null),
        z: () => this.#chart.zoomTo(span),
        '0': () => this.#chart.zoomTo(null),
        '+': () => this.#chart.zoom(0.5),
        '=': () => this.#chart.zoom(0.5),
        '-': () => this.#chart.zoom(2),
      }
      if (!does[event.key]) return
      event.preventDefault()
      does[event.key]()
    })
  }

  /** Shows the ends of the timeline; playing is possible after enable(). */
  setSpan(firstUs: number, durationUs: number): void {
    this.#firstUs = firstUs
    this.#slider.max = String(Math.max(1, Math.round(durationUs)))
    this.#chart.setSpan(firstUs, durationUs)
    byId('clock-time').textContent = formatTime(firstUs)
    byId('clock-date').textContent = `${formatDate(firstUs)} ${formatZone(firstUs)}`
  }

  /** A running capture has grown: speed and zoom stay the same. */
  grow(durationUs: number): void {
    this.#slider.max = String(Math.max(1, Math.round(durationUs)))
    this.#chart.grow(durationUs)
  }

  enable(): void {
    for (const control of [this.#button, this.#slider, this.#whole]) control.disabled = false
  }

  /** Bytes for each bin, drawn before the report is open. */
  showSummary(binBytes: number[], theme: Theme): void {
    this.#chart.showSummary(binBytes, theme)
  }

  load(player: Player): void {
    this.#chart.load(player)
  }

  /** Zooms to a span. */
  zoomTo(span: TimeSpan): void {
    this.#chart.zoomTo(span)
  }

  paint(): void {
    this.#chart.paint()
  }

  /** Shows the moment, or, over a picture of the whole period, how long it is and where it begins. */
  show({ clock, isWhole, span }: Pick<SessionState, 'clock' | 'isWhole' | 'span'>): void {
    const us = this.#firstUs + (isWhole ? (span?.fromUs ?? 0) : clock.positionUs)
    this.#whole.setAttribute('aria-pressed', String(isWhole))
    this.#slider.value = String(Math.round(clock.positionUs))
    this.#slider.setAttribute('aria-valuetext', formatInstant(us))
    this.#slider.style.setProperty('--played', `${(clock.positionUs / clock.durationUs) * 100}%`)
    byId('clock-time').textContent = isWhole ? formatDuration(span ? span.toUs - span.fromUs : clock.durationUs) : formatTime(us)
    byId('clock-date').textContent = isWhole
      ? `from ${formatDate(us)} ${formatTime(us).slice(0, 8)}`
      : `${formatDate(us)} ${formatZone(us)}`
    this.#chart.showPosition(isWhole ? null : clock.positionUs)
    if (this.#button.dataset.playing !== String(clock.isPlaying)) {
      this.#button.dataset.playing = String(clock.isPlaying)
      this.#button.setAttribute('aria-label', clock.isPlaying ? 'Pause' : 'Play')
    }
  }
}
