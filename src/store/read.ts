// traffic.sqlite -> everything that reports print, typed. Reports read the database back, so both always agree.
import type { CaptureSummary } from '../capture/coverage.ts'
import type { Observed } from '../detect/engine/finding.ts'
import { objectsOf, rowsOf } from '../sqlite/query.ts'
import type { GeoSource, Origin, Precision, Scope, SqlDatabase } from '../types.ts'
import { SEVERITY_RANK } from './expressions.ts'
import type { MetaKey } from './schema.ts'
import type { Total } from './totals.ts'

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
  /** --origin as typed, null for none. */
  originOption: string | null
  /** Null when no database was used. */
  geo: GeoSource | null
}

/** A row of captures, with the columns that capture/coverage.ts counts. */
export type CaptureRow = Omit<CaptureSummary, 'linkTypes'> & { linkTypes: string }

/** Traffic of conversations with an end in a country, at the origin, unlocated, or with an address that has no place (multicast, ...). */
export interface CountryRow {
  kind: 'country' | 'origin' | 'unlocated' | 'none'
  /** ISO 3166-1 alpha-2; null for the other kinds and for a place without a country. */
  countryCode: string | null
  country: string | null
  hosts: number
  flows: number
  packets: number
  bytes: number
}

export interface HostRow {
  ip: string
  scope: Scope
  name: string | null
  city: string | null
  country: string | null
  precision: Precision | null
  asn: number | null
  asName: string | null
  packets: number
  sentBytes: number
  receivedBytes: number
}

/** Conversations grouped by application or transport; name is null if unknown. */
export interface TrafficRow {
  name: string | null
  flows: number
  packets: number
  bytes: number
}

export interface AlertRow {
  id: number
  rule: string
  severity: string
  severityReason: string
  title: string
  nextStep: string
  firstUs: number
  lastUs: number
  source: string | null
  target: string | null
  technique: string | null
  /** Number of its conversations. */
  flows: number
  /** Id of the first alert of the same incident. */
  storyId: number
  /** Number, in its capture, of the first packet of the conversation that began first; null for none. */
  frame: number | null
  /** Name of that capture; null where there is only one. */
  frameFile: string | null
  /** Measured values with their thresholds. */
  observed: Observed[]
}

/** A suppression of the rules file. */
export interface SuppressionRow {
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

/** Conversations by country, application and transport, most bytes first. A conversation counts once for each country of its two ends. */
export function readTraffic(db: SqlDatabase): { countries: CountryRow[]; applications: TrafficRow[]; transports: TrafficRow[] } {
  const countries: CountryRow[] = []
  const named: Record<'application' | 'transport', TrafficRow[]> = { application: [], transport: [] }
  const totals = objectsOf<Total>(db, 'SELECT subject, name, country_code AS countryCode, hosts, flows, packets, bytes FROM totals')
  for (const { subject, name, countryCode, hosts, flows, packets, bytes } of totals) {
    if (subject === 'application' || subject === 'transport') named[subject].push({ name, flows, packets, bytes })
    else countries.push({ kind: subject, countryCode, country: name, hosts: hosts ?? 0, flows, packets, bytes })
  }
  return {
    countries: countries.sort((a, b) => b.bytes - a.bytes || compare(a.country ?? a.countryCode, b.country ?? b.countryCode)),
    applications: named.application.sort((a, b) => b.bytes - a.bytes || compare(a.name, b.name)),
    transports: named.transport.sort((a, b) => b.bytes - a.bytes || compare(a.name, b.name)),
  }
}

/** Null first, then by UTF-16 code units: the same order in every locale. */
function compare(a: string | null, b: string | null): number {
  if (a === b) return 0
  return a === null || (b !== null && a < b) ? -1 : 1
}

/** Most bytes first. */
export function readHosts(db: SqlDatabase, limit: number, which: 'all' | 'unlocated' = 'all'): HostRow[] {
  return objectsOf<HostRow>(
    db,
    `SELECT h.ip, h.scope, h.name, p.city, p.country, p.precision, h.asn, h.as_name AS asName,
       h.sent_packets + h.received_packets AS packets, h.sent_bytes AS sentBytes, h.received_bytes AS receivedBytes
     FROM hosts h LEFT JOIN places p ON p.id = h.place_id
     ${which === 'unlocated' ? "WHERE h.scope = 'public' AND h.place_id IS NULL" : ''}
     ORDER BY h.sent_bytes + h.received_bytes DESC, h.id LIMIT ?`,
    [limit],
  )
}

/** How healthy the TCP conversations with a server were; times are microseconds. */
export interface HealthRow {
  server: string
  name: string | null
  conversations: number
  /** Shortest handshake; null without one. */
  handshakeUs: number | null
  /** Longest time from a request to the first data of its answer. */
  responseUs: number | null
  /** Segments with data, and those that were repeated, of both ends. */
  segments: number
  repeated: number
  /** Places where segments are missing in the capture. */
  lost: number
  zeroWindows: number
}

/** The servers with most repeated segments first, then the slowest to answer. */
export function readHealth(db: SqlDatabase, limit: number): HealthRow[] {
  return objectsOf<HealthRow>(
    db,
    `SELECT s.ip AS server, s.name, g.* FROM (
       SELECT f.server_host_id AS host, count(*) AS conversations, min(handshake_us) AS handshakeUs, max(response_us) AS responseUs,
         sum(client_segments + server_segments) AS segments, sum(client_retransmissions + server_retransmissions) AS repeated,
         sum(client_lost_segments + server_lost_segments) AS lost, sum(client_zero_windows + server_zero_windows) AS zeroWindows
       FROM tcp t JOIN flows f ON f.id = t.flow_id GROUP BY f.server_host_id
       ORDER BY repeated DESC, responseUs DESC, host LIMIT ?) g
     JOIN hosts s ON s.id = g.host ORDER BY repeated DESC, responseUs DESC, host`,
    [limit],
  )
}

/** The conversation with most bytes. */
export interface LargestFlow {
  id: number
  client: string
  clientName: string | null
  server: string
  serverName: string | null
  /** Where the server stands; null where it is not known, and for the origin. */
  serverCity: string | null
  serverCountry: string | null
  clientCity: string | null
  clientCountry: string | null
  /** Bytes that each end sent. */
  clientBytes: number
  serverBytes: number
  firstUs: number
  lastUs: number
}

export interface PlaceRow {
  latitudeDeg: number
  longitudeDeg: number
  city: string | null
  country: string | null
  precision: string
  /** Bytes of its hosts, sent and received. */
  bytes: number
}

/** Places of hosts, most bytes first; the origin too. */
export function readPlaces(db: SqlDatabase, most: number): PlaceRow[] {
  return objectsOf<PlaceRow>(
    db,
    `SELECT p.latitude_deg AS latitudeDeg, p.longitude_deg AS longitudeDeg, p.city, p.country, p.precision, h.bytes
     FROM (SELECT place_id, sum(sent_bytes + received_bytes) AS bytes FROM hosts WHERE place_id IS NOT NULL
       GROUP BY place_id ORDER BY bytes DESC, place_id LIMIT ?) h JOIN places p ON p.id = h.place_id
     ORDER BY h.bytes DESC, p.id`,
    [most],
  )
}

/** Null without conversations. */
export function readLargestFlow(db: SqlDatabase): LargestFlow | null {
  const place = (table: string, column: string) => `CASE WHEN ${table}.precision <> 'origin' THEN ${table}.${column} END`
  const [largest] = objectsOf<LargestFlow>(
    db,
    `SELECT f.id, c.ip AS client, c.name AS clientName, s.ip AS server, COALESCE(f.server_name, s.name) AS serverName,
       ${place('p', 'city')} AS serverCity, ${place('p', 'country')} AS serverCountry,
       ${place('o', 'city')} AS clientCity, ${place('o', 'country')} AS clientCountry,
       f.client_bytes AS clientBytes, f.server_bytes AS serverBytes, f.first_us AS firstUs, f.last_us AS lastUs
     FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
       LEFT JOIN places p ON p.id = s.place_id LEFT JOIN places o ON o.id = c.place_id
     WHERE f.id = (SELECT id FROM flows ORDER BY client_bytes + server_bytes DESC, id LIMIT 1)`,
  )
  return largest ?? null
}

/** Findings that begin a story, and how many have each severity, all findings counted. */
export function readStories(db: SqlDatabase, most: number): { heads: AlertRow[]; counts: Record<string, number> } {
  const counts = rowsOf(db, 'SELECT severity, count(*) FROM alerts GROUP BY severity') as [string, number][]
  return {
    heads: readAlerts(db, `WHERE a.id = a.story_id AND length(a.evidence) <= ${LONGEST_EVIDENCE}`, most),
    counts: Object.fromEntries(counts),
  }
}

/** Longer texts are not ours; they are not parsed. */
const LONGEST_EVIDENCE = 65_536

/** The most severe incident first; inside it the most severe alert first, then by start time. */
/** The conversation of an alert that began first. */
const FIRST_FLOW =
  'SELECT x.flow_id FROM alert_flows x JOIN flows y ON y.id = x.flow_id WHERE x.alert_id = a.id ORDER BY y.first_us, y.id LIMIT 1'

export function readAlerts(db: SqlDatabase, where = '', most = -1): AlertRow[] {
  const alerts = objectsOf<Omit<AlertRow, 'observed'> & { evidence: string }>(
    db,
    `SELECT a.id, a.rule, a.severity, a.severity_reason AS severityReason, a.title, a.next_step AS nextStep, a.first_us AS firstUs,
       a.last_us AS lastUs, s.ip AS source, t.ip AS target, a.technique, a.flows, a.story_id AS storyId,
       f.first_frame AS frame, CASE WHEN (SELECT count(*) FROM captures) > 1 THEN c.file END AS frameFile, a.evidence
     FROM alerts a LEFT JOIN hosts s ON s.id = a.source_host_id LEFT JOIN hosts t ON t.id = a.target_host_id
       LEFT JOIN flows f ON f.id = (${FIRST_FLOW}) LEFT JOIN captures c ON c.id = f.first_capture_id
     ${where} ORDER BY a.story_id, ${SEVERITY_RANK}, a.first_us, a.id LIMIT ?`,
    [most],
  )
  return alerts.map(({ evidence, ...alert }) => ({ ...alert, observed: (JSON.parse(evidence) as Partial<AlertRow>).observed ?? [] }))
}

/** Bytes in each bin of `ticksPerBin` ticks, from `fromTick` on; the last bin may be shorter. */
export function readTimeline(db: SqlDatabase, fromTick: number, ticks: number, ticksPerBin: number): number[] {
  const bytes: number[] = new Array(Math.ceil(ticks / ticksPerBin)).fill(0)
  const sums = rowsOf(db, 'SELECT tick, bytes FROM ticks WHERE tick >= ? AND tick < ?', [fromTick, fromTick + ticks]) as [number, number][]
  for (const [tick, sum] of sums) bytes[Math.floor((tick - fromTick) / ticksPerBin)] += sum
  return bytes
}
