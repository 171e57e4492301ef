// The globe: globe.gl keeps sphere, camera and controls; arcs, rings and places are three.js layers in its scene (arcs.ts, places.ts).
// Frames are ours (frame-loop.ts): globe.gl would draw at full rate while nothing moves.
import type { GlobeInstance } from 'globe.gl'
import * as THREE from 'three'
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import type { ArcSlices } from '../../model/arc-slices.ts'
import type { Effects } from '../../model/effects.ts'
import { unitVector } from '../../model/great-circle.ts'
import type { Report } from '../../model/report.ts'
import { ALERT, COLOUR_COUNT, colourOf, rgbOf, SURFACES, type Theme } from '../../ui/palette.ts'
import { effectMoment } from '../effects/effect-moment.ts'
import { GlobeEffects } from '../effects/globe-effects.ts'
import { FrameLoop } from '../frame-loop.ts'
import { type Box, LabelLayer } from '../labels.ts'
import { type Layers, USUAL_LAYERS } from '../layers.ts'
import { pickPlace } from '../pick-place.ts'
import { type Aim, type Inset, type Moment, makeSignal, type Picked, type Renderer } from '../renderer.ts'
import type { WebGl } from '../webgl.ts'
import { ArcLayer } from './arcs.ts'
import { EarthBall } from './earth-ball.ts'
import { GlobeCamera } from './globe-camera.ts'
import { makeGlobe, watchCamera } from './globe-gl.ts'
import { LayerWarmUp } from './layer-warmup.ts'
import { pickRoute } from './pick.ts'
import { PlaceLayer } from './places.ts'
import { Projection } from './projection.ts'

/** After the first frame the page has much to do; then it rests. */
const REST_MS = 300

export class GlobeRenderer implements Renderer {
  readonly kind = 'globe'
  onMove: (() => void) | null = null
  readonly #shown = makeSignal()
  readonly shown = this.#shown.heard
  readonly #globe: GlobeInstance
  readonly #stage: HTMLElement
  readonly #arcs: ArcLayer
  readonly #places = new PlaceLayer()
  readonly #effects: GlobeEffects
  readonly #labels: LabelLayer
  readonly #earth: EarthBall
  readonly #warmUp: LayerWarmUp
  readonly #projection: Projection
  /** globe.gl's own, once it has made it. */
  #sphere: THREE.Object3D | undefined
  readonly #frames = new FrameLoop((nowMs) => this.#frame(nowMs))
  readonly #camera: GlobeCamera
  #theme: Theme
  #report: Report | null = null
  #slices: ArcSlices | null = null
  #layers: Layers = USUAL_LAYERS
  #units: [number, number, number][] = []
  #seconds = 0
  #sun: SitePoint | null = null
  #isMoved = true

  constructor(stage: HTMLElement, { canvas, context, by }: WebGl, calm: Promise<void>, theme: Theme, centre: SitePoint, inset: Inset) {
    this.#stage = stage
    stage.style.visibility = 'hidden' // a canvas that nothing was drawn on yet may be black
    this.#theme = theme
    this.#arcs = new ArcLayer(by)
    this.#earth = new EarthBall(by, (lights) => {
      this.#globe.renderer().initTexture(lights)
      this.#frames.request()
    })
    void Promise.all([this.shown, calm]).then(() => setTimeout(() => this.#prepareRest(), REST_MS))
    this.#globe = makeGlobe(stage, { canvas, context, by }, this.#earth.material)
    this.#camera = new GlobeCamera(this.#globe, stage, centre, inset)
    this.#effects = new GlobeEffects(this.#globe.renderer().getPixelRatio())
    this.#globe.scene().add(this.#earth.glow, this.#arcs.group, ...this.#places.layers, this.#effects.points)
    const camera = this.#globe.camera() as THREE.PerspectiveCamera
    this.#projection = new Projection(camera, stage)
    this.#warmUp = new LayerWarmUp(this.#globe.renderer(), camera, () => this.#frames.request())
    this.#warmUp.add(this.#earth.glow, this.#places.points, ...this.#arcs.group.children, ...this.#places.layers, this.#effects.points)
    this.#labels = new LabelLayer(theme)
    stage.append(this.#labels.canvas)
    watchCamera(this.#globe, stage, {
      touched: () => {
        this.#camera.touch()
        this.#frames.request()
      },
      moved: () => this.#renewLabels(),
    })
    // three.js restores everything it had uploaded; the picture is then drawn again.
    canvas.addEventListener('webglcontextrestored', () => setTimeout(() => this.#frames.request()))
    this.paint(theme)
    new ResizeObserver(() => this.#resize()).observe(stage)
    this.#resize()
    // globe.gl takes its settings in a later turn.
    setTimeout(() => this.#frames.request(), 20)
  }

  get isComplete(): boolean {
    return this.#sphere !== undefined && this.#warmUp.isComplete && this.#frames.isIdle
  }

  load(report: Report, colours: number[]): void {
    this.#report = report
    this.#units = report.places.map(({ latitudeDeg, longitudeDeg }) => unitVector(latitudeDeg, longitudeDeg))
    this.#arcs.load(report, colours)
    this.#places.load(report, this.#globe.renderer().getPixelRatio())
    this.#camera.load(report.places[report.origin])
  }

  setEffects(effects: Effects): void {
    if (!this.#report) return
    this.#effects.load(effects, this.#report)
    this.#frames.request()
  }

  draw(slices: ArcSlices): void {
    if (!this.#report) return
    this.#slices = slices
    this.#arcs.draw(slices)
    this.#places.weigh(this.#report, slices)
    this.#labels.weigh(this.#report, slices)
    this.#drawGround()
    this.setLayers(this.#layers)
  }

  show(moment: Moment): void {
    const { seconds, cycle, sun } = moment
    this.#seconds = seconds
    if (sun !== this.#sun) {
      this.#sun = sun
      this.#setSun()
    }
    this.#arcs.setMoment(seconds, cycle)
    this.#places.setCycle(cycle)
    this.#effects.show(effectMoment(moment))
    this.#frames.request()
  }

  focus(routes: Uint8Array | null, place: number): void {
    this.#arcs.focus(routes)
    this.#places.reach.select(place)
    this.#effects.focus(routes)
    this.#frames.request()
  }

  point(picked: Picked | null): void {
    this.#arcs.point(picked?.kind === 'route' ? picked.route : -1)
    this.#places.reach.point(picked)
    this.#frames.request()
  }

  setLayers(layers: Layers): void {
    const isGround = layers.countries !== this.#layers.countries || layers.heat !== this.#layers.heat
    this.#layers = layers
    this.#setSun()
    this.#arcs.group.visible = layers.arcs
    this.#places.setShown(layers.places && this.#slices !== null)
    this.#places.circles.visible = layers.accuracy && this.#slices !== null
    this.#labels.setShown(layers.labels)
    this.#effects.setShown(layers.effects)
    if (isGround) this.#drawGround()
    this.#renewLabels()
  }

  paint(theme: Theme): void {
    this.#theme = theme
    const surface = SURFACES[theme]
    void this.#earth.paint(surface, theme).then(() => this.#frames.request())
    const colours = Array.from({ length: COLOUR_COUNT }, (_, slot) => colourOf(theme, slot))
    this.#arcs.setColours(
      [...colours, ALERT[theme]].map((colour) => new THREE.Color().setRGB(...rgbOf(colour))),
      theme === 'dark',
    )
    this.#places.paint(surface, ALERT[theme])
    this.#effects.paint(theme)
    this.#labels.paint(theme)
    this.#drawGround()
    this.#renewLabels()
  }

  inset(inset: Inset): void {
    this.#camera.inset = inset
    this.#resize()
  }

  avoid(panels: readonly Box[]): void {
    this.#labels.avoid(panels)
    this.#renewLabels()
  }

  setVisible(isVisible: boolean): void {
    this.#frames.setVisible(isVisible)
    if (!isVisible) this.#shown.give() // so that nothing waits for a stage that another view covers
  }

  pick(x: number, y: number, reach: number): Picked | null {
    const report = this.#report
    if (!report) return null
    if (this.#layers.places || this.#layers.labels) {
      const place = pickPlace(report, this.#slices, (index) => this.#projection.dot(this.#units[index]), x, y, reach)
      if (place) return place
    }
    if (!this.#layers.arcs || !this.#slices) return null
    this.#projection.update()
    const route = pickRoute(this.#slices, report.routes, this.#seconds, this.#projection.view, x, y, reach)
    return route < 0 ? null : { kind: 'route', route }
  }

  locate(picked: Picked): readonly [number, number] | null {
    this.#projection.update()
    if (picked.kind === 'place') return this.#projection.dot(this.#units[picked.place])
    if (picked.kind !== 'route') return null
    return this.#projection.arc(this.#report!.routes.geometry, picked.route)
  }

  lookAt(aim: Aim | null, isSudden: boolean): void {
    this.#camera.lookAt(aim, this.#report?.places[this.#report.origin], isSudden)
    this.#frames.request()
  }

  get camera(): readonly number[] {
    return this.#camera.pose
  }

  set camera(pose: readonly number[]) {
    this.#camera.pose = pose
    this.#frames.request()
  }

  get zoom(): number {
    return this.#camera.zoom
  }

  drawOn(context: CanvasRenderingContext2D, width: number, height: number): void {
    // A WebGL canvas may be read only in the turn it was drawn in.
    this.#globe.renderer().render(this.#globe.scene(), this.#globe.camera())
    context.drawImage(this.#globe.renderer().domElement, 0, 0, width, height)
    context.drawImage(this.#labels.canvas, 0, 0, width, height)
  }

  #prepareRest(): void {
    this.#warmUp.prepareRest()
    this.#earth.light()
  }

  #frame(nowMs: number): boolean {
    const isFlying = this.#camera.step(nowMs)
    const isTurning = this.#globe.controls().update()
    if (!this.#sphere && this.#earth.isPainted) {
      this.#sphere = this.#globe.scene().getObjectByProperty('material', this.#earth.material)
      if (this.#sphere) this.#warmUp.add(this.#sphere)
    }
    const isEntering = this.#warmUp.step()
    if (!this.#sphere || ![this.#sphere, this.#earth.glow].every((part) => this.#warmUp.isOn(part)))
      return isEntering || (this.#earth.isPainted && !this.#sphere)
    this.#shown.give()
    this.#globe.renderer().render(this.#globe.scene(), this.#globe.camera())
    this.#stage.style.visibility = ''
    if (this.#isMoved || isFlying || isTurning) {
      this.#isMoved = false
      this.#projection.update()
      this.#labels.draw(
        (place) => this.#projection.dot(this.#units[place]),
        (route) => this.locate({ kind: 'route', route }),
      )
      this.onMove?.()
    }
    return isFlying || isTurning || isEntering
  }

  /** With the next frame. */
  #renewLabels(): void {
    this.#isMoved = true
    this.#frames.request()
  }

  #setSun(): void {
    this.#earth.setSun(this.#sun && this.#layers.night ? unitVector(this.#sun.latitudeDeg, this.#sun.longitudeDeg) : null)
  }

  /** Countries and heat: a texture of their own over the earth's. */
  #drawGround(): void {
    const { countries, heat } = this.#layers
    const isOn = (countries !== 'off' || heat) && this.#report && this.#slices
    this.#earth.cover(isOn ? { report: this.#report!, slices: this.#slices!, layers: this.#layers, theme: this.#theme } : null)
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    if (clientWidth === 0 || clientHeight === 0) return
    this.#camera.resize()
    this.#arcs.setViewport(clientWidth, clientHeight)
    this.#places.reach.setViewport(clientWidth, clientHeight)
    this.#effects.setViewport(clientWidth, clientHeight)
    this.#labels.resize(clientWidth, clientHeight)
    this.#isMoved = true
    // globe.gl takes its new size in a later turn.
    setTimeout(() => this.#renewLabels(), 20)
  }
}
