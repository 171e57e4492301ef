// Where the flat map's earth and camera stand, and the camera's way from one place to another.
import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo'
import { type ZoomTransform, zoomIdentity } from 'd3-zoom'
import { ease } from '../camera-path.ts'
import type { Box } from '../labels.ts'
import type { Inset } from '../renderer.ts'

const FLIGHT_MS = 800

/** What no panel covers of a stage, CSS pixels; never less than a small map. */
export function freeArea(width: number, height: number, { left, top, right, bottom }: Inset): Box {
  return { left, top, width: Math.max(200, width - left - right), height: Math.max(200, height - bottom - top) }
}

/** The whole earth inside the free part of the stage, CSS pixels. */
export function fitEarth({ left, top, width, height }: Box): GeoProjection {
  return geoNaturalEarth1().fitExtent(
    [
      [left + 12, top + 6],
      [left + width - 12, top + height - 12],
    ],
    { type: 'Sphere' },
  )
}

/** Where the camera sees all of the points (CSS pixels before zooming) in the middle of the free part of the stage. */
export function frameCorners(corners: [number, number][], free: Box): ZoomTransform {
  const [left, right] = [Math.min(...corners.map(([x]) => x)), Math.max(...corners.map(([x]) => x))]
  const [top, bottom] = [Math.min(...corners.map(([, y]) => y)), Math.max(...corners.map(([, y]) => y))]
  const k = Math.min(8, Math.max(1, 0.72 * Math.min(free.width / Math.max(1, right - left), free.height / Math.max(1, bottom - top))))
  return zoomIdentity
    .translate(free.left + free.width / 2 - (k * (left + right)) / 2, free.top + free.height / 2 - (k * (top + bottom)) / 2)
    .scale(k)
}

export class MapFlight {
  #way: { from: ZoomTransform; to: ZoomTransform; startMs: number } | null = null

  start(from: ZoomTransform, to: ZoomTransform): void {
    this.#way = { from, to, startMs: 0 }
  }

  stop(): void {
    this.#way = null
  }

  get isOn(): boolean {
    return this.#way !== null
  }

  /** Where the camera is now, or null without a flight. The middle of the stage moves straight over the map, whatever the zoom does. */
  step(nowMs: number, width: number, height: number): ZoomTransform | null {
    const way = this.#way
    if (!way) return null
    way.startMs ||= nowMs
    const part = Math.min(1, (nowMs - way.startMs) / FLIGHT_MS)
    const eased = ease(part)
    const between = (a: number, b: number) => a + (b - a) * eased
    const k = way.from.k * (way.to.k / way.from.k) ** eased
    const middle = (at: ZoomTransform) => at.invert([width / 2, height / 2])
    const [fromX, fromY] = middle(way.from)
    const [toX, toY] = middle(way.to)
    if (part === 1) this.#way = null
    return zoomIdentity.translate(width / 2 - k * between(fromX, toX), height / 2 - k * between(fromY, toY)).scale(k)
  }
}
