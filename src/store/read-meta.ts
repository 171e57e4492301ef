// traffic.sqlite -> what is known of the report itself: its options, totals and captures.
import type { CaptureSummary } from '../capture/coverage.ts'
import { type OriginRegion, readRegion } from '../geo/multilateration.ts'
import { objectsOf, rowsOf } from '../sqlite/query.ts'
import type { GeoSource, Origin, SqlDatabase } from '../types.ts'
import type { MetaKey } from './meta-keys.ts'

export interface Meta {
  program: string
  programVersion: string
  reportName: string
  firstUs: number | null
  lastUs: number | null
  /** The part with the packets; the whole timeline unless a clock jumped. */
  mainFirstUs: number | null
  mainLastUs: number | null
  tickUs: number
  ticks: number
  packets: number
  packetsKept: number
  ipPackets: number
  bytes: number
  flows: number
  hosts: number
  publicHosts: number
  locatedHosts: number
  /** Rows left out of names, dns_queries and software because of the bounds on memory. */
  namesLeftOut: number
  dnsQueriesLeftOut: number
  /** Ids of rules that were switched off. */
  rulesOff: string[]
  suppressions: SuppressionRow[]
  softwareLeftOut: number
  origin: Origin
  /** Hosts whose place could be checked by their round-trip time, and those that cannot be there. */
  checkedPlaces: number
  impossiblePlaces: number
  /** Where round-trip times allow the capture to have been made; null where somebody said it, or they leave too much open. */
  originRegion: OriginRegion | null
  /** --origin as typed, null for none. */
  originOption: string | null
  /** Null when no database was used. */
  geo: GeoSource | null
}

/** A row of captures, with the columns that capture/coverage.ts counts. */
export type CaptureRow = Omit<CaptureSummary, 'linkTypes'> & { linkTypes: string }

/** A suppression of the rules file. */
interface SuppressionRow {
  line: number
  reason: string
  findings: number
}

function readPlaceChecks(db: SqlDatabase): Pick<Meta, 'checkedPlaces' | 'impossiblePlaces'> {
  const [[checked, impossible]] = rowsOf(db, "SELECT count(place_check), count(iif(place_check = 'impossible', 1, NULL)) FROM hosts")
  return { checkedPlaces: Number(checked), impossiblePlaces: Number(impossible) }
}

export function readMeta(db: SqlDatabase): Meta {
  const values = new Map(rowsOf(db, 'SELECT key, value FROM meta') as [string, string][])
  const text = (key: MetaKey) => values.get(key) ?? ''
  const number = (key: MetaKey) => Number(text(key))
  const optional = (key: MetaKey) => text(key) || null
  const time = (key: MetaKey) => (text(key) === '' ? null : number(key))
  const hasGeo = text('geoip_database') !== '' || text('asn_database') !== ''
  return {
    program: text('program'),
    programVersion: text('program_version'),
    reportName: text('report_name'),
    firstUs: time('first_us'),
    lastUs: time('last_us'),
    mainFirstUs: time('main_first_us') ?? time('first_us'),
    mainLastUs: time('main_last_us') ?? time('last_us'),
    tickUs: number('tick_us'),
    ticks: number('ticks'),
    packets: number('packets'),
    packetsKept: number('packets_kept'),
    ipPackets: number('ip_packets'),
    bytes: number('bytes'),
    flows: number('flows'),
    hosts: number('hosts'),
    publicHosts: number('public_hosts'),
    locatedHosts: number('located_hosts'),
    namesLeftOut: number('names_left_out'),
    dnsQueriesLeftOut: number('dns_queries_left_out'),
    rulesOff: text('rules_off')
      .split(' ')
      .filter((id) => id !== ''),
    suppressions: JSON.parse(text('findings_suppressed') || '[]') as SuppressionRow[],
    softwareLeftOut: number('software_left_out'),
    origin: {
      name: text('origin_name'),
      latitudeDeg: number('origin_latitude_deg'),
      longitudeDeg: number('origin_longitude_deg'),
      source: text('origin_source') as Origin['source'],
    },
    ...readPlaceChecks(db),
    originRegion: readRegion(text('origin_region')),
    originOption: optional('origin_option'),
    geo: hasGeo
      ? {
          database: text('geoip_database'),
          buildDate: optional('geoip_build_date'),
          attribution: text('geoip_attribution'),
          asnDatabase: optional('asn_database'),
          asnBuildDate: optional('asn_build_date'),
        }
      : null,
  }
}

export function readCaptures(db: SqlDatabase): CaptureRow[] {
  type Skipped = CaptureSummary['skipped'][number] & { capture: number }
  const skipped = objectsOf<Skipped>(db, 'SELECT capture_id AS capture, reason, packets FROM skipped ORDER BY packets DESC, reason')
  const captures = objectsOf<Omit<CaptureRow, 'warnings' | 'skipped'> & { id: number; warnings: string }>(
    db,
    `SELECT id, file, sha256, format, link_types AS linkTypes, packets, bytes, captured_bytes AS capturedBytes, ip_packets AS ipPackets,
       first_us AS firstUs, last_us AS lastUs, ended_by AS endedBy, warnings
     FROM captures ORDER BY id`,
  )
  return captures.map(({ id, warnings, ...capture }) => ({
    ...capture,
    warnings: warnings.split('\n').filter((line) => line !== ''),
    skipped: skipped.filter((row) => row.capture === id).map(({ reason, packets }) => ({ reason, packets })),
  }))
}
