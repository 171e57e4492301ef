// The flat map on a 2D canvas: as a view of its own, and for machines without WebGL (virtual machines, remote desktops). The ground is
// drawn once a place of the camera, arcs are projected once; a frame copies the ground and strokes what is seen. Hot path: #drawArcs.
import { type GeoProjection, geoCircle, geoNaturalEarth1, geoPath } from 'd3-geo'
import { select } from 'd3-selection'
import { type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom'
import type { SitePoint } from '../../../src/node/site-manifest.ts'
import { type Drawn, ENTRY, entriesAt, fadeAt, weightAt } from './drawn.ts'
import { drawEarth } from './earth.ts'
import { FrameLoop } from './frames.ts'
import { EARTH_KM } from './great-circle.ts'
import { LabelLayer } from './labels.ts'
import { ALERT_SEVERITY } from './lanes.ts'
import { type Layers, USUAL_LAYERS } from './layers.ts'
import { MapLines, POINTS } from './map-lines.ts'
import { drawOverlay } from './overlay.ts'
import { ALERT, colourOf, SURFACES, type Theme } from './palette.ts'
import type { Inset, Moment, Picked, Picture } from './picture.ts'
import type { Report } from './report.ts'
import { placeWeights, spread } from './weight.ts'

/** Part of an arc that a comet's tail covers. */
const TAIL = 0.3
/** Up to so many arcs each is drawn with its line, comet and rings; of more only comets and one faint web of lines (measured: browsers stroke some 3,000 lines a frame). */
const DETAILED = 350
/** Comets of one colour stroked together, where they are many. */
const BATCH = 20
/** Circles of accuracy drawn at most, those of the busiest places. */
const CIRCLES = 300
const FLIGHT_MS = 800
const SHARPEN_MS = 140

export class MapPicture implements Picture {
  readonly kind = 'map'
  readonly shown = Promise.resolve()
  readonly #stage: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #ground = document.createElement('canvas')
  readonly #labels: LabelLayer
  readonly #frames = new FrameLoop((nowMs) => this.#frame(nowMs))
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #zoom = zoom<HTMLElement, unknown>().scaleExtent([1, 40])
  #projection: GeoProjection = geoNaturalEarth1()
  #lines = new MapLines()
  #at: ZoomTransform = zoomIdentity
  /** Where the camera stood when the ground was drawn. */
  #groundAt: ZoomTransform = zoomIdentity
  #flight: { from: ZoomTransform; to: ZoomTransform; startMs: number } | null = null
  #sharpen = 0
  #theme: Theme
  #report: Report | null = null
  #drawn: Drawn | null = null
  #layers: Layers = USUAL_LAYERS
  #colours: number[] = []
  /** By place, see weight.ts. */
  #weights: Float32Array = new Float32Array(0)
  #inFocus: Uint8Array | null = null
  #pointed = -1
  /** By place, CSS pixels before zooming. */
  #dots: [number, number][] = []
  #moment: Moment = { seconds: 0, cycle: 0 }
  #inset: Inset = { top: 0, right: 0, bottom: 0 }
  #isMoved = true

  constructor(stage: HTMLElement, theme: Theme) {
    this.#stage = stage
    this.#theme = theme
    this.#labels = new LabelLayer(theme)
    this.#canvas.className = 'map'
    stage.append(this.#canvas, this.#labels.canvas)
    this.#zoom.on('zoom', ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: Event | null }) => {
      if (sourceEvent) this.#flight = null
      this.#at = transform
      this.#isMoved = true
      clearTimeout(this.#sharpen)
      this.#sharpen = window.setTimeout(() => this.#drawGround(), SHARPEN_MS)
      this.#frames.request()
    })
    select(stage).call(this.#zoom)
    new ResizeObserver(() => this.#resize()).observe(stage)
    this.#resize()
  }

  load(report: Report, colours: number[]): void {
    this.#report = report
    this.#colours = colours
    this.#project()
  }

  draw(drawn: Drawn): void {
    if (!this.#report) return
    this.#drawn = drawn
    this.#weights = placeWeights(drawn.placeBytes, this.#report.origin)
    this.#labels.weigh(this.#report, drawn.placeBytes)
    this.#drawGround()
  }

  show(moment: Moment): void {
    this.#moment = moment
    this.#frames.request()
  }

  focus(lanes: Uint8Array | null): void {
    this.#inFocus = lanes
    this.#frames.request()
  }

  point(picked: Picked | null): void {
    this.#pointed = picked?.kind === 'lane' ? picked.lane : -1
    this.#frames.request()
  }

  setLayers(layers: Layers): void {
    this.#layers = layers
    this.#labels.setShown(layers.labels)
    this.#drawGround()
  }

  paint(theme: Theme): void {
    this.#theme = theme
    this.#labels.paint(theme)
    this.#resize()
  }

  inset(inset: Inset): void {
    this.#inset = inset
    this.#resize()
  }

  setVisible(isVisible: boolean): void {
    this.#frames.setVisible(isVisible)
  }

  pick(x: number, y: number, reach: number): Picked | null {
    const { lanes, places } = this.#report ?? {}
    if (!lanes || !places) return null
    let best: Picked | null = null
    let nearest = reach
    if (this.#layers.places || this.#layers.labels)
      places.forEach((place, index) => {
        if ((this.#drawn?.placeBytes[index] ?? 0) <= 0 && place.precision !== 'origin') return
        const [left, top] = this.#onScreen(index)
        const distance = Math.hypot(left - x, top - y)
        if (distance < nearest) {
          nearest = distance
          best = { kind: 'place', place: index }
        }
      })
    if (best || !this.#drawn || !this.#layers.arcs) return best
    for (const entry of entriesAt(this.#drawn, this.#moment.seconds)) {
      const lane = this.#drawn.entries[entry * ENTRY]!
      if (lanes.source[lane] === lanes.target[lane]) continue
      const distance = this.#lines.distance(lane, this.#at.invertX(x), this.#at.invertY(y), this.#jump()) * this.#at.k
      if (distance <= nearest) {
        nearest = distance
        best = { kind: 'lane', lane }
      }
    }
    return best
  }

  locate(picked: Picked): readonly [number, number] | null {
    if (picked.kind === 'place') return this.#onScreen(picked.place)
    const [x, y] = this.#lines.middle(picked.lane)
    return [this.#at.applyX(x), this.#at.applyY(y)]
  }

  lookAt(points: SitePoint[], isSudden: boolean): void {
    const corners = points.map(({ latitudeDeg, longitudeDeg }) => this.#projection([longitudeDeg, latitudeDeg]) ?? [0, 0])
    if (corners.length === 0) {
      this.#flyTo(zoomIdentity, isSudden)
      return
    }
    const [left, right] = [Math.min(...corners.map(([x]) => x)), Math.max(...corners.map(([x]) => x))]
    const [top, bottom] = [Math.min(...corners.map(([, y]) => y)), Math.max(...corners.map(([, y]) => y))]
    const { width, height } = this.#free()
    const k = Math.min(8, Math.max(1, 0.6 * Math.min(width / Math.max(1, right - left), height / Math.max(1, bottom - top))))
    const to = zoomIdentity
      .translate(width / 2 - (k * (left + right)) / 2, this.#inset.top + height / 2 - (k * (top + bottom)) / 2)
      .scale(k)
    this.#flyTo(to, isSudden)
  }

  #flyTo(to: ZoomTransform, isSudden: boolean): void {
    if (isSudden || this.#isStill.matches) select(this.#stage).call(this.#zoom.transform, to)
    else this.#flight = { from: this.#at, to, startMs: 0 }
    this.#frames.request()
  }

  drawOn(context: CanvasRenderingContext2D, width: number, height: number): void {
    this.#draw()
    context.drawImage(this.#canvas, 0, 0, width, height)
    context.drawImage(this.#labels.canvas, 0, 0, width, height)
  }

  /** What no panel covers, CSS pixels. */
  #free(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#stage
    return {
      width: Math.max(200, clientWidth - this.#inset.right),
      height: Math.max(200, clientHeight - this.#inset.bottom - this.#inset.top),
    }
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    if (clientWidth === 0 || clientHeight === 0) return
    const ratio = Math.min(2, devicePixelRatio)
    for (const canvas of [this.#canvas, this.#ground]) {
      canvas.width = clientWidth * ratio
      canvas.height = clientHeight * ratio
    }
    this.#labels.resize(clientWidth, clientHeight)
    const { width, height } = this.#free()
    this.#projection = geoNaturalEarth1().fitExtent(
      [
        [12, this.#inset.top + 6],
        [width - 12, this.#inset.top + height - 12],
      ],
      { type: 'Sphere' },
    )
    this.#zoom.translateExtent([
      [-width / 2, -height / 2],
      [clientWidth + width / 2, clientHeight + height / 2],
    ])
    this.#project()
  }

  #project(): void {
    if (this.#report) {
      this.#dots = this.#report.places.map(({ longitudeDeg, latitudeDeg }) => this.#projection([longitudeDeg, latitudeDeg]) ?? [0, 0])
      this.#lines.load(this.#report.lanes, this.#projection)
    }
    this.#drawGround()
  }

  /** Earth, countries, heat and circles, sharp for where the camera is. */
  #drawGround(): void {
    const context = this.#ground.getContext('2d')!
    const ratio = this.#ground.width / Math.max(1, this.#stage.clientWidth)
    const { k, x, y } = this.#at
    const [left, top] = this.#projection.translate()
    const zoomed = geoNaturalEarth1()
      .scale(this.#projection.scale() * k * ratio)
      .translate([(left * k + x) * ratio, (top * k + y) * ratio])
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, this.#ground.width, this.#ground.height)
    drawEarth(context, zoomed, SURFACES[this.#theme], 0.7 * ratio)
    if (this.#report && this.#drawn) {
      const what = { report: this.#report, drawn: this.#drawn, layers: this.#layers, theme: this.#theme }
      drawOverlay(this.#ground, zoomed, zoomed.scale(), what)
      if (this.#layers.accuracy) this.#drawCircles(context, zoomed, ratio)
    }
    this.#groundAt = this.#at
    this.#isMoved = true
    this.#frames.request()
  }

  #drawCircles(context: CanvasRenderingContext2D, projection: GeoProjection, ratio: number): void {
    const path = geoPath(projection, context)
    const { places } = this.#report!
    const bytes = this.#drawn!.placeBytes
    const busiest = places
      .map((_, place) => place)
      .filter((place) => places[place]!.accuracyKm !== null && places[place]!.precision !== 'origin' && bytes[place]! > 0)
      .sort((a, b) => bytes[b]! - bytes[a]!)
    context.strokeStyle = context.fillStyle = SURFACES[this.#theme].place
    context.lineWidth = ratio
    for (const place of busiest.slice(0, CIRCLES)) {
      const { latitudeDeg, longitudeDeg, accuracyKm, precision } = places[place]!
      context.setLineDash(precision === 'country' ? [4 * ratio, 4 * ratio] : [])
      context.beginPath()
      path(
        geoCircle()
          .center([longitudeDeg, latitudeDeg])
          .radius((accuracyKm! / EARTH_KM) * (180 / Math.PI))(),
      )
      context.globalAlpha = 0.07
      context.fill()
      context.globalAlpha = 0.75
      context.stroke()
    }
    context.globalAlpha = 1
    context.setLineDash([])
  }

  #frame(nowMs: number): boolean {
    const isFlying = this.#fly(nowMs)
    this.#draw()
    return isFlying
  }

  #fly(nowMs: number): boolean {
    const flight = this.#flight
    if (!flight) return false
    flight.startMs ||= nowMs
    const part = Math.min(1, (nowMs - flight.startMs) / FLIGHT_MS)
    const eased = part * part * (3 - 2 * part)
    const between = (a: number, b: number) => a + (b - a) * eased
    const k = flight.from.k * (flight.to.k / flight.from.k) ** eased
    // The middle of the stage moves straight over the map, whatever the zoom does.
    const { clientWidth: width, clientHeight: height } = this.#stage
    const middle = (at: ZoomTransform) => at.invert([width / 2, height / 2])
    const [fromX, fromY] = middle(flight.from)
    const [toX, toY] = middle(flight.to)
    const next = zoomIdentity.translate(width / 2 - k * between(fromX, toX), height / 2 - k * between(fromY, toY)).scale(k)
    if (part === 1) this.#flight = null
    select(this.#stage).call(this.#zoom.transform, next)
    return part < 1
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d')!
    const { clientWidth, clientHeight } = this.#stage
    const ratio = this.#canvas.width / Math.max(1, clientWidth)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.globalAlpha = 1
    context.clearRect(0, 0, clientWidth, clientHeight)
    const { k, x, y } = this.#at
    const scale = k / this.#groundAt.k
    context.drawImage(this.#ground, x - this.#groundAt.x * scale, y - this.#groundAt.y * scale, clientWidth * scale, clientHeight * scale)
    if (this.#report && this.#drawn) {
      if (this.#layers.places) this.#drawPlaces(context, this.#report)
      if (this.#layers.arcs) this.#drawArcs(context, this.#report, this.#drawn)
      if (this.#layers.places) this.#drawOrigin(context, this.#report)
    }
    if (!this.#isMoved) return
    this.#isMoved = false
    this.#labels.draw((place) => this.#onScreen(place))
  }

  #onScreen(place: number): readonly [number, number] {
    const [x, y] = this.#dots[place]!
    return [this.#at.applyX(x), this.#at.applyY(y)]
  }

  #drawPlaces(context: CanvasRenderingContext2D, { places }: Report): void {
    const surface = SURFACES[this.#theme]
    context.fillStyle = context.strokeStyle = surface.place
    context.lineWidth = 1.2
    places.forEach(({ precision }, place) => {
      const weight = this.#weights[place] ?? -1
      if (weight < 0 || precision === 'origin') return
      const [x, y] = this.#onScreen(place)
      const size = 2 + 6 * weight ** 2
      context.beginPath()
      if (precision === 'country') {
        context.moveTo(x, y - size - 2)
        context.lineTo(x + size + 2, y)
        context.lineTo(x, y + size + 2)
        context.lineTo(x - size - 2, y)
        context.closePath()
      } else context.arc(x, y, size + (precision === 'region' ? 2 : 0), 0, 2 * Math.PI)
      context.globalAlpha = precision === 'city' ? 0.62 : 0.2
      context.fill()
      context.globalAlpha = 0.9
      if (precision !== 'city') context.stroke()
      if (precision === 'region') {
        context.beginPath()
        context.arc(x, y, size * 0.4, 0, 2 * Math.PI)
        context.fill()
      }
    })
    context.globalAlpha = 1
  }

  #drawArcs(context: CanvasRenderingContext2D, { lanes }: Report, drawn: Drawn): void {
    const seen = entriesAt(drawn, this.#moment.seconds)
    context.lineCap = context.lineJoin = 'round'
    if (seen.length <= DETAILED) for (const entry of seen) this.#drawArc(context, lanes, drawn, entry)
    else this.#drawCrowd(context, lanes, drawn, seen)
    context.globalAlpha = 1
  }

  #slotOf(lanes: Report['lanes'], lane: number): string {
    return lanes.severity[lane]! >= ALERT_SEVERITY ? ALERT[this.#theme] : colourOf(this.#theme, this.#colours[lanes.application[lane]!]!)
  }

  #drawArc(context: CanvasRenderingContext2D, lanes: Report['lanes'], drawn: Drawn, entry: number): void {
    const lane = drawn.entries[entry * ENTRY]!
    const weight = weightAt(drawn, entry, this.#moment.seconds)
    const isStrong = lanes.severity[lane]! >= ALERT_SEVERITY || lane === this.#pointed
    const fade = fadeAt(drawn, entry, this.#moment.seconds) * (this.#inFocus && !this.#inFocus[lane] ? 0.15 : 1)
    const width = 1 + 3.5 * weight + (isStrong ? 1.5 : 0)
    const at = (this.#moment.cycle + spread(lane)) % 1
    const head = at * (1 + TAIL)
    context.strokeStyle = this.#slotOf(lanes, lane)
    if (lanes.source[lane] !== lanes.target[lane]) {
      context.lineWidth = width * 0.6
      context.globalAlpha = (isStrong ? 0.7 : 0.4) * fade
      context.beginPath()
      this.#lines.trace(context, lane, 0, 1, this.#at, this.#jump())
      context.stroke()
      context.lineWidth = width
      context.globalAlpha = fade
      context.beginPath()
      this.#lines.trace(context, lane, Math.max(0, head - TAIL), Math.min(1, head), this.#at, this.#jump())
      context.stroke()
    }
    const [x, y] = this.#onScreen(lanes.target[lane]!)
    context.lineWidth = 1.2
    for (const ring of [at, (at + 0.5) % 1]) {
      context.globalAlpha = fade * (1 - ring)
      context.beginPath()
      context.arc(x, y, 2 + ring * (6 + 8 * weight), 0, 2 * Math.PI)
      context.stroke()
    }
  }

  /** Comets in batches of a colour over one faint web; alerts one by one on top. */
  #drawCrowd(context: CanvasRenderingContext2D, lanes: Report['lanes'], drawn: Drawn, seen: number[]): void {
    const batches = new Map<string, number[]>()
    const strong: number[] = []
    for (const entry of seen) {
      const lane = drawn.entries[entry * ENTRY]!
      if (lanes.severity[lane]! >= ALERT_SEVERITY || lane === this.#pointed || this.#inFocus?.[lane]) strong.push(entry)
      else {
        const colour = this.#slotOf(lanes, lane)
        const batch = batches.get(colour) ?? []
        batches.set(colour, batch)
        batch.push(lane)
      }
    }
    const calm = Math.min(1, Math.sqrt(DETAILED / seen.length)) * (this.#inFocus ? 0.3 : 1)
    for (const [colour, batch] of batches) {
      context.strokeStyle = colour
      context.lineWidth = 1.3
      context.globalAlpha = calm
      batch.forEach((lane, index) => {
        if (index % BATCH === 0) context.beginPath()
        const head = ((this.#moment.cycle + spread(lane)) % 1) * (1 + TAIL)
        this.#lines.trace(context, lane, Math.max(0, head - TAIL), Math.min(1, head), this.#at, this.#jump())
        if (index % BATCH === BATCH - 1 || index === batch.length - 1) context.stroke()
      })
    }
    for (const entry of strong) this.#drawArc(context, lanes, drawn, entry)
  }

  /** A line that steps farther than this, before zooming, has crossed the date line. */
  #jump(): number {
    return (this.#projection.scale() * 5.5) / 3 / (POINTS / 33)
  }

  #drawOrigin(context: CanvasRenderingContext2D, { origin }: Report): void {
    if (origin < 0) return
    const surface = SURFACES[this.#theme]
    const [x, y] = this.#onScreen(origin)
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
