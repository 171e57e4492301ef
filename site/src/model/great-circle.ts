// Great circles: unit vectors of places and the arcs above the ground between them. Pure.

export type Vector = [number, number, number]

const RADIANS = Math.PI / 180

/** Mean radius of the earth (IUGG). */
export const EARTH_KM = 6371

/** Unit vector of a place in the globe's axes: y to the north pole, z to longitude 0. */
export function unitVector(latitudeDeg: number, longitudeDeg: number): Vector {
  const latitude = latitudeDeg * RADIANS
  const longitude = longitudeDeg * RADIANS
  return [Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude), Math.cos(latitude) * Math.cos(longitude)]
}

/** An arc above a great circle: the points over cos(x) + tangent sin(x), x from 0 to `angle` radians. */
export interface Arc {
  a: Vector
  tangent: Vector
  angle: number
  /** Height of the arc's middle above the ground, in globe radii. */
  height: number
}

/** Follows the shorter great circle; between antipodes, where all are equally long, the one over a pole. Longer arcs are higher. */
export function makeArc(a: Vector, b: Vector, lift: number): Arc {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
  let across: Vector = [b[0] - dot * a[0], b[1] - dot * a[1], b[2] - dot * a[2]]
  let length = Math.hypot(...across)
  const angle = Math.atan2(length, dot)
  if (length < 1e-6) {
    const pole: Vector = Math.abs(a[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]
    const up = a[0] * pole[0] + a[1] * pole[1] + a[2] * pole[2]
    across = [pole[0] - up * a[0], pole[1] - up * a[1], pole[2] - up * a[2]]
    length = Math.hypot(...across)
  }
  const height = (0.03 + 0.34 * (angle / Math.PI) ** 1.15) * lift
  return { a, angle, height, tangent: [across[0] / length, across[1] / length, across[2] / length] }
}

/** Lowest radius of an arc, in globe radii: at 1 the ground would cover parts of it. */
export const ARC_FLOOR = 1.002

/**
 * Writes the point of an arc at t (0 to 1), in globe radii, to out[0..2]. The arc's numbers start at geometry[at], as in Routes.geometry.
 * The shader in arcs.ts computes the same.
 */
export function arcPoint(geometry: ArrayLike<number>, at: number, t: number, out: Float32Array | number[]): void {
  const x = geometry[at + 3] * t
  const cos = Math.cos(x)
  const sin = Math.sin(x)
  const radius = ARC_FLOOR + geometry[at + 7] * 4 * t * (1 - t)
  for (let axis = 0; axis < 3; axis++) out[axis] = radius * (geometry[at + axis] * cos + geometry[at + 4 + axis] * sin)
}
