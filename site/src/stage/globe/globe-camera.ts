// Where the globe's camera stands: at rest in the middle of what the panels leave free, until the reader or an aim takes it elsewhere.
import type { GlobeInstance } from 'globe.gl'
import type { SitePoint } from '../../../../src/contract/manifest.ts'
import { focalLength, viewAltitude, viewCentre } from '../initial-camera.ts'
import type { Aim, Inset } from '../renderer.ts'
import { Flight } from './camera.ts'
import { fitPoints } from './fit.ts'

export class GlobeCamera {
  readonly #globe: GlobeInstance
  readonly #stage: HTMLElement
  readonly #flight: Flight
  #isTouched = false
  inset: Inset

  constructor(globe: GlobeInstance, stage: HTMLElement, centre: SitePoint, inset: Inset) {
    this.#globe = globe
    this.#stage = stage
    this.#flight = new Flight(globe)
    this.inset = inset
    globe.pointOfView({ lat: centre.latitudeDeg, lng: centre.longitudeDeg })
  }

  /** The reader takes it. */
  touch(): void {
    this.#flight.stop()
    this.#isTouched = true
  }

  /** The report's origin is known. */
  load(origin: SitePoint | undefined): void {
    if (!origin || this.#isTouched) return
    const { latitudeDeg, longitudeDeg } = viewCentre(origin)
    this.#globe.pointOfView({ lat: latitudeDeg, lng: longitudeDeg })
  }

  /** Null: to where it stood at the start, over the origin. */
  lookAt(aim: Aim | null, origin: SitePoint | undefined, isSudden: boolean): void {
    const { clientWidth, clientHeight } = this.#stage
    this.#isTouched = aim !== null
    const home = viewCentre(origin)
    const [x, y] = this.#offset
    const lens = { focal: focalLength(clientHeight), x: clientWidth / 2 + x, y: clientHeight / 2 + y }
    this.#flight.start(
      aim
        ? fitPoints(aim.points, aim.weights, this.#restAltitude, lens, aim.free)
        : { lat: home.latitudeDeg, lng: home.longitudeDeg, altitude: this.#restAltitude },
      isSudden,
    )
  }

  get pose(): readonly number[] {
    const { lat, lng, altitude } = this.#globe.pointOfView()
    return [lat, lng, altitude]
  }

  set pose([lat, lng, altitude]: readonly number[]) {
    this.#isTouched = true
    this.#flight.start({ lat, lng, altitude }, true)
  }

  get zoom(): number {
    return this.#restAltitude / Math.max(0.01, this.#globe.pointOfView().altitude)
  }

  /** Before a frame; returns whether a flight goes on. */
  step(nowMs: number): boolean {
    return this.#flight.step(nowMs)
  }

  /** The stage or what covers it has another size. */
  resize(): void {
    const { clientWidth, clientHeight } = this.#stage
    this.#globe.width(clientWidth).height(clientHeight).globeOffset(this.#offset)
    if (!this.#isTouched) this.#globe.pointOfView({ altitude: this.#restAltitude })
  }

  get #restAltitude(): number {
    return viewAltitude(this.#stage.clientWidth, this.#stage.clientHeight, this.inset)
  }

  /** Of the globe's middle from the stage's, CSS pixels. */
  get #offset(): [number, number] {
    const { left, top, right, bottom } = this.inset
    return [(left - right) / 2, (top - bottom) / 2]
  }
}
