// A database made row by row with the project's own DDL, for tests of what reads it.
import initSqlJs, { type Database, type SqlValue } from 'sql.js'
import { PRAGMAS, TABLES } from '../../src/store/schema.ts'

/** Rows by table; columns left out take their null or the value in DEFAULTS. */
export type Rows = Record<string, Record<string, SqlValue>[]>

const DEFAULTS: Record<string, Record<string, SqlValue>> = {
  captures: { format: 'pcap', link_types: '1', captured_bytes: 0, ended_by: 'end of file', warnings: '' },
  hosts: { first_us: 0, last_us: 0, sent_packets: 0, received_packets: 0, sent_bytes: 0, received_bytes: 0 },
  flows: {
    transport: 'tcp',
    protocol_number: 6,
    first_us: 0,
    last_us: 0,
    client_packets: 0,
    server_packets: 0,
    client_bytes: 0,
    server_bytes: 0,
    client_tcp_flags: 0,
    server_tcp_flags: 0,
    state: 'SF',
  },
  activity: { client_packets: 0, server_packets: 0, client_bytes: 0, server_bytes: 0 },
  names: { first_us: 0, count: 1 },
  alerts: { rule_version: 1, severity_reason: '', next_step: '', first_us: 0, last_us: 0, flows: 1, story_id: 1, evidence: '{}' },
}

export async function makeDatabase(rows: Rows, meta: Record<string, string>): Promise<Database> {
  const db = new (await initSqlJs()).Database()
  db.run(PRAGMAS)
  db.run(TABLES)
  for (const [table, list] of Object.entries({ ...rows, meta: Object.entries(meta).map(([key, value]) => ({ key, value })) })) {
    for (const given of list) {
      const row = { ...DEFAULTS[table], ...given }
      const columns = Object.keys(row)
      db.run(`INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`, Object.values(row))
    }
  }
  return db
}

/** A second past noon on 2026-09-18, UTC. */
export const FIRST_US = 1_789_732_801_000_000

/** Where the places of a report are from. */
export const PLACES_META = {
  origin_name: 'Nairobi, Kenya',
  origin_latitude_deg: '-1.286389',
  origin_longitude_deg: '36.817223',
  origin_source: 'default',
  geoip_database: 'GeoLite2-City',
  geoip_build_date: '2026-09-01',
  geoip_attribution: 'This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.',
  asn_database: '',
  asn_build_date: '',
}

const META = {
  program: 'rtnvis',
  program_version: '0.1.0',
  report_name: 'office',
  first_us: String(FIRST_US),
  last_us: String(FIRST_US + 9_500_000),
  tick_us: '1000000',
  ticks: '10',
  packets: '110',
  packets_kept: '100',
  ip_packets: '100',
  bytes: '100600',
  flows: '5',
  hosts: '6',
  public_hosts: '4',
  located_hosts: '3',
  ...PLACES_META,
}

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Six hosts: one private, two in Germany, one in France, one public and not located, one multicast. Five conversations: private to each of the
 * others but the second German (1,000, 59,000, 30,000 and 2,000 bytes), and 8,000 bytes from the first German to the second.
 * `hostile` replaces every text that may come from a network.
 */
export function officeRows(hostile?: string): Rows {
  const text = (plain: string) => hostile ?? plain
  return {
    captures: [
      {
        id: 1,
        file: text('office.pcap'),
        sha256: SHA256,
        packets: 110,
        bytes: 100600,
        captured_bytes: 90000,
        ip_packets: 100,
        first_us: FIRST_US,
        last_us: FIRST_US + 9_500_000,
        ended_by: text('a record cut short at byte 91234'),
        warnings: text('time goes backwards 2 times\n3 packets were cut by the snapshot length'),
      },
    ],
    skipped: [
      { capture_id: 1, reason: text('not IP: ARP'), packets: 9 },
      { capture_id: 1, reason: 'truncated', packets: 1 },
    ],
    places: [
      { id: 1, latitude_deg: -1.286389, longitude_deg: 36.817223, city: 'Nairobi, Kenya', precision: 'origin' },
      { id: 2, latitude_deg: 52.52, longitude_deg: 13.4, city: text('Berlin'), country: 'Germany', country_code: 'DE', precision: 'city' },
      { id: 3, latitude_deg: 51.3, longitude_deg: 9.5, country: 'Germany', country_code: 'DE', precision: 'country' },
      { id: 4, latitude_deg: 48.85, longitude_deg: 2.35, city: 'Paris', country: text('France'), country_code: 'FR', precision: 'city' },
    ],
    hosts: [
      {
        id: 1,
        ip: '10.0.0.1',
        scope: 'private',
        place_id: 1,
        sent_packets: 40,
        received_packets: 40,
        sent_bytes: 12000,
        received_bytes: 80000,
      },
      {
        id: 2,
        ip: '91.1.1.1',
        scope: 'public',
        place_id: 2,
        asn: 3320,
        as_name: text('DTAG'),
        sent_packets: 5,
        sent_bytes: 8000,
        received_bytes: 1000,
      },
      { id: 3, ip: '91.1.1.2', scope: 'public', place_id: 3, received_packets: 5, received_bytes: 8000 },
      {
        id: 4,
        ip: '92.1.1.1',
        scope: 'public',
        place_id: 4,
        sent_packets: 30,
        received_packets: 20,
        sent_bytes: 50000,
        received_bytes: 9000,
        name: text('www.example.fr'),
        name_source: 'tls',
      },
      {
        ...{ id: 5, ip: '2a00::5', scope: 'public', name: text('lost.example'), name_source: 'mdns' },
        ...{ sent_packets: 20, received_packets: 10, sent_bytes: 29000, received_bytes: 1000 },
      },
      { id: 6, ip: '239.255.255.250', scope: 'multicast', received_packets: 5, received_bytes: 2000 },
    ],
    names: [
      { host_id: 4, name: 'dns-name.example', source: 'dns', count: 90 },
      { host_id: 4, name: text('www.example.fr'), source: 'tls', count: 2 },
      { host_id: 4, name: 'rare.example', source: 'tls', count: 1 },
      { host_id: 5, name: text('lost.example'), source: 'mdns', count: 1 },
    ],
    flows: [
      { id: 1, client_host_id: 1, server_host_id: 2, client_packets: 5, client_bytes: 1000, application: 'tls' },
      {
        id: 2,
        client_host_id: 1,
        server_host_id: 4,
        client_packets: 20,
        server_packets: 30,
        client_bytes: 9000,
        server_bytes: 50000,
        application: 'tls',
      },
      {
        id: 3,
        client_host_id: 1,
        server_host_id: 5,
        client_packets: 10,
        server_packets: 20,
        client_bytes: 1000,
        server_bytes: 29000,
        application: text('http'),
      },
      {
        id: 4,
        client_host_id: 1,
        server_host_id: 6,
        transport: 'udp',
        protocol_number: 17,
        client_packets: 5,
        client_bytes: 2000,
        state: 'S0',
      },
      { id: 5, client_host_id: 2, server_host_id: 3, client_packets: 5, client_bytes: 8000, server_packets: 5, server_bytes: 0 },
    ],
    activity: [
      { tick: 0, flow_id: 1, client_packets: 5, client_bytes: 1000 },
      { tick: 0, flow_id: 2, client_packets: 20, client_bytes: 9000, server_packets: 10, server_bytes: 20000 },
      { tick: 9, flow_id: 2, server_packets: 20, server_bytes: 30000 },
    ],
    ticks: [
      { tick: 0, packets: 35, bytes: 30000 },
      { tick: 9, packets: 20, bytes: 30000 },
    ],
    totals: [
      { subject: 'origin', hosts: 1, flows: 4, packets: 90, bytes: 92000 },
      { subject: 'country', name: 'Germany', country_code: 'DE', hosts: 2, flows: 2, packets: 15, bytes: 9000 },
      { subject: 'country', name: text('France'), country_code: 'FR', hosts: 1, flows: 1, packets: 50, bytes: 59000 },
      { subject: 'unlocated', hosts: 1, flows: 1, packets: 30, bytes: 30000 },
      { subject: 'none', hosts: 1, flows: 1, packets: 5, bytes: 2000 },
      { subject: 'application', name: 'tls', flows: 2, packets: 55, bytes: 60000 },
      { subject: 'application', name: text('http'), flows: 1, packets: 30, bytes: 30000 },
      { subject: 'application', flows: 2, packets: 15, bytes: 10000 },
      { subject: 'transport', name: 'udp', flows: 1, packets: 5, bytes: 2000 },
      { subject: 'transport', name: 'tcp', flows: 4, packets: 95, bytes: 98000 },
    ],
    alerts: [
      {
        id: 3,
        rule: 'beacon',
        severity: 'low',
        title: text('Regular connections'),
        first_us: FIRST_US,
        source_host_id: 1,
        target_host_id: 4,
        next_step: text('Find the program'),
        flows: 12,
        story_id: 1,
        evidence: JSON.stringify({ observed: [{ name: 'contacts', value: 12, unit: text('1/h'), threshold: 6 }], picture: null }),
      },
      {
        id: 2,
        rule: 'scan',
        severity: 'high',
        title: text('Port scan'),
        first_us: FIRST_US + 5,
        source_host_id: 2,
        technique: text('T1046'),
        story_id: 2,
      },
      { id: 1, rule: 'scan', severity: 'high', title: 'Earlier scan', first_us: FIRST_US + 1, source_host_id: 3, story_id: 1 },
    ],
  }
}

/** The office's database. */
export function makeOffice(hostile?: string): Promise<Database> {
  const named = hostile === undefined ? META : { ...META, report_name: hostile, origin_name: hostile }
  return makeDatabase(officeRows(hostile), named)
}

/** A valid capture without packets, analysed without a geolocation database. */
export function makeEmpty(): Promise<Database> {
  const zeros = Object.fromEntries(
    ['packets', 'packets_kept', 'ip_packets', 'bytes', 'flows', 'hosts', 'public_hosts', 'located_hosts', 'ticks'].map((key) => [key, '0']),
  )
  const capture = { id: 1, file: 'empty.pcap', sha256: SHA256, packets: 0, bytes: 0, ip_packets: 0 }
  const unknown = { first_us: '', last_us: '', geoip_database: '', geoip_build_date: '', geoip_attribution: '' }
  return makeDatabase({ captures: [capture] }, { ...META, ...zeros, ...unknown, report_name: 'empty' })
}
