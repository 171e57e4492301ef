// The tables that SQLite writes itself, row by row: captures, places, names, findings, sums. All but the large ones, which write.ts makes.
import type { CaptureSummary } from '../capture/coverage.ts'
import { maskAccounts } from '../detect/identities/mask.ts'
import type { Detection } from '../detect/index.ts'
import type { LinkRows } from '../flows/link-traffic.ts'
import type { LocatedHosts } from '../geo/index.ts'
import type { NameResults } from '../names/index.ts'
import { RowWriter } from '../sqlite/row-writer.ts'
import type { SqlDatabase } from '../types.ts'
import { keepsObservations, writeObservations } from './observations.ts'
import { totalsOf } from './totals.ts'
import type { Traffic } from './traffic.ts'

export function writeSmallTables(database: SqlDatabase, traffic: Traffic): void {
  writeCaptures(database, traffic.captures)
  writePlaces(database, traffic.located)
  writeNames(database, traffic.names)
  writeIdentities(database, traffic)
  if (keepsObservations(traffic)) writeObservations(database, traffic.observations)
  writeLinkTraffic(database, traffic.links)
  writeAlerts(database, traffic.detection)
  writeSums(database, traffic)
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
