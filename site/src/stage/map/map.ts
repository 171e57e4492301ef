// The flat map on a 2D canvas: as a view of its own, and for machines without WebGL (virtual machines, remote desktops). The ground is
// drawn once per position of the camera, arcs are projected once; a frame copies the ground and strokes what is seen (map-arcs.ts, map-marks.ts).

import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo'
import { zoomIdentity } from 'd3-zoom'
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import type { ArcSlices } from '../../model/arc-slices.ts'
import type { Effects } from '../../model/effects.ts'
import type { Report } from '../../model/report.ts'
import { hasSunMoved } from '../../model/sun.ts'
import { placeWeights } from '../../model/weight.ts'
import type { Theme } from '../../ui/palette.ts'
import { FrameLoop } from '../frame-loop.ts'
import { type Box, LabelLayer } from '../labels.ts'
import { type Layers, USUAL_LAYERS } from '../layers.ts'
import { pickPlace } from '../pick-place.ts'
import { Reach } from '../reach.ts'
import { type Aim, FIRST_MOMENT, type Inset, type Moment, makeSignal, type Picked, type Renderer } from '../renderer.ts'
import type { MapScene } from './map-arcs.ts'
import { fitEarth, frameCorners, freeArea } from './map-flight.ts'
import { MapGround } from './map-ground.ts'
import { MapLines } from './map-lines.ts'
import { drawScene } from './map-scene.ts'
import { clearCanvas, pixelsOf, ZoomCamera } from './zoom-camera.ts'

const SHARPEN_MS = 140

/** Largest zoom, beyond that which shows the whole earth. */
const NEAREST = 40

export class MapRenderer implements Renderer {
  readonly kind = 'map'
  onMove: (() => void) | null = null
  readonly #shown = makeSignal()
  readonly shown = this.#shown.heard
  readonly #stage: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #ground = new MapGround(() => this.#renewGround())
  readonly #labels: LabelLayer
  readonly #frames = new FrameLoop((nowMs) => this.#frame(nowMs))
  readonly #camera: ZoomCamera
  #projection: GeoProjection = geoNaturalEarth1()
  #lines = new MapLines()
  #sharpen = 0
  #theme: Theme
  #report: Report | null = null
  #slices: ArcSlices | null = null
  #effects: Effects | null = null
  #layers: Layers = USUAL_LAYERS
  #colours: number[] = []
  /** By place, see weight.ts. */
  #weights: Float32Array = new Float32Array(0)
  #inFocus: Uint8Array | null = null
  #pointed = -1
  readonly #reach = new Reach()
  /** By place, CSS pixels before zooming. */
  #dots: [number, number][] = []
  #moment: Moment = FIRST_MOMENT
  /** As it was drawn last. */
  #sun: SitePoint | null = null
  #inset: Inset = { left: 0, top: 0, right: 0, bottom: 0 }
  #isMoved = true

  constructor(stage: HTMLElement, theme: Theme) {
    this.#stage = stage
    this.#theme = theme
    this.#labels = new LabelLayer(theme)
    this.#canvas.className = 'map'
    stage.append(this.#canvas, this.#labels.canvas)
    this.#camera = new ZoomCamera(
      stage,
      () => this.#frames.request(),
      () => this.#follow(),
    )
    this.#camera.limitScale(1, NEAREST)
    new ResizeObserver(() => this.#resize()).observe(stage)
    this.#resize()
  }

  /** The camera has moved: the ground is drawn anew once it rests. */
  #follow(): void {
    this.onMove?.()
    this.#isMoved = true
    clearTimeout(this.#sharpen)
    this.#sharpen = window.setTimeout(() => this.#renewGround(), SHARPEN_MS)
    this.#frames.request()
  }

  get isComplete(): boolean {
    return this.#ground.isComplete && this.#frames.isIdle
  }

  load(report: Report, colours: number[]): void {
    this.#report = report
    this.#colours = colours
    this.#project()
  }

  draw(slices: ArcSlices): void {
    if (!this.#report) return
    this.#slices = slices
    this.#weights = placeWeights(slices.placeBytes, this.#report.origin)
    this.#reach.take(this.#report, slices)
    this.#labels.weigh(this.#report, slices)
    this.#renewGround()
  }

  setEffects(effects: Effects): void {
    this.#effects = effects
    this.#frames.request()
  }

  show(moment: Moment): void {
    this.#moment = moment
    if (hasSunMoved(this.#sun, moment.sun)) this.#renewGround()
    this.#frames.request()
  }

  focus(routes: Uint8Array | null, place: number): void {
    this.#inFocus = routes
    this.#reach.selected = place
    this.#frames.request()
  }

  point(picked: Picked | null): void {
    this.#pointed = picked?.kind === 'route' ? picked.route : -1
    this.#reach.pointed = picked?.kind === 'place' ? picked.place : -1
    this.#frames.request()
  }

  setLayers(layers: Layers): void {
    this.#layers = layers
    this.#labels.setShown(layers.labels)
    this.#renewGround()
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

  avoid(panels: readonly Box[]): void {
    this.#labels.avoid(panels)
    this.#isMoved = true
    this.#frames.request()
  }

  setVisible(isVisible: boolean): void {
    this.#frames.setVisible(isVisible)
    if (!isVisible) this.#shown.give() // so that nothing waits for a stage that another view covers
  }

  pick(x: number, y: number, reach: number): Picked | null {
    if (!this.#report) return null
    if (this.#layers.places || this.#layers.labels) {
      const place = pickPlace(this.#report, this.#slices, (index) => this.#onScreen(index), x, y, reach)
      if (place) return place
    }
    if (!this.#slices || !this.#layers.arcs) return null
    const route = this.#lines.nearest(this.#slices, this.#moment.seconds, ...this.#at.invert([x, y]), reach / this.#at.k)
    return route < 0 ? null : { kind: 'route', route }
  }

  locate(picked: Picked): readonly [number, number] | null {
    if (picked.kind === 'place') return this.#onScreen(picked.place)
    if (picked.kind !== 'route') return null
    const [x, y] = this.#lines.middle(picked.route)
    return [this.#at.applyX(x), this.#at.applyY(y)]
  }

  lookAt(aim: Aim | null, isSudden: boolean): void {
    const corners = (aim?.points ?? []).map(
      ({ latitudeDeg, longitudeDeg }): [number, number] => this.#projection([longitudeDeg, latitudeDeg]) ?? [0, 0],
    )
    this.#camera.flyTo(aim && corners.length > 0 ? frameCorners(corners, aim.free) : zoomIdentity, isSudden)
  }

  get camera(): readonly number[] {
    const [lng, lat] = this.#projection.invert?.(this.#camera.middle) ?? [0, 0]
    return [lat, lng, this.zoom]
  }

  set camera([lat, lng, k]: readonly number[]) {
    const [x, y] = this.#projection([lng, lat]) ?? [0, 0]
    this.#camera.flyTo(this.#camera.centredOn(x, y, k), true)
  }

  get zoom(): number {
    return this.#at.k
  }

  get #at() {
    return this.#camera.at
  }

  drawOn(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (this.#ground.isOld) this.#beginGround()
    this.#ground.finish()
    this.#draw()
    context.drawImage(this.#canvas, 0, 0, width, height)
    context.drawImage(this.#labels.canvas, 0, 0, width, height)
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    if (clientWidth === 0 || clientHeight === 0) return
    this.#labels.resize(clientWidth, clientHeight)
    const free = freeArea(clientWidth, clientHeight, this.#inset)
    const { width, height } = free
    this.#projection = fitEarth(free)
    this.#camera.limitPan([-width / 2, -height / 2], [clientWidth + width / 2, clientHeight + height / 2])
    this.#project()
  }

  #project(): void {
    if (this.#report) {
      this.#dots = this.#report.places.map(({ longitudeDeg, latitudeDeg }) => this.#projection([longitudeDeg, latitudeDeg]) ?? [0, 0])
      this.#lines.load(this.#report.routes, this.#projection)
    }
    this.#renewGround()
  }

  /** Drawn once in the next frames, for all changes until then. */
  #renewGround(): void {
    this.#ground.isOld = true
    this.#isMoved = true
    this.#frames.request()
  }

  #beginGround(): void {
    const { width, height, ratio } = pixelsOf(this.#stage)
    this.#sun = this.#moment.sun
    this.#ground.begin(width, height, ratio, this.#projection, this.#at, {
      report: this.#report,
      slices: this.#slices,
      layers: this.#layers,
      theme: this.#theme,
      sun: this.#layers.night ? this.#sun : null,
    })
  }

  #frame(nowMs: number): boolean {
    if (this.#stage.clientWidth === 0) return false // another view covers it: it is drawn when it has a size again
    const isFlying = this.#camera.step(nowMs)
    if (this.#ground.isOld) this.#beginGround()
    this.#ground.step()
    this.#draw()
    if (this.#ground.isComplete) this.#shown.give()
    return isFlying || !this.#ground.isComplete
  }

  #draw(): void {
    const { width, height, ratio } = pixelsOf(this.#stage)
    const context = clearCanvas(this.#canvas, width, height)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.#ground.copyTo(context, this.#projection, this.#at)
    if (this.#report && this.#slices) {
      const more = { reachKm: this.#reach.km, effects: this.#effects }
      drawScene(context, this.#projection, this.#scene(this.#report, this.#slices), this.#layers, more)
    }
    if (!this.#isMoved) return
    this.#isMoved = false
    this.#labels.draw(
      (place) => this.#onScreen(place),
      (route) => this.locate({ kind: 'route', route }),
    )
  }

  #onScreen(place: number): readonly [number, number] {
    const [x, y] = this.#dots[place]
    return [this.#at.applyX(x), this.#at.applyY(y)]
  }

  #scene(report: Report, slices: ArcSlices): MapScene {
    return {
      report,
      slices,
      colours: this.#colours,
      weights: this.#weights,
      theme: this.#theme,
      moment: this.#moment,
      lines: this.#lines,
      at: this.#at,
      inFocus: this.#inFocus,
      pointed: this.#pointed,
      onScreen: (place) => this.#onScreen(place),
    }
  }
}
