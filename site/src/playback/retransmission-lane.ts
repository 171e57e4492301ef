// A lane under the bars of the timeline: where TCP segments were repeated, the darker the more.
import type { Window } from '../charts/time-chart.ts'
import type { Rates } from '../protocol/answers.ts'
import { byId, make } from '../ui/dom.ts'
import { formatCounted, formatInstant } from '../ui/format.ts'

const SVG = 'http://www.w3.org/2000/svg'
/** Opacity of a slice with one of many. */
const FAINTEST = 0.35

type LaneData = Pick<Rates, 'startUs' | 'binUs' | 'bins' | 'retransmissions'>

export class RetransmissionLane {
  readonly #lane = make('div', 'retransmission-lane')
  readonly #picture = document.createElementNS(SVG, 'svg')
  #data: LaneData = { startUs: 0, binUs: 1, bins: 0, retransmissions: new Float64Array(0) }

  constructor(chart: HTMLElement) {
    this.#picture.setAttribute('preserveAspectRatio', 'none')
    this.#lane.setAttribute('role', 'img')
    this.#lane.hidden = true
    this.#lane.append(this.#picture)
    chart.append(this.#lane)
  }

  show(data: LaneData): void {
    this.#data = data
    const { startUs, binUs, bins, retransmissions } = data
    const most = retransmissions.reduce((most, count) => Math.max(most, count), 0)
    const key = byId('timeline-repeated')
    this.#lane.hidden = key.hidden = most === 0
    if (most === 0) return
    this.#picture.setAttribute('viewBox', `0 0 ${bins} 1`)
    this.#picture.replaceChildren(
      ...Array.from(retransmissions, (count, bin) => [count, bin]).flatMap(([count, bin]) => (count === 0 ? [] : [bar(bin, count / most)])),
    )
    const total = retransmissions.reduce((sum, count) => sum + count, 0)
    const peakUs = startUs + retransmissions.indexOf(most) * binUs
    key.textContent = formatCounted(total, 'retransmission')
    this.#lane.setAttribute('aria-label', `${key.textContent}, most at ${formatInstant(peakUs)} (${most})`)
  }

  /** Moves with the visible part of the timeline, before the worker has its slices. */
  place(view: Window): void {
    const { startUs, binUs, bins } = this.#data
    const length = Math.max(1, view.toUs - view.fromUs)
    this.#picture.style.left = `${((startUs - view.fromUs) / length) * 100}%`
    this.#picture.style.width = `${((bins * binUs) / length) * 100}%`
  }
}

function bar(bin: number, share: number): SVGRectElement {
  const rect = document.createElementNS(SVG, 'rect')
  for (const [name, value] of Object.entries({ x: bin, width: 1, height: 1, 'fill-opacity': FAINTEST + (1 - FAINTEST) * Math.sqrt(share) }))
    rect.setAttribute(name, String(value))
  return rect
}
