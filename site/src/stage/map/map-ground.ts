// The ground of the flat map: earth, countries, heat and circles, kept as a picture that is sharp for where the camera stood.
import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo'
import type { ZoomTransform } from 'd3-zoom'
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import type { ArcSlices } from '../../model/arc-slices.ts'
import type { Report } from '../../model/report.ts'
import { atOnce } from '../../protocol/time-slicing.ts'
import { SURFACES, type Theme } from '../../ui/palette.ts'
import { cityLights, drawCityLights } from '../globe/city-lights.ts'
import { drawEarth, drawNight } from '../globe/earth.ts'
import { drawOverlay } from '../globe/overlay.ts'
import type { Layers } from '../layers.ts'
import { drawCircles } from './map-marks.ts'

export interface GroundScene {
  report: Report | null
  slices: ArcSlices | null
  layers: Layers
  theme: Theme
  /** Where the sun stands overhead; null: day everywhere. */
  sun: SitePoint | null
}

/** Where a projection was zoomed to, CSS pixels: all that differs between two pictures of the earth. */
interface Placement {
  scale: number
  x: number
  y: number
}

function placementOf(projection: GeoProjection, at: ZoomTransform): Placement {
  const [left, top] = projection.translate()
  return { scale: projection.scale() * at.k, x: at.applyX(left), y: at.applyY(top) }
}

/** Most time spent drawing in one frame, milliseconds. */
const SLICE_MS = 8

export class MapGround {
  #shown = document.createElement('canvas')
  #next = document.createElement('canvas')
  /** Of what is shown, and the size of its canvas in CSS pixels; null before the first. */
  #drawn: (Placement & { width: number; height: number }) | null = null
  #steps: Generator<void, void> | null = null
  /** Something has changed since drawing began. */
  isOld = true
  /** Of cities, once they are there. */
  #lights: HTMLImageElement | null = null
  #lit: Promise<void> | null = null
  readonly #onLit: () => void

  /** `onLit`: the lights of cities are there, and the ground is to be drawn anew. */
  constructor(onLit: () => void) {
    this.#onLit = onLit
  }

  get isComplete(): boolean {
    return !this.isOld && this.#steps === null
  }

  /** `width`, `height`: canvas pixels, `ratio` of them per CSS pixel; `projection` in CSS pixels, before zooming. Then come step() or finish(). */
  begin(width: number, height: number, ratio: number, projection: GeoProjection, at: ZoomTransform, scene: GroundScene): void {
    const isFirst = this.#drawn === null
    this.#steps = this.#draw(width, height, ratio, projection, at, scene)
    this.isOld = false
    // Sea and land at once: a busy machine takes its time for the rest.
    if (isFirst) for (let part = 0; part < 2; part++) this.#steps.next()
  }

  /** Continues drawing for a part of a frame. */
  step(): void {
    const untilMs = performance.now() + SLICE_MS
    while (this.#steps && performance.now() < untilMs) if (this.#steps.next().done) this.#steps = null
  }

  finish(): void {
    if (this.#steps) atOnce(this.#steps)
    this.#steps = null
  }

  async #light(): Promise<void> {
    this.#lights = await cityLights()
    this.#onLit()
  }

  *#draw(width: number, height: number, ratio: number, projection: GeoProjection, at: ZoomTransform, scene: GroundScene) {
    // The first one is seen while it is drawn.
    const isFirst = this.#drawn === null
    const { scale, x, y } = placementOf(projection, at)
    const drawn = { scale, x, y, width: width / ratio, height: height / ratio }
    if (isFirst) this.#drawn = drawn
    const canvas = isFirst ? this.#shown : this.#next
    canvas.width = width
    canvas.height = height
    const context = canvas.getContext('2d')!
    const zoomed = geoNaturalEarth1()
      .scale(scale * ratio)
      .translate([x * ratio, y * ratio])
    const { report, slices, layers, theme, sun } = scene
    yield* drawEarth(context, zoomed, SURFACES[theme], 0.7 * ratio)
    if (sun) drawNight(context, zoomed, sun, theme)
    if (sun && theme === 'dark') {
      this.#lit ??= this.#light()
      if (this.#lights) yield* drawCityLights(context, zoomed, sun, this.#lights)
    }
    yield
    if (report && slices) {
      const what = { report, slices, layers, theme }
      drawOverlay(canvas, zoomed, what)
      if (layers.accuracy) drawCircles(context, zoomed, ratio, what)
    }
    if (isFirst) return
    this.#next = this.#shown
    this.#shown = canvas
    this.#drawn = drawn
  }

  /** Copies the ground, moved and scaled to where projection and camera are now; the context's unit is a CSS pixel. */
  copyTo(context: CanvasRenderingContext2D, projection: GeoProjection, at: ZoomTransform): void {
    if (!this.#drawn) return
    const now = placementOf(projection, at)
    const { scale, x, y, width, height } = this.#drawn
    const by = now.scale / scale
    context.drawImage(this.#shown, now.x - x * by, now.y - y * by, width * by, height * by)
  }
}
