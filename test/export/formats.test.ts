// Reports -> files for other programs: lines worked out by hand, sums against SQL, hostile texts and hostile databases.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { FORMAT_NAMES, type TextFormatName } from '../../src/export/format-names.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { address, ethernet, icmp, icmpv6, ipv4, ipv6, u32 } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { endlessPages } from '../support/hostile-databases.ts'
import { changed, exported, open } from './exported.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

const TEXT_NAMES = FORMAT_NAMES.filter((name): name is TextFormatName => name !== 'parquet')

let sample: SqlDatabase
let demo: SqlDatabase

beforeAll(async () => {
  sample = await open(await makeFilterDatabase())
  demo = await analyzeBytes(readFileSync(DEMO))
})

const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** A reader of Zeek's logs: names from #fields, `-` unset, \xHH for a byte. */
function zeekRows(text: string): Record<string, string | null>[] {
  const lines = text.trimEnd().split('\n')
  const of = (key: string) =>
    lines
      .find((line) => line.startsWith(`#${key}\t`))!
      .split('\t')
      .slice(1)
  const names = of('fields')
  expect(of('types')).toHaveLength(names.length)
  const plain = (cell: string) =>
    Buffer.from(
      Buffer.from(cell)
        .toString('latin1')
        .replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString()
  return lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const cells = line.split('\t')
      expect(cells).toHaveLength(names.length)
      return Object.fromEntries(names.map((name, i) => [name, cells[i] === '-' ? null : cells[i] === '(empty)' ? '' : plain(cells[i])]))
    })
}

describe("Zeek's logs", () => {
  it('begin as Zeek begins them, with its fields of conn.log in its order', () => {
    const lines = exported(sample, 'zeek')['conn.log'].split('\n')
    expect(lines.slice(0, 6)).toEqual([
      '#separator \\x09',
      '#set_separator\t,',
      '#empty_field\t(empty)',
      '#unset_field\t-',
      '#path\tconn',
      '#open\t2026-03-02-10-00-00',
    ])
    expect(lines[6]).toBe(
      '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\t' +
        'local_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\tip_proto\tcommunity_id',
    )
    expect(lines[7]).toBe(
      '#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\t' +
        'count\tset[string]\tcount\tstring',
    )
    const [, uid] = lines[9].split('\t')
    expect(uid).toMatch(/^C[0-9A-Za-z]{17}$/)
    expect(lines[9].replace(uid, 'UID')).toBe(
      '1772445610.000000\tUID\t192.168.1.10\t50001\t198.41.0.4\t53\tudp\t-\t-\t-\t-\tSF\tT\tF\t-\t-\t1\t100\t1\t300\t-\t17\t1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    )
  })

  it('have questions with numbers of type and code, and findings as notices', () => {
    const files = exported(sample, 'zeek')
    const [answered, missing] = zeekRows(files['dns.log'])
    expect(answered).toMatchObject({
      query: 'www.example.org',
      qtype: '1',
      qtype_name: 'A',
      rcode: '0',
      rcode_name: 'NOERROR',
      answers: '203.0.114.5',
      rtt: '0.012000',
    })
    expect(missing).toMatchObject({ query: 'gone.example.net', rcode: '3', rcode_name: 'NXDOMAIN', answers: null })
    expect(answered.uid).toBe(zeekRows(files['conn.log'])[1].uid)
    expect(zeekRows(files['notice.log'])[0]).toMatchObject({
      note: 'Rtnvis::Brute_Force',
      src: '200.160.2.3',
      dst: '192.168.1.20',
      n: '1',
      sub: 'high T1110',
    })
  })

  it('carry a text from the network as one cell, whatever is in it', async () => {
    const texts = ['a\tb\nc\\x41', '-', '(empty)', 'x,y', 'é\u0085', '']
    for (const text of texts) {
      const database = await changed(`UPDATE dns_queries SET name = '${text}', answers = 'r,1 -' WHERE id = 1`)
      const [row] = zeekRows(exported(database, 'zeek')['dns.log'])
      expect(row.query).toBe(text)
      expect(row.answers).toBe('r,1,-')
      expect(exported(database, 'zeek')['dns.log']).toContain('\tr\\x2c1,\\x2d\t')
    }
  })

  it('are the same in JSON', () => {
    const json = objects(exported(sample, 'zeek', true)['conn.log'])
    expect(json[1]).toMatchObject({ ts: 1_772_445_610, 'id.orig_h': '192.168.1.10', 'id.orig_p': 50_001, local_orig: true, orig_pkts: 1 })
    expect(json[1]).not.toHaveProperty('history')
    expect(json.map(({ uid }) => uid)).toEqual(zeekRows(exported(sample, 'zeek')['conn.log']).map(({ uid }) => uid))
  })

  it('name a user agent only where it was that of all conversations', () => {
    const rows = zeekRows(exported(demo, 'zeek')['http.log'])
    expect(rows.map(({ host }) => host)).toContain('mirror.ng.freepkg.example.org')
    expect(rows.find(({ host }) => host === 'mirror.ng.freepkg.example.org')!.user_agent).toBe('browser/1.0')
  })
})

describe('every format', () => {
  it('has all conversations, packets and bytes of the report', () => {
    const [[flows, packets, bytes]] = rowsOf(
      demo,
      'SELECT count(*), sum(client_packets + server_packets), sum(client_bytes + server_bytes) FROM flows',
    )
    const conn = zeekRows(exported(demo, 'zeek')['conn.log'])
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
    const whole = [flows, packets, bytes]
    expect([
      conn.length,
      sum(conn.map((row) => Number(row.orig_pkts) + Number(row.resp_pkts))),
      sum(conn.map((row) => Number(row.orig_ip_bytes) + Number(row.resp_ip_bytes))),
    ]).toEqual(whole)
    const eve = objects(exported(demo, 'eve')['eve.json']).filter(({ event_type }) => event_type === 'flow')
    expect([
      eve.length,
      sum(eve.map(({ flow }) => flow.pkts_toserver + flow.pkts_toclient)),
      sum(eve.map(({ flow }) => flow.bytes_toserver + flow.bytes_toclient)),
    ]).toEqual(whole)
    const ecs = objects(exported(demo, 'ecs')['ecs.ndjson']).filter(({ event }) => event.dataset === 'rtnvis.flow')
    expect([ecs.length, sum(ecs.map(({ network }) => network.packets)), sum(ecs.map(({ network }) => network.bytes))]).toEqual(whole)
    const ocsf = objects(exported(demo, 'ocsf')['network_activity.ndjson'])
    expect([ocsf.length, sum(ocsf.map(({ traffic }) => traffic.packets)), sum(ocsf.map(({ traffic }) => traffic.bytes))]).toEqual(whole)
    const records = exported(demo, 'netflow-csv')
      ['flows.csv'].trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
    expect([sum(records.map((cells) => Number(cells[11]))), sum(records.map((cells) => Number(cells[12])))]).toEqual(whole.slice(1))
    expect(exported(demo, 'csv')['flows.csv'].trimEnd().split('\r\n')).toHaveLength(Number(flows) + 1)
  })

  it('gives the same text again', async () => {
    const again = await analyzeBytes(readFileSync(DEMO), 5000)
    for (const name of TEXT_NAMES) expect(exported(again, name)).toEqual(exported(demo, name))
  })

  it('refuses values that are impossible, naming the row', async () => {
    const wrong: [string, string][] = [
      ['UPDATE flows SET first_us = 9e18 WHERE id = 2', 'row 2 of flows: a number is impossible'],
      ['UPDATE flows SET client_bytes = -1 WHERE id = 2', 'row 2 of flows: a number is impossible'],
      ['UPDATE flows SET last_us = first_us - 1 WHERE id = 3', 'row 3 of flows: it ends before it begins'],
      ['UPDATE flows SET server_host_id = 99 WHERE id = 4', 'row 4 of flows: its host is missing'],
    ]
    for (const [sql, message] of wrong) {
      const database = await changed(sql.replace('9e18', '9000000000000000000'))
      for (const name of TEXT_NAMES.filter((name) => name !== 'stix' && name !== 'misp'))
        expect(() => exported(database, name)).toThrow(message)
    }
  })

  it('ends when the pages of a table lead in a circle', async () => {
    const database = await open(await endlessPages())
    expect(() => exported(database, 'csv')).toThrow('its rows are not in order')
  })
})

describe('the other formats', () => {
  it('eve: events as Suricata writes them', () => {
    const events = objects(exported(sample, 'eve')['eve.json'])
    expect(events[0]).toMatchObject({
      timestamp: '2026-03-02T10:00:30.000000+0000',
      event_type: 'flow',
      src_ip: '192.168.1.10',
      src_port: 50_000,
      dest_ip: '203.0.114.5',
      dest_port: 443,
      proto: 'TCP',
      flow: { pkts_toserver: 5, pkts_toclient: 5, bytes_toserver: 1000, bytes_toclient: 4000, age: 30, state: 'closed', alerted: false },
    })
    expect(events.filter(({ event_type }) => event_type === 'dns').map(({ dns }) => dns)).toEqual([
      { type: 'query', rrname: 'www.example.org', rrtype: 'A' },
      { version: 2, type: 'answer', rrname: 'www.example.org', rrtype: 'A', rcode: 'NOERROR', grouped: { A: ['203.0.114.5'] } },
      { version: 2, type: 'answer', rrname: 'gone.example.net', rrtype: 'A', rcode: 'NXDOMAIN', grouped: {} },
    ])
    const alert = events.find(({ event_type }) => event_type === 'alert')
    expect(alert).toMatchObject({
      src_ip: '200.160.2.3',
      dest_port: 22,
      flow_id: events[2].flow_id,
      alert: { severity: 1, category: 'brute-force' },
    })
    expect(Number.isSafeInteger(alert.flow_id)).toBe(true)
  })

  it.each(['constructor', '__proto__'])('of a transport and a severity called %s: the lines say so', async (word) => {
    const database = await changed(
      `UPDATE flows SET transport = '${word}' WHERE id = 1; UPDATE alerts SET severity = '${word}' WHERE id = 1`,
    )
    const [flow] = objects(exported(database, 'eve')['eve.json'])
    expect(flow.proto).toBe(word.toUpperCase())
    expect(exported(database, 'netflow-csv')['flows.csv'].split('\n')[1]).toContain(`,${word.toUpperCase()},`)
    const severities = (name: 'eve' | 'ecs') =>
      Object.values(exported(database, name))
        .flatMap(objects)
        .filter(({ alert, event }) => alert !== undefined || event?.kind === 'alert')
        .map(({ alert, event }) => (alert ?? event).severity)
    // Of the lowest severity that the format has: nothing is known of it.
    expect(severities('eve')[0]).toBe(4)
    expect(severities('ecs')[0]).toBe(0)
  })

  it('eve: a question of any type, also one that no program asks', async () => {
    const database = await changed("UPDATE dns_queries SET type = '__proto__', answers = 'one.example two.example' WHERE id = 1")
    expect(exported(database, 'eve')['eve.json']).toContain('"grouped":{"__proto__":["one.example","two.example"]}')
  })

  it('ecs and ocsf: the fields that their schemas require', () => {
    const [flow] = objects(exported(sample, 'ecs')['ecs.ndjson'])
    expect(flow).toMatchObject({
      '@timestamp': '2026-03-02T10:00:00.000000Z',
      ecs: { version: '8.11.0' },
      event: { kind: 'event', category: ['network'], duration: 30_000_000_000 },
      network: { type: 'ipv4', transport: 'tcp', protocol: 'tls', bytes: 5000, packets: 10, direction: 'outbound' },
      source: { ip: '192.168.1.10', port: 50_000, bytes: 1000 },
      destination: { ip: '203.0.114.5', domain: 'www.example.org', geo: { location: { lat: 52.52, lon: 13.405 }, country_iso_code: 'DE' } },
    })
    expect(flow.source).not.toHaveProperty('geo') // the origin is no location
    const [activity] = objects(exported(sample, 'ocsf')['network_activity.ndjson'])
    expect(activity).toMatchObject({
      category_uid: 4,
      class_uid: 4001,
      activity_id: 6,
      type_uid: 400_106,
      severity_id: 1,
      time: 1_772_445_600_000,
      metadata: { version: '1.3.0', product: { name: 'rtnvis', vendor_name: 'rtnvis' } },
      connection_info: { protocol_num: 6, protocol_ver_id: 4, direction_id: 2 },
      src_endpoint: { ip: '192.168.1.10', port: 50_000 },
      dst_endpoint: { ip: '203.0.114.5', port: 443, autonomous_system: { number: 64_500 } },
      traffic: { bytes: 5000, bytes_out: 1000, bytes_in: 4000 },
    })
  })

  it('csv: no cell is a formula', () => {
    const { 'flows.csv': flows, 'names.csv': names } = exported(sample, 'csv')
    expect(flows).toContain(",'=cmd|calc!A0,")
    expect(flows).toContain(',"a""b,c\r\nd",')
    expect(names).toContain("5.5.5.5,'=cmd|calc!A0,dns,")
  })

  it('geojson: places and arcs, longitude first', () => {
    const files = exported(sample, 'geojson')
    const places = JSON.parse(files['places.geojson'])
    expect(places.type).toBe('FeatureCollection')
    expect(places.features[1]).toMatchObject({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [13.405, 52.52] },
      properties: { city: 'Berlin', country_code: 'DE', hosts: 1 },
    })
    const arcs = JSON.parse(files['arcs.geojson']).features.map(
      ({ geometry, properties }: { geometry: { coordinates: unknown }; properties: { bytes: number } }) => [
        geometry.coordinates,
        properties.bytes,
      ],
    )
    expect(arcs).toEqual([
      [
        [
          [36.817223, -1.286389],
          [13.405, 52.52],
        ],
        5000,
      ],
      [
        [
          [36.817223, -1.286389],
          [139.69, 35.68],
        ],
        400,
      ],
      [
        [
          [13.405, 52.52],
          [139.69, 35.68],
        ],
        1000,
      ],
      [
        [
          [-55, -10],
          [36.817223, -1.286389],
        ],
        1000,
      ],
    ])
  })
})

describe('ICMP', () => {
  const [A, B, C, A6, B6] = ['192.168.1.5', '192.168.1.9', '192.168.1.1', 'fe80::5', 'fe80::9']
  const packets = [
    ipv4(A, B, icmp(8, 0)),
    ipv4(B, A, icmp(0, 0)),
    ipv4(C, A, icmp(3, 3)),
    ipv6(A6, B6, icmpv6(135, 0, u32(0), address(B6))),
    ipv6(B6, A6, icmpv6(136, 0, u32(0), address(B6))),
  ].map((packet, i) => ({ atUs: 1_772_445_600_000_000 + i * 1_000_000, bytes: ethernet(packet) }))
  const SAME = `SELECT transport, c.ip, s.ip, client_packets, server_packets, community_id FROM flows f
    JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id ORDER BY f.first_us, c.ip`
  let report: SqlDatabase

  beforeAll(async () => {
    report = await analyzeBytes(pcap(packets))
  })

  it('has type and code where each format has them', () => {
    expect(zeekRows(exported(report, 'zeek')['conn.log']).map((row) => [row['id.orig_h'], row['id.orig_p'], row['id.resp_p']])).toEqual([
      [A, '8', '0'],
      [C, '3', '3'],
      [A6, '135', '136'],
    ])
    const events = objects(exported(report, 'eve')['eve.json']).filter(({ event_type }) => event_type === 'flow')
    expect(events.map(({ src_ip, icmp_type, icmp_code }) => [src_ip, icmp_type, icmp_code])).toEqual([
      [A, 8, 0],
      [C, 3, 3],
      [A6, 135, 0],
    ])
    const records = exported(report, 'netflow-csv')['flows.csv'].trimEnd().split('\n').slice(1)
    expect(records.map((line) => line.split(',').slice(3, 7))).toEqual([
      [A, B, '0', '8.0'],
      [B, A, '0', '0.0'],
      [C, A, '0', '3.3'],
      [A6, B6, '0', '135.0'],
      [B6, A6, '0', '136.0'],
    ])
  })

  it.each([
    ['zeek', 'conn.log'],
    ['eve', 'eve.json'],
    ['netflow-csv', 'flows.csv'],
  ] as const)('is read again from %s as it was', async (format, file) => {
    const again = await analyzeBytes(Buffer.from(exported(report, format)[file]))
    expect(rowsOf(again, SAME)).toEqual(rowsOf(report, SAME))
  })
})
