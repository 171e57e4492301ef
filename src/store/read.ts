// Every SELECT the reports are made of, typed: what is printed is read back from the database that is handed on with it.
import type { CaptureSummary } from '../capture/coverage.ts'
import type { GeoSource, Origin, Precision, Scope, SqlDatabase, SqlValue } from '../types.ts'
import type { MetaKey } from './schema.ts'
import type { TotalSubject } from './totals.ts'

export interface Meta {
  program: string
  programVersion: string
  reportName: string
  firstUs: number | null
  lastUs: number | null
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
  /** Rows that the bounds on memory kept out of names, dns_queries and software. */
  namesLeftOut: number
  dnsQueriesLeftOut: number
  /** Ids of rules that were switched off. */
  rulesOff: string[]
  suppressions: SuppressionRow[]
  softwareLeftOut: number
  origin: Origin
  /** Null when no database was used. */
  geo: GeoSource | null
}

/** What capture/coverage.ts counted, as it stands in the tables. */
export type CaptureRow = Omit<CaptureSummary, 'linkTypes'> & { linkTypes: string }

/** Traffic of the conversations with an end in a country, or at the origin, unlocated, or of addresses that have no place (multicast, ...). */
export interface CountryRow {
  kind: 'country' | 'origin' | 'unlocated' | 'none'
  /** ISO 3166-1 alpha-2; null for the other kinds and where the place has no country. */
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

/** Conversations grouped by application or transport; name is null where it is not known. */
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
  /** Conversations that show it. */
  flows: number
  /** Id of the first alert of the same story. */
  storyId: number
  /** What was measured, beside what it was held against. */
  observed: { name: string; value: number | string; unit: string; threshold: number | null }[]
}

/** A line of the rules file that takes findings out of the report. */
export interface SuppressionRow {
  line: number
  reason: string
  findings: number
}

function* select(db: SqlDatabase, sql: string, values: SqlValue[] = []): Generator<SqlValue[]> {
  const statement = db.prepare(sql)
  try {
    statement.bind(values)
    while (statement.step()) yield statement.get()
  } finally {
    statement.free()
  }
}

export function readMeta(db: SqlDatabase): Meta {
  const values = new Map(Array.from(select(db, 'SELECT key, value FROM meta'), ([key, value]) => [key, value as string]))
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
  const skipped = Array.from(select(db, 'SELECT capture_id, reason, packets FROM skipped ORDER BY packets DESC, reason'))
  const rows = select(
    db,
    `SELECT id, file, sha256, format, link_types, packets, bytes, captured_bytes, ip_packets, first_us, last_us, ended_by, warnings
     FROM captures ORDER BY id`,
  )
  return Array.from(rows, (row) => ({
    file: row[1] as string,
    sha256: row[2] as string | null,
    format: row[3] as string,
    linkTypes: row[4] as string,
    packets: row[5] as number,
    bytes: row[6] as number,
    capturedBytes: row[7] as number,
    ipPackets: row[8] as number,
    firstUs: row[9] as number | null,
    lastUs: row[10] as number | null,
    endedBy: row[11] as string,
    warnings: (row[12] as string).split('\n').filter((line) => line !== ''),
    skipped: skipped
      .filter(([capture]) => capture === row[0])
      .map(([, reason, packets]) => ({ reason: reason as string, packets: packets as number })),
  }))
}

/** Conversations by country, application and transport, most bytes first. A conversation counts once for each country row it has an end in. */
export function readTraffic(db: SqlDatabase): { countries: CountryRow[]; applications: TrafficRow[]; transports: TrafficRow[] } {
  const countries: CountryRow[] = []
  const named: Record<'application' | 'transport', TrafficRow[]> = { application: [], transport: [] }
  for (const row of select(db, 'SELECT subject, name, country_code, hosts, flows, packets, bytes FROM totals')) {
    const [subject, name, countryCode, hosts, ...counts] = row as [
      TotalSubject,
      string | null,
      string | null,
      number,
      number,
      number,
      number,
    ]
    const [flows, packets, bytes] = counts
    if (subject === 'application' || subject === 'transport') named[subject].push({ name, flows, packets, bytes })
    else countries.push({ kind: subject, countryCode, country: name, hosts, flows, packets, bytes })
  }
  return {
    countries: countries.sort((a, b) => b.bytes - a.bytes || compare(a.country ?? a.countryCode, b.country ?? b.countryCode)),
    applications: named.application.sort((a, b) => b.bytes - a.bytes || compare(a.name, b.name)),
    transports: named.transport.sort((a, b) => b.bytes - a.bytes || compare(a.name, b.name)),
  }
}

/** By code units, so that no locale changes the order; null first. */
function compare(a: string | null, b: string | null): number {
  if (a === b) return 0
  return a === null || (b !== null && a < b) ? -1 : 1
}

/** Most bytes first. A host's name is the one it was addressed by (TLS, QUIC, then HTTP), else the one DNS gave it, else any; the most frequent of these. */
export function readHosts(db: SqlDatabase, limit: number, which: 'all' | 'unlocated' = 'all'): HostRow[] {
  const rows = select(
    db,
    `SELECT h.ip, h.scope, p.city, p.country, p.precision, h.asn, h.as_name, h.sent_packets + h.received_packets, h.sent_bytes, h.received_bytes,
       (SELECT n.name FROM names n WHERE n.host_id = h.id
        ORDER BY CASE n.source WHEN 'tls' THEN 0 WHEN 'quic' THEN 0 WHEN 'http' THEN 1 WHEN 'dns' THEN 2 ELSE 3 END, n.count DESC, n.name LIMIT 1)
     FROM hosts h LEFT JOIN places p ON p.id = h.place_id
     ${which === 'unlocated' ? "WHERE h.scope = 'public' AND h.place_id IS NULL" : ''}
     ORDER BY h.sent_bytes + h.received_bytes DESC, h.id LIMIT ?`,
    [limit],
  )
  return Array.from(rows, (row) => ({
    ip: row[0] as string,
    scope: row[1] as Scope,
    name: row[10] as string | null,
    city: row[2] as string | null,
    country: row[3] as string | null,
    precision: row[4] as Precision | null,
    asn: row[5] as number | null,
    asName: row[6] as string | null,
    packets: row[7] as number,
    sentBytes: row[8] as number,
    receivedBytes: row[9] as number,
  }))
}

/** The gravest story first; in it the gravest first, then in the order they began. */
export function readAlerts(db: SqlDatabase): AlertRow[] {
  const rows = select(
    db,
    `SELECT a.id, a.rule, a.severity, a.severity_reason, a.title, a.next_step, a.first_us, a.last_us, s.ip, t.ip, a.technique, a.flows, a.story_id,
       a.evidence
     FROM alerts a LEFT JOIN hosts s ON s.id = a.source_host_id LEFT JOIN hosts t ON t.id = a.target_host_id
     ORDER BY a.story_id, CASE a.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, a.first_us, a.id`,
  )
  return Array.from(rows, (row) => ({
    id: row[0] as number,
    rule: row[1] as string,
    severity: row[2] as string,
    severityReason: row[3] as string,
    title: row[4] as string,
    nextStep: row[5] as string,
    firstUs: row[6] as number,
    lastUs: row[7] as number,
    source: row[8] as string | null,
    target: row[9] as string | null,
    technique: row[10] as string | null,
    flows: row[11] as number,
    storyId: row[12] as number,
    observed: (JSON.parse(row[13] as string) as Partial<AlertRow>).observed ?? [],
  }))
}

/** Bytes in each span of `ticksPerBin` ticks, the last of which may be shorter. */
export function readTimeline(db: SqlDatabase, ticks: number, ticksPerBin: number): number[] {
  const bytes: number[] = new Array(Math.ceil(ticks / ticksPerBin)).fill(0)
  const rows = select(db, 'SELECT tick, bytes FROM ticks')
  for (const [tick, sum] of rows as Iterable<[number, number]>) bytes[Math.floor(tick / ticksPerBin)] += sum
  return bytes
}
