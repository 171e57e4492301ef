// Equal locations once each: a flood from a million addresses comes from some ten thousand places.
import type { Location, Place } from '../types.ts'

const FIELDS = [
  ...(['latitudeDeg', 'longitudeDeg', 'accuracyKm', 'city', 'region', 'countryCode', 'country'] as const),
  ...(['continentCode', 'timeZone', 'precision'] as const),
] satisfies (keyof Place)[]

export class LocationTable {
  readonly locations: Location[] = []
  /** By latitude (NaN: no place) and longitude (there: the AS number); the few that share both are compared. Numbers, because texts of them are slow to make. */
  private readonly indexes = new Map<number, Map<number, number[]>>()

  /** Of the objects that databases give again and again. */
  private readonly known = new WeakMap<Location, number>()

  /** @param locations no two of them equal */
  constructor(locations: Location[]) {
    for (const location of locations) this.intern(location)
  }

  /** @returns the index of this location, or of the equal one that came first */
  intern(location: Location): number {
    const known = this.known.get(location)
    if (known !== undefined) return known
    const index = this.find(location)
    this.known.set(location, index)
    return index
  }

  private find(location: Location): number {
    const { place, asn } = location
    const alike = place === null ? this.at(Number.NaN, asn ?? 0) : this.at(place.latitudeDeg, place.longitudeDeg)
    for (const index of alike) if (isEqual(this.locations[index]!, location)) return index
    alike.push(this.locations.length)
    return this.locations.push(location) - 1
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
  return FIELDS.every((field) => a.place![field] === b.place![field])
}
