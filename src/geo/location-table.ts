// Locations -> indices of distinct locations: a flood from a million addresses comes from about ten thousand places.
import type { Location, Place } from '../types.ts'

const FIELDS = [
  ...(['latitudeDeg', 'longitudeDeg', 'city', 'region', 'countryCode', 'country'] as const),
  ...(['continentCode', 'timeZone', 'precision'] as const),
] satisfies (keyof Place)[]

export class LocationTable {
  readonly locations: Location[]
  /** By latitude (NaN: no place), then longitude (without place: AS number); locations with equal keys are compared. Numbers are faster than texts. */
  private readonly indexes = new Map<number, Map<number, number[]>>()

  /** Cache for objects that databases return repeatedly. */
  private readonly known = new WeakMap<Location, number>()

  /** Number of locations in `indexes`: the initial ones are only added when more follow. */
  private entered = 0

  /** @param locations distinct */
  constructor(locations: Location[]) {
    this.locations = locations
  }

  /** @returns the index of this location, or of an equal one added before */
  intern(location: Location): number {
    while (this.entered < this.locations.length) this.enter()
    const known = this.known.get(location)
    if (known !== undefined) return known
    const index = this.find(location)
    this.known.set(location, index)
    return index
  }

  private find(location: Location): number {
    for (const index of this.alike(location)) if (isEqual(this.locations[index], location)) return index
    this.locations.push(location)
    return this.enter()
  }

  private enter(): number {
    const index = this.entered++
    const location = this.locations[index]
    this.alike(location).push(index)
    this.known.set(location, index)
    return index
  }

  private alike({ place, asn }: Location): number[] {
    return place === null ? this.at(Number.NaN, asn ?? 0) : this.at(place.latitudeDeg, place.longitudeDeg)
  }

  private at(one: number, other: number): number[] {
    let row = this.indexes.get(one)
    if (row === undefined) {
      row = new Map()
      this.indexes.set(one, row)
    }
    let alike = row.get(other)
    if (alike === undefined) {
      alike = []
      row.set(other, alike)
    }
    return alike
  }
}

function isEqual(a: Location, b: Location): boolean {
  if (a.asn !== b.asn || a.asName !== b.asName) return false
  if (a.place === null || b.place === null) return a.place === b.place
  return a.place.accuracyKm === b.place.accuracyKm && isSamePlace(a.place, b.place)
}

/** Compares all but the radius: databases have one radius per network for the same place. */
export function isSamePlace(a: Place, b: Place): boolean {
  for (const field of FIELDS) if (a[field] !== b[field]) return false
  return true
}
