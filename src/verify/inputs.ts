// Input files and options of a report, from its meta table: enough to make it again, or the reason why not. The database is untrusted.
import { rowsOf } from '../sqlite/query.ts'
import { readInputFlags } from '../store/meta.ts'
import type { MetaKey } from '../store/meta-keys.ts'
import type {
  ChosenPackets,
  GeoFile,
  GeoSource,
  Location,
  NamedFile,
  Origin,
  Place,
  Precision,
  ReportInputs,
  SqlDatabase,
} from '../types.ts'
import type { CaptureClaim } from './capture.ts'

/** Input files and options of a report whose meta has all of them. */
export interface Claims {
  reportName: string
  origin: Origin
  inputs: ReportInputs
  /** Most conversations with their own row; infinite if there were not more. */
  maxFlows: number
  geoSource: GeoSource | null
  geoFiles: GeoFile[]
  /** Whether it has drop counts, which only a live capture has. */
  hasDrops: boolean
}

/** Most files of --blocklist. */
const MAX_FILES = 255

export function readVersion(database: SqlDatabase): string {
  return readMeta(database).get('program_version') ?? ''
}

/** @returns null when meta does not have everything that a report of this version has */
export function readInputs(database: SqlDatabase): Claims | null {
  const meta = readMeta(database)
  const text = (key: MetaKey): string => meta.get(key) ?? ''
  const blocklists = parseList(text('blocklists'), isNamedFile)
  const geoFiles = parseList(text('geoip_files'), isGeoFile)
  const maxPackets = text('max_packets') === 'all' ? Number.POSITIVE_INFINITY : wholeNumber(text('max_packets'))
  const pages = (['folder', 'file', 'none'] as const).find((kind) => kind === text('pages'))
  const source = (['default', 'option', 'auto', 'page'] as const).find((kind) => kind === text('origin_source'))
  if (blocklists === null || geoFiles === null || Number.isNaN(maxPackets) || pages === undefined || source === undefined) return null
  return {
    reportName: text('report_name'),
    origin: {
      name: text('origin_name'),
      latitudeDeg: Number(text('origin_latitude_deg')),
      longitudeDeg: Number(text('origin_longitude_deg')),
      source,
    },
    inputs: {
      name: text('report_name_option') || null,
      origin: text('origin_option') || null,
      maxPackets,
      ...readInputFlags(meta),
      ...chosenOf(meta),
      pages,
      rules: namedFile(text('rules_file'), text('rules_sha256')),
      blocklists,
      baseline: namedFile(text('baseline_file'), text('baseline_sha256')),
    },
    maxFlows: meta.has('flows_limit') ? wholeNumber(text('flows_limit')) : Number.POSITIVE_INFINITY,
    geoSource:
      geoFiles.length === 0
        ? null
        : {
            database: text('geoip_database'),
            buildDate: text('geoip_build_date') || null,
            attribution: text('geoip_attribution'),
            asnDatabase: text('asn_database') || null,
            asnBuildDate: text('asn_build_date') || null,
            files: geoFiles,
          },
    geoFiles,
    hasDrops: text('kernel_drops') !== '',
  }
}

/** Whether the report is of a live capture, which has no file and no digest. */
export function isLiveCapture({ hasDrops }: Claims, captures: CaptureClaim[]): boolean {
  return hasDrops && captures.every(({ sha256 }) => sha256 === null)
}

/** Locations of public hosts from the report, by address: used to make everything else again without the geolocation database. */
export function readLocations(database: SqlDatabase): Map<string, Location> {
  const locations = new Map<string, Location>()
  const rows = rowsOf(
    database,
    `SELECT h.ip, h.asn, h.as_name, p.id, p.latitude_deg, p.longitude_deg, p.accuracy_km, p.city, p.region, p.country_code, p.country,
       p.continent_code, p.time_zone, p.precision
     FROM hosts h LEFT JOIN places p ON p.id = h.place_id WHERE h.scope = 'public'`,
  )
  for (const [ip, asn, asName, id, latitudeDeg, longitudeDeg, accuracyKm, ...texts] of rows) {
    const [city, region, countryCode, country, continentCode, timeZone, precision] = texts as (string | null)[]
    const place: Place | null =
      id === null
        ? null
        : {
            ...{ latitudeDeg: latitudeDeg as number, longitudeDeg: longitudeDeg as number, accuracyKm: accuracyKm as number | null },
            ...{
              city: city!,
              region: region!,
              countryCode: countryCode!,
              country: country!,
              continentCode: continentCode!,
              timeZone: timeZone!,
            },
            precision: precision as Precision,
          }
    if (place !== null || asn !== null) locations.set(ip as string, { place, asn: asn as number | null, asName: asName as string | null })
  }
  return locations
}

function readMeta(database: SqlDatabase): Map<string, string> {
  return new Map(rowsOf(database, 'SELECT key, value FROM meta').map(([key, value]) => [String(key), String(value)]))
}

function chosenOf(meta: Map<string, string>): { chosen?: ChosenPackets } {
  const [from, to, only, captureFilter] = ['from_option', 'to_option', 'only_option', 'filter_option'].map((key) => meta.get(key))
  if ([from, to, only, captureFilter].every((text) => text === undefined)) return {}
  return {
    chosen: {
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(only !== undefined && { only }),
      ...(captureFilter !== undefined && { captureFilter }),
    },
  }
}

/** A number of rows; NaN when the text is no such number. */
function wholeNumber(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
}

function namedFile(file: string, sha256: string): NamedFile | null {
  return file === '' && sha256 === '' ? null : { file, sha256 }
}

function parseList<Item>(json: string, isItem: (item: unknown) => item is Item): Item[] | null {
  try {
    const list: unknown = JSON.parse(json)
    return Array.isArray(list) && list.length <= MAX_FILES && list.every(isItem) ? list : null
  } catch {
    return null
  }
}

function isNamedFile(item: unknown): item is NamedFile {
  const { file, sha256 } = (item ?? {}) as Partial<NamedFile>
  return typeof file === 'string' && typeof sha256 === 'string'
}

function isGeoFile(item: unknown): item is GeoFile {
  const { type, buildEpoch, bytes } = (item ?? {}) as Partial<GeoFile>
  return typeof type === 'string' && typeof buildEpoch === 'number' && typeof bytes === 'number'
}
