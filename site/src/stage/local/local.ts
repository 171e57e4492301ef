// The local network on a 2D canvas: a picture for traffic that has no places. Circles, hosts and still lines are drawn anew when the
// camera or the filter changes; a frame of playback copies them and strokes the arcs (map-arcs.ts, as on the map).
import { select } from 'd3-selection'
import { type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom'
import { entriesAt } from '../../model/arc-slices.ts'
import type { LocalMap } from '../../model/local-map.ts'
import type { Report } from '../../model/report.ts'
import { make } from '../../ui/dom.ts'
import type { Theme } from '../../ui/palette.ts'
import { FrameLoop } from '../frame-loop.ts'
import { type Box, LabelLayer } from '../labels.ts'
import { type Layers, USUAL_LAYERS } from '../layers.ts'
import { type ArcScene, drawArcs } from '../map/map-arcs.ts'
import { MapFlight } from '../map/map-flight.ts'
import { type Aim, type Inset, type Moment, makeSignal, type Picked, type Renderer } from '../renderer.ts'
import { LocalLines } from './local-lines.ts'
import { drawGroups, drawLines, drawNodes, type LocalScene, routesByBytes } from './local-marks.ts'
import { namesOf } from './local-names.ts'
import { pickLocal } from './local-pick.ts'

/** Largest and smallest zoom, beyond that which shows everything. */
const ZOOMS = [0.5, 40]

/** CSS pixels around the whole picture. */
const MARGIN = 34

/** Width of the legend, which lies on the stage's left unless the stage is narrow. */
const LEGEND = 84

/** A small network is not blown up beyond this part of the stage's smaller side, CSS pixels. */
const LARGEST_FIT = 1 / 420

/** Names on a wide and on a narrow stage. */
const NAMES = { wide: 90, narrow: 26 }

export class LocalRenderer implements Renderer {
  readonly kind = 'local'
  /** What it shows does not depend on how near the camera is. */
  readonly zoom = 1
  onMove: (() => void) | null = null
  readonly #shown = makeSignal()
  readonly shown = this.#shown.heard
  readonly element: HTMLElement
  readonly #canvas = document.createElement('canvas')
  /** Everything that stands still. */
  readonly #ground = document.createElement('canvas')
  readonly #labels: LabelLayer
  readonly #note = make('p', 'local-note')
  readonly #frames = new FrameLoop((nowMs) => this.#frame(nowMs))
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #zoom = zoom<HTMLElement, unknown>()
  readonly #flight = new MapFlight()
  readonly #lines = new LocalLines()
  #at: ZoomTransform = zoomIdentity
  #theme: Theme
  #colours: number[] = []
  #map: LocalMap | null = null
  #order: Int32Array = new Int32Array(0)
  #layers: Layers = USUAL_LAYERS
  #routesInFocus: Uint8Array | null = null
  #nodesInFocus: Uint8Array | null = null
  #pointed: Picked | null = null
  #moment: Moment = { seconds: 0, cycle: 0, sun: null }
  #inset: Inset = { left: 0, top: 0, right: 0, bottom: 0 }
  #isOld = true
  /** The camera follows the size of the stage until the reader moves it. */
  #isFitted = true

  constructor(element: HTMLElement, theme: Theme) {
    this.element = element
    this.#theme = theme
    this.#labels = new LabelLayer(theme)
    this.#canvas.className = 'map'
    element.append(this.#canvas, this.#labels.canvas, this.#note)
    this.#zoom.on('zoom', ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: Event | null }) => {
      if (sourceEvent) {
        this.#flight.stop()
        this.#isFitted = false
      }
      this.#at = transform
      this.#renew()
    })
    select(element).call(this.#zoom).on('dblclick.zoom', null)
    new ResizeObserver(() => this.#fit()).observe(element)
  }

  get isComplete(): boolean {
    return this.#map !== null && !this.#isOld && this.#frames.isIdle
  }

  get map(): LocalMap | null {
    return this.#map
  }

  load(_report: Report, colours: number[]): void {
    this.#colours = colours
    this.#renew()
  }

  /** What is drawn for the globe and the map; this picture is given a map of its own. */
  draw(): void {}

  /** `isNew`: other nodes or positions than before. */
  setMap(map: LocalMap, isNew: boolean): void {
    this.#map = map
    this.#order = routesByBytes(map)
    this.#lines.load(map)
    this.#labels.setNames(namesOf(map), NAMES)
    if (isNew) {
      this.#pointed = null
      this.#isFitted = true
      this.#fit()
    }
    this.#renew()
  }

  /** What is said in place of a picture; "" for nothing. */
  say(text: string): void {
    this.#note.textContent = text
  }

  show(moment: Moment): void {
    this.#moment = moment
    this.#frames.request()
  }

  /** Routes of the globe: see focusOn(). */
  focus(): void {}

  /** Highlights routes and nodes with a 1; null: none. */
  focusOn(routes: Uint8Array | null, nodes: Uint8Array | null): void {
    this.#routesInFocus = routes
    this.#nodesInFocus = nodes
    this.#renew()
  }

  point(picked: Picked | null): void {
    if (picked?.kind === this.#pointed?.kind && JSON.stringify(picked) === JSON.stringify(this.#pointed)) return
    this.#pointed = picked
    this.#renew()
  }

  setLayers(layers: Layers): void {
    this.#layers = layers
    this.#labels.setShown(layers.labels)
    this.#renew()
  }

  paint(theme: Theme): void {
    this.#theme = theme
    this.#labels.paint(theme)
    this.#renew()
  }

  inset(inset: Inset): void {
    this.#inset = inset
    this.#fit()
  }

  avoid(panels: readonly Box[]): void {
    this.#labels.avoid(panels)
    this.#renew()
  }

  setVisible(isVisible: boolean): void {
    this.#frames.setVisible(isVisible)
    if (isVisible) this.#fit()
    else this.#shown.give() // nothing waits for a stage that another view covers
  }

  pick(x: number, y: number, reach: number): Picked | null {
    if (!this.#map) return null
    const [px, py] = this.#at.invert([x, y])
    const moving = entriesAt(this.#map.slices, this.#moment.seconds)
    return pickLocal(this.#map, this.#lines, { order: this.#order, moving }, px, py, reach / this.#at.k)
  }

  locate(picked: Picked): readonly [number, number] | null {
    const map = this.#map
    if (!map) return null
    if (picked.kind === 'node') return this.#at.apply([map.nodes[picked.node].x, map.nodes[picked.node].y])
    if (picked.kind === 'link') return this.#at.apply([...this.#lines.middle(picked.link)])
    return null
  }

  /** What is in the middle of the stage, and the zoom. */
  get camera(): readonly number[] {
    const { clientWidth, clientHeight } = this.element
    return [...this.#at.invert([clientWidth / 2, clientHeight / 2]), this.#at.k]
  }

  set camera([x, y, k]: readonly number[]) {
    const { clientWidth, clientHeight } = this.element
    if (!this.#map || !(k > 0)) return
    this.#isFitted = false
    this.#flyTo(zoomIdentity.translate(clientWidth / 2 - k * x, clientHeight / 2 - k * y).scale(k), true)
  }

  /** Places of the globe mean nothing here: without any, the whole picture is shown. */
  lookAt(aim: Aim | null, isSudden: boolean): void {
    if (aim && aim.points.length > 0) return
    this.#isFitted = true
    this.#flyTo(this.#whole(), isSudden)
  }

  /** Moves until these nodes are in view, near enough to tell them apart. */
  lookAtNodes(nodes: number[]): void {
    const map = this.#map
    if (!map || nodes.length === 0) return
    const points = nodes.map((node) => map.nodes[node])
    const bounds = {
      left: Math.min(...points.map(({ x, radius }) => x - radius)),
      right: Math.max(...points.map(({ x, radius }) => x + radius)),
      top: Math.min(...points.map(({ y, radius }) => y - radius)),
      bottom: Math.max(...points.map(({ y, radius }) => y + radius)),
    }
    this.#isFitted = false
    this.#flyTo(this.#frameOn(bounds, 4 * this.#whole().k), false)
  }

  #flyTo(to: ZoomTransform, isSudden: boolean): void {
    if (isSudden || this.#isStill.matches) select(this.element).call(this.#zoom.transform, to)
    else this.#flight.start(this.#at, to)
    this.#frames.request()
  }

  drawOn(context: CanvasRenderingContext2D, width: number, height: number): void {
    this.#draw()
    context.drawImage(this.#canvas, 0, 0, width, height)
    context.drawImage(this.#labels.canvas, 0, 0, width, height)
  }

  /** Shows everything in what no panel covers. */
  #whole(): ZoomTransform {
    return this.#map
      ? this.#frameOn(this.#map.bounds, LARGEST_FIT * Math.min(this.element.clientWidth, this.element.clientHeight))
      : zoomIdentity
  }

  #frameOn({ left, top, right, bottom }: LocalMap['bounds'], largest: number): ZoomTransform {
    const { clientWidth, clientHeight } = this.element
    const legend = clientWidth > 640 ? LEGEND : 0
    const width = Math.max(120, clientWidth - legend - this.#inset.right - 2 * MARGIN)
    const height = Math.max(80, clientHeight - this.#inset.top - this.#inset.bottom - 2 * MARGIN)
    const k = Math.min(largest, width / Math.max(1, right - left), height / Math.max(1, bottom - top))
    const x = legend + MARGIN + width / 2 - (k * (left + right)) / 2
    const y = this.#inset.top + MARGIN + height / 2 - (k * (top + bottom)) / 2
    return zoomIdentity.translate(x, y).scale(k)
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.element
    if (clientWidth === 0 || clientHeight === 0) return
    this.#labels.resize(clientWidth, clientHeight)
    const whole = this.#whole()
    this.#zoom.scaleExtent([whole.k * ZOOMS[0], whole.k * ZOOMS[1]])
    if (this.#isFitted) select(this.element).call(this.#zoom.transform, whole)
    this.#renew()
  }

  #renew(): void {
    this.#isOld = true
    this.#frames.request()
  }

  #frame(nowMs: number): boolean {
    const next = this.#flight.step(nowMs, this.element.clientWidth, this.element.clientHeight)
    if (next) select(this.element).call(this.#zoom.transform, next)
    this.#draw()
    this.#shown.give()
    return this.#flight.isOn
  }

  #draw(): void {
    const { clientWidth, clientHeight } = this.element
    const ratio = Math.min(2, devicePixelRatio)
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)]
    if (width === 0 || height === 0) return
    if (this.#isOld || this.#ground.width !== width || this.#ground.height !== height) this.#drawGround(width, height, ratio)
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height })
    const context = this.#canvas.getContext('2d')!
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, width, height)
    context.drawImage(this.#ground, 0, 0)
    if (!this.#map || !this.#layers.arcs) return
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    drawArcs(context, this.#arcScene(this.#map))
  }

  #drawGround(width: number, height: number, ratio: number): void {
    this.#isOld = false
    if (this.#ground.width !== width || this.#ground.height !== height) Object.assign(this.#ground, { width, height })
    const context = this.#ground.getContext('2d')!
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, width, height)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const map = this.#map
    if (!map) return
    const pointed = this.#pointed?.kind === 'node' ? this.#pointed.node : -1
    const scene: LocalScene = {
      map,
      lines: this.#lines,
      colours: this.#colours,
      theme: this.#theme,
      at: this.#at,
      nodesInFocus: this.#nodesInFocus,
      pointed,
    }
    drawGroups(context, scene)
    if (this.#layers.arcs) drawLines(context, scene, this.#order)
    if (this.#layers.places) drawNodes(context, scene)
    this.#labels.draw((index) => this.#labelAt(map, index), undefined, this.#marks(map))
  }

  /** Nodes, then groups: beside a node, above a circle. */
  #labelAt({ nodes, groups }: LocalMap, index: number): readonly [number, number, number] | null {
    const { k } = this.#at
    if (index < nodes.length) {
      const { x, y, radius } = nodes[index]
      return [this.#at.applyX(x), this.#at.applyY(y), Math.max(2, radius * k) + 4]
    }
    const { x, y, radius } = groups[index - nodes.length]
    return [this.#at.applyX(x), this.#at.applyY(y - radius), 2]
  }

  /** Boxes of the nodes, CSS pixels. */
  #marks({ nodes }: LocalMap): Box[] {
    return nodes.map(({ x, y, radius }) => {
      const size = Math.max(2, radius * this.#at.k)
      return { left: this.#at.applyX(x) - size, top: this.#at.applyY(y) - size, width: 2 * size, height: 2 * size }
    })
  }

  #arcScene(map: LocalMap): ArcScene {
    return {
      ...{ report: map, slices: map.slices, colours: this.#colours, theme: this.#theme, moment: this.#moment, lines: this.#lines },
      ...{ at: this.#at, inFocus: this.#routesInFocus, pointed: this.#pointed?.kind === 'link' ? this.#pointed.link : -1 },
      onScreen: (node) => this.#at.apply([map.nodes[node].x, map.nodes[node].y]),
    }
  }
}
