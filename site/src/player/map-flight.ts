// The flat map's camera on its way from one place to another.
import { type ZoomTransform, zoomIdentity } from 'd3-zoom'
import { ease } from './camera-path.ts'

const FLIGHT_MS = 800

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
