// The flat map: the same moments on a 2D canvas, for machines without WebGL (virtual machines, remote desktops). Coastlines are
// drawn once, arcs projected once; a frame copies the ground and strokes the arcs that are seen. Hot path: #draw.
import { type GeoProjection, geoInterpolate, geoNaturalEarth1 } from 'd3-geo'
import { segmentsAt } from './columns.ts'
import { drawEarth } from './earth.ts'
import { colourOf, SURFACES, type Theme } from './palette.ts'
import { type Inset, type Moment, type Picked, type Picture, placeWeight, spread, weightOf } from './picture.ts'
import type { Report, ReportPlace } from './report.ts'

const POINTS = 33
/** Part of an arc that a comet's tail covers. */
const TAIL = 0.3
/** Comets drawn at most: past this only the faint lines of the strongest segments are drawn (measured: 3,000 strokes take a 60 fps frame). */
const MOST = 3000
const HIT_PIXELS = 10

export class MapPicture implements Picture {
  readonly kind = 'map'
  readonly #stage: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #ground = document.createElement('canvas')
  #projection: GeoProjection = geoNaturalEarth1()
  #theme: Theme
  #report: Report | null = null
  #colours: number[] = []
  #passes: (lane: number) => boolean = () => true
  /** x, y of POINTS points a lane, CSS pixels. */
  #lines = new Float32Array(0)
  #dots: [number, number][] = []
  #weights: number[] = []
  #moment: Moment = { seconds: 0, cycle: 0 }
  #inset: Inset = { right: 0, bottom: 0 }
  #isVisible = true
  #isPending = false

  constructor(stage: HTMLElement, theme: Theme) {
    this.#stage = stage
    this.#theme = theme
    this.#canvas.className = 'map'
    stage.append(this.#canvas)
    new ResizeObserver(() => this.#resize()).observe(stage)
    this.#resize()
  }

  load(report: Report, colours: number[]): void {
    this.#report = report
    this.#colours = colours
    const bytes = new Float64Array(report.places.length)
    for (let lane = 0; lane < report.lanes.count; lane++) {
      bytes[report.lanes.source[lane]!]! += report.lanes.bytes[lane]!
      bytes[report.lanes.target[lane]!]! += report.lanes.bytes[lane]!
    }
    this.#weights = Array.from(bytes, placeWeight)
    this.#projectReport()
  }

  filter(passes: (lane: number) => boolean): void {
    this.#passes = passes
    this.#request()
  }

  show(moment: Moment): void {
    this.#moment = moment
    this.#request()
  }

  paint(theme: Theme): void {
    this.#theme = theme
    this.#resize()
  }

  inset(inset: Inset): void {
    this.#inset = inset
    this.#resize()
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (isVisible) this.#request()
  }

  pick(x: number, y: number): Picked | null {
    const report = this.#report
    if (!report) return null
    let best: Picked | null = null
    let nearest = HIT_PIXELS
    this.#dots.forEach(([left, top], place) => {
      const distance = Math.hypot(left - x, top - y)
      if (distance < nearest) {
        nearest = distance
        best = { kind: 'place', place }
      }
    })
    if (best) return best
    for (const segment of segmentsAt(report.segments, this.#moment.seconds)) {
      const lane = report.segments.lane[segment]!
      if (!this.#passes(lane)) continue
      for (let point = 0; point < POINTS; point++) {
        const at = (lane * POINTS + point) * 2
        const distance = Math.hypot(this.#lines[at]! - x, this.#lines[at + 1]! - y)
        if (distance < nearest) {
          nearest = distance
          best = { kind: 'lane', lane }
        }
      }
    }
    return best
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    if (clientWidth === 0 || clientHeight === 0) return
    const ratio = Math.min(2, devicePixelRatio)
    for (const canvas of [this.#canvas, this.#ground]) {
      canvas.width = clientWidth * ratio
      canvas.height = clientHeight * ratio
      canvas.getContext('2d')!.setTransform(ratio, 0, 0, ratio, 0, 0)
    }
    this.#projection = geoNaturalEarth1().fitExtent(
      [
        [16, 64],
        [Math.max(200, clientWidth - this.#inset.right - 16), Math.max(200, clientHeight - this.#inset.bottom - 16)],
      ],
      { type: 'Sphere' },
    )
    drawEarth(this.#ground.getContext('2d')!, this.#projection, SURFACES[this.#theme], 0.7)
    this.#projectReport()
  }

  #projectReport(): void {
    const report = this.#report
    if (report) {
      const position = (place: ReportPlace): [number, number] => [place.longitudeDeg, place.latitudeDeg]
      this.#dots = report.places.map((place) => this.#projection(position(place)) ?? [0, 0])
      this.#lines = new Float32Array(report.lanes.count * POINTS * 2)
      for (let lane = 0; lane < report.lanes.count; lane++) {
        const between = geoInterpolate(
          position(report.places[report.lanes.source[lane]!]!),
          position(report.places[report.lanes.target[lane]!]!),
        )
        for (let point = 0; point < POINTS; point++)
          this.#lines.set(this.#projection(between(point / (POINTS - 1))) ?? [0, 0], (lane * POINTS + point) * 2)
      }
    }
    this.#request()
  }

  #request(): void {
    if (this.#isPending || !this.#isVisible) return
    this.#isPending = true
    requestAnimationFrame(() => {
      this.#isPending = false
      this.#draw()
    })
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d')!
    const { clientWidth, clientHeight } = this.#stage
    const surface = SURFACES[this.#theme]
    context.globalAlpha = 1
    context.clearRect(0, 0, clientWidth, clientHeight)
    context.drawImage(this.#ground, 0, 0, clientWidth, clientHeight)
    const report = this.#report
    if (!report) return
    context.fillStyle = surface.place
    context.globalAlpha = 0.7
    this.#dots.forEach(([x, y], place) => {
      context.beginPath()
      context.arc(x, y, 1.6 + 2 * this.#weights[place]!, 0, 2 * Math.PI)
      context.fill()
    })
    let seen = segmentsAt(report.segments, this.#moment.seconds).filter((segment) => this.#passes(report.segments.lane[segment]!))
    if (seen.length > MOST) seen = seen.sort((a, b) => report.segments.bytes[b]! - report.segments.bytes[a]!).slice(0, MOST)
    context.lineCap = 'round'
    for (const segment of seen) this.#drawSegment(context, report, segment)
    this.#drawOrigin(context, report)
  }

  #drawSegment(context: CanvasRenderingContext2D, { segments, lanes }: Report, segment: number): void {
    const { seconds, cycle } = this.#moment
    const lane = segments.lane[segment]!
    const linger = segments.lingerSeconds[segment]!
    const fade = linger > 0 ? 1 - 0.9 * Math.min(1, Math.max(0, (seconds - segments.endSeconds[segment]!) / linger)) : 1
    const width = 1 + 3.5 * weightOf(segments.bytes[segment]!)
    const at = (cycle + spread(lane)) % 1
    const head = at * (1 + TAIL)
    context.strokeStyle = colourOf(this.#theme, this.#colours[lanes.application[lane]!]!)
    context.lineWidth = width * 0.6
    context.globalAlpha = 0.4 * fade
    this.#strokeLine(context, lane, 0, 1)
    context.lineWidth = width
    context.globalAlpha = fade
    this.#strokeLine(context, lane, Math.max(0, head - TAIL), Math.min(1, head))
    const [x, y] = this.#dots[lanes.target[lane]!]!
    for (const ring of [at, (at + 0.5) % 1]) {
      context.lineWidth = 1.2
      context.globalAlpha = fade * (1 - ring)
      context.beginPath()
      context.arc(x, y, 2 + ring * (6 + 8 * weightOf(segments.bytes[segment]!)), 0, 2 * Math.PI)
      context.stroke()
    }
  }

  /** The part of a lane's line between two fractions; lifted where it would run across the whole map (date line). */
  #strokeLine(context: CanvasRenderingContext2D, lane: number, from: number, to: number): void {
    const first = Math.floor(from * (POINTS - 1))
    const last = Math.ceil(to * (POINTS - 1))
    const jump = this.#stage.clientWidth / 3
    context.beginPath()
    let before = Number.NaN
    for (let point = first; point <= last; point++) {
      const x = this.#lines[(lane * POINTS + point) * 2]!
      const y = this.#lines[(lane * POINTS + point) * 2 + 1]!
      if (Math.abs(x - before) < jump) context.lineTo(x, y)
      else context.moveTo(x, y)
      before = x
    }
    context.stroke()
  }

  #drawOrigin(context: CanvasRenderingContext2D, { origin }: Report): void {
    const dot = this.#dots[origin]
    if (!dot) return
    const surface = SURFACES[this.#theme]
    const [x, y] = dot
    const glow = context.createRadialGradient(x, y, 0, x, y, 26)
    const rim = surface.rim.map((part) => Math.round(part * 255)).join(' ')
    glow.addColorStop(0, `rgb(${rim} / 0.9)`)
    glow.addColorStop(1, `rgb(${rim} / 0)`)
    context.globalAlpha = 0.75 + 0.25 * Math.sin(this.#moment.cycle * 2 * Math.PI)
    context.fillStyle = glow
    context.fillRect(x - 26, y - 26, 52, 52)
    context.globalAlpha = 1
    context.fillStyle = surface.origin
    context.beginPath()
    context.arc(x, y, 4, 0, 2 * Math.PI)
    context.fill()
  }
}
