// Which arc is nearest to the pointer: samples of every arc that is drawn, in screen space. 50,000 arcs take a few milliseconds, so it is
// asked when the pointer moves or clicks, never per frame. Pure.
import { type ArcSlices, ENTRY, isSeen, sliceAt } from '../../model/arc-slices.ts'
import { ARC_FLOOR } from '../../model/great-circle.ts'
import type { Routes } from '../../model/report.ts'
import { GEOMETRY } from '../../model/routes.ts'

export interface Screen {
  /** View and projection in one, column after column (as three.js and WebGL keep it). */
  matrix: ArrayLike<number>
  /** CSS pixels. */
  width: number
  height: number
  /** Of the globe, in the matrix's units. */
  radius: number
  eye: readonly [number, number, number]
}

/** Points per arc; where there are many arcs, fewer are enough, because each is thinner. */
const SAMPLES = { few: 24, many: 12, from: 5000 }

/** Route of the nearest arc that is seen at `seconds` and no farther than `reach` CSS pixels from the point, or -1. */
export function pickRoute(slices: ArcSlices, routes: Routes, seconds: number, screen: Screen, x: number, y: number, reach: number): number {
  const slice = sliceAt(slices, seconds)
  const first = slices.sliceStart[slice]
  const last = slices.sliceStart[slice + 1]
  const samples = last - first > SAMPLES.from ? SAMPLES.many : SAMPLES.few
  let best = -1
  let nearest = reach * reach
  // Alerts are drawn last, on top: they win where two arcs are as near.
  for (let entry = last - 1; entry >= first; entry--) {
    const route = slices.entries[entry * ENTRY]
    if (routes.source[route] === routes.target[route] || !isSeen(slices, entry, seconds)) continue
    const distance = squareDistance(routes.geometry, route * GEOMETRY, samples, screen, x, y, nearest)
    if (distance < nearest) {
      nearest = distance
      best = route
    }
  }
  return best
}

function squareDistance(geometry: Float32Array, at: number, samples: number, screen: Screen, x: number, y: number, limit: number): number {
  const { matrix: m, width, height, radius, eye } = screen
  // The angle grows by the same step each time: one sine and cosine per arc (angle addition theorems).
  const step = geometry[at + 3] / samples
  const stepCos = Math.cos(step)
  const stepSin = Math.sin(step)
  let cos = 1
  let sin = 0
  let nearest = limit
  let [beforeX, beforeY] = [0, 0]
  let [lastX, lastY, lastZ] = [0, 0, 0]
  const eyeSquare = eye[0] * eye[0] + eye[1] * eye[1] + eye[2] * eye[2] - radius * radius
  for (let sample = 0; sample <= samples; sample++) {
    const t = sample / samples
    const reach = radius * (ARC_FLOOR + geometry[at + 7] * 4 * t * (1 - t))
    const px = reach * (geometry[at] * cos + geometry[at + 4] * sin)
    const py = reach * (geometry[at + 1] * cos + geometry[at + 5] * sin)
    const pz = reach * (geometry[at + 2] * cos + geometry[at + 6] * sin)
    const w = m[3] * px + m[7] * py + m[11] * pz + m[15]
    const sx = (((m[0] * px + m[4] * py + m[8] * pz + m[12]) / w + 1) / 2) * width
    const sy = ((1 - (m[1] * px + m[5] * py + m[9] * pz + m[13]) / w) / 2) * height
    if (sample > 0) {
      const dx = sx - beforeX
      const dy = sy - beforeY
      const along = Math.min(1, Math.max(0, ((x - beforeX) * dx + (y - beforeY) * dy) / (dx * dx + dy * dy || 1)))
      const offX = x - beforeX - along * dx
      const offY = y - beforeY - along * dy
      const distance = offX * offX + offY * offY
      // Whether it is visible is tested last, for the few that are near.
      const isNearer = distance < nearest && w > 0
      if (isNearer && !isBehind(eye, eyeSquare, px, py, pz) && !isBehind(eye, eyeSquare, lastX, lastY, lastZ)) nearest = distance
    }
    beforeX = sx
    beforeY = sy
    lastX = px
    lastY = py
    lastZ = pz
    const turned = cos * stepCos - sin * stepSin
    sin = sin * stepCos + cos * stepSin
    cos = turned
  }
  return nearest
}

/** Whether the globe stands between the eye and a point. `eyeSquare` is the eye's squared distance from the centre less the radius's. */
function isBehind(eye: readonly [number, number, number], eyeSquare: number, x: number, y: number, z: number): boolean {
  const dx = x - eye[0]
  const dy = y - eye[1]
  const dz = z - eye[2]
  const a = dx * dx + dy * dy + dz * dz
  const b = eye[0] * dx + eye[1] * dy + eye[2] * dz
  const root = b * b - a * eyeSquare
  return root > 0 && (-b - Math.sqrt(root)) / a < 0.999
}
