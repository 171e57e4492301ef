// All that was found -> traffic.sqlite: one transaction, tables in the order of schema.ts, rows in the order of their keys.
import type { CaptureSummary } from '../capture/coverage.ts'
import { Protocol, transportName } from '../decode/codes.ts'
import { describeTunnel } from '../decode/tunnel.ts'
import type { Flows } from '../flows/index.ts'
import {
  type Activity,
  BACKWARD_BYTES,
  BACKWARD_PACKETS,
  FLOW,
  FORWARD_BYTES,
  FORWARD_PACKETS,
  ROW_FIELDS,
  TICK,
} from '../flows/timeline.ts'
import { totalsByHost } from '../flows/totals.ts'
import type { LocatedHosts } from '../geo/index.ts'
import type { NameResults } from '../names/index.ts'
import type { GeoSource, SqlDatabase } from '../types.ts'
import { RowWriter } from './rows.ts'
import { type MetaKey, PRAGMAS, TABLES } from './schema.ts'

export interface Traffic {
  captures: CaptureSummary[]
  flows: Flows
  names: NameResults
  located: LocatedHosts
  /** Null: there was no geolocation database. */
  geoSource: GeoSource | null
  reportName: string
  programVersion: string
}

/** Fills an empty database and hands it back. Ids in the file count from 1, so they are the tables' indices + 1. */
export function writeDatabase(database: SqlDatabase, traffic: Traffic): SqlDatabase {
  database.run(PRAGMAS)
  database.run('BEGIN')
  database.run(TABLES)
  const activity = traffic.flows.timeline.finish()
  const isFirstClient = clientEnds(traffic.flows)
  writeCaptures(database, traffic.captures)
  writePlaces(database, traffic.located)
  writeHosts(database, traffic)
  writeFlows(database, traffic, isFirstClient)
  writeActivity(database, activity, isFirstClient)
  writePackets(database, traffic.flows, isFirstClient)
  writeNames(database, traffic.names)
  writeMeta(database, traffic, activity)
  database.run('COMMIT')
  return database
}

/** 1 where the end of the conversation that was seen first is the client. */
function clientEnds(flows: Flows): Uint8Array {
  const ends = new Uint8Array(flows.table.count)
  for (let flow = 0; flow < ends.length; flow++) ends[flow] = flows.isFirstClient(flow) ? 1 : 0
  return ends
}

function writeCaptures(database: SqlDatabase, captures: CaptureSummary[]): void {
  const rows = new RowWriter(database, 'captures', [
    ...['id', 'file', 'sha256', 'format', 'link_types', 'packets', 'bytes', 'captured_bytes'],
    ...['ip_packets', 'first_us', 'last_us', 'ended_by', 'warnings'],
  ])
  for (const [i, c] of captures.entries()) {
    const counts = [c.packets, c.bytes, c.capturedBytes, c.ipPackets]
    rows.add(i + 1, c.file, c.sha256, c.format, c.linkTypes.join(), ...counts, c.firstUs, c.lastUs, c.endedBy, c.warnings.join('\n'))
  }
  rows.finish()
  const skips = new RowWriter(database, 'skipped', ['capture_id', 'reason', 'packets'])
  for (const [i, c] of captures.entries()) for (const { reason, packets } of c.skipped) skips.add(i + 1, reason, packets)
  skips.finish()
}

function writePlaces(database: SqlDatabase, { places }: LocatedHosts): void {
  const rows = new RowWriter(database, 'places', [
    ...['id', 'latitude_deg', 'longitude_deg', 'accuracy_km', 'city', 'region', 'country_code', 'country'],
    ...['continent_code', 'time_zone', 'precision'],
  ])
  for (const [i, p] of places.entries()) {
    const names = [p.city, p.region, p.countryCode, p.country, p.continentCode, p.timeZone]
    rows.add(i + 1, p.latitudeDeg, p.longitudeDeg, p.accuracyKm, ...names, p.precision)
  }
  rows.finish()
}

function writeHosts(database: SqlDatabase, { flows, located }: Traffic): void {
  const { hosts } = flows
  const t = totalsByHost(flows)
  const rows = new RowWriter(database, 'hosts', [
    ...['id', 'ip', 'scope', 'place_id', 'asn', 'as_name', 'first_us', 'last_us'],
    ...['sent_packets', 'received_packets', 'sent_bytes', 'received_bytes'],
  ])
  for (let host = 0; host < hosts.count; host++) {
    const place = located.placeOfHost[host]!
    const network = [located.asnOfHost[host] || null, located.asNameOfHost[host] ?? null]
    const counts = [t.sentPackets[host]!, t.receivedPackets[host]!, t.sentBytes[host]!, t.receivedBytes[host]!]
    rows.add(
      host + 1,
      hosts.ip(host),
      hosts.scope(host),
      place < 0 ? null : place + 1,
      ...network,
      t.firstUs[host]!,
      t.lastUs[host]!,
      ...counts,
    )
  }
  rows.finish()
}

function writeFlows(database: SqlDatabase, { flows, names }: Traffic, isFirstClient: Uint8Array): void {
  const t = flows.table
  const rows = new RowWriter(database, 'flows', [
    ...['id', 'transport', 'protocol_number', 'client_host_id', 'client_port', 'server_host_id', 'server_port', 'first_us', 'last_us'],
    ...['client_packets', 'server_packets', 'client_bytes', 'server_bytes', 'client_tcp_flags', 'server_tcp_flags', 'state'],
    ...['application', 'application_source', 'server_name', 'server_name_source', 'ja4', 'tunnel'],
  ])
  for (let flow = 0; flow < t.count; flow++) {
    const first = [t.firstHost(flow) + 1, t.firstPort(flow) < 0 ? null : t.firstPort(flow)]
    const other = [t.otherHost(flow) + 1, t.otherPort(flow) < 0 ? null : t.otherPort(flow)]
    const forward = [t.forwardPackets(flow), t.forwardBytes(flow), t.forwardFlags(flow)]
    const backward = [t.backwardPackets(flow), t.backwardBytes(flow), t.backwardFlags(flow)]
    const isForward = isFirstClient[flow] === 1
    const ends = isForward ? [...first, ...other] : [...other, ...first]
    const [client, server] = isForward ? [forward, backward] : [backward, forward]
    const counts = [client[0]!, server[0]!, client[1]!, server[1]!, client[2]!, server[2]!]
    const application = [names.application(flow), names.applicationSource(flow)]
    const serverName = [names.serverName(flow), names.serverNameSource(flow)]
    rows.add(
      ...[flow + 1, transportName(t.protocol(flow)), t.protocol(flow), ...ends, t.startUs(flow), t.endUs(flow), ...counts],
      ...[flows.state(flow), ...application, ...serverName, names.ja4(flow), describeTunnel(t.tunnel(flow))],
    )
  }
  rows.finish()
}

function writeActivity(database: SqlDatabase, activity: Activity, isFirstClient: Uint8Array): void {
  const columns = ['tick', 'flow_id', 'client_packets', 'server_packets', 'client_bytes', 'server_bytes']
  const rows = new RowWriter(database, 'activity', columns)
  for (let row = 0; row < activity.count; row++) {
    const at = row * ROW_FIELDS
    const forwardPackets = activity.rows[at + FORWARD_PACKETS]!
    const backwardPackets = activity.rows[at + BACKWARD_PACKETS]!
    const forwardBytes = activity.rows[at + FORWARD_BYTES]!
    const backwardBytes = activity.rows[at + BACKWARD_BYTES]!
    const tick = activity.rows[at + TICK]!
    const flow = activity.rows[at + FLOW]!
    if (isFirstClient[flow] === 1) rows.add(tick, flow + 1, forwardPackets, backwardPackets, forwardBytes, backwardBytes)
    else rows.add(tick, flow + 1, backwardPackets, forwardPackets, backwardBytes, forwardBytes)
  }
  rows.finish()
}

function writePackets(database: SqlDatabase, { packets, table }: Flows, isFirstClient: Uint8Array): void {
  const rows = new RowWriter(database, 'packets', ['id', 'flow_id', 'at_us', 'from_client', 'bytes', 'tcp_flags'])
  for (let row = 0; row < packets.count; row++) {
    const flow = packets.flow[row]!
    const isFromFirst = packets.direction[row] === 0 ? 1 : 0
    const flags = table.protocol(flow) === Protocol.tcp ? packets.tcpFlags[row]! : null
    rows.add(row + 1, flow + 1, packets.timeUs[row]!, isFromFirst === isFirstClient[flow] ? 1 : 0, packets.bytes[row]!, flags)
  }
  rows.finish()
}

function writeNames(database: SqlDatabase, results: NameResults): void {
  const names = new RowWriter(database, 'names', ['host_id', 'name', 'source', 'first_us', 'count'])
  for (const n of results.names) names.add(n.host + 1, n.name, n.source, n.firstUs, n.count)
  names.finish()
  const queries = new RowWriter(database, 'dns_queries', ['id', 'flow_id', 'at_us', 'name', 'type', 'response_code', 'answers'])
  for (const [i, q] of results.dnsQueries.entries()) queries.add(i + 1, q.flow + 1, q.atUs, q.name, q.type, q.responseCode, q.answers)
  queries.finish()
}

function writeMeta(database: SqlDatabase, traffic: Traffic, activity: Activity): void {
  const { captures, flows, located, geoSource } = traffic
  const sum = (pick: (capture: CaptureSummary) => number) => captures.reduce((total, capture) => total + pick(capture), 0)
  const hasTicks = activity.ticks > 0
  const lastUs = captures.reduce((last, capture) => Math.max(last, capture.lastUs ?? last), Number.NEGATIVE_INFINITY)
  const values: Record<MetaKey, string | number | null> = {
    program: 'rtnvis',
    program_version: traffic.programVersion,
    report_name: traffic.reportName,
    first_us: hasTicks ? activity.firstUs : null,
    last_us: Number.isFinite(lastUs) ? lastUs : null,
    tick_us: activity.tickUs,
    ticks: activity.ticks,
    packets: sum((c) => c.packets),
    packets_kept: flows.packets.count,
    ip_packets: sum((c) => c.ipPackets),
    bytes: sum((c) => c.bytes),
    flows: flows.table.count,
    hosts: flows.hosts.count,
    public_hosts: located.publicHosts,
    located_hosts: located.locatedHosts,
    origin_name: located.origin.name,
    origin_latitude_deg: located.origin.latitudeDeg,
    origin_longitude_deg: located.origin.longitudeDeg,
    origin_source: located.origin.source,
    geoip_database: geoSource?.database ?? null,
    geoip_build_date: geoSource?.buildDate ?? null,
    geoip_attribution: geoSource?.attribution ?? null,
    asn_database: geoSource?.asnDatabase ?? null,
    asn_build_date: geoSource?.asnBuildDate ?? null,
    names_left_out: traffic.names.leftOut.names,
    dns_queries_left_out: traffic.names.leftOut.dnsQueries,
  }
  const rows = new RowWriter(database, 'meta', ['key', 'value'])
  for (const key of Object.keys(values).sort() as MetaKey[]) rows.add(key, values[key] === null ? '' : String(values[key]))
  rows.finish()
}
