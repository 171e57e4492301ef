// The latest packets in the format of the first RTNVIS: its pages ask every 20 seconds and draw an arc for each row.
import { isoTime } from '../../iso-time.ts'
import { rowsOf } from '../../sqlite/query.ts'
import type { SqlDatabase, SqlValue } from '../../types.ts'
import type { Parameter, Values } from './parameters.ts'

export interface TrafficRow {
  src_ip: string
  dst_ip: string
  /** Degrees; null if the address has no known location. */
  src_lat: number | null
  src_lon: number | null
  dst_lat: number | null
  dst_lon: number | null
  /** HTTP, HTTPS, DNS, SSH, ...; TCP, UDP, ICMP, ... if the application is unknown. */
  protocol: string
  /** ISO 8601, UTC, with microseconds. */
  timestamp: string
}

export const TRAFFIC_PARAMETERS: Parameter[] = [
  { name: 'limit', description: 'How many packets at most', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
  { name: 'since', description: 'Only packets later than this', schema: { type: 'time' } },
  {
    name: 'protocol',
    description: 'Only packets of this protocol, in any case',
    schema: { type: 'string', maxLength: 40, example: 'HTTPS' },
  },
  {
    name: 'all',
    description: 'true: also packets to addresses that are not public or have no known place; their coordinates may be null',
    schema: { type: 'boolean' },
  },
]

/** Protocol name for readers: the usual name of the application, otherwise the transport. */
export function protocolName(application: string | null, transport: string): string {
  return application === 'tls' ? 'HTTPS' : (application ?? transport).toUpperCase()
}

/** The same in SQL. */
const PROTOCOL = "CASE f.application WHEN 'tls' THEN 'HTTPS' ELSE upper(coalesce(f.application, f.transport)) END"

/** If not all packets are stored, the latest are missing; then conversations are used, each with the time of its last packet. */
export function latestTraffic(database: SqlDatabase, values: Values): TrafficRow[] {
  const [[kept, all] = [0, 0]] = rowsOf(
    database,
    "SELECT (SELECT value FROM meta WHERE key = 'packets_kept') + 0, (SELECT value FROM meta WHERE key = 'ip_packets') + 0",
  )
  const hasAll = Number(kept) >= Number(all)
  const row = hasAll
    ? 'SELECT p.id AS id, p.at_us AS at_us, p.flow_id AS flow_id, p.from_client AS from_client FROM packets p'
    : 'SELECT last_us AS id, last_us AS at_us, id AS flow_id, 1 AS from_client FROM flows'
  const conditions: string[] = []
  const bound: SqlValue[] = []
  const where = (condition: string, value?: SqlValue) => {
    conditions.push(condition)
    if (value !== undefined) bound.push(value)
  }
  if (values.since !== undefined) where('p.at_us > ?', values.since as number)
  if (values.protocol !== undefined) where(`${PROTOCOL} = upper(?)`, values.protocol as string)
  if (values.all !== true) {
    where("CASE p.from_client WHEN 1 THEN s.scope ELSE c.scope END = 'public'")
    where('sp.id IS NOT NULL AND cp.id IS NOT NULL')
  }
  const sql = `
    SELECT p.at_us, p.from_client, c.ip, s.ip, cp.latitude_deg, cp.longitude_deg, sp.latitude_deg, sp.longitude_deg, ${PROTOCOL}
    FROM (${row}) p JOIN flows f ON f.id = p.flow_id
    JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
    LEFT JOIN places cp ON cp.id = c.place_id LEFT JOIN places sp ON sp.id = s.place_id
    ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
    ORDER BY p.id DESC LIMIT ?`
  return rowsOf(database, sql, [...bound, values.limit as number]).map(
    ([atUs, fromClient, client, server, clientLat, clientLon, serverLat, serverLon, protocol]) => {
      const ends = [
        { ip: String(client), lat: clientLat as number | null, lon: clientLon as number | null },
        { ip: String(server), lat: serverLat as number | null, lon: serverLon as number | null },
      ]
      const [source, target] = fromClient === 1 ? [ends[0], ends[1]] : [ends[1], ends[0]]
      return {
        src_ip: source.ip,
        dst_ip: target.ip,
        src_lat: source.lat,
        src_lon: source.lon,
        dst_lat: target.lat,
        dst_lon: target.lon,
        protocol: String(protocol),
        timestamp: isoTime(Number(atUs)),
      }
    },
  )
}
