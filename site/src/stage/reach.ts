// Places where a host cannot be -> the circle around the origin that a picture shows: as far as light gets in the round-trip time.
import type { ArcSlices } from '../model/arc-slices.ts'
import type { Report, ReportPlace } from '../model/report.ts'

export class Reach {
  #places: ReportPlace[] = []
  /** Of all struck-out places with traffic, km. */
  #widestKm: number | null = null
  /** The place under the pointer, or -1. */
  pointed = -1
  /** The place that was chosen, or -1. */
  selected = -1

  take({ places, origin }: Report, { placeBytes }: ArcSlices): void {
    this.#places = origin < 0 ? [] : places
    this.#widestKm = this.#places.reduce<number | null>(
      (widest, { reachKm }, place) => (reachKm === undefined || !(placeBytes[place] > 0) ? widest : Math.max(widest ?? 0, reachKm)),
      null,
    )
  }

  /** Radius: that of the place under the pointer, else of the chosen one, else the widest. Null: there is nothing to show. */
  get km(): number | null {
    if (this.#widestKm === null) return null
    return this.#places[this.pointed]?.reachKm ?? this.#places[this.selected]?.reachKm ?? this.#widestKm
  }
}
