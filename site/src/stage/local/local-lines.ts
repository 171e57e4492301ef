// Routes of the local network as curves: through the ring that two hosts stand on, or between two circles. In the layout's units.
import type { ZoomTransform } from 'd3-zoom'
import type { LocalMap } from '../../model/local-map.ts'
import type { Lines } from '../map/map-arcs.ts'

/** How far a route bends to its side, as a part of its length; each further route between the same two nodes bends more. */
const BEND = 0.07
const FURTHER = 0.05
const MOST_FURTHER = 8

/** How far a route within a ring is drawn towards its middle. */
const INWARD = 0.35

/** Points that a curve is drawn with. */
const POINTS = 20

/** Numbers of a curve: both ends, and the control point of the quadratic curve between them. */
const CURVE = 6

export class LocalLines implements Lines {
  #curves: Float32Array = new Float32Array(0)

  load({ nodes, groups, routes }: LocalMap): void {
    const curves = new Float32Array(routes.count * CURVE)
    for (let route = 0; route < routes.count; route++) {
      const source = nodes[routes.source[route]]
      const target = nodes[routes.target[route]]
      const [dx, dy] = [target.x - source.x, target.y - source.y]
      const bend = BEND + FURTHER * Math.min(MOST_FURTHER, routes.rank[route])
      let x = (source.x + target.x) / 2 - dy * bend
      let y = (source.y + target.y) / 2 + dx * bend
      const ring = source.group >= 0 && source.group === target.group ? groups[source.group] : null
      if (ring) {
        x += (ring.x - x) * INWARD
        y += (ring.y - y) * INWARD
      }
      curves.set([source.x, source.y, x, y, target.x, target.y], route * CURVE)
    }
    this.#curves = curves
  }

  trace(context: CanvasRenderingContext2D, route: number, from: number, to: number, { k, x, y }: ZoomTransform): void {
    const steps = Math.max(1, Math.ceil((to - from) * POINTS))
    for (let step = 0; step <= steps; step++) {
      const [px, py] = this.#at(route, from + ((to - from) * step) / steps)
      if (step === 0) context.moveTo(px * k + x, py * k + y)
      else context.lineTo(px * k + x, py * k + y)
    }
  }

  /** Adds the whole curve to a path. */
  curve(context: CanvasRenderingContext2D, route: number, { k, x, y }: ZoomTransform): void {
    const at = route * CURVE
    const c = this.#curves
    context.moveTo(c[at] * k + x, c[at + 1] * k + y)
    context.quadraticCurveTo(c[at + 2] * k + x, c[at + 3] * k + y, c[at + 4] * k + x, c[at + 5] * k + y)
  }

  middle(route: number): readonly [number, number] {
    return this.#at(route, 0.5)
  }

  /** How far a point is from a route, in the layout's units. */
  distance(route: number, x: number, y: number): number {
    let nearest = Number.POSITIVE_INFINITY
    let [ax, ay] = this.#at(route, 0)
    for (let step = 1; step <= POINTS; step++) {
      const [bx, by] = this.#at(route, step / POINTS)
      const [dx, dy] = [bx - ax, by - ay]
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
      nearest = Math.min(nearest, Math.hypot(x - ax - along * dx, y - ay - along * dy))
      ax = bx
      ay = by
    }
    return nearest
  }

  #at(route: number, part: number): readonly [number, number] {
    const at = route * CURVE
    const c = this.#curves
    const rest = 1 - part
    const [a, b, d] = [rest * rest, 2 * rest * part, part * part]
    return [a * c[at] + b * c[at + 2] + d * c[at + 4], a * c[at + 1] + b * c[at + 3] + d * c[at + 5]]
  }
}
