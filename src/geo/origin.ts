// --origin as typed -> place of private addresses.
import type { Origin, Place } from '../types.ts'
import { parseCoordinates } from './coordinates.ts'

/** Default place of private addresses. */
export const DEFAULT_ORIGIN: Origin = { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' }

/** City or region, and country, as far as they are known; else coordinates. */
export function nameOfPlace({ city, region, country, countryCode, latitudeDeg, longitudeDeg }: Place): string {
  const name = [city ?? region, country ?? countryCode].filter((part) => part !== null).join(', ')
  return name || `${latitudeDeg}, ${longitudeDeg}`
}

/** @returns null for a text that may be the name of a place @throws UsageError for coordinates out of range */
export function parseOrigin(text: string | null): Origin | 'auto' | null {
  if (text === null) return DEFAULT_ORIGIN
  return text === 'auto' ? 'auto' : originAt(text)
}

/** @returns null if the text is not coordinates @throws UsageError for coordinates out of range */
export function originAt(text: string): Origin | null {
  const coordinates = parseCoordinates(text)
  return coordinates && { name: `${coordinates.latitudeDeg}, ${coordinates.longitudeDeg}`, ...coordinates, source: 'option' }
}
