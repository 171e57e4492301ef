// Text of `--origin` -> a place: coordinates, a city in any language, a country, a region.
import { UsageError } from '../errors.ts'
import type { Origin } from '../types.ts'
import type { City } from './cities.ts'
import { originAt } from './origin.ts'
import { countryName, countryNamed, fold } from './place-name.ts'
import { PlaceNames } from './place-names.ts'

const NEAR_MATCHES = 5
/** A smaller town yields to a city of at least this size with the same name: Cologne is Köln, not the one in Italy. */
const TOWN_PEOPLE = 25_000
const CITY_PEOPLE = 100_000
/** GeoNames' feature code. */
const CAPITAL = 'PPLC'

/**
 * Coordinates ("52.5,13.4", "52°30'N 13°24'E"), a city, optionally with its region or country ("Berlin", "Paris, US", "London, Ontario",
 * "München, Deutschland"), a country (its capital), or a region (its largest city). Case, accents and hyphens are ignored; of several matches the
 * largest is used.
 * @param otherNames text for PlaceNames
 * @throws UsageError, which lists similar names
 */
export function findCity(text: string, cities: City[], otherNames: () => string): Origin {
  const origin = originAt(text)
  if (origin !== null) return origin
  const city = new CitySearch(cities, new PlaceNames(otherNames)).find(text)
  const [longitudeDeg, latitudeDeg] = city.loc.coordinates
  return { name: label(city), latitudeDeg, longitudeDeg, source: 'option' }
}

type Test = (city: City) => boolean

/** One interpretation of the text: a city's name, and the regions that must contain it; null for any. */
interface Reading {
  name: string
  isThere: Test | null
}

/** Cities by normalised name and by GeoNames' id, and the codes of their countries. */
interface CityIndex {
  byName: Map<string, City[]>
  byId: Map<string, City>
  countries: Set<string>
}

/** Kept, because it takes a second. */
const indexes = new WeakMap<City[], CityIndex>()

function indexOf(cities: City[]): CityIndex {
  let index = indexes.get(cities)
  if (index === undefined) {
    index = makeIndex(cities)
    indexes.set(cities, index)
  }
  return index
}

function makeIndex(cities: City[]): CityIndex {
  const byName = new Map<string, City[]>()
  for (const city of cities) {
    const other = fold(city.altName)
    for (const name of new Set([fold(city.name), ...(isAbbreviation(other) ? [] : [other])])) {
      const alike = byName.get(name)
      if (alike) alike.push(city)
      else byName.set(name, [city])
    }
  }
  const byId = new Map(cities.map((city) => [String(city.cityId), city]))
  return { byName, byId, countries: new Set(cities.map(({ country }) => country)) }
}

class CitySearch {
  private readonly cities: City[]
  private readonly otherNames: PlaceNames
  private readonly byName: Map<string, City[]>
  private readonly byId: Map<string, City>
  private readonly countries: Set<string>

  constructor(cities: City[], otherNames: PlaceNames) {
    this.cities = cities
    this.otherNames = otherNames
    const { byName, byId, countries } = indexOf(cities)
    this.byName = byName
    this.byId = byId
    this.countries = countries
  }

  find(text: string): City {
    const parts = text.split(',').map(fold)
    if (parts[0] === '') throw new UsageError(`--origin ${text}: no such city; use a name or latitude,longitude`)
    const found =
      parts.length > 1
        ? this.firstOf(this.readings(parts, ', '))
        : (this.chiefCity(parts[0]) ?? this.firstOf(this.readings(parts[0].split(' '), ' ')))
    if (found !== null) return found
    throw new UsageError(`--origin ${text}: no such city${this.nearMatches(parts)}`)
  }

  /** Similar names, in the same region if one is given. */
  private nearMatches([name, ...places]: string[]): string {
    const limit = Math.max(1, Math.floor(name.length / 4))
    const isThere = this.regions(places).find((test) => this.cities.some(test))
    const near: { city: City; distance: number }[] = []
    for (const [other, alike] of this.byName) {
      const distance = other.startsWith(name) ? 0.5 : editDistance(other, name, limit)
      if (distance <= limit) near.push(...alike.filter((city) => isThere?.(city) ?? true).map((city) => ({ city, distance })))
    }
    near.sort((a, b) => a.distance - b.distance || b.city.population - a.city.population)
    const labels = [...new Set(near.map(({ city }) => label(city)))].slice(0, NEAR_MATCHES)
    return labels.length > 0 ? `; did you mean ${labels.join('; ')}?` : '; use another name or latitude,longitude'
  }

  /** The city for a name of a country or region, unless a city has this name. */
  private chiefCity(name: string): City | null {
    const called = largest(this.byName.get(name) ?? [])?.population ?? 0
    const country = countryNamed(name, this.countries)
    if (country !== undefined && called < CITY_PEOPLE)
      return largest(this.cities.filter((city) => city.country === country && city.featureCode === CAPITAL))
    const regions = new Set(this.otherNames.keysOf(name).filter((key) => key.includes('.')))
    return called < TOWN_PEOPLE ? largest(this.cities.filter((city) => regions.has(`${city.country}.${city.adminCode}`))) : null
  }

  /**
   * At commas, the shortest name first; a comma may belong to it, as in the program's own "Washington, D.C., United States". At spaces
   * ("Paris TX", "New York"), the longest first.
   */
  private *readings(parts: string[], separator: ', ' | ' '): Generator<Reading> {
    for (let step = 1; step <= parts.length; step++) {
      const words = separator === ' ' ? parts.length + 1 - step : step
      const name = parts.slice(0, words).join(separator)
      const places = separator === ' ' ? [parts.slice(words).join(' ')] : parts.slice(words)
      if (words === parts.length) yield { name, isThere: null }
      else for (const isThere of this.regions(places)) yield { name, isThere }
    }
  }

  private firstOf(readings: Iterable<Reading>): City | null {
    for (const { name, isThere } of readings) {
      const own = [name, `${name} city`, `${name}, dc`].flatMap((alike) => this.byName.get(alike) ?? [])
      const town = largest(isThere === null ? own : own.filter(isThere))
      if (town !== null && town.population >= TOWN_PEOPLE) return town
      const others = isAbbreviation(name) ? [] : this.otherNames.keysOf(name).flatMap((key) => this.byId.get(key) ?? [])
      const city = largest(isThere === null ? others : others.filter(isThere))
      if (city !== null && (town === null || city.population >= CITY_PEOPLE)) return city
      if (town !== null) return town
    }
    return null
  }

  /** Tests for cities inside all of these regions; a US state has priority over a country with the same letters ("Chicago, IL"). */
  private regions(names: string[]): Test[] {
    const tests = names.map((name) => this.region(name))
    return tests.length === 1 ? tests[0] : tests.every(({ length }) => length > 0) && tests.length > 0 ? [allOf(tests)] : []
  }

  private region(name: string): Test[] {
    const country = [...this.countries].find((code) => code.toLowerCase() === name) ?? countryNamed(name, this.countries)
    const regions = new Set([`US.${name.toUpperCase()}`, ...this.otherNames.keysOf(name)])
    const inState: Test = (city) => city.country === 'US' && regions.has(`US.${city.adminCode}`)
    const inRegion: Test = (city) => regions.has(`${city.country}.${city.adminCode}`)
    return country === undefined ? [inState, inRegion] : [inState, (city) => city.country === country, inRegion]
  }
}

/** One or two Latin letters are abbreviations of many places; some are names of villages in other languages. */
function isAbbreviation(name: string): boolean {
  return /^[a-z]{1,2}$/.test(name)
}

function allOf(tests: Test[][]): Test {
  return (city) => tests.every((alternatives) => alternatives.some((isThere) => isThere(city)))
}

function largest(cities: City[]): City | null {
  return cities.reduce<City | null>((best, city) => (best === null || city.population > best.population ? city : best), null)
}

function label(city: City): string {
  return `${city.name}, ${countryName(city.country)}`
}

/** Levenshtein distance, or a number above `limit` as soon as it must be larger. */
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
