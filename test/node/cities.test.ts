import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { countryCentre, findCity } from '../../src/node/geoip/cities.ts'

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
  ])('%s', (text, name, latitude, longitude) => {
    const origin = findCity(text)
    expect(origin).toMatchObject({ name, source: 'option' })
    expect(origin.latitudeDeg).toBeCloseTo(latitude, 1)
    expect(origin.longitudeDeg).toBeCloseTo(longitude, 1)
  })

  test.each([
    ['52.5,13.4', 52.5, 13.4, '52.5, 13.4'],
    [' -1.286389 , 36.817223 ', -1.286389, 36.817223, '-1.286389, 36.817223'],
    ['0,0', 0, 0, '0, 0'],
    ['-90,+180', -90, 180, '-90, 180'],
    ['.5,-.5', 0.5, -0.5, '0.5, -0.5'],
  ])('coordinates %s', (text, latitudeDeg, longitudeDeg, name) => {
    expect(findCity(text)).toEqual({ name, latitudeDeg, longitudeDeg, source: 'option' })
  })

  test.each(['90.1,0', '0,-180.5', '52.5', '1,2,3', '52,5,13,4', '1..2,3', '-,-', ','])('%s are no coordinates', (text) => {
    expect(() => findCity(text)).toThrow(UsageError)
    expect(() => findCity(text)).toThrow(/latitude,longitude/)
  })

  test.each([
    ['Berln', 'Berlin, Germany'],
    ['Nairobbi', 'Nairobi, Kenya'],
    ['San Franc', 'San Francisco, United States'],
    ['Berlin, Kenya', 'give another name'],
    ['Berlin, Nowhere', 'Berlin, Germany'],
    ['Xqzwv', 'give another name or latitude,longitude'],
    ['', 'give a name or latitude,longitude'],
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
