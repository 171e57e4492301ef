// Points of the globe with weights, and the free part of the stage -> where the camera stands so that it sees as much of them as it can,
// as near as it can, and none under a panel. Pure.
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import { unitVector, type Vector } from '../../model/great-circle.ts'
import type { Box } from '../labels.ts'

/** A camera over the globe; altitude in globe radii over the ground. */
export interface Pose {
  lat: number
  lng: number
  altitude: number
}

/** How the camera draws: pixels per unit of slope, and where its axis meets the stage, CSS pixels. */
export interface Lens {
  focal: number
  x: number
  y: number
}

/** Points with less weight than these are not looked at one by one. */
const MOST_POINTS = 400
/** Points farther than this from the camera's axis are seen too flat. */
const SEEN = Math.cos((72 * Math.PI) / 180)
/** Where more of the weight than this is on the far side, the camera stands between both sides; the whole globe is shown if that does not help. */
const FAR_SHARE = 0.25
/** How far the camera then turns to the far side at most: the near side stays in sight. */
const TURN_RAD = (70 * Math.PI) / 180
/** The nearest and the farthest the camera goes, as shares of the altitude that shows the whole globe. */
const NEAREST = 0.25
const FARTHEST = 1.6
const STEPS = 34
/** Room around the points for arcs, dots and names: a share of the free part, and pixels. */
const MARGIN = { share: 0.08, pixels: 26 }

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const normalized = (vector: Vector): Vector => {
  const length = Math.hypot(...vector) || 1
  return [vector[0] / length, vector[1] / length, vector[2] / length]
}

/** @param rest altitude that shows the whole globe @param weights one per point, default: all alike */
export function fitPoints(points: readonly SitePoint[], weights: ArrayLike<number> | undefined, rest: number, lens: Lens, free: Box): Pose {
  const all = points
    .map(({ latitudeDeg, longitudeDeg }, index) => ({ unit: unitVector(latitudeDeg, longitudeDeg), weight: weights?.[index] ?? 1 }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_POINTS)
  let axis = bestAxis(all)
  const beyond = () => all.filter(({ unit }) => dot(unit, axis) <= SEEN)
  const isFar = (points: Weighted[]) => weightOf(points) > weightOf(all) * FAR_SHARE
  if (isFar(beyond())) axis = turned(axis, middleOf(beyond()))
  if (isFar(beyond())) return { ...placeOf(limited(axis)), altitude: rest }
  const seen = all.filter(({ unit }) => dot(unit, axis) > SEEN).map(({ unit }) => unit)
  for (let step = 0; step <= STEPS; step++) {
    const altitude = rest * NEAREST * (FARTHEST / NEAREST) ** (step / STEPS)
    const centred = centre(seen, axis, altitude, lens, free)
    if (centred.isFitting) return { ...placeOf(centred.axis), altitude }
  }
  return { ...placeOf(limited(axis)), altitude: rest }
}

type Weighted = { unit: Vector; weight: number }

const weightOf = (points: Weighted[]) => points.reduce((sum, { weight }) => sum + weight, 0)

function middleOf(points: Weighted[]): Vector {
  const sum: [number, number, number] = [0, 0, 0]
  for (const { unit, weight } of points) for (const index of [0, 1, 2] as const) sum[index] += unit[index] * weight
  return Math.hypot(...sum) > 1e-6 ? normalized(sum) : points[0].unit
}

/** On the great circle from `from` to `to`: half the way, at most TURN_RAD. */
function turned(from: Vector, to: Vector): Vector {
  const cosine = Math.max(-1, Math.min(1, dot(from, to)))
  const side: Vector = [to[0] - from[0] * cosine, to[1] - from[1] * cosine, to[2] - from[2] * cosine]
  if (Math.hypot(...side) < 1e-6) return from
  const angle = Math.min(TURN_RAD, Math.acos(cosine) / 2)
  const [x, y, z] = normalized(side)
  const [along, across] = [Math.cos(angle), Math.sin(angle)]
  return [from[0] * along + x * across, from[1] * along + y * across, from[2] * along + z * across]
}

/** The side of the globe from which most weight is seen: of the middle of all points and of each heavy one, then the middle of what is seen. */
function bestAxis(points: Weighted[]): Vector {
  const score = (axis: Vector) =>
    points.reduce((sum, { unit, weight }) => sum + weight * Math.min(1, Math.max(0, (dot(unit, axis) - SEEN) / 0.2)), 0)
  const tried = [middleOf(points), ...points.slice(0, 12).flatMap(({ unit }) => [unit, normalized(add(unit, points[0].unit))])]
  let best = tried[0]
  let most = score(best) * 1.0001 // the middle of all wins where another sees no more
  for (const axis of tried.slice(1)) {
    const its = score(axis)
    if (its > most) {
      best = axis
      most = its
    }
  }
  const seen = points.filter(({ unit }) => dot(unit, best) > SEEN)
  const middle = middleOf(seen.length > 0 ? seen : points)
  return score(middle) >= score(best) * 0.999 ? middle : best
}

const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]

/** Turns the camera until the points' box lies in the middle of the free part; tells whether it fits in. */
function centre(points: Vector[], start: Vector, altitude: number, lens: Lens, free: Box): { axis: Vector; isFitting: boolean } {
  const distance = 1 + altitude
  const width = free.width * (1 - 2 * MARGIN.share) - 2 * MARGIN.pixels
  const height = free.height * (1 - 2 * MARGIN.share) - 2 * MARGIN.pixels
  let axis = start
  for (let round = 0; round < 8; round++) {
    const east = normalized([axis[2], 0, -axis[0]])
    const north: Vector = [
      axis[1] * east[2] - axis[2] * east[1],
      axis[2] * east[0] - axis[0] * east[2],
      axis[0] * east[1] - axis[1] * east[0],
    ]
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
    let isHidden = false
    for (const unit of points) {
      const near = dot(unit, axis)
      isHidden ||= near * distance < 1.15 // behind the horizon, or so near to it that its arc is not seen
      const scale = lens.focal / Math.max(0.05, distance - near)
      const x = lens.x + dot(unit, east) * scale
      const y = lens.y - dot(unit, north) * scale
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
    const offX = (left + right) / 2 - (free.left + free.width / 2)
    const offY = (top + bottom) / 2 - (free.top + free.height / 2)
    if (Math.hypot(offX, offY) < 3 || round === 7)
      return { axis, isFitting: !isHidden && right - left <= width && bottom - top <= height && Math.hypot(offX, offY) < 40 }
    const angle = altitude / lens.focal
    const turn = (off: number) => Math.max(-0.3, Math.min(0.3, off * angle * 0.8))
    const [x, y] = [turn(offX), turn(-offY)]
    axis = limited(
      normalized([axis[0] + east[0] * x + north[0] * y, axis[1] + east[1] * x + north[1] * y, axis[2] + east[2] * x + north[2] * y]),
    )
  }
  return { axis, isFitting: false }
}

/** Not over a pole, where no direction is north. */
function limited(axis: Vector): Vector {
  if (Math.abs(axis[1]) < 0.94) return axis
  const flat = Math.hypot(axis[0], axis[2]) || 1
  return [(axis[0] / flat) * 0.34, Math.sign(axis[1]) * 0.94, (axis[2] / flat) * 0.34]
}

function placeOf([x, y, z]: Vector): { lat: number; lng: number } {
  return { lat: (Math.asin(Math.max(-1, Math.min(1, y))) * 180) / Math.PI, lng: (Math.atan2(x, z) * 180) / Math.PI }
}
