// What the globe and the flat map have in common: either draws a moment of a report.
import type { Theme } from './palette.ts'
import type { Report, ReportPlace } from './report.ts'

/** A moment: all that a picture needs to know of the clock. */
export interface Moment {
  /** Seconds since the timeline's start. */
  seconds: number
  /** Where comets and rings are in their cycle, 0 to 1. */
  cycle: number
}

/** CSS pixels at the right and bottom of the stage that panels cover. */
export interface Inset {
  right: number
  bottom: number
}

export type Picked = { kind: 'lane'; lane: number } | { kind: 'place'; place: number }

export interface Picture {
  readonly kind: 'globe' | 'map'
  /** Gives the report to draw; `colours` has one colour slot an application. */
  load(report: Report, colours: number[]): void
  /** Leaves out lanes that do not pass. */
  filter(passes: (lane: number) => boolean): void
  show(moment: Moment): void
  paint(theme: Theme): void
  /** Moves the picture to the middle of what the panels leave free. */
  inset(inset: Inset): void
  /** What is under a point of the stage, in CSS pixels from its left and top. */
  pick(x: number, y: number): Picked | null
  /** Whether the page is looked at: a hidden one draws nothing. */
  setVisible(isVisible: boolean): void
}

/** Width of an arc by its bytes, 0 to 1: from about 100 B to 100 MB on a logarithmic scale. */
export function weightOf(bytes: number): number {
  return Math.min(1, Math.max(0, (Math.log10(Math.max(bytes, 1)) - 2) / 6))
}

/** Size of a place's dot, 0 to 1, by all its bytes. */
export const placeWeight = weightOf

/** A number in [0, 1) that spreads neighbours apart: arcs of one place must not pulse together. */
export function spread(index: number): number {
  return (index * 0.618_033_988_75) % 1
}

const RADIANS = Math.PI / 180

/** Unit vector of a place in the globe's axes: y to the north pole, z to longitude 0. */
export function unitVector(latitudeDeg: number, longitudeDeg: number): [number, number, number] {
  const latitude = latitudeDeg * RADIANS
  const longitude = longitudeDeg * RADIANS
  return [Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude), Math.cos(latitude) * Math.cos(longitude)]
}

/** An arc over a great circle: points over a cos(x) + tangent sin(x), x from 0 to `angle` radians. */
export interface Arc {
  a: [number, number, number]
  tangent: [number, number, number]
  angle: number
  /** Of the arc's middle over the ground, in globe radii. */
  height: number
}

/** How much higher each further arc between the same two places is. */
const STEP = 0.12

/** The arc of each lane. Lanes between the same places stand one over the other, so that each application is seen. */
export function laneArcs({ lanes, places }: Report): Arc[] {
  const stacked = new Map<string, number>()
  return Array.from({ length: lanes.count }, (_, lane) => {
    const source = lanes.source[lane]!
    const target = lanes.target[lane]!
    const pair = `${source} ${target}`
    const rank = stacked.get(pair) ?? 0
    stacked.set(pair, rank + 1)
    return makeArc(positionOf(places[source]!), positionOf(places[target]!), 1 + STEP * Math.min(rank, 6))
  })
}

function positionOf(place: ReportPlace): [number, number, number] {
  return unitVector(place.latitudeDeg, place.longitudeDeg)
}

/** The shorter great circle; over a pole for antipodes, where every direction is as short. Height grows with the distance. */
export function makeArc(a: [number, number, number], b: [number, number, number], lift: number): Arc {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
  let across: [number, number, number] = [b[0] - dot * a[0], b[1] - dot * a[1], b[2] - dot * a[2]]
  let length = Math.hypot(...across)
  const angle = Math.atan2(length, dot)
  if (length < 1e-6) {
    const pole: [number, number, number] = Math.abs(a[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]
    const up = a[0] * pole[0] + a[1] * pole[1] + a[2] * pole[2]
    across = [pole[0] - up * a[0], pole[1] - up * a[1], pole[2] - up * a[2]]
    length = Math.hypot(...across)
  }
  const height = (0.03 + 0.34 * (angle / Math.PI) ** 1.15) * lift
  return { a, angle, height, tangent: [across[0] / length, across[1] / length, across[2] / length] }
}

/** Point of an arc at t (0 to 1), in globe radii: never below the ground. The shader in arcs.ts computes the same. */
export function arcPoint({ a, tangent, angle, height }: Arc, t: number): [number, number, number] {
  const cos = Math.cos(angle * t)
  const sin = Math.sin(angle * t)
  const radius = 1.002 + height * 4 * t * (1 - t)
  return [radius * (a[0] * cos + tangent[0] * sin), radius * (a[1] * cos + tangent[1] * sin), radius * (a[2] * cos + tangent[2] * sin)]
}
