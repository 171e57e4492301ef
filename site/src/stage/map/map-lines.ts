// Arcs on the flat map: each great circle as a polyline, projected the first time it is drawn, in CSS pixels before zooming.
import { type GeoProjection, geoNaturalEarth1Raw } from 'd3-geo'
import type { ZoomTransform } from 'd3-zoom'
import { type ArcSlices, ENTRY, entriesAt } from '../../model/arc-slices.ts'
import type { Routes } from '../../model/report.ts'
import { GEOMETRY } from '../../model/routes.ts'

/** Points per line. */
const POINTS = 33

/** Lines kept; a capture with more routes draws them anew when they come back. */
const KEPT = 30_000

export class MapLines {
  #routes: Routes | null = null
  #lines = new Map<number, Float32Array>()
  #scale = 1
  #left = 0
  #top = 0
  /** A line that steps farther than this has crossed the date line. */
  #jump = 0

  load(routes: Routes, projection: GeoProjection): void {
    this.#routes = routes
    this.#lines.clear()
    this.#scale = projection.scale()
    ;[this.#left, this.#top] = projection.translate()
    this.#jump = (this.#scale * 5.5) / 3 / (POINTS / 33)
  }

  /** Adds the part of a route's line between two fractions to the path; lifted where it would run across the whole map (date line). */
  trace(context: CanvasRenderingContext2D, route: number, from: number, to: number, { k, x, y }: ZoomTransform): void {
    const jump = this.#jump
    const line = this.#line(route)
    const first = from * (POINTS - 1)
    const last = to * (POINTS - 1)
    let before = Number.NaN
    // Ends between two points, so that a comet moves smoothly.
    for (let point = first; point <= last; point = point === last ? last + 1 : Math.min(last, Math.floor(point + 1))) {
      const low = Math.min(POINTS - 2, Math.floor(point))
      const part = point - low
      const ax = line[low * 2]
      const bx = line[low * 2 + 2]
      if (Math.abs(bx - ax) > jump) {
        before = Number.NaN
        continue
      }
      const px = ax + (bx - ax) * part
      const py = line[low * 2 + 1] + (line[low * 2 + 3] - line[low * 2 + 1]) * part
      if (Math.abs(px - before) < jump) context.lineTo(px * k + x, py * k + y)
      else context.moveTo(px * k + x, py * k + y)
      before = px
    }
  }

  /** How far a point is from a route's line, CSS pixels before zooming. */
  distance(route: number, x: number, y: number): number {
    const line = this.#line(route)
    let nearest = Number.POSITIVE_INFINITY
    for (let point = 0; point + 1 < POINTS; point++) {
      const ax = line[point * 2]
      const ay = line[point * 2 + 1]
      const dx = line[point * 2 + 2] - ax
      const dy = line[point * 2 + 3] - ay
      if (Math.abs(dx) > this.#jump) continue
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
      nearest = Math.min(nearest, Math.hypot(x - ax - along * dx, y - ay - along * dy))
    }
    return nearest
  }

  /** The route whose line is nearest to a point among those drawn at a time, and no farther than `room`; -1 for none. */
  nearest(slices: ArcSlices, seconds: number, x: number, y: number, room: number): number {
    const { source, target } = this.#routes!
    let best = -1
    let nearest = room
    for (const entry of entriesAt(slices, seconds)) {
      const route = slices.entries[entry * ENTRY]
      if (source[route] === target[route]) continue
      const distance = this.distance(route, x, y)
      if (distance > nearest) continue
      nearest = distance
      best = route
    }
    return best
  }

  middle(route: number): [number, number] {
    const line = this.#line(route)
    return [line[POINTS - 1], line[POINTS]]
  }

  #line(route: number): Float32Array {
    const known = this.#lines.get(route)
    if (known) return known
    if (this.#lines.size >= KEPT) this.#lines.clear()
    const line = new Float32Array(POINTS * 2)
    const { geometry } = this.#routes!
    const at = route * GEOMETRY
    for (let point = 0; point < POINTS; point++) {
      const x = (geometry[at + 3] * point) / (POINTS - 1)
      const cos = Math.cos(x)
      const sin = Math.sin(x)
      const axis = (index: number) => geometry[at + index] * cos + geometry[at + 4 + index] * sin
      const latitude = Math.asin(Math.min(1, Math.max(-1, axis(1))))
      const [east, north] = geoNaturalEarth1Raw(Math.atan2(axis(0), axis(2)), latitude)
      line[point * 2] = this.#left + this.#scale * east
      line[point * 2 + 1] = this.#top - this.#scale * north
    }
    this.#lines.set(route, line)
    return line
  }
}
