// An untrusted report -> rows with hosts, places and ids, for all export formats. A value that is impossible ends the export: a changed report is not exported.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Incident } from '../report/incident.ts'
import { readIncidents } from '../report/incidents.ts'
import { rowsOf } from '../sqlite/query.ts'
import { CHOSEN_KEYS } from '../store/meta-keys.ts'
import { LOCAL_SCOPES, type Scope, type SqlDatabase } from '../types.ts'
import { Cells } from './cells.ts'
import type { ExportAlert, ExportFlow, ExportHost, ExportIdentity, ExportLink, ExportName, ExportPlace, ExportQuestion } from './rows.ts'
import { flowUids } from './uid.ts'

const FLOW_COLUMNS = `f.id, f.transport, f.protocol_number, f.client_host_id, f.client_port, f.server_host_id, f.server_port, f.first_us, f.last_us,
  f.client_packets, f.server_packets, f.client_bytes, f.server_bytes, f.client_tcp_flags, f.server_tcp_flags, f.state, f.application,
  f.application_source, f.server_name, f.server_name_source, f.ja4, f.tunnel, f.community_id`

export class ReportRows {
  readonly programVersion: string
  /** The report's title. */
  readonly name: string
  /** The same for every report of the same captures and packets. */
  readonly id: string
  readonly hosts = new Map<number, ExportHost>()
  /** Times of the timeline, null without packets. */
  readonly firstUs: number | null
  private readonly database: SqlDatabase
  private readonly places = new Map<number, ExportPlace>()
  private readonly uidOf: (flow: number) => Uint8Array

  constructor(database: SqlDatabase) {
    this.database = database
    const meta = new Map(rowsOf(database, 'SELECT key, value FROM meta').map(([key, value]) => [String(key), String(value)]))
    this.programVersion = meta.get('program_version') ?? ''
    const firstUs = meta.get('first_us') ?? ''
    this.firstUs = firstUs === '' ? null : new Cells('meta.first_us', [Number(firstUs)]).time(0)
    this.name = meta.get('report_name') ?? ''
    // A capture is its content, wherever it lies; options that leave packets out make another report of it.
    const captures = rowsOf(database, 'SELECT sha256, file, packets, first_us FROM captures ORDER BY id').map(
      ([sha256, ...rest]) => sha256 ?? rest,
    )
    const identity = JSON.stringify([firstUs, captures, CHOSEN_KEYS.map((key) => meta.get(key) ?? null)])
    this.id = bytesToHex(sha256(utf8ToBytes(identity))).slice(0, 16)
    this.uidOf = flowUids(identity)
    this.readPlaces()
    this.readHosts()
  }

  *flows(): Generator<ExportFlow> {
    for (const cells of this.rows('flows', `SELECT ${FLOW_COLUMNS} FROM flows f ORDER BY f.id`)) yield this.flowOf(cells, 0)
  }

  *questions(): Generator<ExportQuestion> {
    const sql = `SELECT q.id, q.at_us, q.name, q.type, q.response_code, q.answers, q.answer_us, ${FLOW_COLUMNS}
      FROM dns_queries q JOIN flows f ON f.id = q.flow_id ORDER BY q.id`
    for (const cells of this.rows('dns_queries', sql)) {
      const answers = cells.textOrNull(5)
      yield {
        atUs: cells.time(1),
        name: cells.text(2),
        type: cells.text(3),
        responseCode: cells.textOrNull(4),
        answers: answers === null ? null : answers.split(' ').filter((answer) => answer !== ''),
        answerUs: cells.isNull(6) ? null : cells.count(6),
        flow: this.flowOf(cells, 7),
      }
    }
  }

  *alerts(): Generator<ExportAlert> {
    if (!this.hasTable('alerts')) return
    const sql = `SELECT a.id, a.rule, a.rule_version, a.severity, a.severity_reason, a.title, a.next_step, a.first_us, a.last_us, a.source_host_id,
      a.target_host_id, a.technique, a.flows, ${FLOW_COLUMNS}
      FROM alerts a LEFT JOIN flows f ON f.id = (SELECT min(flow_id) FROM alert_flows WHERE alert_id = a.id) ORDER BY a.id`
    for (const cells of this.rows('alerts', sql)) {
      yield {
        id: cells.count(0),
        rule: cells.text(1),
        ruleVersion: cells.count(2),
        severity: cells.text(3),
        severityReason: cells.text(4),
        title: cells.text(5),
        nextStep: cells.text(6),
        firstUs: cells.time(7),
        lastUs: cells.time(8),
        source: cells.isNull(9) ? null : this.host(cells, 9),
        target: cells.isNull(10) ? null : this.host(cells, 10),
        technique: cells.textOrNull(11),
        flows: cells.count(12),
        firstFlow: cells.isNull(13) ? null : this.flowOf(cells, 13),
      }
    }
  }

  incidents(): Incident[] {
    if (!this.hasTable('alerts')) return []
    const incidents = readIncidents(this.database)
    for (const { id, firstUs, lastUs, steps } of incidents)
      new Cells('alerts', [id, firstUs, lastUs, ...steps.map((step) => step.firstUs)]).times()
    return incidents
  }

  *names(): Generator<ExportName> {
    if (!this.hasTable('names')) return
    let last = 0
    for (const cells of this.cells('names', 'SELECT host_id, name, source, first_us, count FROM names ORDER BY host_id, name, source')) {
      if (cells.count(0) < last) throw cells.wrong('its rows are not in order')
      last = cells.count(0)
      yield { host: this.host(cells, 0), name: cells.text(1), source: cells.text(2), firstUs: cells.time(3), count: cells.count(4) }
    }
  }

  *identities(): Generator<ExportIdentity> {
    if (!this.hasTable('identities')) return
    const sql = 'SELECT host_id, kind, value, source, first_us, count FROM identities ORDER BY host_id, kind, value, source'
    let last = 0
    for (const cells of this.cells('identities', sql)) {
      if (cells.count(0) < last) throw cells.wrong('its rows are not in order')
      last = cells.count(0)
      yield {
        host: this.host(cells, 0),
        kind: cells.text(1),
        value: cells.text(2),
        source: cells.text(3),
        firstUs: cells.time(4),
        count: cells.count(5),
      }
    }
  }

  *links(): Generator<ExportLink> {
    if (!this.hasTable('link_traffic')) return
    const sql = `SELECT source_mac, destination_mac, protocol, source_vendor, destination_vendor, packets, bytes, first_us, last_us, frame,
      source_addresses FROM link_traffic ORDER BY source_mac, destination_mac, protocol`
    let last = ''
    for (const cells of this.cells('link_traffic', sql)) {
      const key = [0, 1, 2].map((at) => cells.text(at)).join('\0')
      if (key <= last) throw cells.wrong('its rows are not in order')
      last = key
      yield {
        sourceMac: cells.text(0),
        destinationMac: cells.text(1),
        protocol: cells.text(2),
        sourceVendor: cells.textOrNull(3),
        destinationVendor: cells.textOrNull(4),
        packets: cells.count(5),
        bytes: cells.count(6),
        firstUs: cells.time(7),
        lastUs: cells.time(8),
        frame: cells.count(9),
        sourceAddresses: cells.textOrNull(10),
      }
    }
  }

  /** Ids of the conversations of findings; at most 1,000 a finding are listed. */
  flowsWithAlerts(): Set<number> {
    return new Set(this.hasTable('alert_flows') ? rowsOf(this.database, 'SELECT flow_id FROM alert_flows').map(([id]) => Number(id)) : [])
  }

  /** By client: the one program whose name it gave in every HTTP conversation; hosts with several, or with unnamed ones, are not in it. */
  userAgents(): Map<number, string> {
    if (!this.hasTable('software')) return new Map()
    const rows = rowsOf(
      this.database,
      `SELECT host_id, text FROM software JOIN (SELECT client_host_id, count(*) AS flows FROM flows WHERE application = 'http' GROUP BY client_host_id)
         ON client_host_id = host_id
       WHERE source = 'http' GROUP BY host_id HAVING count(*) = 1 AND sum(count) = max(flows)`,
    )
    return new Map(rows.map(([host, text]) => [Number(host), String(text)]))
  }

  private hasTable(name: string): boolean {
    return rowsOf(this.database, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND lower(name) = ?", [name]).length > 0
  }

  /** Rows whose first column is an id that grows: pages that form a loop would repeat ids without end. */
  private *rows(table: string, sql: string): Generator<Cells> {
    let last = -1
    for (const cells of this.cells(table, sql)) {
      const id = cells.count(0)
      if (id <= last) throw cells.wrong('its rows are not in order')
      last = id
      yield cells
    }
  }

  private *cells(table: string, sql: string): Generator<Cells> {
    const statement = this.database.prepare(sql)
    try {
      while (statement.step()) yield new Cells(table, statement.get())
    } finally {
      statement.free()
    }
  }

  private readPlaces(): void {
    const sql = `SELECT id, latitude_deg, longitude_deg, city, region, country_code, country, continent_code, time_zone, precision FROM places ORDER BY id`
    for (const cells of this.rows('places', sql)) {
      this.places.set(cells.count(0), {
        id: cells.count(0),
        latitudeDeg: cells.degrees(1, 90),
        longitudeDeg: cells.degrees(2, 180),
        city: cells.textOrNull(3),
        region: cells.textOrNull(4),
        countryCode: cells.textOrNull(5),
        country: cells.textOrNull(6),
        continentCode: cells.textOrNull(7),
        timeZone: cells.textOrNull(8),
        precision: cells.text(9),
      })
    }
  }

  private readHosts(): void {
    const sql = `SELECT id, ip, scope, place_id, asn, as_name, name, first_us, last_us, sent_packets, received_packets, sent_bytes, received_bytes
      FROM hosts ORDER BY id`
    for (const cells of this.rows('hosts', sql)) {
      const ip = cells.text(1)
      const scope = cells.text(2)
      this.hosts.set(cells.count(0), {
        id: cells.count(0),
        ip,
        address: ip === '0.0.0.0/0' || ip === '::/0' ? ip.slice(0, -2) : ip,
        scope,
        isLocal: LOCAL_SCOPES.has(scope as Scope),
        place: cells.isNull(3) ? null : (this.places.get(cells.count(3)) ?? null),
        asn: cells.isNull(4) ? null : cells.count(4),
        asName: cells.textOrNull(5),
        name: cells.textOrNull(6),
        firstUs: cells.time(7),
        lastUs: cells.time(8),
        sentPackets: cells.count(9),
        receivedPackets: cells.count(10),
        sentBytes: cells.count(11),
        receivedBytes: cells.count(12),
      })
    }
  }

  private host(cells: Cells, at: number): ExportHost {
    const host = this.hosts.get(cells.count(at))
    if (host === undefined) throw cells.wrong('its host is missing')
    return host
  }

  private flowOf(cells: Cells, at: number): ExportFlow {
    const port = (column: number) => (cells.isNull(at + column) ? null : cells.port(at + column))
    const id = cells.count(at)
    const flow = {
      id,
      uid: this.uidOf(id),
      transport: cells.text(at + 1),
      protocol: cells.count(at + 2),
      client: this.host(cells, at + 3),
      clientPort: port(4),
      server: this.host(cells, at + 5),
      serverPort: port(6),
      firstUs: cells.time(at + 7),
      lastUs: cells.time(at + 8),
      clientPackets: cells.count(at + 9),
      serverPackets: cells.count(at + 10),
      clientBytes: cells.count(at + 11),
      serverBytes: cells.count(at + 12),
      clientFlags: cells.count(at + 13),
      serverFlags: cells.count(at + 14),
      state: cells.text(at + 15),
      application: cells.textOrNull(at + 16),
      applicationSource: cells.textOrNull(at + 17),
      serverName: cells.textOrNull(at + 18),
      serverNameSource: cells.textOrNull(at + 19),
      ja4: cells.textOrNull(at + 20),
      tunnel: cells.textOrNull(at + 21),
      communityId: cells.textOrNull(at + 22),
    }
    if (flow.lastUs < flow.firstUs) throw cells.wrong('it ends before it begins')
    return flow
  }
}
