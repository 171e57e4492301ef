// traffic.sqlite -> hosts: the busiest, their places, and how healthy the connections to servers were.
import { eachRow, objectsOf, rowsOf } from '../sqlite/query.ts'
import type { Precision, Scope, SqlDatabase } from '../types.ts'
import { type OwnTraffic, readNotableFlows } from './read-notable-flows.ts'

export interface HostRow {
  ip: string
  scope: Scope
  name: string | null
  city: string | null
  country: string | null
  precision: Precision | null
  asn: number | null
  asName: string | null
  /** Of its conversations, as bytes: what a host sent to itself counts once. */
  packets: number
  bytes: number
  sentBytes: number
  receivedBytes: number
}

/** Most bytes first. @param own of all hosts, where it is read already */
export function readHosts(
  db: SqlDatabase,
  limit: number,
  which: 'all' | 'unlocated' = 'all',
  own: OwnTraffic = readNotableFlows(db).own,
): HostRow[] {
  // Own traffic counts twice in the sums, so each host that has some may take the place of another here.
  const rows = objectsOf<HostRow & { id: number }>(
    db,
    `SELECT h.id, h.ip, h.scope, h.name, p.city, p.country, p.precision, h.asn, h.as_name AS asName,
       h.sent_packets + h.received_packets AS packets, h.sent_bytes + h.received_bytes AS bytes,
       h.sent_bytes AS sentBytes, h.received_bytes AS receivedBytes
     FROM hosts h LEFT JOIN places p ON p.id = h.place_id
     ${which === 'unlocated' ? "WHERE h.scope = 'public' AND h.place_id IS NULL" : ''}
     ORDER BY bytes DESC, h.id LIMIT ?`,
    [limit + own.size],
  )
  for (const row of rows) {
    row.packets -= own.get(row.id)?.packets ?? 0
    row.bytes -= own.get(row.id)?.bytes ?? 0
  }
  rows.sort((a, b) => b.bytes - a.bytes || a.id - b.id)
  return rows.slice(0, limit).map(({ id, ...row }) => row)
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

/** How healthy the TCP conversations with a server were; times are microseconds. */
export interface HealthRow extends Health {
  server: string
  name: string | null
}

interface Health {
  /** Id of the server. */
  host: number
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
  return worstOf(healthOfServers(db), limit).flatMap((health) => {
    const [row] = rowsOf(db, 'SELECT ip, name FROM hosts WHERE id = ?', [health.host])
    return row === undefined ? [] : [{ server: row[0] as string, name: row[1] as string | null, ...health }]
  })
}

/** Grouped here: SQLite would sort all conversations by server, which takes twice as long. */
function healthOfServers(db: SqlDatabase): Health[] {
  // By id; as a Map it takes longer. Ids of a database that others send may be anything, "__proto__" too.
  const servers: Record<number, Health> = Object.create(null)
  eachRow<[number, number | null, number | null, number, number, number, number]>(
    db,
    `SELECT f.server_host_id, handshake_us, response_us, client_segments + server_segments, client_retransmissions + server_retransmissions,
       client_lost_segments + server_lost_segments, client_zero_windows + server_zero_windows
     FROM tcp t JOIN flows f ON f.id = t.flow_id`,
    ([host, handshakeUs, responseUs, segments, repeated, lost, zeroWindows]) => {
      servers[host] ??= { host, conversations: 0, handshakeUs: null, responseUs: null, segments: 0, repeated: 0, lost: 0, zeroWindows: 0 }
      const health = servers[host]
      health.conversations++
      if (handshakeUs !== null && (health.handshakeUs === null || handshakeUs < health.handshakeUs)) health.handshakeUs = handshakeUs
      if (responseUs !== null && (health.responseUs === null || responseUs > health.responseUs)) health.responseUs = responseUs
      health.segments += segments
      health.repeated += repeated
      health.lost += lost
      health.zeroWindows += zeroWindows
    },
  )
  return Object.values(servers)
}

/** There may be hundreds of thousands, of which a few are wanted: they are not sorted. */
function worstOf(servers: Health[], limit: number): Health[] {
  const worst: Health[] = []
  for (const health of servers) {
    if (worst.length === limit && byHealth(worst[limit - 1], health) < 0) continue
    worst.push(health)
    worst.sort(byHealth)
    if (worst.length > limit) worst.pop()
  }
  return worst
}

/** The worse first; a server without an answer is the last of those with as many repeated segments. */
function byHealth(a: Health, b: Health): number {
  return b.repeated - a.repeated || (b.responseUs ?? -1) - (a.responseUs ?? -1) || a.host - b.host
}
