// Lanes of the local network as curves: through the ring that two hosts stand on, or between two circles. In the layout's units.
import type { ZoomTransform } from 'd3-zoom'
import type { LocalMap } from '../../model/local-map.ts'
import type { Lines } from '../map/map-arcs.ts'

/** How far a lane bends to its side, as a part of its length; each further lane between the same two nodes bends more. */
const BEND = 0.07
const FURTHER = 0.05
const MOST_FURTHER = 8

/** How far a lane within a ring is drawn towards its middle. */
const INWARD = 0.35

/** Points that a curve is drawn with. */
const POINTS = 20

/** Numbers of a curve: both ends, and the control point of the quadratic curve between them. */
const CURVE = 6

export class LocalLines implements Lines {
  #curves: Float32Array = new Float32Array(0)

  load({ nodes, groups, lanes }: LocalMap): void {
    const curves = new Float32Array(lanes.count * CURVE)
    for (let lane = 0; lane < lanes.count; lane++) {
      const source = nodes[lanes.source[lane]]
      const target = nodes[lanes.target[lane]]
      const [dx, dy] = [target.x - source.x, target.y - source.y]
      const bend = BEND + FURTHER * Math.min(MOST_FURTHER, lanes.rank[lane])
      let x = (source.x + target.x) / 2 - dy * bend
      let y = (source.y + target.y) / 2 + dx * bend
      const ring = source.group >= 0 && source.group === target.group ? groups[source.group] : null
      if (ring) {
        x += (ring.x - x) * INWARD
        y += (ring.y - y) * INWARD
      }
      curves.set([source.x, source.y, x, y, target.x, target.y], lane * CURVE)
    }
    this.#curves = curves
  }

  trace(context: CanvasRenderingContext2D, lane: number, from: number, to: number, { k, x, y }: ZoomTransform): void {
    const steps = Math.max(1, Math.ceil((to - from) * POINTS))
    for (let step = 0; step <= steps; step++) {
      const [px, py] = this.#at(lane, from + ((to - from) * step) / steps)
      if (step === 0) context.moveTo(px * k + x, py * k + y)
      else context.lineTo(px * k + x, py * k + y)
    }
  }

  /** Adds the whole curve to a path. */
  curve(context: CanvasRenderingContext2D, lane: number, { k, x, y }: ZoomTransform): void {
    const at = lane * CURVE
    const c = this.#curves
    context.moveTo(c[at] * k + x, c[at + 1] * k + y)
    context.quadraticCurveTo(c[at + 2] * k + x, c[at + 3] * k + y, c[at + 4] * k + x, c[at + 5] * k + y)
  }

  middle(lane: number): readonly [number, number] {
    return this.#at(lane, 0.5)
  }

  /** How far a point is from a lane, in the layout's units. */
  distance(lane: number, x: number, y: number): number {
    let nearest = Number.POSITIVE_INFINITY
    let [ax, ay] = this.#at(lane, 0)
    for (let step = 1; step <= POINTS; step++) {
      const [bx, by] = this.#at(lane, step / POINTS)
      const [dx, dy] = [bx - ax, by - ay]
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
      nearest = Math.min(nearest, Math.hypot(x - ax - along * dx, y - ay - along * dy))
      ax = bx
      ay = by
    }
    return nearest
  }

  #at(lane: number, part: number): readonly [number, number] {
    const at = lane * CURVE
    const c = this.#curves
    const rest = 1 - part
    const [a, b, d] = [rest * rest, 2 * rest * part, part * part]
    return [a * c[at] + b * c[at + 2] + d * c[at + 4], a * c[at + 1] + b * c[at + 3] + d * c[at + 5]]
  }
}
