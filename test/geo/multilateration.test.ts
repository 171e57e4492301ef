// Where a capture was made, from round-trip times to servers at known places: the region contains the real place, and wrong places do not move it.
import { describe, expect, test } from 'vitest'
import { HostLocator, type Hosts } from '../../src/geo/index.ts'
import { inferOrigin, readRegion } from '../../src/geo/multilateration.ts'
import { DEFAULT_ORIGIN } from '../../src/geo/origin.ts'
import type { Place } from '../../src/types.ts'
import { randomOf } from '../support/random.ts'

/** Real positions of cities. */
const CITIES: [string, number, number][] = [
  ...([
    ['Berlin', 52.52, 13.4],
    ['Paris', 48.86, 2.35],
    ['London', 51.51, -0.13],
    ['Warsaw', 52.23, 21.01],
  ] as [string, number, number][]),
  ...([
    ['Madrid', 40.42, -3.7],
    ['New York', 40.71, -74.01],
    ['Chicago', 41.88, -87.63],
  ] as [string, number, number][]),
  ...([
    ['Tokyo', 35.68, 139.69],
    ['Osaka', 34.69, 135.5],
    ['Seoul', 37.57, 126.98],
    ['Sydney', -33.87, 151.21],
  ] as [string, number, number][]),
  ...([
    ['Melbourne', -37.81, 144.96],
    ['Auckland', -36.85, 174.76],
    ['Suva', -18.14, 178.44],
    ['Nairobi', -1.29, 36.82],
  ] as [string, number, number][]),
]
const place = ([city, latitudeDeg, longitudeDeg]: [string, number, number], precision: Place['precision'] = 'city'): Place => ({
  ...{ latitudeDeg, longitudeDeg, accuracyKm: 20, city, region: null, countryCode: null, country: null },
  ...{ continentCode: null, timeZone: null, precision },
})
const PLACES = CITIES.map((city) => place(city))
const EACH = Int32Array.from(PLACES, (_, i) => i)

/** Spherical law of cosines, not the formula under test. */
function kilometres(a: { latitudeDeg: number; longitudeDeg: number }, b: typeof a): number {
  const [x, y, z] = [a.latitudeDeg, b.latitudeDeg, b.longitudeDeg - a.longitudeDeg].map((degrees) => (degrees / 180) * Math.PI)
  return 6371 * Math.acos(Math.min(1, Math.sin(x) * Math.sin(y) + Math.cos(x) * Math.cos(y) * Math.cos(z)))
}

/** Cables are longer than great circles. */
function timesFrom(origin: Place, random: (below: number) => number): number[] {
  return PLACES.map((city) => Math.ceil(kilometres(origin, city) * 10 * (1.02 + random(60) / 100)) + 300 + random(2000))
}

describe.each(CITIES.map(([name]) => name))('captured in %s', (name) => {
  const origin = PLACES.find(({ city }) => city === name)!
  const random = randomOf(name.length * 7919 + name.charCodeAt(0))

  test('the region has the real place in it', () => {
    const times = timesFrom(origin, random)
    const region = inferOrigin(PLACES, EACH, (host) => times[host])
    expect(region).not.toBeNull()
    expect(kilometres(region!, origin)).toBeLessThanOrEqual(region!.radiusKm)
    expect(region).toMatchObject({ agreeing: PLACES.length, places: PLACES.length, name })
  })
})

test('three servers that answer from elsewhere move no region, though they may leave too much open', () => {
  let told = 0
  for (const [i, origin] of PLACES.entries()) {
    const random = randomOf(i + 100)
    const times = timesFrom(origin, random)
    for (const step of [1, 5, 9]) times[(i + step) % PLACES.length] = 1500 + random(3000)
    const region = inferOrigin(PLACES, EACH, (host) => times[host])
    if (region === null) continue
    told++
    expect(kilometres(region, origin), origin.city!).toBeLessThanOrEqual(region.radiusKm)
    expect(region.agreeing, origin.city!).toBeGreaterThanOrEqual(PLACES.length - 3)
  }
  expect(told).toBeGreaterThanOrEqual(12)
})

test('nothing is said from two places, from times that leave half of the earth open, and from centres of countries', () => {
  const times = timesFrom(PLACES[0], randomOf(1))
  expect(inferOrigin(PLACES, EACH, (host) => (host < 2 ? times[host] : -1))).toBeNull()
  expect(inferOrigin(PLACES, EACH, () => 90_000)).toBeNull()
  expect(
    inferOrigin(
      CITIES.map((city) => place(city, 'country')),
      EACH,
      (host) => times[host],
    ),
  ).toBeNull()
})

test('nothing is said where most places contradict each other', () => {
  expect(inferOrigin(PLACES, EACH, () => 1000)).toBeNull()
})

describe('--origin auto', () => {
  const times = timesFrom(PLACES[0], randomOf(3))
  const hosts: Hosts = {
    count: CITIES.length,
    ip: (host) => `8.0.0.${host}`,
    scope: () => 'public',
    clientBytes: (host) => host,
    rttUs: (host) => times[host],
  }
  const locator = () => new HostLocator((ip) => ({ place: PLACES[Number(ip.split('.')[3])], asn: null, asName: null }))

  test('takes the region rather than the busiest client', () => {
    const { origin, region, places } = locator().locate(hosts, 'auto')
    expect(origin).toMatchObject({ name: 'near Berlin', source: 'auto', latitudeDeg: region!.latitudeDeg })
    expect(places[0]).toMatchObject({ city: 'near Berlin', precision: 'origin', longitudeDeg: region!.longitudeDeg })
  })

  test('takes the busiest client where times say too little', () => {
    const { origin, region } = locator().locate({ ...hosts, rttUs: () => -1 }, 'auto')
    expect(region).toBeNull()
    expect(origin).toMatchObject({ name: 'Nairobi', source: 'auto' })
  })

  test('without it the region is only told; a place that somebody said is not questioned', () => {
    expect(locator().locate(hosts, DEFAULT_ORIGIN)).toMatchObject({ origin: DEFAULT_ORIGIN, region: { name: 'Berlin' } })
    expect(locator().locate(hosts, { ...DEFAULT_ORIGIN, source: 'option' }).region).toBeNull()
  })
})

test('what a changed report says is not believed', () => {
  const region = { name: 'x', latitudeDeg: 1, longitudeDeg: 2, radiusKm: 3, agreeing: 4, places: 5 }
  expect(readRegion(JSON.stringify(region))).toEqual(region)
  for (const text of [
    '',
    '{}',
    'null',
    '[',
    JSON.stringify({ ...region, radiusKm: '<b>' }),
    JSON.stringify({ ...region, latitudeDeg: 91 }),
  ])
    expect(readRegion(text), text).toBeNull()
})
