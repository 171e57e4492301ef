// The dock: play button, clock, speed, and the slider over a histogram of the traffic (bytes, stacked by application).
import { type Clock, FIT_SECONDS, fitSpeed, SPEEDS } from './clock.ts'
import { byId } from './dom.ts'
import { formatDate, formatDuration, formatInstant, formatSpeed, formatTime } from './format.ts'
import { COLOUR_COUNT, colourOf, type Theme } from './palette.ts'

/** Bytes by bin and application: bins x applications, row after row. */
export interface Histogram {
  bins: number
  binBytes: ArrayLike<number>
  /** Colour slot of each application. */
  colours: number[]
}

export interface TimelineEvents {
  toggle(): void
  seek(positionUs: number): void
  speed(speed: number): void
}

export class TimelineView {
  readonly #button = byId<HTMLButtonElement>('play')
  readonly #slider = byId<HTMLInputElement>('time')
  readonly #speed = byId<HTMLSelectElement>('speed')
  readonly #canvas = byId<HTMLCanvasElement>('histogram')
  #firstUs = 0
  #histogram: Histogram | null = null
  #theme: Theme

  constructor(theme: Theme, events: TimelineEvents) {
    this.#theme = theme
    this.#button.addEventListener('click', () => events.toggle())
    this.#slider.addEventListener('input', () => events.seek(Number(this.#slider.value)))
    this.#slider.addEventListener('keydown', (event) => {
      const step = Number(this.#slider.max) / 100
      const at = Number(this.#slider.value)
      const moves: Record<string, number> = {
        ArrowRight: at + step,
        ArrowUp: at + step,
        ArrowLeft: at - step,
        ArrowDown: at - step,
        PageUp: at + 10 * step,
        PageDown: at - 10 * step,
      }
      const to = moves[event.key]
      if (to === undefined) return
      event.preventDefault() // the browser's own step would be one microsecond
      events.seek(to)
    })
    this.#speed.addEventListener('change', () => events.speed(Number(this.#speed.value)))
    document.addEventListener('keydown', (event) => {
      const target = event.target as HTMLElement
      if (event.code !== 'Space' || event.ctrlKey || event.metaKey || event.altKey) return
      if (target.closest('button, select, a, input:not([type=range])') || this.#button.disabled) return
      event.preventDefault()
      events.toggle()
    })
    new ResizeObserver(() => this.#drawHistogram()).observe(this.#canvas)
  }

  /** Shows the ends of the timeline; playing needs enable(). */
  setSpan(firstUs: number, durationUs: number): void {
    this.#firstUs = firstUs
    this.#slider.max = String(Math.max(1, Math.round(durationUs)))
    byId('time-first').textContent = formatTime(firstUs)
    byId('time-last').textContent = `${formatTime(firstUs + durationUs)} · ${formatDuration(durationUs)}`
    byId('clock-time').textContent = formatTime(firstUs)
    byId('clock-date').textContent = `${formatDate(firstUs)} UTC`
    const fit = fitSpeed(durationUs)
    this.#speed.replaceChildren(
      new Option(`${formatSpeed(fit)} (${FIT_SECONDS} s)`, String(fit), true, true),
      ...SPEEDS.map((speed) => new Option(formatSpeed(speed), String(speed))),
    )
  }

  enable(): void {
    for (const control of [this.#button, this.#slider, this.#speed]) control.disabled = false
  }

  setHistogram(histogram: Histogram): void {
    this.#histogram = histogram
    this.#drawHistogram()
  }

  paint(theme: Theme): void {
    this.#theme = theme
    this.#drawHistogram()
  }

  show(clock: Clock): void {
    const us = this.#firstUs + clock.positionUs
    this.#slider.value = String(Math.round(clock.positionUs))
    this.#slider.setAttribute('aria-valuetext', formatInstant(us))
    this.#slider.style.setProperty('--played', `${(clock.positionUs / clock.durationUs) * 100}%`)
    byId('clock-time').textContent = formatTime(us)
    byId('clock-date').textContent = `${formatDate(us)} UTC`
    if (this.#button.dataset.playing !== String(clock.isPlaying)) {
      this.#button.dataset.playing = String(clock.isPlaying)
      this.#button.setAttribute('aria-label', clock.isPlaying ? 'Pause' : 'Play')
    }
  }

  /** Square-root heights: a quiet minute stays visible beside a busy one. */
  #drawHistogram(): void {
    const { clientWidth, clientHeight } = this.#canvas
    if (!this.#histogram || clientWidth === 0) return
    const { bins, binBytes, colours } = this.#histogram
    const ratio = Math.min(2, devicePixelRatio)
    this.#canvas.width = clientWidth * ratio
    this.#canvas.height = clientHeight * ratio
    const context = this.#canvas.getContext('2d')!
    context.scale(ratio, ratio)
    const applications = colours.length
    const bars = Math.max(1, Math.min(bins, Math.floor(clientWidth / 3)))
    const bySlot = new Float64Array(bars * COLOUR_COUNT)
    const totals = new Float64Array(bars)
    for (let bin = 0; bin < bins; bin++) {
      const bar = Math.floor((bin * bars) / bins)
      for (let application = 0; application < applications; application++) {
        const bytes = binBytes[bin * applications + application]!
        bySlot[bar * COLOUR_COUNT + colours[application]!]! += bytes
        totals[bar]! += bytes
      }
    }
    const highest = totals.reduce((most, bytes) => Math.max(most, bytes), 1)
    const width = clientWidth / bars
    for (let bar = 0; bar < bars; bar++) {
      const height = Math.sqrt(totals[bar]! / highest) * (clientHeight - 4)
      let top = clientHeight
      for (let slot = 0; slot < COLOUR_COUNT && totals[bar]! > 0; slot++) {
        const part = (bySlot[bar * COLOUR_COUNT + slot]! / totals[bar]!) * Math.max(1.5, height)
        context.fillStyle = colourOf(this.#theme, slot)
        context.fillRect(bar * width, top - part, Math.max(1, width - 1), part)
        top -= part
      }
    }
  }
}
