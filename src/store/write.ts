// Traffic -> bytes of traffic.sqlite: one transaction, tables in the order of schema.ts, rows in the order of their keys.
import type { CaptureSummary } from '../capture/coverage.ts'
import { maskAccounts } from '../detect/identities/mask.ts'
import type { Detection } from '../detect/index.ts'
import { FlowSides } from '../flows/flow-sides.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { LinkRows } from '../flows/link-traffic.ts'
import { hostsInTextOrder } from '../flows/text-order.ts'
import { totalsByHost } from '../flows/totals.ts'
import type { LocatedHosts } from '../geo/index.ts'
import { checkPlace, isOriginKnown } from '../geo/light.ts'
import { leastRttByHost } from '../health/host-rtt.ts'
import type { NameResults } from '../names/index.ts'
import { LeafWriter, type TableKind } from '../sqlite/btree-leaves.ts'
import { BulkTable, PageFile, type PageStore } from '../sqlite/btree-writer.ts'
import { rowsOf } from '../sqlite/query.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'
import { RowWriter } from '../sqlite/row-writer.ts'
import type { SqlDatabase } from '../types.ts'
import { FLOW_COLUMNS, type FlowColumn } from './flow-columns.ts'
import { writeMeta } from './meta.ts'
import { PRAGMAS, TABLES } from './schema.ts'
import { TCP_COLUMNS } from './tcp-columns.ts'
import { totalsOf } from './totals.ts'
import type { TableRows, Traffic } from './traffic.ts'

/** Estimated bytes per row, including its share of indexes, interior and other pages. */
const HOST_BYTES = 160
const FLOW_BYTES = 200
const SPARE_BYTES = 1 << 18

/** Fills and closes an empty database. Ids are array indices + 1. SQLite writes all but the large tables (btree-writer.ts). */
export function writeDatabase(database: SqlDatabase, traffic: Traffic, store: PageStore): void {
  database.run(PRAGMAS)
  database.run('BEGIN')
  database.run(TABLES)
  const { pages } = traffic
  writeCaptures(database, traffic.captures)
  writePlaces(database, traffic.located)
  writeNames(database, traffic.names)
  writeIdentities(database, traffic)
  writeLinkTraffic(database, traffic.links)
  writeAlerts(database, traffic.detection)
  writeSums(database, traffic)
  writeMeta(database, traffic)
  database.run('COMMIT')
  const roots = rootPages(database)
  const hostColumns = rowsOf(database, "SELECT name FROM pragma_table_info('hosts') ORDER BY cid").map(String)
  const { hosts, table: conversations } = traffic.flows
  const room =
    bytesOf(pages.activity) +
    bytesOf(pages.retransmissions) +
    bytesOf(pages.packets) +
    hosts.count * HOST_BYTES +
    conversations.count * FLOW_BYTES +
    SPARE_BYTES
  const file = new PageFile(database.export(), store, room)
  database.close()
  const table = (name: string, kind: TableKind) => new BulkTable(file, roots.get(name)!, kind)
  writeHosts(new LeafWriter('rowid', table('hosts', 'rowid')), hostColumns, traffic)
  writeHostIndex(new LeafWriter('withoutRowid', table('sqlite_autoindex_hosts_1', 'withoutRowid')), traffic.flows.hosts)
  writeFlows(new LeafWriter('rowid', table('flows', 'rowid')), traffic)
  writeTcp(new LeafWriter('rowid', table('tcp', 'rowid')), traffic)
  writeRows(table('activity', 'withoutRowid'), pages.activity)
  writeRows(table('retransmissions', 'withoutRowid'), pages.retransmissions)
  writeRows(table('packets', 'rowid'), pages.packets)
  file.finish()
}

const bytesOf = (rows: TableRows): number => (typeof rows === 'function' ? 0 : rows.pages.length)

function writeRows(table: BulkTable, rows: TableRows): void {
  if (typeof rows === 'function') rows(table)
  else table.adopt(rows)
}

function rootPages(database: SqlDatabase): Map<string, number> {
  const statement = database.prepare('SELECT name, rootpage FROM sqlite_schema')
  const roots = new Map<string, number>()
  while (statement.step()) {
    const [name, page] = statement.get() as [string, number]
    roots.set(name, page)
  }
  statement.free()
  return roots
}

function writeCaptures(database: SqlDatabase, captures: CaptureSummary[]): void {
  const rows = new RowWriter(database, 'captures')
  for (const [i, c] of captures.entries()) {
    rows.add({
      id: i + 1,
      file: c.file,
      sha256: c.sha256,
      format: c.format,
      link_types: c.linkTypes.join(),
      packets: c.packets,
      bytes: c.bytes,
      captured_bytes: c.capturedBytes,
      ip_packets: c.ipPackets,
      first_us: c.firstUs,
      last_us: c.lastUs,
      ended_by: c.endedBy,
      warnings: c.warnings.join('\n'),
    })
  }
  rows.finish()
  const skips = new RowWriter(database, 'skipped')
  for (const [i, c] of captures.entries()) for (const { reason, packets } of c.skipped) skips.add({ capture_id: i + 1, reason, packets })
  skips.finish()
}

function writePlaces(database: SqlDatabase, { places }: LocatedHosts): void {
  const rows = new RowWriter(database, 'places')
  for (const [i, p] of places.entries()) {
    rows.add({
      id: i + 1,
      latitude_deg: p.latitudeDeg,
      longitude_deg: p.longitudeDeg,
      accuracy_km: p.accuracyKm,
      city: p.city,
      region: p.region,
      country_code: p.countryCode,
      country: p.country,
      continent_code: p.continentCode,
      time_zone: p.timeZone,
      precision: p.precision,
    })
  }
  rows.finish()
}

type Cell = string | number | null

/** Rows 1 to `count`: cell values by column name, in the order of `columns`; `id` is SQLite's rowid. */
function addRows(rows: LeafWriter, columns: readonly string[], count: number, cells: Record<string, (row: number) => Cell>): void {
  const values = columns.map((name) => cells[name])
  const record = new SqliteRecord()
  for (let row = 0; row < count; row++) {
    record.begin()
    for (let index = 0; index < values.length; index++) record.value(values[index](row))
    record.finish()
    rows.add(record, row + 1)
  }
  rows.finish()
}

function writeHosts(rows: LeafWriter, columns: readonly string[], { flows, located, names, tcp, isFirstClient }: Traffic): void {
  const { hosts } = flows
  const rttUs = leastRttByHost(flows, tcp, isFirstClient)
  const { places, placeOfHost, origin } = located
  const isChecked = isOriginKnown(origin)
  const t = totalsByHost(flows)
  addRows(rows, columns, hosts.count, {
    id: () => null,
    ip: (host) => hosts.ip(host),
    scope: (host) => hosts.scope(host),
    place_id: (host) => (located.placeOfHost[host] < 0 ? null : located.placeOfHost[host] + 1),
    asn: (host) => located.asnOfHost[host] || null,
    as_name: (host) => located.asNameOfHost[host] ?? null,
    first_us: (host) => t.firstUs[host],
    last_us: (host) => t.lastUs[host],
    sent_packets: (host) => t.sentPackets[host],
    received_packets: (host) => t.receivedPackets[host],
    sent_bytes: (host) => t.sentBytes[host],
    received_bytes: (host) => t.receivedBytes[host],
    name: (host) => names.bestOfHost(host)?.name ?? null,
    name_source: (host) => names.bestOfHost(host)?.source ?? null,
    rtt_us: (host) => (rttUs[host] < 0 ? null : rttUs[host]),
    place_check: (host) => (isChecked ? checkPlace(places[placeOfHost[host]] ?? null, origin, rttUs[host]) : null),
  })
}

/** The index of UNIQUE (ip): pages like those of a WITHOUT ROWID table, each address followed by its rowid (file format, 2.4). */
function writeHostIndex(rows: LeafWriter, hosts: HostTable): void {
  const record = new SqliteRecord()
  for (const host of hostsInTextOrder(hosts)) {
    record.begin()
    record.textOrNull(hosts.ip(host))
    record.integer(host + 1)
    record.finish()
    rows.add(record, 0)
  }
  rows.finish()
}

function writeFlows(rows: LeafWriter, { flows, isFirstClient, names }: Traffic): void {
  const columns: readonly FlowColumn[] = FLOW_COLUMNS
  const sides = new FlowSides(flows, isFirstClient)
  const record = new SqliteRecord()
  for (let flow = 0; flow < flows.table.count; flow++) {
    const known = names.ofFlow(flow)
    record.begin()
    record.null() // id
    for (let index = 0; index < columns.length; index++) record.value(columns[index].value(flow, sides, known))
    record.finish()
    rows.add(record, flow + 1)
  }
  rows.finish()
}

function writeTcp(rows: LeafWriter, { flows, isFirstClient, tcp }: Traffic): void {
  const record = new SqliteRecord()
  for (let flow = 0; flow < flows.table.count; flow++) {
    if (!tcp.has(flow)) continue
    const client = isFirstClient[flow] === 1 ? 0 : 1
    record.begin()
    record.null() // flow_id
    for (let index = 0; index < TCP_COLUMNS.length; index++) record.value(TCP_COLUMNS[index].value(tcp, flow, client))
    record.finish()
    rows.add(record, flow + 1)
  }
  rows.finish()
}

function writeNames(database: SqlDatabase, results: NameResults): void {
  const names = new RowWriter(database, 'names')
  for (const { host, name, source, firstUs, count } of results.names)
    names.add({ host_id: host + 1, name, source, first_us: firstUs, count })
  names.finish()
  const software = new RowWriter(database, 'software')
  for (const { host, source, text, firstUs, count } of results.software)
    software.add({ host_id: host + 1, source, text, first_us: firstUs, count })
  software.finish()
  const queries = new RowWriter(database, 'dns_queries')
  for (const [i, q] of results.dnsQueries.entries()) {
    const { name, type, responseCode, answers, answerUs } = q
    queries.add({ id: i + 1, flow_id: q.flow + 1, at_us: q.atUs, name, type, response_code: responseCode, answers, answer_us: answerUs })
  }
  queries.finish()
}

function writeIdentities(database: SqlDatabase, { detection, inputs }: Traffic): void {
  const identities = inputs?.maskAccounts === true ? maskAccounts(detection.identities) : detection.identities
  const rows = new RowWriter(database, 'identities')
  for (const { host, kind, value, source, firstUs, count, flow, frame, capture } of identities) {
    const place = { flow_id: flow === null ? null : flow + 1, frame, capture_id: capture + 1 }
    rows.add({ host_id: host + 1, kind, value, source, first_us: firstUs, count, ...place })
  }
  rows.finish()
}

function writeLinkTraffic(database: SqlDatabase, links: LinkRows): void {
  const rows = new RowWriter(database, 'link_traffic')
  for (const row of links.rows) {
    rows.add({
      source_mac: row.sourceMac,
      destination_mac: row.destinationMac,
      protocol: row.protocol,
      source_vendor: row.sourceVendor,
      destination_vendor: row.destinationVendor,
      packets: row.packets,
      bytes: row.bytes,
      first_us: row.firstUs,
      last_us: row.lastUs,
      frame: row.frame,
      capture_id: row.capture + 1,
      source_addresses: row.sourceAddresses,
    })
  }
  rows.finish()
}

function writeAlerts(database: SqlDatabase, { alerts }: Detection): void {
  const rows = new RowWriter(database, 'alerts')
  const flows = new RowWriter(database, 'alert_flows')
  for (const [i, { rule, finding: f, incident }] of alerts.entries()) {
    rows.add({
      id: i + 1,
      rule: rule.id,
      rule_version: rule.version,
      severity: f.severity,
      severity_reason: f.severityReason,
      title: f.title,
      next_step: f.nextStep,
      first_us: f.firstUs,
      last_us: f.lastUs,
      source_host_id: f.source === null ? null : f.source + 1,
      target_host_id: f.target === null ? null : f.target + 1,
      technique: f.technique ?? rule.technique,
      flows: f.flows.count,
      story_id: incident + 1,
      evidence: JSON.stringify({
        observed: f.observed,
        picture: f.picture,
        ...(f.place && { frame: f.place.frame, capture_id: f.place.capture + 1 }),
      }),
    })
    for (const flow of [...new Set(f.flows.named)].sort((a, b) => a - b)) flows.add({ alert_id: i + 1, flow_id: flow + 1 })
  }
  rows.finish()
  flows.finish()
}

function writeSums(database: SqlDatabase, traffic: Traffic): void {
  const ticks = new RowWriter(database, 'ticks')
  const { numbers, packets, bytes } = traffic.pages.sums
  for (let tick = 0; tick < packets.length; tick++) {
    if (packets[tick] > 0) ticks.add({ tick: numbers === null ? tick : numbers[tick], packets: packets[tick], bytes: bytes[tick] })
  }
  ticks.finish()
  const totals = new RowWriter(database, 'totals')
  for (const { subject, name, countryCode, hosts, flows, packets, bytes } of totalsOf(traffic))
    totals.add({ subject, name, country_code: countryCode, hosts, flows, packets, bytes })
  totals.finish()
}
