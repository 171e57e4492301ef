// The ground of the flat map: earth, countries, heat and circles, kept as a picture that is sharp for where the camera stood.
import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo'
import { type ZoomTransform, zoomIdentity } from 'd3-zoom'
import { atOnce } from '../worker/slices.ts'
import type { Drawn } from './drawn.ts'
import { drawEarth } from './earth.ts'
import type { Layers } from './layers.ts'
import { drawCircles } from './map-marks.ts'
import { drawOverlay } from './overlay.ts'
import { SURFACES, type Theme } from './palette.ts'
import type { Report } from './report.ts'

export interface GroundScene {
  report: Report | null
  drawn: Drawn | null
  layers: Layers
  theme: Theme
}

export class MapGround {
  readonly #canvas = document.createElement('canvas')
  #at: ZoomTransform = zoomIdentity
  /** Something has changed since it was drawn. */
  isOld = true

  /** `width`, `height`: canvas pixels, `ratio` of them a CSS pixel; `projection` in CSS pixels, before zooming. */
  draw(width: number, height: number, ratio: number, projection: GeoProjection, at: ZoomTransform, scene: GroundScene): void {
    this.#canvas.width = width
    this.#canvas.height = height
    const context = this.#canvas.getContext('2d')!
    const [left, top] = projection.translate()
    const zoomed = geoNaturalEarth1()
      .scale(projection.scale() * at.k * ratio)
      .translate([at.applyX(left) * ratio, at.applyY(top) * ratio])
    const { report, drawn, layers, theme } = scene
    atOnce(drawEarth(context, zoomed, SURFACES[theme], 0.7 * ratio))
    if (report && drawn) {
      const what = { report, drawn, layers, theme }
      drawOverlay(this.#canvas, zoomed, zoomed.scale(), what)
      if (layers.accuracy) drawCircles(context, zoomed, ratio, what)
    }
    this.#at = at
    this.isOld = false
  }

  /** Copies it to where the camera stands now; sizes in the context's units. */
  copyTo(context: CanvasRenderingContext2D, { k, x, y }: ZoomTransform, width: number, height: number): void {
    const scale = k / this.#at.k
    context.drawImage(this.#canvas, x - this.#at.x * scale, y - this.#at.y * scale, width * scale, height * scale)
  }
}
