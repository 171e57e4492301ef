// Where the camera goes: flights over the globe, and the place from which a set of points is seen.
import type { GlobeInstance } from 'globe.gl'
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import { unitVector } from '../../model/great-circle.ts'
import { ease } from '../camera-path.ts'

/** A camera over the globe; altitude in globe radii over the ground. */
export interface Pose {
  lat: number
  lng: number
  altitude: number
}

const FLIGHT_MS = 1100

/** Looks at the middle of the points from as high as it takes to see them all, never higher than `rest`, which shows the whole globe. */
export function framePoints(points: SitePoint[], rest: number): Pose {
  const units = points.map(({ latitudeDeg, longitudeDeg }) => unitVector(latitudeDeg, longitudeDeg))
  const middle = [0, 1, 2].map((axis) => units.reduce((sum, unit) => sum + unit[axis], 0) / units.length) as [number, number, number]
  const length = Math.hypot(...middle)
  // Points all round the globe have no middle: the first one leads.
  const [x, y, z] = length > 0.1 ? (middle.map((axis) => axis / length) as [number, number, number]) : units[0]
  const widest = units.reduce(
    (most, unit) => Math.max(most, Math.acos(Math.min(1, Math.max(-1, unit[0] * x + unit[1] * y + unit[2] * z)))),
    0,
  )
  const share = Math.min(1, Math.max(0.22, (widest * 1.5) / (Math.PI / 2)))
  return { lat: (Math.asin(y) * 180) / Math.PI, lng: (Math.atan2(x, z) * 180) / Math.PI, altitude: rest * share }
}

export class Flight {
  readonly #globe: GlobeInstance
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)')
  #from: Pose | null = null
  #to: Pose | null = null
  #startMs = 0

  constructor(globe: GlobeInstance) {
    this.#globe = globe
  }

  /** For those who asked for less motion every flight is a jump. */
  start(to: Pose, isSudden: boolean): void {
    this.stop()
    if (isSudden || this.#isStill.matches) {
      this.#globe.pointOfView(to)
      return
    }
    this.#from = this.#globe.pointOfView()
    this.#to = to
    this.#startMs = 0
  }

  stop(): void {
    this.#to = null
  }

  /** Moves the camera; returns whether the flight goes on. */
  step(nowMs: number): boolean {
    const from = this.#from
    const to = this.#to
    if (!from || !to) return false
    this.#startMs ||= nowMs
    const part = Math.min(1, (nowMs - this.#startMs) / FLIGHT_MS)
    const eased = ease(part)
    const between = (a: number, b: number) => a + (b - a) * eased
    const east = ((to.lng - from.lng + 540) % 360) - 180 // the shorter way round
    // A little higher on the way, as far as the way is long.
    const hop = 0.35 * Math.sin(Math.PI * eased) * Math.min(1, (Math.abs(east) + Math.abs(to.lat - from.lat)) / 90)
    this.#globe.pointOfView({
      lat: between(from.lat, to.lat),
      lng: from.lng + east * eased,
      altitude: between(from.altitude, to.altitude) + hop,
    })
    if (part === 1) this.stop()
    return part < 1
  }
}
