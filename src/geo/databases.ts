// MaxMind DB files, open in memory -> one Lookup over them, what a report says of them, and what is to be said of them.

import { Reader } from 'maxmind'
import type { GeoSource, Location, Lookup } from '../types.ts'
import { attributionOf } from './attribution.ts'
import { type CountryCentre, toLocation } from './place.ts'

/** What the reader takes: a Buffer, or what stands in for it in a browser. */
export type MmdbBytes = Uint8Array

export interface Geoip {
  lookup: Lookup
  source: GeoSource
  /** One line each; a database found damaged while it is asked adds its line then, so print them after the last lookup. */
  warnings: string[]
}

export interface LocationDatabase {
  file: string
  reader: LocationReader
  /** It came with the program. */
  isBundled?: boolean
}

/** MaxMind's licence wants old copies replaced within 30 days of a release. */
const MAX_AGE_DAYS = 30

/** MaxMind's databases about other things. */
const USELESS = /anonymous|connection-type|domain|ip-risk|static-ip|user-count/i

/** Parts of records kept decoded, as many records share them, and locations kept: both are some 10 MB at most. */
const CACHED_PARTS = 4096
const CACHED_LOCATIONS = 65_536

/**
 * Which files of a folder are opened: one with places (by name: City and its kin, else Country, else any other) and one with AS numbers. Of several
 * of a kind the last by name, which is the newest where names end in dates.
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

/** As openMmdb(), for a file that somebody chose. @throws Error naming the file; also for a database of other things */
export function openPlaces(buffer: MmdbBytes, file: string, centreOf: CountryCentre): LocationReader {
  const reader = openMmdb(buffer, file, centreOf)
  const { databaseType } = reader.metadata
  if (USELESS.test(databaseType)) throw new Error(`${file}: a ${databaseType} database has neither places nor AS numbers`)
  return reader
}

/**
 * @param buffer what mmdb-lib takes for a Buffer
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
 * Asks a database for locations. Networks share records, and a record holds names in eight languages: decoding one takes longer than all else, so its
 * location is kept by the place of the record in the file, which the reader tells its cache.
 */
export class LocationReader {
  /** Length of the file. */
  readonly bytes: number
  private readonly reader: Reader<never>
  private readonly centreOf: CountryCentre
  private readonly parts = new Map<string | number, unknown>()
  /** As the reader caches them. */
  private readonly locations = new Map<string | number, { value: Location }>()
  /** The record being asked for: not told yet, told by this key, or known. */
  private asked: { key: string | number | null; known: Location | null } | null = null

  constructor(buffer: MmdbBytes, centreOf: CountryCentre) {
    this.bytes = buffer.length
    this.centreOf = centreOf
    this.reader = new Reader<never>(buffer as never, { cache: { get: (key) => this.get(key), set: (key, part) => this.set(key, part) } })
  }

  get metadata(): Reader<never>['metadata'] {
    return this.reader.metadata
  }

  /** @throws Error where the database is damaged */
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

/** Bounded: emptied when full, which costs nothing measurable and needs no order of use. */
function keep<Value>(cache: Map<string | number, Value>, most: number, key: string | number, value: Value): void {
  if (cache.size >= most) cache.clear()
  cache.set(key, value)
}

const UNKNOWN: Location = { place: null, asn: null, asName: null }

/** One Lookup over all databases: the first that knows the place gives it, the first that knows the AS gives that. */
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

/** What the first does not know is the second's. */
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

/** ISO 8601 date of the build, or null where the file gives none. */
function dateOf({ metadata }: LocationReader): string | null {
  const time = metadata.buildEpoch.getTime()
  return time > 0 ? metadata.buildEpoch.toISOString().slice(0, 10) : null
}
