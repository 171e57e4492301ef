// traffic.sqlite -> hosts: the busiest, their places, and how healthy the connections to servers were.
import { objectsOf } from '../sqlite/query.ts'
import type { Precision, Scope, SqlDatabase } from '../types.ts'

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

/** Most bytes first. */
export function readHosts(db: SqlDatabase, limit: number, which: 'all' | 'unlocated' = 'all'): HostRow[] {
  return objectsOf<HostRow>(
    db,
    `SELECT h.ip, h.scope, h.name, p.city, p.country, p.precision, h.asn, h.as_name AS asName,
       h.sent_packets + h.received_packets - coalesce(own.packets, 0) AS packets,
       h.sent_bytes + h.received_bytes - coalesce(own.bytes, 0) AS bytes, h.sent_bytes AS sentBytes, h.received_bytes AS receivedBytes
     FROM hosts h LEFT JOIN places p ON p.id = h.place_id LEFT JOIN (
       SELECT client_host_id AS id, sum(client_packets + server_packets) AS packets, sum(client_bytes + server_bytes) AS bytes
       FROM flows WHERE server_host_id = client_host_id GROUP BY client_host_id) own ON own.id = h.id
     ${which === 'unlocated' ? "WHERE h.scope = 'public' AND h.place_id IS NULL" : ''}
     ORDER BY bytes DESC, h.id LIMIT ?`,
    [limit],
  )
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
  // All conversations are sorted by server, so at first only with what chooses the servers.
  return objectsOf<HealthRow>(
    db,
    `SELECT s.ip AS server, s.name, g.* FROM (
       SELECT f.server_host_id AS host, count(*) AS conversations, min(handshake_us) AS handshakeUs, max(response_us) AS responseUs,
         sum(client_segments + server_segments) AS segments, sum(client_retransmissions + server_retransmissions) AS repeated,
         sum(client_lost_segments + server_lost_segments) AS lost, sum(client_zero_windows + server_zero_windows) AS zeroWindows
       FROM tcp t JOIN flows f ON f.id = t.flow_id
       WHERE f.server_host_id IN (SELECT f.server_host_id FROM tcp t JOIN flows f ON f.id = t.flow_id GROUP BY 1
         ORDER BY sum(client_retransmissions + server_retransmissions) DESC, max(response_us) DESC, 1 LIMIT ?)
       GROUP BY f.server_host_id) g
     JOIN hosts s ON s.id = g.host ORDER BY repeated DESC, responseUs DESC, host`,
    [limit],
  )
}
