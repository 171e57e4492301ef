// traffic.sqlite -> sums of the traffic: by country, application and transport, over time, and the largest conversation.
import { objectsOf, rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'
import type { Total } from './totals.ts'

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

/** Conversations grouped by application or transport; name is null if unknown. */
export interface TrafficRow {
  name: string | null
  flows: number
  packets: number
  bytes: number
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

/** Bytes in each bin of `ticksPerBin` ticks, from `fromTick` on; the last bin may be shorter. */
export function readTimeline(db: SqlDatabase, fromTick: number, ticks: number, ticksPerBin: number): number[] {
  const bytes: number[] = new Array(Math.ceil(ticks / ticksPerBin)).fill(0)
  const sums = rowsOf(db, 'SELECT tick, bytes FROM ticks WHERE tick >= ? AND tick < ?', [fromTick, fromTick + ticks]) as [number, number][]
  for (const [tick, sum] of sums) bytes[Math.floor((tick - fromTick) / ticksPerBin)] += sum
  return bytes
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

/** @param id as in NotableFlows */
export function readLargestFlow(db: SqlDatabase, id: number | null): LargestFlow | null {
  const place = (table: string, column: string) => `CASE WHEN ${table}.precision <> 'origin' THEN ${table}.${column} END`
  const [largest] = objectsOf<LargestFlow>(
    db,
    `SELECT f.id, c.ip AS client, c.name AS clientName, s.ip AS server, COALESCE(f.server_name, s.name) AS serverName,
       ${place('p', 'city')} AS serverCity, ${place('p', 'country')} AS serverCountry,
       ${place('o', 'city')} AS clientCity, ${place('o', 'country')} AS clientCountry,
       f.client_bytes AS clientBytes, f.server_bytes AS serverBytes, f.first_us AS firstUs, f.last_us AS lastUs
     FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
       LEFT JOIN places p ON p.id = s.place_id LEFT JOIN places o ON o.id = c.place_id
     WHERE f.id = ?`,
    [id],
  )
  return largest ?? null
}
