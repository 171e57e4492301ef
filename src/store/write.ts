// All that was found -> traffic.sqlite: one transaction, tables in the order of schema.ts, rows in the order of their keys.
import type { CaptureSummary } from '../capture/coverage.ts'
import { transportName } from '../decode/codes.ts'
import { describeTunnel } from '../decode/tunnel.ts'
import type { Detection } from '../detect/index.ts'
import type { HostTable } from '../flows/hosts.ts'
import { totalsByHost } from '../flows/totals.ts'
import type { LocatedHosts } from '../geo/index.ts'
import type { NameResults } from '../names/index.ts'
import { LeafWriter, type TableKind } from '../sqlite/btree-leaves.ts'
import { BulkTable, type OnFinal, PageFile } from '../sqlite/btree-writer.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'
import { RowWriter } from '../sqlite/row-writer.ts'
import type { SqlDatabase } from '../types.ts'
import { type LimitKey, type MetaKey, PRAGMAS, TABLES } from './schema.ts'
import { totalsOf } from './totals.ts'
import type { Traffic } from './traffic.ts'

type MetaValue = string | number | null

/** Estimates of what a row and its share of other pages take, and of interior pages. */
const HOST_BYTES = 160
const FLOW_BYTES = 200
const SPARE_BYTES = 1 << 18

/**
 * Fills an empty database, closes it and answers the file. Ids in the file count from 1, so they are the tables' indices + 1.
 * SQLite writes all but the four large tables (btree-writer.ts).
 */
export function writeDatabase(database: SqlDatabase, traffic: Traffic, onFinal?: OnFinal): Uint8Array {
  database.run(PRAGMAS)
  database.run('BEGIN')
  database.run(TABLES)
  const { pages } = traffic
  writeCaptures(database, traffic.captures)
  writePlaces(database, traffic.located)
  writeNames(database, traffic.names)
  writeAlerts(database, traffic.detection)
  writeSums(database, traffic)
  writeMeta(database, traffic)
  database.run('COMMIT')
  const roots = rootPages(database)
  const { hosts, table: conversations } = traffic.flows
  const room =
    pages.activity.pages.length + pages.packets.pages.length + hosts.count * HOST_BYTES + conversations.count * FLOW_BYTES + SPARE_BYTES
  const file = new PageFile(database.export(), room, onFinal)
  database.close()
  const table = (name: string, kind: TableKind) => new BulkTable(file, roots.get(name)!, kind)
  writeHosts(new LeafWriter('rowid', table('hosts', 'rowid')), traffic)
  writeHostIndex(new LeafWriter('withoutRowid', table('sqlite_autoindex_hosts_1', 'withoutRowid')), traffic.flows.hosts)
  writeFlows(new LeafWriter('rowid', table('flows', 'rowid')), traffic)
  table('activity', 'withoutRowid').adopt(pages.activity)
  table('packets', 'rowid').adopt(pages.packets)
  return file.finish()
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

function writeHosts(rows: LeafWriter, { flows, located, names }: Traffic): void {
  const { hosts } = flows
  const t = totalsByHost(flows)
  const record = new SqliteRecord()
  for (let host = 0; host < hosts.count; host++) {
    const place = located.placeOfHost[host]
    record.begin()
    record.null() // id
    record.textOrNull(hosts.ip(host))
    record.textOrNull(hosts.scope(host))
    record.integerOrNull(place < 0 ? null : place + 1)
    record.integerOrNull(located.asnOfHost[host] || null)
    record.textOrNull(located.asNameOfHost[host] ?? null)
    record.integer(t.firstUs[host])
    record.integer(t.lastUs[host])
    record.integer(t.sentPackets[host])
    record.integer(t.receivedPackets[host])
    record.integer(t.sentBytes[host])
    record.integer(t.receivedBytes[host])
    const best = names.bestOfHost(host)
    record.textOrNull(best?.name ?? null)
    record.textOrNull(best?.source ?? null)
    record.finish()
    rows.add(record, host + 1)
  }
  rows.finish()
}

/** The index behind UNIQUE (ip): pages like those of a table without rowid, each address followed by its row (file format, 2.4). */
function writeHostIndex(rows: LeafWriter, hosts: HostTable): void {
  // Sorted as texts with the id behind them: a space is less than anything in an address, so the shorter of two comes first, as SQLite wants it.
  const keys = Array.from({ length: hosts.count }, (_, host) => `${hosts.ip(host)} ${host + 1}`).sort()
  const record = new SqliteRecord()
  for (const key of keys) {
    const space = key.indexOf(' ')
    record.begin()
    record.textOrNull(key.slice(0, space))
    record.integer(Number(key.slice(space + 1)))
    record.finish()
    rows.add(record, 0)
  }
  rows.finish()
}

function writeFlows(rows: LeafWriter, { flows, isFirstClient, names }: Traffic): void {
  const t = flows.table
  const record = new SqliteRecord()
  for (let flow = 0; flow < t.count; flow++) {
    const isForward = isFirstClient[flow] === 1
    const clientPort = isForward ? t.firstPort(flow) : t.otherPort(flow)
    const serverPort = isForward ? t.otherPort(flow) : t.firstPort(flow)
    record.begin()
    record.null() // id
    record.textOrNull(transportName(t.protocol(flow)))
    record.integer(t.protocol(flow))
    record.integer((isForward ? t.firstHost(flow) : t.otherHost(flow)) + 1)
    record.integerOrNull(clientPort < 0 ? null : clientPort)
    record.integer((isForward ? t.otherHost(flow) : t.firstHost(flow)) + 1)
    record.integerOrNull(serverPort < 0 ? null : serverPort)
    record.integer(t.startUs(flow))
    record.integer(t.endUs(flow))
    record.integer(isForward ? t.forwardPackets(flow) : t.backwardPackets(flow))
    record.integer(isForward ? t.backwardPackets(flow) : t.forwardPackets(flow))
    record.integer(isForward ? t.forwardBytes(flow) : t.backwardBytes(flow))
    record.integer(isForward ? t.backwardBytes(flow) : t.forwardBytes(flow))
    record.integer(isForward ? t.forwardFlags(flow) : t.backwardFlags(flow))
    record.integer(isForward ? t.backwardFlags(flow) : t.forwardFlags(flow))
    record.textOrNull(flows.state(flow, isForward))
    const { application, applicationSource, serverName, serverNameSource, ja4 } = names.ofFlow(flow)
    record.textOrNull(application)
    record.textOrNull(applicationSource)
    record.textOrNull(serverName)
    record.textOrNull(serverNameSource)
    record.textOrNull(ja4)
    record.textOrNull(describeTunnel(t.tunnel(flow)))
    record.finish()
    rows.add(record, flow + 1)
  }
  rows.finish()
}

function writeNames(database: SqlDatabase, results: NameResults): void {
  const names = new RowWriter(database, 'names', ['host_id', 'name', 'source', 'first_us', 'count'])
  for (const n of results.names) names.add(n.host + 1, n.name, n.source, n.firstUs, n.count)
  names.finish()
  const software = new RowWriter(database, 'software', ['host_id', 'source', 'text', 'first_us', 'count'])
  for (const s of results.software) software.add(s.host + 1, s.source, s.text, s.firstUs, s.count)
  software.finish()
  const queries = new RowWriter(database, 'dns_queries', ['id', 'flow_id', 'at_us', 'name', 'type', 'response_code', 'answers'])
  for (const [i, q] of results.dnsQueries.entries()) queries.add(i + 1, q.flow + 1, q.atUs, q.name, q.type, q.responseCode, q.answers)
  queries.finish()
}

function writeAlerts(database: SqlDatabase, { alerts }: Detection): void {
  const rows = new RowWriter(database, 'alerts', [
    ...['id', 'rule', 'rule_version', 'severity', 'severity_reason', 'title', 'next_step', 'first_us', 'last_us'],
    ...['source_host_id', 'target_host_id', 'technique', 'flows', 'story_id', 'evidence'],
  ])
  const flows = new RowWriter(database, 'alert_flows', ['alert_id', 'flow_id'])
  for (const [i, { rule, finding: f, story }] of alerts.entries()) {
    const ends = [f.source === null ? null : f.source + 1, f.target === null ? null : f.target + 1]
    const evidence = JSON.stringify({ observed: f.observed, picture: f.picture })
    const texts = [f.severity, f.severityReason, f.title, f.nextStep]
    const technique = f.technique ?? rule.technique
    rows.add(i + 1, rule.id, rule.version, ...texts, f.firstUs, f.lastUs, ...ends, technique, f.flows.count, story + 1, evidence)
    for (const flow of [...new Set(f.flows.named)].sort((a, b) => a - b)) flows.add(i + 1, flow + 1)
  }
  rows.finish()
  flows.finish()
}

function writeSums(database: SqlDatabase, traffic: Traffic): void {
  const ticks = new RowWriter(database, 'ticks', ['tick', 'packets', 'bytes'])
  const { numbers, packets, bytes } = traffic.pages.sums
  for (let tick = 0; tick < packets.length; tick++) {
    if (packets[tick] > 0) ticks.add(numbers === null ? tick : numbers[tick], packets[tick], bytes[tick])
  }
  ticks.finish()
  const totals = new RowWriter(database, 'totals', ['subject', 'name', 'country_code', 'hosts', 'flows', 'packets', 'bytes'])
  for (const t of totalsOf(traffic)) totals.add(t.subject, t.name, t.countryCode, t.hosts, t.flows, t.packets, t.bytes)
  totals.finish()
}

function writeMeta(database: SqlDatabase, traffic: Traffic): void {
  const { captures, flows, located, geoSource, detection, pages, inputs } = traffic
  const sum = (pick: (capture: CaptureSummary) => number) => captures.reduce((total, capture) => total + pick(capture), 0)
  const hasTicks = pages.ticks > 0
  const lastUs = captures.reduce((last, capture) => Math.max(last, capture.lastUs ?? last), Number.NEGATIVE_INFINITY)
  const values: Record<Exclude<MetaKey, LimitKey>, MetaValue> & Partial<Record<LimitKey, MetaValue>> = {
    program: 'rtnvis',
    program_version: traffic.programVersion,
    report_name: traffic.reportName,
    first_us: hasTicks ? pages.firstUs : null,
    last_us: Number.isFinite(lastUs) ? lastUs : null,
    main_first_us: hasTicks ? (pages.main?.fromUs ?? pages.firstUs) : null,
    main_last_us: Number.isFinite(lastUs) ? Math.min(pages.main?.toUs ?? lastUs, lastUs) : null,
    tick_us: pages.tickUs,
    ticks: pages.ticks,
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
    kernel_drops: traffic.drops?.kernel ?? droppedOf(captures),
    queue_drops: traffic.drops?.queue ?? null,
    drops_estimated: traffic.drops === undefined ? null : Number(traffic.drops.isEstimate),
    names_left_out: traffic.names.leftOut.names,
    dns_queries_left_out: traffic.names.leftOut.dnsQueries,
    software_left_out: traffic.names.leftOut.software,
    observations_left_out: detection.observationsLeftOut,
    ...(flows.aggregates.packets > 0 && {
      flows_limit: flows.aggregates.limit,
      aggregated_flows: flows.aggregates.rows,
      aggregated_packets: flows.aggregates.packets,
    }),
    rules_version: detection.rulesVersion,
    rules_off: detection.off.join(' '),
    findings_suppressed: JSON.stringify(detection.suppressed),
    report_name_option: inputs?.name ?? null,
    origin_option: inputs?.origin ?? null,
    max_packets: inputs === undefined ? null : Number.isFinite(inputs.maxPackets) ? inputs.maxPackets : 'all',
    pages: inputs?.pages ?? null,
    rules_file: inputs?.rules?.file ?? null,
    rules_sha256: inputs?.rules?.sha256 ?? null,
    baseline_file: inputs?.baseline?.file ?? null,
    baseline_sha256: inputs?.baseline?.sha256 ?? null,
    blocklists: JSON.stringify(inputs?.blocklists ?? []),
    geoip_files: JSON.stringify(geoSource?.files ?? []),
  }
  const rows = new RowWriter(database, 'meta', ['key', 'value'])
  for (const key of Object.keys(values).sort() as MetaKey[]) rows.add(key, String(values[key] ?? ''))
  rows.finish()
}

/** Packets that capture files say are missing in them; null where none says. */
function droppedOf(captures: CaptureSummary[]): number | null {
  return captures.reduce<number | null>((sum, { dropped }) => (dropped == null ? sum : (sum ?? 0) + dropped), null)
}
