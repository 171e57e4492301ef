import { describe, expect, test } from 'vitest'
import { toLocation } from '../../src/geo/place.ts'

const centreOf = (code: string) => (code === 'KE' ? { latitudeDeg: 0.5, longitudeDeg: 37.5 } : null)

const CITY = {
  city: { geoname_id: 184745, names: { de: 'Nairobi (de)', en: 'Nairobi' } },
  continent: { code: 'AF', names: { en: 'Africa' } },
  country: { iso_code: 'KE', names: { en: 'Kenya' } },
  location: { accuracy_radius: 20, latitude: -1.2841, longitude: 36.8155, time_zone: 'Africa/Nairobi' },
  subdivisions: [{ iso_code: '30', names: { en: 'Nairobi County' } }, { names: { en: 'Westlands' } }],
}

const NAIROBI = {
  latitudeDeg: -1.2841,
  longitudeDeg: 36.8155,
  accuracyKm: 20,
  city: 'Nairobi',
  region: 'Nairobi County',
  countryCode: 'KE',
  country: 'Kenya',
  continentCode: 'AF',
  timeZone: 'Africa/Nairobi',
  precision: 'city',
}

const CENTRE = {
  ...NAIROBI,
  latitudeDeg: 0.5,
  longitudeDeg: 37.5,
  accuracyKm: null,
  city: null,
  region: null,
  timeZone: null,
  precision: 'country',
}

describe('MaxMind schema', () => {
  test('City', () => {
    expect(toLocation(CITY, centreOf)).toEqual({ place: NAIROBI, asn: null, asName: null })
  })
  test('City without a city is as exact as its region, or its country', () => {
    const { city: _city, ...region } = CITY
    expect(toLocation(region, centreOf).place).toEqual({ ...NAIROBI, city: null, precision: 'region' })
    const { subdivisions: _subdivisions, ...country } = region
    expect(toLocation(country, centreOf).place).toEqual({ ...NAIROBI, city: null, region: null, precision: 'country' })
  })
  test('Country: the centre of the country', () => {
    expect(toLocation({ country: CITY.country, continent: CITY.continent }, centreOf).place).toEqual(CENTRE)
    expect(toLocation({ country: { iso_code: 'XX' } }, centreOf).place).toBeNull()
  })
  test('where a network is registered is not where it is', () => {
    expect(toLocation({ registered_country: CITY.country }, centreOf).place).toBeNull()
  })
  test('ASN', () => {
    const record = { autonomous_system_number: 4294967295, autonomous_system_organization: 'Example | Net' }
    expect(toLocation(record, centreOf)).toEqual({ place: null, asn: 4294967295, asName: 'Example | Net' })
  })
})

describe('ip-location-db schema', () => {
  test('city', () => {
    const record = {
      city: 'Nairobi',
      country_code: 'KE',
      latitude: -1.2841,
      longitude: 36.8155,
      state1: 'Nairobi County',
      timezone: 'Africa/Nairobi',
    }
    expect(toLocation(record, centreOf).place).toEqual({ ...NAIROBI, accuracyKm: null, continentCode: null })
  })
  test('city with empty fields', () => {
    const record = { city: '', country_code: 'KE', latitude: -1.5, longitude: 36.5, postcode: '', state1: '', state2: '', timezone: '' }
    const expected = { ...NAIROBI, latitudeDeg: -1.5, longitudeDeg: 36.5, accuracyKm: null, continentCode: null, timeZone: null }
    expect(toLocation(record, centreOf).place).toEqual({ ...expected, city: null, region: null, precision: 'country' })
  })
  test('country', () => {
    expect(toLocation({ country_code: 'KE' }, centreOf).place).toEqual({ ...CENTRE, continentCode: null })
  })
  test('asn', () => {
    const record = { autonomous_system_number: 15169, autonomous_system_organization: 'GOOGLE' }
    expect(toLocation(record, centreOf)).toEqual({ place: null, asn: 15169, asName: 'GOOGLE' })
  })
})

describe('records that do not hold what they should', () => {
  test.each([
    ['null', null],
    ['a string', 'KE'],
    ['a number', 7],
    ['an array', [CITY]],
    ['empty', {}],
    ['latitude out of range', { ...CITY, country: {}, location: { latitude: 91, longitude: 0 } }],
    ['longitude out of range', { ...CITY, country: {}, location: { latitude: 0, longitude: -180.5 } }],
    ['NaN', { ...CITY, country: {}, location: { latitude: Number.NaN, longitude: 1 } }],
    ['infinite', { ...CITY, country: {}, location: { latitude: 1, longitude: Number.POSITIVE_INFINITY } }],
    ['text', { ...CITY, country: {}, location: { latitude: '1', longitude: '2' } }],
    ['latitude only', { ...CITY, country: {}, location: { latitude: 1 } }],
    ['0, 0 means unknown', { ...CITY, country: {}, location: { latitude: 0, longitude: 0 } }],
    ['flat 0, 0', { city: 'Nowhere', country_code: '', latitude: 0, longitude: 0 }],
  ])('%s: no place', (_name, record) => {
    expect(toLocation(record, centreOf)).toEqual({ place: null, asn: null, asName: null })
  })

  test('bad coordinates with a good country fall back to its centre', () => {
    expect(toLocation({ ...CITY, location: { latitude: 0, longitude: 0 } }, centreOf).place).toEqual(CENTRE)
  })

  test('the equator and the prime meridian are places', () => {
    expect(toLocation({ ...CITY, location: { latitude: 0, longitude: 32.5 } }, centreOf).place?.longitudeDeg).toBe(32.5)
    expect(toLocation({ ...CITY, location: { latitude: 51.5, longitude: 0 } }, centreOf).place?.latitudeDeg).toBe(51.5)
  })

  test('names of any length are cut to what a row has room for', () => {
    const network = { autonomous_system_number: 64500, autonomous_system_organization: 'y'.repeat(50_000) }
    const { place, asName } = toLocation({ ...CITY, city: { names: { en: 'x'.repeat(50_000) } }, ...network }, centreOf)
    expect([place?.city, asName]).toEqual(['x'.repeat(500), 'y'.repeat(500)])
  })

  test('each bad field is unknown, the rest stays', () => {
    const record = {
      city: { names: { en: 5 } },
      continent: { code: 'Africa' },
      country: { iso_code: 'ke', names: 'Kenya' },
      location: { latitude: 1, longitude: 2, accuracy_radius: -5, time_zone: ['x'] },
      subdivisions: { 0: { names: { en: 'X' } } },
      autonomous_system_number: 1.5,
      autonomous_system_organization: 'Name without a number',
    }
    const nothing = { accuracyKm: null, city: null, region: null, countryCode: null, country: null, continentCode: null, timeZone: null }
    expect(toLocation(record, centreOf)).toEqual({
      place: { latitudeDeg: 1, longitudeDeg: 2, ...nothing, precision: 'country' },
      asn: null,
      asName: null,
    })
    expect(toLocation({ autonomous_system_number: 0 }, centreOf).asn).toBeNull()
    expect(toLocation({ autonomous_system_number: 4294967296 }, centreOf).asn).toBeNull()
  })
})
