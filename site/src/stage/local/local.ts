// The local network on a 2D canvas: a picture for traffic that has no places. Circles, hosts and still lines are drawn anew when the
// camera or the filter changes; a frame of playback copies them and strokes the arcs (map-arcs.ts, as on the map).
import { select } from 'd3-selection'
import { type ZoomTransform, zoomIdentity } from 'd3-zoom'
import { entriesAt } from '../../model/arc-slices.ts'
import type { Effects } from '../../model/effects.ts'
import type { LocalMap } from '../../model/local-map.ts'
import type { Report } from '../../model/report.ts'
import { make } from '../../ui/dom.ts'
import type { Theme } from '../../ui/palette.ts'
import { toolsSpace } from '../covered-space.ts'
import { FrameLoop } from '../frame-loop.ts'
import { type Box, LabelLayer } from '../labels.ts'
import { type Layers, USUAL_LAYERS } from '../layers.ts'
import type { ArcScene } from '../map/map-arcs.ts'
import { clearCanvas, pixelsOf, ZoomCamera } from '../map/zoom-camera.ts'
import { type Aim, FIRST_MOMENT, type Inset, type Moment, makeSignal, type Picked, type Renderer } from '../renderer.ts'
import { boundsOf, frameBounds } from './local-frame.ts'
import { LocalLines } from './local-lines.ts'
import { routesByBytes } from './local-marks.ts'
import { boxesOf, labelAt, namesOf } from './local-names.ts'
import { pickLocal } from './local-pick.ts'
import { drawMoving, drawStill } from './local-scene.ts'

/** Largest and smallest zoom, beyond that which shows everything. */
const ZOOMS = [0.5, 40]

/** A small network is not enlarged beyond this share of the stage's smaller side, CSS pixels. */
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
  readonly #camera: ZoomCamera
  readonly #lines = new LocalLines()
  #theme: Theme
  #colours: number[] = []
  #map: LocalMap | null = null
  #effects: Effects | null = null
  #order: Int32Array = new Int32Array(0)
  #layers: Layers = USUAL_LAYERS
  #routesInFocus: Uint8Array | null = null
  #nodesInFocus: Uint8Array | null = null
  #pointed: Picked | null = null
  #moment: Moment = FIRST_MOMENT
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
    this.#camera = new ZoomCamera(
      element,
      () => this.#frames.request(),
      (isReader) => {
        if (isReader) this.#isFitted = false
        this.#renew()
      },
    )
    select(element).on('dblclick.zoom', null) // clicks open and close groups
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

  setEffects(effects: Effects): void {
    this.#effects = effects
    this.#frames.request()
  }

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
    this.#inset = { ...inset, right: inset.right + toolsSpace().right } // a host under them could not be clicked
    this.#fit()
  }

  avoid(panels: readonly Box[]): void {
    this.#labels.avoid(panels)
    this.#renew()
  }

  setVisible(isVisible: boolean): void {
    this.#frames.setVisible(isVisible)
    if (isVisible) this.#fit()
    else this.#shown.give() // so that nothing waits for a stage that another view covers
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
    return [...this.#camera.middle, this.#at.k]
  }

  set camera([x, y, k]: readonly number[]) {
    if (!this.#map || !(k > 0)) return
    this.#isFitted = false
    this.#camera.flyTo(this.#camera.centredOn(x, y, k), true)
  }

  /** Places of the globe mean nothing here: without any, the whole picture is shown. */
  lookAt(aim: Aim | null, isSudden: boolean): void {
    if (aim && aim.points.length > 0) return
    this.#isFitted = true
    this.#camera.flyTo(this.#whole(), isSudden)
  }

  /** Moves until these nodes are in view, near enough to tell them apart. */
  lookAtNodes(nodes: number[]): void {
    const map = this.#map
    if (!map || nodes.length === 0) return
    const bounds = boundsOf(nodes.map((node) => map.nodes[node]))
    this.#isFitted = false
    this.#camera.flyTo(this.#frameOn(bounds, 4 * this.#whole().k), false)
  }

  get #at() {
    return this.#camera.at
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

  #frameOn(bounds: LocalMap['bounds'], largest: number): ZoomTransform {
    return frameBounds(bounds, this.element, this.#inset, largest)
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.element
    if (clientWidth === 0 || clientHeight === 0) return
    this.#labels.resize(clientWidth, clientHeight)
    const whole = this.#whole()
    this.#camera.limitScale(whole.k * ZOOMS[0], whole.k * ZOOMS[1])
    if (this.#isFitted) this.#camera.moveTo(whole)
    this.#renew()
  }

  #renew(): void {
    this.#isOld = true
    this.#frames.request()
  }

  #frame(nowMs: number): boolean {
    const isFlying = this.#camera.step(nowMs)
    this.#draw()
    this.#shown.give()
    return isFlying
  }

  #draw(): void {
    const { width, height, ratio } = pixelsOf(this.element)
    if (width === 0 || height === 0) return
    if (this.#isOld || this.#ground.width !== width || this.#ground.height !== height) this.#drawGround(width, height, ratio)
    const context = clearCanvas(this.#canvas, width, height)
    context.drawImage(this.#ground, 0, 0)
    if (!this.#map) return
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    drawMoving(context, this.#scene(this.#map), this.#arcScene(this.#map), this.#effects)
  }

  #drawGround(width: number, height: number, ratio: number): void {
    this.#isOld = false
    const context = clearCanvas(this.#ground, width, height)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const map = this.#map
    if (!map) return
    drawStill(context, this.#scene(map))
    this.#labels.draw((index) => labelAt(map, this.#at, index), undefined, boxesOf(map, this.#at))
  }

  #scene(map: LocalMap) {
    return {
      ...{ layers: this.#layers, order: this.#order },
      ...{ map, lines: this.#lines, colours: this.#colours, theme: this.#theme, at: this.#at, nodesInFocus: this.#nodesInFocus },
      pointed: this.#pointed?.kind === 'node' ? this.#pointed.node : -1,
    }
  }

  #arcScene(map: LocalMap): ArcScene {
    return {
      ...{ report: map, slices: map.slices, colours: this.#colours, theme: this.#theme, moment: this.#moment, lines: this.#lines },
      ...{ at: this.#at, inFocus: this.#routesInFocus, pointed: this.#pointed?.kind === 'link' ? this.#pointed.link : -1 },
      onScreen: (node) => this.#at.apply([map.nodes[node].x, map.nodes[node].y]),
    }
  }
}
