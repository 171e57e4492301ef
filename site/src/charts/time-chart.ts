// A chart over time: stacked bars drawn by uPlot, and the gestures on it. Times are microseconds since the epoch.
import uPlot from 'uplot'
import { make } from '../ui/dom.ts'
import { formatDuration, formatInstant } from '../ui/format.ts'
import { watchGestures } from './gestures.ts'
import { hasRoom, INCREMENTS, tickTexts } from './time-axis.ts'
import { stackHeights, type TimeData } from './time-data.ts'

export interface Window {
  fromUs: number
  toUs: number
}

export interface TimeChartOptions {
  /** Whether the chart has a value axis. */
  hasValueAxis: boolean
  /** Heights by square root, so that low traffic is visible beside high traffic. Only without a value axis. */
  isRooted: boolean
  /** The wheel zooms; otherwise it scrolls the page. */
  hasWheel: boolean
  format(value: number): string
  /** Height of the plot and its axis, pixels. */
  height: number
  click?(us: number): void
  brush?(window: Window, isDone: boolean): void
  /** Called when the reader changes the visible part. */
  look?(window: Window): void
}

const CLOSEST_US = 20

/** Room for the texts of the value axis, pixels: at least, and beside the longest one. */
const LEAST_VALUES = 76
const VALUES_GAP = 10

const FONT = '12px system-ui, sans-serif' // whole pixels: uPlot reads "11.5px" as 5

export class TimeChart {
  readonly #options: TimeChartOptions
  readonly #element: HTMLElement
  readonly #readout = make('p', 'readout')
  readonly #playhead = make('i', 'playhead')
  readonly #span = make('i', 'span')
  /** While an edge of the span is dragged: where the other one is. */
  #fixedUs = 0
  #gaps: { window: Window; element: HTMLElement }[] = []
  readonly #plot: uPlot
  #whole: Window = { fromUs: 0, toUs: 1 }
  #view: Window = { fromUs: 0, toUs: 1 }
  #data: TimeData | null = null
  #shownSpan: Window | null = null
  #positionUs: number | null = null

  constructor(element: HTMLElement, options: TimeChartOptions, seriesCount: number) {
    this.#element = element
    this.#options = options
    element.classList.add('time-chart')
    this.#plot = new uPlot(this.#uplotOptions(seriesCount), [[0, 1], ...Array.from({ length: seriesCount }, () => [0, 0])], element)
    this.#span.append(make('i', 'edge'), make('i', 'edge'))
    this.#plot.over.append(this.#span, this.#playhead)
    this.#readout.setAttribute('aria-hidden', 'true')
    element.append(this.#readout)
    watchGestures(this.#plot.over, options.hasWheel, {
      click: (x) => options.click?.(this.#usAt(x)),
      brush: (from, to, isDone) => options.brush?.(this.#windowOf(from, to), isDone),
      grab: (x, reach) => this.#grab(x, reach),
      drag: (x, isDone) => {
        const us = this.#usAt(x)
        options.brush?.({ fromUs: Math.min(us, this.#fixedUs), toUs: Math.max(us, this.#fixedUs) }, isDone)
      },
      pan: (pixels) => this.pan(-pixels / Math.max(1, this.#plot.over.clientWidth)),
      zoom: (factor, x) => this.zoom(factor, this.#usAt(x)),
      reset: () => this.#lookAt(this.#whole, true),
    })
    new ResizeObserver(() => this.layOut()).observe(element)
  }

  get view(): Window {
    return this.#view
  }

  /** Resizes the plot to its element. */
  layOut(): void {
    const { clientWidth } = this.#element
    if (clientWidth === 0 || clientWidth === this.#plot.width) return
    this.#plot.setSize({ width: clientWidth, height: this.#options.height })
    this.#place()
  }

  /** Sets the limits of zooming out, and shows everything. */
  setWhole(whole: Window): void {
    this.#whole = whole
    this.#lookAt(whole, false)
  }

  /** Sets the limits of zooming out; shows everything only if everything was visible. */
  growWhole(whole: Window): void {
    const { fromUs, toUs } = this.view
    if (fromUs <= this.#whole.fromUs && toUs >= this.#whole.toUs) this.setWhole(whole)
    else this.#whole = whole
  }

  setView(view: Window): void {
    this.#lookAt(view, false)
  }

  /** At most as many series as the constructor was given; missing ones are drawn empty. */
  setData(data: TimeData): void {
    this.#data = data
    const { bins, startUs, binUs } = data
    const xs = Array.from({ length: bins }, (_, bin) => startUs + (bin + 0.5) * binUs)
    // A bar without another beside it is as wide as the chart: it has its middle where the chart has it, not beyond its end.
    if (bins === 1) xs[0] = (Math.max(startUs, this.#view.fromUs) + Math.min(startUs + binUs, this.#view.toUs)) / 2
    const count = this.#plot.series.length - 1
    this.#plot.setData([xs, ...stackHeights(data, count, this.#options.isRooted)])
    this.#place()
  }

  /** Redraws with the current colours and texts. */
  repaint(): void {
    this.#plot.redraw(false, true)
  }

  showPosition(us: number | null): void {
    this.#positionUs = us
    this.#place()
  }

  /** Marks pauses in which nothing was captured, each with its length. */
  setGaps(gaps: Window[]): void {
    for (const { element } of this.#gaps) element.remove()
    this.#gaps = gaps.map((window) => {
      const element = make('i', 'gap')
      element.append(make('span', '', formatDuration(window.toUs - window.fromUs)))
      element.title = `Nothing was captured for ${formatDuration(window.toUs - window.fromUs)}`
      return { window, element }
    })
    this.#plot.over.prepend(...this.#gaps.map(({ element }) => element))
    this.#place()
  }

  showSpan(span: Window | null): void {
    this.#shownSpan = span
    this.#place()
  }

  /** Moves by a share of the visible part; a positive share moves to the right. */
  pan(share: number): void {
    const length = this.#view.toUs - this.#view.fromUs
    this.#lookAt({ fromUs: this.#view.fromUs + share * length, toUs: this.#view.toUs + share * length }, true)
  }

  zoom(factor: number, aroundUs: number): void {
    const { fromUs, toUs } = this.#view
    this.#lookAt({ fromUs: aroundUs - (aroundUs - fromUs) * factor, toUs: aroundUs + (toUs - aroundUs) * factor }, true)
  }

  /** Shows a part, limited to the whole and to a shortest length of a few microseconds. */
  #lookAt({ fromUs, toUs }: Window, isByHand: boolean): void {
    const whole = this.#whole.toUs - this.#whole.fromUs
    const length = Math.min(whole, Math.max(Math.min(CLOSEST_US, whole), toUs - fromUs))
    const from = Math.min(this.#whole.toUs - length, Math.max(this.#whole.fromUs, fromUs))
    this.#view = { fromUs: from, toUs: from + length }
    this.#plot.setScale('x', { min: from, max: from + length })
    this.#place()
    if (isByHand) this.#options.look?.(this.#view)
  }

  #usAt(x: number): number {
    const { fromUs, toUs } = this.#view
    return fromUs + (x / Math.max(1, this.#plot.over.clientWidth)) * (toUs - fromUs)
  }

  /** Takes hold of the nearer edge of the span, if one is within reach. */
  #grab(x: number, reach: number): boolean {
    if (!this.#shownSpan) return false
    const { fromUs, toUs } = this.#shownSpan
    const reachUs = this.#usAt(reach) - this.#usAt(0)
    const us = this.#usAt(x)
    const [toFrom, toTo] = [Math.abs(us - fromUs), Math.abs(us - toUs)]
    this.#fixedUs = toFrom < toTo ? toUs : fromUs
    return Math.min(toFrom, toTo) <= reachUs
  }

  #windowOf(fromX: number, toX: number): Window {
    const [fromUs, toUs] = [this.#usAt(Math.min(fromX, toX)), this.#usAt(Math.max(fromX, toX))]
    return { fromUs, toUs }
  }

  /** Playhead and span are elements above the canvas, so that moving them needs no redraw. */
  #place(): void {
    const { fromUs, toUs } = this.#view
    const shareOf = (us: number) => (us - fromUs) / (toUs - fromUs)
    const at = this.#positionUs === null ? -1 : shareOf(this.#positionUs)
    this.#playhead.hidden = at < 0 || at > 1
    this.#playhead.style.left = `${at * 100}%`
    const stretch = (element: HTMLElement, window: Window) => {
      const from = Math.max(0, Math.min(1, shareOf(window.fromUs)))
      const to = Math.max(0, Math.min(1, shareOf(window.toUs)))
      element.style.left = `${from * 100}%`
      element.style.width = `${(to - from) * 100}%`
      return to - from
    }
    for (const { window, element } of this.#gaps) element.hidden = stretch(element, window) * this.#plot.over.clientWidth < 2
    this.#span.hidden = this.#shownSpan === null
    if (!this.#shownSpan) return
    stretch(this.#span, this.#shownSpan)
  }

  #tell(index: number | null | undefined): void {
    const data = this.#data
    if (index === null || index === undefined || !data) {
      this.#readout.textContent = ''
      return
    }
    const parts = data.series
      .map(({ name, values }) => ({ name, value: values[index] ?? 0 }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value)
    const shown = parts
      .slice(0, 4)
      .map(({ name, value }) => (data.series.length > 1 ? `${name} ${this.#options.format(value)}` : this.#options.format(value)))
    const more = parts.length > 4 ? ` · ${parts.length - 4} more` : ''
    const note = data.note?.(index) ?? ''
    this.#readout.textContent = [
      formatInstant(data.startUs + index * data.binUs),
      `${shown.join(' · ') || this.#options.format(0)}${more}`,
      ...(note === '' ? [] : [note]),
    ].join(' · ')
  }

  #uplotOptions(seriesCount: number): uPlot.Options {
    const { hasValueAxis, height, format } = this.#options
    // A canvas cannot use light-dark(), so colours are read from the computed style of the element.
    const text = () => getComputedStyle(this.#element).color
    const line = () => getComputedStyle(this.#element).borderTopColor
    const font = FONT
    const bars = uPlot.paths.bars!({ size: [1, Number.POSITIVE_INFINITY, 1], gap: 1, align: 0 })
    return {
      width: 320,
      height,
      legend: { show: false },
      padding: [6, hasValueAxis ? 28 : 0, 0, hasValueAxis ? 4 : 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, auto: false, range: () => [this.#view.fromUs, this.#view.toUs] },
        y: { range: (_, __, max) => [0, max > 0 ? max * 1.04 : 1] },
      },
      axes: [
        {
          stroke: text,
          grid: { stroke: line, width: 1, show: hasValueAxis },
          ticks: {
            stroke: line,
            width: 1,
            size: 4,
            filter: (plot, ticks, _, __, increment) =>
              wholeTexts(plot, ticks, increment).map((text, index) => (text === '' ? null : ticks[index])),
          },
          font,
          size: 22,
          gap: 3,
          space: 84,
          incrs: INCREMENTS,
          values: (plot, ticks, _, __, increment) => wholeTexts(plot, ticks, increment),
        },
        {
          show: hasValueAxis,
          stroke: text,
          grid: { stroke: line, width: 1 },
          ticks: { show: false },
          font,
          size: (plot, values) => Math.max(LEAST_VALUES, widthOf(plot, values) + VALUES_GAP),
          gap: 6,
          space: 34,
          values: (_, ticks) => ticks.map(format),
        },
      ],
      series: [
        {},
        ...Array.from(
          { length: seriesCount },
          (_, index): uPlot.Series => ({
            fill: () => this.#data?.series[seriesCount - 1 - index]?.colour ?? 'transparent',
            width: 0,
            points: { show: false },
            paths: bars,
          }),
        ),
      ],
      hooks: { setCursor: [(plot) => this.#tell(plot.cursor.left! < 0 ? null : plot.cursor.idx)] },
    }
  }
}

/** Pixels of the longest text. */
function widthOf({ ctx }: uPlot, texts: readonly string[] | null): number {
  ctx.save()
  ctx.font = FONT
  const widths = (texts ?? []).map((text) => ctx.measureText(text).width)
  ctx.restore()
  return Math.ceil(Math.max(0, ...widths))
}

/** One text for each tick; "" where it would be cut off at an end, and there is no tick then. */
function wholeTexts(plot: uPlot, ticks: number[], increment: number): string[] {
  return tickTexts(ticks, increment).map((text, index) => {
    const x = plot.bbox.left / uPlot.pxRatio + plot.valToPos(ticks[index], 'x')
    return hasRoom(text, x, plot.width - x) ? text : ''
  })
}
