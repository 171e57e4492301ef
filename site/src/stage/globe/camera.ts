// Flights of the camera over the globe.
import type { GlobeInstance } from 'globe.gl'
import { ease } from '../camera-path.ts'
import type { Pose } from './fit.ts'

const FLIGHT_MS = 1100

export class Flight {
  readonly #globe: GlobeInstance
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)')
  #from: Pose | null = null
  #to: Pose | null = null
  #startMs = 0

  constructor(globe: GlobeInstance) {
    this.#globe = globe
  }

  /** With reduced motion, every flight is a jump. */
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
    // A little higher on the way; the longer the way, the higher.
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
