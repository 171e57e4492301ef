// MaxMind DB files in memory -> one Lookup over them, their description in the report, and warnings.

import { Reader } from 'maxmind'
import type { GeoSource, Location, Lookup } from '../types.ts'
import { attributionOf } from './attribution.ts'
import { type CountryCentre, toLocation } from './place.ts'

/** Input of the reader: a Buffer, or its substitute in a browser. */
export type MmdbBytes = Uint8Array

export interface Geoip {
  lookup: Lookup
  source: GeoSource
  /** One line each. A database that proves damaged adds a line during a lookup, so print them after the last one. */
  warnings: string[]
}

export interface LocationDatabase {
  file: string
  reader: LocationReader
  /** It was installed with the program. */
  isBundled?: boolean
}

/** MaxMind's licence requires that old copies are replaced within 30 days of a release. */
const MAX_AGE_DAYS = 30

/** MaxMind's databases without places and AS numbers. */
const USELESS = /anonymous|connection-type|domain|ip-risk|static-ip|user-count/i

/** Size of the caches for decoded parts of records, which many records share, and for locations: at most about 10 MB each. */
const CACHED_PARTS = 4096
const CACHED_LOCATIONS = 65_536

/**
 * The files of a folder to open: one with places (by name: City and similar, else Country, else any other) and one with AS numbers. Of several of a
 * kind, the last by name, which is the newest if names end with dates.
 */
export function chooseDatabases(files: string[]): string[] {
  const names = files.filter((name) => name.endsWith('.mmdb')).sort()
  const isAsn = (name: string) => /asn|isp/i.test(name)
  const hasNoPlace = (name: string) => isAsn(name) || USELESS.test(name)
  const place =
    names.findLast((name) => /city|enterprise|precision|insights/i.test(name)) ??
    names.findLast((name) => /country/i.test(name)) ??
    names.findLast((name) => !hasNoPlace(name))
  const asn = names.findLast(isAsn)
  return [place, asn].filter((name) => name !== undefined)
}

/** As openMmdb(), for a file that the user named. @throws Error naming the file; also for a database without places and AS numbers */
export function openPlaces(buffer: MmdbBytes, file: string, centreOf: CountryCentre): LocationReader {
  const reader = openMmdb(buffer, file, centreOf)
  const { databaseType } = reader.metadata
  if (USELESS.test(databaseType)) throw new Error(`${file}: a ${databaseType} database has neither places nor AS numbers`)
  return reader
}

/**
 * @param buffer content of the file
 * @throws Error naming the file
 */
export function openMmdb(buffer: MmdbBytes, file: string, centreOf: CountryCentre): LocationReader {
  try {
    const reader = new LocationReader(buffer, centreOf)
    const { binaryFormatMajorVersion, databaseType, searchTreeSize } = reader.metadata
    if (binaryFormatMajorVersion !== 2 || typeof databaseType !== 'string' || !(searchTreeSize < buffer.length))
      throw new Error('not version 2')
    return reader
  } catch {
    throw new Error(`${file}: not a MaxMind DB file (.mmdb, format version 2), or cut short`)
  }
}

/**
 * Looks up locations in one database. Networks share records, and a record contains names in eight languages: decoding one takes longest. So locations
 * are cached by the record's offset in the file, which the reader passes to its own cache.
 */
export class LocationReader {
  /** Length of the file. */
  readonly bytes: number
  private readonly reader: Reader<never>
  private readonly centreOf: CountryCentre
  private readonly parts = new Map<string | number, unknown>()
  /** In the form of the reader's cache. */
  private readonly locations = new Map<string | number, { value: Location }>()
  /** State of the lookup in progress: key of the record, null until the reader passes it; its location if it was cached. */
  private asked: { key: string | number | null; known: Location | null } | null = null

  constructor(buffer: MmdbBytes, centreOf: CountryCentre) {
    this.bytes = buffer.length
    this.centreOf = centreOf
    this.reader = new Reader<never>(buffer as never, { cache: { get: (key) => this.get(key), set: (key, part) => this.set(key, part) } })
  }

  get metadata(): Reader<never>['metadata'] {
    return this.reader.metadata
  }

  /** @throws Error if the database is damaged */
  locate(ip: string): Location {
    const asked = { key: null, known: null } as NonNullable<typeof this.asked>
    this.asked = asked
    const record = this.reader.get(ip)
    if (asked.known !== null) return asked.known
    const location = toLocation(record, this.centreOf)
    if (asked.key !== null) keep(this.locations, CACHED_LOCATIONS, asked.key, { value: location })
    return location
  }

  private get(key: string | number): unknown {
    const { asked } = this
    if (asked === null || asked.key !== null) return this.parts.get(key)
    asked.key = key
    const found = this.locations.get(key)
    asked.known = found?.value ?? null
    return found
  }

  private set(key: string | number, part: unknown): void {
    if (key !== this.asked?.key) keep(this.parts, CACHED_PARTS, key, part)
  }
}

/** A bounded cache. It is emptied when full, which is as fast as LRU here and simpler. */
function keep<Value>(cache: Map<string | number, Value>, most: number, key: string | number, value: Value): void {
  if (cache.size >= most) cache.clear()
  cache.set(key, value)
}

const UNKNOWN: Location = { place: null, asn: null, asName: null }

/** One Lookup over all databases. The place is from the first database that has one, the AS likewise. */
export function combineDatabases(databases: LocationDatabase[], now: number, warnings: string[]): Geoip {
  const damaged = new Set<string>()
  const lookup: Lookup = (ip) => {
    let location: Location = UNKNOWN
    for (const { file, reader } of databases) {
      try {
        const found = reader.locate(ip)
        location = location === UNKNOWN ? found : merged(location, found)
      } catch {
        if (!damaged.has(file)) warnings.push(`${file}: damaged, some of its records cannot be read (first seen for ${ip})`)
        damaged.add(file)
      }
    }
    return location.place === null && location.asn === null ? null : location
  }
  for (const { file, reader } of databases) {
    const days = Math.floor((now - reader.metadata.buildEpoch.getTime()) / 86_400_000)
    if (days > MAX_AGE_DAYS) warnings.push(`${file}: built ${dateOf(reader)}, ${days} days ago; addresses move, get a newer one`)
  }
  return { lookup, source: describe(databases), warnings }
}

/** Fields unknown in the first are taken from the second. */
function merged(first: Location, second: Location): Location {
  const { asn, asName } = first.asn === null ? second : first
  return { place: first.place ?? second.place, asn, asName }
}

function describe(databases: LocationDatabase[]): GeoSource {
  const isAsn = ({ reader }: LocationDatabase) => /asn|isp/i.test(reader.metadata.databaseType)
  const places = databases.find((database) => !isAsn(database))
  const asn = databases.find(isAsn)
  const notices = databases.map(({ reader, isBundled = false }) => attributionOf(reader.metadata.databaseType, isBundled))
  return {
    database: places?.reader.metadata.databaseType ?? '',
    buildDate: places ? dateOf(places.reader) : null,
    attribution: [...new Set(notices)].filter((notice) => notice !== '').join(' '),
    asnDatabase: asn?.reader.metadata.databaseType ?? null,
    asnBuildDate: asn ? dateOf(asn.reader) : null,
    files: databases.map(({ reader }) => ({
      type: reader.metadata.databaseType,
      buildEpoch: reader.metadata.buildEpoch.getTime() / 1000,
      bytes: reader.bytes,
    })),
  }
}

/** Build date in ISO 8601, or null if the file has none. */
function dateOf({ metadata }: LocationReader): string | null {
  const time = metadata.buildEpoch.getTime()
  return time > 0 ? metadata.buildEpoch.toISOString().slice(0, 10) : null
}
