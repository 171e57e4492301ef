import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { findCity as findCityWith } from '../../../src/geo/find-city.ts'
import { cities, countryCentre, placeNames } from '../../../src/node/geoip/cities.ts'

const otherNames = placeNames(new URL('../../../dist/node/place-names.txt.gz', import.meta.url))
const findCity = (text: string) => findCityWith(text, cities(), () => otherNames)

function expectPlace(text: string, name: string, latitude: number, longitude: number): void {
  const origin = findCity(text)
  expect(origin).toMatchObject({ name, source: 'option' })
  expect(origin.latitudeDeg).toBeCloseTo(latitude, 1)
  expect(origin.longitudeDeg).toBeCloseTo(longitude, 1)
}

describe('findCity', () => {
  test.each([
    ['Berlin', 'Berlin, Germany', 52.52, 13.41],
    ['berlin', 'Berlin, Germany', 52.52, 13.41],
    ['Paris', 'Paris, France', 48.85, 2.35],
    ['Paris, US', 'Paris, United States', 33.66, -95.56],
    ['Paris,TX', 'Paris, United States', 33.66, -95.56],
    ['Los Angeles, CA', 'Los Angeles, United States', 34.05, -118.24],
    ['Chicago, IL', 'Chicago, United States', 41.85, -87.65],
    ['Toronto, CA', 'Toronto, Canada', 43.7, -79.42],
    ['Tel Aviv, IL', 'Tel Aviv, Israel', 32.08, 34.78],
    ['Washington, D.C., United States', 'Washington, D.C., United States', 38.9, -77.04],
    ['Berlin, DE', 'Berlin, Germany', 52.52, 13.41],
    ['Nairobi, Kenya', 'Nairobi, Kenya', -1.28, 36.82],
    ['London, UK', 'London, United Kingdom', 51.51, -0.13],
    ['sao paulo', 'São Paulo, Brazil', -23.55, -46.64],
    ['ZURICH', 'Zürich, Switzerland', 47.37, 8.55],
    ['Łódź', 'Łódź, Poland', 51.75, 19.47],
    ['New York', 'New York City, United States', 40.71, -74.01],
    ['Washington', 'Washington, D.C., United States', 38.9, -77.04],
    ['Washington DC', 'Washington, D.C., United States', 38.9, -77.04],
    ['Paris, Texas', 'Paris, United States', 33.66, -95.56],
    ['Paris TX', 'Paris, United States', 33.66, -95.56],
    ['Paris, Texas, US', 'Paris, United States', 33.66, -95.56],
    ['London, Ontario', 'London, Canada', 42.98, -81.23],
    ['London, England', 'London, United Kingdom', 51.51, -0.13],
    ['St Louis, MO', 'St. Louis, United States', 38.63, -90.2],
  ])('%s', (text, name, latitude, longitude) => expectPlace(text, name, latitude, longitude))

  test.each([
    ['München', 'Munich, Germany', 48.14, 11.58],
    ['Muenchen', 'Munich, Germany', 48.14, 11.58],
    ['München, Deutschland', 'Munich, Germany', 48.14, 11.58],
    ['Munich, Allemagne', 'Munich, Germany', 48.14, 11.58],
    ['Cologne', 'Köln, Germany', 50.93, 6.95],
    ['Cologne, Italy', 'Cologne, Italy', 45.58, 9.94],
    ['Genf', 'Genève, Switzerland', 46.2, 6.15],
    ['Geneva', 'Genève, Switzerland', 46.2, 6.15],
    ['Geneva, NY', 'Geneva, United States', 42.87, -76.98],
    ['Den Haag', 'The Hague, Netherlands', 52.08, 4.3],
    ['Wien', 'Vienna, Austria', 48.21, 16.37],
    ['Praha', 'Prague, Czechia', 50.09, 14.42],
    ['Москва', 'Moscow, Russia', 55.75, 37.62],
    ['Москва, Россия', 'Moscow, Russia', 55.75, 37.62],
    ['東京', 'Tokyo, Japan', 35.69, 139.69],
    ['서울', 'Seoul, South Korea', 37.57, 126.98],
    ['القاهرة', 'Cairo, Egypt', 30.06, 31.25],
    ['Saigon', 'Ho Chi Minh City, Vietnam', 10.82, 106.63],
    ['York', 'York, United Kingdom', 53.96, -1.08],
  ])('another name, %s', (text, name, latitude, longitude) => expectPlace(text, name, latitude, longitude))

  test.each([
    ['Kenya', 'Nairobi, Kenya', -1.28, 36.82],
    ['Deutschland', 'Berlin, Germany', 52.52, 13.41],
    ['日本', 'Tokyo, Japan', 35.69, 139.69],
    ['USA', 'Washington, D.C., United States', 38.9, -77.04],
    ['England', 'London, United Kingdom', 51.51, -0.13],
    ['Bavaria', 'Munich, Germany', 48.14, 11.58],
    ['Mexico', 'Mexico City, Mexico', 19.43, -99.13],
  ])('a country means its capital, a region its largest city: %s', (text, name, latitude, longitude) =>
    expectPlace(text, name, latitude, longitude),
  )

  test('what it calls a city can be typed', () => {
    const large = cities().filter(({ population }) => population >= 1_500_000)
    expect(large.length).toBeGreaterThan(150)
    for (const { name } of large) {
      const found = findCity(name)
      expect(findCity(found.name)).toEqual(found)
    }
  })

  test.each([
    ['52.5,13.4', 52.5, 13.4, '52.5, 13.4'],
    [' -1.286389 , 36.817223 ', -1.286389, 36.817223, '-1.286389, 36.817223'],
    ['0,0', 0, 0, '0, 0'],
    ['-90,+180', -90, 180, '-90, 180'],
    ['.5,-.5', 0.5, -0.5, '0.5, -0.5'],
    ['48.1 11.5', 48.1, 11.5, '48.1, 11.5'],
    ['48,1; 11,5', 48.1, 11.5, '48.1, 11.5'],
    ["48°8'N 11°35'E", 48.133333, 11.583333, '48.133333, 11.583333'],
    ['48° 8′ 15″ N, 11° 34′ 30″ E', 48.1375, 11.575, '48.1375, 11.575'],
    ['11.5E 48.1N', 48.1, 11.5, '48.1, 11.5'],
    ['S33.86 W151.2', -33.86, -151.2, '-33.86, -151.2'],
    ['−33.86, 151.2', -33.86, 151.2, '-33.86, 151.2'],
    ['geo:48.1,11.5?z=7', 48.1, 11.5, '48.1, 11.5'],
  ])('coordinates %s', (text, latitudeDeg, longitudeDeg, name) => {
    expect(findCity(text)).toEqual({ name, latitudeDeg, longitudeDeg, source: 'option' })
  })

  test.each(['90.1,0', '0,-180.5', '52.5', '1,2,3', '52,5,13,4', '1..2,3', '-,-', ',', '48.1N 11.5', '48N 11N', "48°70'N 11°E"])(
    '%s are no coordinates',
    (text) => {
      expect(() => findCity(text)).toThrow(UsageError)
      expect(() => findCity(text)).toThrow(/latitude,longitude/)
    },
  )

  test.each([
    ['Berln', 'Berlin, Germany'],
    ['Nairobbi', 'Nairobi, Kenya'],
    ['San Franc', 'San Francisco, United States'],
    ['Berlin, Kenya', 'use another name'],
    ['Berlin, Nowhere', 'Berlin, Germany'],
    ['Xqzwv', 'use another name or latitude,longitude'],
    ['DE', 'no such city'],
    ['', 'use a name or latitude,longitude'],
  ])('%s: not found, with what may be meant', (text, hint) => {
    expect(() => findCity(text)).toThrow(UsageError)
    expect(() => findCity(text)).toThrow(hint)
    expect(() => findCity(text)).not.toThrow(/\n/)
  })
})

describe('countryCentre', () => {
  /** A box each country lies in: [south, north, west, east]. */
  test.each([
    ['DE', [47, 55.1, 5.8, 15.1]],
    ['US', [24, 49.5, -125, -66]],
    ['FJ', [-21, -12, 176, 180]],
    ['NZ', [-47.5, -34, 166, 179]],
    ['RU', [41, 70, 27, 100]],
    ['SG', [1.1, 1.5, 103.5, 104.2]],
  ] as const)('%s', (code, [south, north, west, east]) => {
    const { latitudeDeg, longitudeDeg } = countryCentre(code)!
    expect(latitudeDeg).toBeGreaterThan(south)
    expect(latitudeDeg).toBeLessThan(north)
    expect(longitudeDeg).toBeGreaterThan(west)
    expect(longitudeDeg).toBeLessThan(east)
  })

  test('no country', () => {
    expect(countryCentre('XX')).toBeNull()
  })
})
