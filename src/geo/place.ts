// One database record -> Location. Records are untrusted: the type and range of each field is checked, and an invalid field counts as unknown.
// Two schemas: MaxMind's nested one (GeoIP2 and GeoLite2 City, Country, ASN, ISP; also DB-IP's) and the flat one of the ip-location-db files.
import type { Location, Place, Precision } from '../types.ts'

/** Provided by the platform: ISO 3166-1 alpha-2 code -> the country's centre. Called for records without coordinates (Country databases). */
export type CountryCentre = (countryCode: string) => { latitudeDeg: number; longitudeDeg: number } | null

type Fields = Record<string, unknown>

/** Half the earth's circumference: the largest possible radius. */
const MAX_ACCURACY_KM = 20_038
/** Characters kept of a name: a row of the report must fit into a database page. */
const MAX_TEXT = 500

export function toLocation(record: unknown, centreOf: CountryCentre): Location {
  const fields = toFields(record)
  const flat = typeof fields.country_code === 'string' || typeof fields.city === 'string'
  const asn = toAsn(fields.autonomous_system_number)
  return {
    place: flat ? toFlatPlace(fields, centreOf) : toNestedPlace(fields, centreOf),
    asn,
    asName: asn === null ? null : toText(fields.autonomous_system_organization),
  }
}

function toNestedPlace(fields: Fields, centreOf: CountryCentre): Place | null {
  const country = toFields(fields.country)
  const location = toFields(fields.location)
  const subdivisions = Array.isArray(fields.subdivisions) ? fields.subdivisions : []
  const accuracy = location.accuracy_radius
  const known = {
    accuracyKm: isWithin(accuracy, 0, MAX_ACCURACY_KM) ? Math.round(accuracy) : null,
    city: toName(fields.city),
    region: toName(subdivisions[0]),
    countryCode: toCountryCode(country.iso_code),
    country: toName(country),
    continentCode: toCountryCode(toFields(fields.continent).code),
    timeZone: toText(location.time_zone),
  }
  return toPlace(known, location.latitude, location.longitude, centreOf)
}

function toFlatPlace(fields: Fields, centreOf: CountryCentre): Place | null {
  const countryCode = toCountryCode(fields.country_code)
  const known = {
    accuracyKm: null,
    city: toText(fields.city),
    region: toText(fields.state1),
    countryCode,
    country: countryCode === null ? null : countryName(countryCode),
    continentCode: null,
    timeZone: toText(fields.timezone),
  }
  return toPlace(known, fields.latitude, fields.longitude, centreOf)
}

/**
 * Adds coordinates and their precision. If the record has none (some files write 0, 0 for "none"), the country's centre is used with precision
 * country; without a country there is no place.
 */
function toPlace(
  known: Omit<Place, 'latitudeDeg' | 'longitudeDeg' | 'precision'>,
  latitude: unknown,
  longitude: unknown,
  centreOf: CountryCentre,
): Place | null {
  if (isWithin(latitude, -90, 90) && isWithin(longitude, -180, 180) && (latitude !== 0 || longitude !== 0)) {
    return { latitudeDeg: latitude, longitudeDeg: longitude, ...known, precision: precisionOf(known.city, known.region) }
  }
  const centre = known.countryCode === null ? null : centreOf(known.countryCode)
  if (centre === null) return null
  // City and region are left out: the coordinates are not theirs.
  return { ...centre, ...known, accuracyKm: null, city: null, region: null, timeZone: null, precision: 'country' }
}

function precisionOf(city: string | null, region: string | null): Precision {
  if (city !== null) return 'city'
  return region !== null ? 'region' : 'country'
}

/** English name by CLDR, for databases with codes only; null for codes without a country. */
function countryName(code: string): string | null {
  return new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(code) ?? null
}

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

/** English name of a nested city, subdivision or country. */
function toName(value: unknown): string | null {
  return toText(toFields(toFields(value).names).en)
}

function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : null
}

/** Two capital letters: ISO 3166-1 alpha-2, and MaxMind's continent codes. */
function toCountryCode(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Z]{2}$/.test(value) ? value : null
}

/** AS numbers have 32 bits (RFC 6793); 0 is reserved (RFC 7607). */
function toAsn(value: unknown): number | null {
  return isWithin(value, 1, 0xffffffff) && Number.isInteger(value) ? value : null
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max
}
