// Places for all public hosts of a capture, without a database of places.
import type { Location, Place } from '../../src/types.ts'

const COUNTRIES = ['DE', 'US', 'JP', 'BR', 'ZA', 'IN', 'AU', 'FR']

/** Every public host has a place, made of its address: some 80 cities a country, in three regions and in none; every ninth host is not known. */
export function spreadOverTheEarth(ip: string): Location | null {
  const number = [...ip].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9973, 7)
  if (number % 9 === 0) return null
  const code = COUNTRIES[number % COUNTRIES.length]
  const place: Place = {
    latitudeDeg: (number % 120) - 60,
    longitudeDeg: (number % 340) - 170,
    accuracyKm: 20,
    city: `City ${number % 640}`,
    region: number % 4 === 0 ? null : `Region ${number % 4}`,
    countryCode: code,
    country: `Country ${code}`,
    continentCode: null,
    timeZone: null,
    precision: 'city',
  }
  return { place, asn: 64_500 + (number % 5), asName: `Network ${number % 5}` }
}
