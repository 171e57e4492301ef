// A place from a database and a round-trip time -> whether light could have gone there and back.
import type { Origin, Place } from '../types.ts'

/**
 * Light in glass fibre makes 2/3 of c = 200 km in a millisecond, so a round trip of a millisecond reaches at most 100 km (Katz-Bassett et al., "Towards
 * IP geolocation using delay and topology measurements", IMC 2006).
 */
const KM_PER_MS = 100
/** Radius of a place when the database gives none, km. */
const DEFAULT_ACCURACY_KM = 100
const EARTH_RADIUS_KM = 6371

export type PlaceCheck = 'possible' | 'impossible'

type Position = Pick<Place, 'latitudeDeg' | 'longitudeDeg'>

/** Along the great circle. */
export function distanceKm(a: Position, b: Position): number {
  const radians = Math.PI / 180
  const sine = (degrees: number) => Math.sin((degrees * radians) / 2)
  const h =
    sine(b.latitudeDeg - a.latitudeDeg) ** 2 +
    Math.cos(a.latitudeDeg * radians) * Math.cos(b.latitudeDeg * radians) * sine(b.longitudeDeg - a.longitudeDeg) ** 2
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Farthest distance that a round-trip time allows. @param rttUs microseconds */
export function reachKm(rttUs: number): number {
  return (rttUs / 1000) * KM_PER_MS
}

/** Nearest distance from the origin that the place allows, with the radius that the database gives. */
export function leastDistanceKm(place: Position & Pick<Place, 'accuracyKm'>, origin: Position): number {
  return Math.max(0, distanceKm(place, origin) - radiusKm(place))
}

/** The radius that the database gives for a place, or the default one. */
export function radiusKm({ accuracyKm }: Pick<Place, 'accuracyKm'>): number {
  return accuracyKm ?? DEFAULT_ACCURACY_KM
}

/** False where only a country is known: its place is the country's centre. */
export function isCheckable({ precision }: Pick<Place, 'precision'>): boolean {
  return precision === 'city' || precision === 'region'
}

/** Whether somebody said where the capture was made: only then places can be checked. */
export function isOriginKnown({ source }: Pick<Origin, 'source'>): boolean {
  return source === 'option' || source === 'page'
}

/**
 * @param rttUs shortest round-trip time between the origin and the host, microseconds; below 0: not known
 * @returns null if it cannot be checked: without a time, and where only a country is known, whose place is its centre
 */
export function checkPlace(place: Place | null, origin: Position, rttUs: number): PlaceCheck | null {
  if (place === null || rttUs < 0 || !isCheckable(place)) return null
  return leastDistanceKm(place, origin) > reachKm(rttUs) ? 'impossible' : 'possible'
}
