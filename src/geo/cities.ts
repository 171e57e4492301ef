// GeoNames' cities -> the centre of each country, for location databases that have only the country.

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

/** Place of a country, degrees. */
export interface Centre {
  latitudeDeg: number
  longitudeDeg: number
}

/**
 * A place for each country, by its code: the city closest to the mean of all its cities, weighted by population. So it is within the country, on
 * land and inhabited, also for archipelagos and across the 180th meridian.
 */
export function countryCentres(cities: Iterable<City>): Map<string, Centre> {
  const byCountry = new Map<string, City[]>()
  for (const city of cities) {
    const list = byCountry.get(city.country)
    if (list) list.push(city)
    else byCountry.set(city.country, [city])
  }
  const result = new Map<string, Centre>()
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
