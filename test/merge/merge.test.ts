// Reports -> one report: the same bytes in any order, the numbers of one analysis of all captures, findings that only all of them show.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { PacketSpan } from '../../src/merge/packets.ts'
import { PACKET, readReportRows, readTimelineRows } from '../../src/merge/report-rows.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { checkDatabase } from '../../src/verify/database.ts'
import { ethernet, hex, ipv4, ipv6, type Layer, raw, tcp, udp } from '../support/build.ts'
import { type Packet, pcap } from '../support/capture-files.ts'
import { changedBy } from '../support/hostile-databases.ts'
import { LINK_FIRST_US, LINK_FRAMES, linkCapture } from '../support/link-frames.ts'
import { analyzedFiles, merge, openDatabase, read, sourceOfFile } from '../support/merging.ts'
import { dnsAnswer, dnsQuery } from '../support/messages.ts'
import { randomOf } from '../support/random.ts'
import { makeSampleDatabase } from '../support/sample-database.ts'

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url))
const CASES = ['names-tls', 'names-dns', 'names-http', 'icmp-errors', 'hosts-scopes', 'fragments-ipv6', 'tcp-states']
let reports: Uint8Array[]

beforeAll(async () => {
  reports = []
  for (const name of CASES) reports.push(await analyzed([name]))
})

const sourceOfCase = (name: string) => sourceOfFile(name, readFileSync(join(FIXTURES, name, 'input.pcap')))

const analyzed = (names: string[]) => analyzedFiles(names.map(sourceOfCase))

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('ten random trees of merges give the same bytes', () => {
  const random = randomOf(18)
  const expected = digest(merge(...reports))
  for (let tree = 0; tree < 10; tree++) {
    const left = [...reports]
    while (left.length > 1) {
      const [a] = left.splice(random(left.length), 1)
      const [b] = left.splice(random(left.length), 1)
      left.push(merge(a, b))
    }
    expect(digest(merge(left[0])), `tree ${tree}`).toBe(expected)
  }
})

test('a capture counts once, alone or in another report', () => {
  const expected = digest(merge(...reports))
  expect(digest(merge(...reports, reports[2], merge(reports[0], reports[4])))).toBe(expected)
  expect(() => merge(merge(reports[0], reports[1]), merge(reports[1], reports[2]))).toThrow(
    'it shares some of its captures (names-dns.pcap)',
  )
})

/** Of everything that reports add up, natural keys in place of ids. */
const SAME: Record<string, string> = {
  captures: 'SELECT file, sha256, packets, bytes, ip_packets, first_us, last_us FROM captures ORDER BY file',
  flows: `SELECT transport, c.ip, client_port, s.ip, server_port, f.first_us, f.last_us, client_packets, server_packets, client_bytes, server_bytes, state,
    application, server_name, server_name_source, ja4, tunnel, community_id, first_frame, last_frame
    FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id ORDER BY 1, 2, 3, 4, 5, 6, 19`,
  hosts:
    'SELECT ip, scope, name, sent_packets, received_packets, sent_bytes, received_bytes, first_us, last_us, rtt_us FROM hosts ORDER BY ip',
  health: `SELECT f.first_us, community_id, handshake_us, syn_ack_us, response_us, client_rtt_us, server_median_rtt_us, client_segments, server_retransmissions,
    client_zero_window_us FROM tcp JOIN flows f ON f.id = flow_id ORDER BY 1, 2`,
  names: 'SELECT ip, n.name, source, n.first_us, count FROM names n JOIN hosts h ON h.id = host_id ORDER BY 1, 2, 3',
  software: 'SELECT ip, source, text, s.first_us, count FROM software s JOIN hosts h ON h.id = host_id ORDER BY 1, 2, 3',
  identities:
    "SELECT ip, kind, value, source, i.first_us, count, frame FROM identities i JOIN hosts h ON h.id = host_id WHERE kind NOT IN ('mac', 'vendor') ORDER BY 1, 2, 3, 4",
  dns: 'SELECT at_us, name, type, response_code, answers, answer_us FROM dns_queries ORDER BY 1, 2, 3',
  packets: 'SELECT at_us, frame, bytes, tcp_flags, from_client FROM packets ORDER BY 1, 2, 3, 4, 5',
  activity: 'SELECT sum(client_packets), sum(server_packets), sum(client_bytes), sum(server_bytes) FROM activity',
  repeated: `SELECT f.first_us, sum(client_retransmissions), sum(server_retransmissions) FROM retransmissions JOIN flows f ON f.id = flow_id
    GROUP BY flow_id ORDER BY 1`,
  ticks: 'SELECT sum(packets), sum(bytes) FROM ticks',
  totals: 'SELECT subject, name, hosts, flows, packets, bytes FROM totals ORDER BY 1, 2',
}

test('stations without IP: pairs of several captures are added up, whatever the order', async () => {
  const whole = linkCapture()
  const later = pcap(LINK_FRAMES.slice(0, 3).map((bytes, i) => ({ atUs: LINK_FIRST_US + 60_000_000 + i, bytes })))
  const sources = () => [sourceOfFile('a', whole), sourceOfFile('b', later)]
  const [a, b] = await Promise.all(sources().map((source) => analyzedFiles([source])))
  const rows = (report: Uint8Array) => rowsOf(read(report), 'SELECT * FROM link_traffic')
  const unlisted = (report: Uint8Array) => rowsOf(read(report), "SELECT value FROM meta WHERE key = 'link_packets_unlisted'")[0][0]
  const together = await analyzedFiles(sources())
  expect(rows(together)).toHaveLength(7)
  expect(rows(merge(a, b))).toEqual(rows(together))
  expect(merge(b, a)).toEqual(merge(a, b))
  expect(unlisted(merge(a, b))).toBe('0')
  // Of a report of an earlier version, all frames without IP are unlisted.
  const older = openDatabase(b)
  older.run("DROP TABLE link_traffic; DELETE FROM meta WHERE key = 'link_packets_unlisted'")
  const withOlder = merge(a, older.export())
  expect(unlisted(withOlder)).toBe('3')
  expect(checkDatabase(read(withOlder)).filter(({ outcome }) => outcome === 'differs')).toEqual([])
})

test('what is read from the pages is what SQL reads', async () => {
  // A value that no report has is left to SQL, which names it.
  const older = openDatabase(reports[0])
  older.run('ALTER TABLE packets DROP COLUMN capture_id; ALTER TABLE flows DROP COLUMN community_id')
  const named = openDatabase(reports[0])
  named.run(
    "UPDATE flows SET server_name = 'f\u00fcr.example', tunnel = '' WHERE id = 1; UPDATE flows SET server_name = char(65279, 97) WHERE id = 2",
  )
  for (const report of [...reports, older.export(), named.export(), merge(...reports)]) {
    const byPages = readReportRows(read(report), report)
    expect(byPages.flows.count).toBeGreaterThan(0)
    expect(byPages).toEqual(readReportRows(read(report), null))
    for (const untilUs of [Number.POSITIVE_INFINITY, middleOf(report)])
      expect(readTimelineRows(read(report), report, source(untilUs))).toEqual(readTimelineRows(read(report), null, source(untilUs)))
  }
})

/** More than a report here has. */
const MANY_FLOWS = 1000
/** Of the packets until then, in ticks as they are. */
const source = (untilUs: number) => ({ ticks: { firstUs: null, tickUs: 1 }, flows: MANY_FLOWS, widthUs: 0, untilUs })

/** Time of a packet with earlier and later ones, us. */
function middleOf(report: Uint8Array): number {
  return Number(rowsOf(read(report), 'SELECT at_us FROM packets ORDER BY at_us LIMIT 1 OFFSET (SELECT count(*) / 2 FROM packets)'))
}

test('packets after a given time are not read, of any report; the others are', () => {
  for (const report of reports) {
    const untilUs = middleOf(report)
    const [[count, last]] = rowsOf(read(report), 'SELECT count(*), max(at_us) FROM packets WHERE at_us <= ?', [untilUs])
    const { packets } = readTimelineRows(read(report), report, source(untilUs))
    expect(packets.count).toBe(count)
    expect(packets.columns[PACKET.at_us].values.at(-1)).toBe(last)
  }
})

test('until when there is room for packets does not depend on the order of the reports', () => {
  const later = Float64Array.from({ length: 60_000 }, (_, i) => 1_000_000 + i)
  const earlier = Float64Array.from({ length: 60_000 }, (_, i) => i)
  const spans = [
    [earlier, later],
    [later, earlier],
  ].map((reports) => {
    const span = new PacketSpan()
    const known = reports.map((times) => {
      span.add(times)
      return span.untilUs
    })
    return known
  })
  expect(spans).toEqual([
    [Number.POSITIVE_INFINITY, 1_039_999],
    [Number.POSITIVE_INFINITY, 1_039_999],
  ])
})

test('a merged report has the numbers of one analysis of all captures', async () => {
  // Of these cases no conversation is in two captures. Whether a hardware address is a router's depends on all packets, so those are each report's own.
  const together = read(await analyzed(CASES))
  const merged = read(merge(...reports))
  for (const [what, sql] of Object.entries(SAME)) {
    const expected = rowsOf(together, sql)
    expect(expected.length, what).toBeGreaterThan(0)
    expect(rowsOf(merged, sql), what).toEqual(expected)
  }
  expect(checkDatabase(merged).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
})

test('addresses that packets are routed to alike have one place, the more precise one, whatever the order', async () => {
  // 6to4 addresses of 5.5.5.5, in a report each, and 5.5.5.5 itself; nothing is known of the last one.
  const addresses = ['2002:505:505::1', '2002:505:505::2', '5.5.5.5', '2002:606:606::1', '2002:606:606::2', '2002:707:707::1']
  const located = async (at: number, places: Record<string, [city: string | null, precision: string]>) => {
    const udpTo = (ip: string): Layer =>
      ip.includes(':') ? ipv6('2001:db8::1', ip, udp(5000, 53, 'x')) : ipv4('192.168.1.5', ip, udp(5000, 53, 'x'))
    const packets = addresses.map((ip, i) => ({ atUs: 1_772_000_000_000_000 + at * 1_000_000 + i, bytes: ethernet(udpTo(ip)) }))
    const database = openDatabase(await analyzedFiles([sourceOfFile(`capture ${at}`, pcap(packets))]))
    for (const [ip, [city, precision]] of Object.entries(places)) {
      database.run(
        "INSERT INTO places (latitude_deg, longitude_deg, city, country_code, country, precision) VALUES (1, 2, ?, 'XX', 'X', ?)",
        [city, precision],
      )
      database.run('UPDATE hosts SET place_id = last_insert_rowid() WHERE ip = ?', [ip])
    }
    return database.export()
  }
  const all = [
    await located(0, { '2002:505:505::1': [null, 'country'], '2002:606:606::1': ['Sixton', 'city'] }),
    await located(1, { '2002:505:505::2': ['Fivetown', 'city'], '2002:606:606::1': ['Sexton', 'city'] }),
    await located(2, {}),
  ]
  for (const order of [all, all.toReversed(), [all[1], all[2], all[0]]]) {
    const rows = rowsOf(
      read(merge(...order)),
      'SELECT h.ip, p.city FROM hosts h JOIN places p ON p.id = h.place_id WHERE h.ip IN (?, ?, ?, ?, ?, ?)',
      addresses,
    )
    expect(Object.fromEntries(rows)).toEqual({
      '2002:505:505::1': 'Fivetown',
      '2002:505:505::2': 'Fivetown',
      '5.5.5.5': 'Fivetown',
      '2002:606:606::1': 'Sexton',
      '2002:606:606::2': 'Sexton',
    })
  }
})

/** An hour of a host that asks the same server once, and logs in by FTP with a password in clear text in the first one. */
function hour(number: number): Uint8Array {
  const [client, server, port] = ['192.168.1.5', '198.51.100.7', 40_000 + number]
  const out = (flags: string, payload = ''): Layer => ipv4(client, server, tcp(port, 443, flags, payload))
  const back = (flags: string, payload = ''): Layer => ipv4(server, client, tcp(443, port, flags, payload))
  const contact = [out('S'), back('SA'), out('A'), out('PA', 'x'.repeat(100)), back('PA', 'y'.repeat(100)), out('FA'), back('FA'), out('A')]
  const ftp = (isAsked: boolean, flags: string, payload = ''): Layer =>
    isAsked ? ipv4(client, '192.168.1.9', tcp(50_000, 21, flags, payload)) : ipv4('192.168.1.9', client, tcp(21, 50_000, flags, payload))
  const login = [ftp(true, 'S'), ftp(false, 'SA'), ftp(true, 'A'), ftp(false, 'PA', '220 ftp\r\n'), ftp(true, 'PA', 'USER bob\r\n')]
  login.push(ftp(false, 'PA', '331 password\r\n'), ftp(true, 'PA', 'PASS secret\r\n'), ftp(false, 'PA', '230 ok\r\n'))
  const packets = [...contact, ...(number === 0 ? login : [])]
  const fromUs = 1_772_000_000_000_000 + number * 3_600_000_000
  return pcap(packets.map((packet, i) => ({ atUs: fromUs + i * 1000, bytes: ethernet(packet) })))
}

test('findings are made again where conversations show them, and kept where only packets do', async () => {
  const hours = Array.from({ length: 12 }, (_, number) => sourceOfFile(`hour-${number}.pcap`, hour(number)))
  const alone: Uint8Array[] = []
  for (const [number] of hours.entries()) alone.push(await analyzedFiles([sourceOfFile(`hour-${number}.pcap`, hour(number))]))
  const findings = (report: Uint8Array) =>
    rowsOf(read(report), 'SELECT rule, severity, title, first_us, last_us, flows, evidence FROM alerts ORDER BY 1, 3')
  expect(findings(alone[0]).map(([rule]) => rule)).toEqual(['clear-text-login'])
  expect(findings(alone[1])).toEqual([])
  const merged = findings(merge(...alone))
  expect(merged.map(([rule]) => rule)).toEqual(['beacon', 'clear-text-login'])
  expect(merged).toEqual(findings(await analyzedFiles(hours)))
})

test('conversations without handshake that captures cut are joined in any order, a silence of five minutes apart', async () => {
  const second = 1_000_000
  const at = (seconds: number, isAsked: boolean): Packet => {
    const packet = isAsked
      ? ipv4('192.168.1.5', '198.51.100.7', udp(40_000, 9000, 'ask'))
      : ipv4('198.51.100.7', '192.168.1.5', udp(9000, 40_000, 'answer'))
    return { atUs: 1_772_000_000_000_000 + seconds * second, bytes: ethernet(packet) }
  }
  const files = [[at(0, true), at(200, false)], [at(210, false), at(400, true)], [at(650, true)], [at(951, true), at(960, false)]].map(
    (packets) => pcap(packets),
  )
  const sources = () => files.map((bytes, i) => sourceOfFile(`part-${i}.pcap`, bytes))
  const alone: Uint8Array[] = []
  for (const source of sources()) alone.push(await analyzedFiles([source]))
  const merged = merge(...alone)
  for (const sql of Object.values(SAME)) expect(rowsOf(read(merged), sql)).toEqual(rowsOf(read(await analyzedFiles(sources())), sql))
  expect(rowsOf(read(merged), 'SELECT client_packets, server_packets FROM flows ORDER BY first_us')).toEqual([
    [3, 2],
    [1, 1],
  ])
  const steps = merge(merge(alone[2], alone[0]), merge(alone[3], alone[1]))
  expect(digest(steps)).toBe(digest(merged))
})

test('a conversation of ICMP keeps its Community ID where its pieces disagree who asked, whatever is merged first', async () => {
  const [low, high] = ['192.168.1.5', '192.168.1.9']
  const message = (seconds: number, from: string, to: string, type: string): Packet => {
    return { atUs: 1_772_000_000_000_000 + seconds * 1_000_000, bytes: ethernet(ipv4(from, to, raw(1, hex(`${type} 0000 00000000`)))) }
  }
  // Port and host not reachable have no answer, so that the Community ID has a direction; an address mask is asked for and answered.
  const files = [
    [message(0, high, low, '0303'), message(1, '192.168.2.1', '192.168.2.0', '1100')],
    [message(10, low, high, '0301'), message(11, '192.168.2.0', '192.168.2.1', '1100')],
    [message(20, high, low, '0b00')],
  ].map((packets) => pcap(packets))
  const sources = () => files.map((bytes, i) => sourceOfFile(`part-${i}.pcap`, bytes))
  const alone: Uint8Array[] = []
  for (const source of sources()) alone.push(await analyzedFiles([source]))
  const ids = 'SELECT transport, community_id FROM flows ORDER BY first_us'
  const expected = rowsOf(read(await analyzedFiles(sources())), ids)
  expect(expected.map(([, id]) => String(id).slice(0, 2))).toEqual(['1:', '1:'])
  const merged = merge(...alone)
  expect(rowsOf(read(merged), 'SELECT c.ip FROM flows JOIN hosts c ON c.id = client_host_id ORDER BY 1')).toEqual([[low], ['192.168.2.0']])
  expect(rowsOf(read(merged), ids)).toEqual(expected)
  for (const steps of [merge(merge(alone[0], alone[1]), alone[2]), merge(alone[0], merge(alone[1], alone[2]))])
    expect(digest(steps)).toBe(digest(merged))
})

/** A packet of a client to its server, or back, some seconds after the beginning. */
function segment(seconds: number, port: number, isAsked: boolean, flags: string, payload = '', sequence = 1): Packet {
  const [client, server] = ['192.168.1.5', '198.51.100.7']
  const packet = isAsked
    ? ipv4(client, server, tcp(port, 443, flags, payload, { sequence }))
    : ipv4(server, client, tcp(443, port, flags, payload, { sequence }))
  return { atUs: 1_772_000_000_000_000 + seconds * 1_000_000, bytes: ethernet(packet) }
}

test('TCP conversations that captures cut are joined in any order; a SYN, or five minutes, begin the next one', async () => {
  const files = [
    [
      ...[segment(0, 40_000, true, 'S'), segment(0.01, 40_000, false, 'SA'), segment(0.02, 40_000, true, 'A')],
      ...[segment(1, 40_001, true, 'S'), segment(1.01, 40_001, false, 'SA'), segment(1.02, 40_001, true, 'A')],
      ...[segment(2, 40_002, true, 'S'), segment(2.01, 40_002, false, 'SA'), segment(2.02, 40_002, true, 'PA', 'old')],
      // In the middle when the capture begins.
      segment(3, 40_003, false, 'PA', 'answer'),
    ],
    [
      ...[segment(60, 40_000, true, 'PA', 'question'), segment(61, 40_000, false, 'PA', 'answer')],
      segment(62, 40_001, false, 'RA'),
      // The same ports once more.
      ...[segment(63, 40_002, true, 'S', '', 9000), segment(63.01, 40_002, false, 'SA'), segment(63.02, 40_002, true, 'A', '', 9001)],
      segment(64, 40_003, true, 'PA', 'question'),
    ],
    [
      ...[segment(120, 40_000, true, 'FA'), segment(121, 40_000, false, 'FA'), segment(122, 40_000, true, 'A')],
      ...[segment(123, 40_002, false, 'FA'), segment(124, 40_002, true, 'RA')],
      segment(125, 40_003, true, 'RA'),
    ],
  ].map((packets) => pcap(packets))
  const sources = () => files.map((bytes, i) => sourceOfFile(`part-${i}.pcap`, bytes))
  const alone: Uint8Array[] = []
  for (const source of sources()) alone.push(await analyzedFiles([source]))
  const merged = merge(...alone)
  const together = read(await analyzedFiles(sources()))
  // What is measured from one packet to the next is not across the cut.
  const { health: _, repeated: __, ...same } = SAME
  const counts = 'SELECT sum(client_segments), sum(server_segments), count(handshake_us), count(*) FROM tcp'
  for (const sql of [...Object.values(same), counts]) expect(rowsOf(read(merged), sql), sql).toEqual(rowsOf(together, sql))
  expect(
    rowsOf(read(merged), 'SELECT client_port, state, client_packets, server_packets FROM flows ORDER BY client_port, first_us'),
  ).toEqual([
    [40_000, 'SF', 5, 3],
    [40_001, 'RSTR', 2, 2],
    [40_002, 'S1', 2, 1],
    [40_002, 'RSTO', 3, 2],
    [40_003, 'OTH', 2, 1],
  ])
  expect(checkDatabase(read(merged)).filter(({ outcome }) => outcome !== 'agrees')).toEqual([])
  // Neighbours first: only the second capture shows that the third goes on with the second conversation of port 40002.
  expect(digest(merge(merge(alone[1], alone[2]), alone[0]))).toBe(digest(merged))
  expect(digest(merge(merge(alone[1], alone[0]), alone[2]))).toBe(digest(merged))
  const late = await analyzedFiles([sourceOfFile('late.pcap', pcap([segment(125 + 301, 40_000, true, 'A')]))])
  expect(rowsOf(read(merge(merged, late)), 'SELECT count(*) FROM flows WHERE client_port = 40000')).toEqual([[2]])
})

test.each([
  ['UPDATE flows SET client_host_id = 999 WHERE id = 1', 'a row names host 999, which it does not have'],
  ["UPDATE hosts SET ip = 'nowhere' WHERE id = 1", 'hosts.ip "nowhere" is not an address'],
  ['DELETE FROM activity WHERE flow_id <> 1; UPDATE activity SET tick = tick + 100000', 'is after the end of its conversation'],
  ['INSERT INTO retransmissions VALUES (100000, 1, 1, 0)', 'retransmissions has a row for tick 100000 that is not in activity'],
  ['UPDATE flows SET client_port = 70000 WHERE id = 1', 'flows.client_port has a value in row 1 that no report has'],
  ['UPDATE flows SET first_us = 9223372036854775807 WHERE id = 1', 'flows.first_us has a value in row 1 that no report has'],
  ["INSERT INTO meta VALUES ('flows_limit', '5')", 'counts many conversations in one row'],
  ['PRAGMA user_version = 2', 'its user_version is 2, this program reads version 1'],
])('a report with %s is refused in one line', async (sql, message) => {
  const changed = await changedBy(sql)
  expect(() => merge(changed, reports[0])).toThrow(message)
})

test('a report whose ticks are out of order is refused in one line', async () => {
  const file = Buffer.from(await makeSampleDatabase())
  const [[root]] = rowsOf(openDatabase(file), "SELECT rootpage FROM sqlite_schema WHERE name = 'activity'")
  // The pointers to the page's cells come after its header of 8 bytes (SQLite's file format, 1.6).
  const page = file.subarray((Number(root) - 1) * 4096)
  const [cells, first] = [page.readUInt16BE(3), page.readUInt16BE(8)]
  expect(page[0]).toBe(0x0a) // a leaf of an index
  page.copyWithin(8, 8 + 2 * (cells - 1), 8 + 2 * cells)
  page.writeUInt16BE(first, 8 + 2 * (cells - 1))
  expect(() => merge(file, reports[0])).toThrow('comes after a later one: analyse its capture again')
})

const HOUR_US = 3_600_000_000
const [CLIENT, RESOLVER, SERVER, OTHER] = ['192.168.1.5', '192.168.1.1', '198.51.100.7', '198.51.100.8']

/** The name of a server is looked up, and a connection to it says none, each if it is given. */
function contact(hour: number, server: string, { name, port }: { name?: string; port?: number }): Packet[] {
  const layers: Layer[] = []
  if (name !== undefined) {
    layers.push(ipv4(CLIENT, RESOLVER, udp(50_000 + hour, 53, dnsQuery(7, name))))
    layers.push(ipv4(RESOLVER, CLIENT, udp(53, 50_000 + hour, dnsAnswer(7, name, 'A', [{ type: 'A', data: server }]))))
  }
  if (port !== undefined) layers.push(ipv4(CLIENT, server, tcp(port, 9999, 'S')))
  return layers.map((layer, i) => ({ atUs: hour * HOUR_US + i * 1000, bytes: ethernet(layer) }))
}

test('an address that one capture looks up has its name in a later one, in any order of the reports', async () => {
  const hours = [
    contact(1, SERVER, { name: 'first.example' }),
    contact(2, SERVER, { port: 40_002 }),
    [...contact(3, SERVER, { name: 'second.example', port: 40_003 }), ...contact(3, OTHER, { port: 40_013 })],
    contact(4, SERVER, { port: 40_004 }),
    contact(5, SERVER, { name: 'third.example' }),
  ]
  const captures = hours.map((packets, i) => sourceOfFile(`hour-${i}`, pcap(packets)))
  const reports: Uint8Array[] = []
  for (const capture of captures) reports.push(await analyzedFiles([capture]))
  const all = merge(...reports)
  const named = 'SELECT client_port, server_name, server_name_source FROM flows WHERE server_port = 9999 ORDER BY 1'
  expect(rowsOf(read(all), named)).toEqual([
    [40_002, 'first.example', 'dns'],
    [40_003, 'second.example', 'dns'],
    [40_004, 'second.example', 'dns'],
    [40_013, null, null],
  ])
  expect(rowsOf(read(all), SAME.names)).toEqual([
    [SERVER, 'first.example', 'dns', HOUR_US + 1000, 1],
    [SERVER, 'second.example', 'dns', 3 * HOUR_US + 1000, 1],
    [SERVER, 'third.example', 'dns', 5 * HOUR_US + 1000, 1],
  ])
  const [a, b, c, d, e] = reports
  expect(merge(merge(d, a), merge(e, b), c)).toEqual(all)
  expect(merge(merge(merge(b, d), e), merge(a, c))).toEqual(all)
  const whole = await analyzedFiles(hours.map((packets, i) => sourceOfFile(`hour-${i}`, pcap(packets))))
  for (const [what, sql] of Object.entries(SAME)) expect(rowsOf(read(all), sql), what).toEqual(rowsOf(read(whole), sql))
})

test('a question of DNS that a cut separates from its answer is one row, and its server answers once, whatever is merged first', async () => {
  const [client, server] = ['192.168.1.5', '192.168.1.1']
  let seconds = 0
  const packet = (from: string, to: string, payload: Uint8Array, ports: [number, number]): Packet => {
    return { atUs: 1_772_000_000_000_000 + seconds++ * 1_000_000, bytes: ethernet(ipv4(from, to, udp(...ports, payload))) }
  }
  const ask = (id: number, name: string, port = 40_000) => packet(client, server, dnsQuery(id, name), [port, 53])
  const answer = (id: number, name: string, data: string, port = 40_000) =>
    packet(server, client, dnsAnswer(id, name, 'A', [{ type: 'A', data }]), [53, port])
  const files = [
    // Of two questions for the same name, the second is answered; an answer with an id that nobody asked with is a row of its own.
    [ask(1, 'cut.example'), ask(2, 'twice.example'), ask(3, 'twice.example'), ask(4, 'never.example'), ask(5, 'forged.example', 40_001)],
    [
      answer(1, 'cut.example', '198.51.100.1'),
      answer(9, 'other.example', '198.51.100.2'),
      answer(6, 'forged.example', '198.51.100.9', 40_002),
    ],
    // A question that was repeated is answered twice.
    [answer(3, 'twice.example', '198.51.100.3'), answer(1, 'cut.example', '198.51.100.1'), ask(7, 'whole.example')],
    [answer(7, 'whole.example', '198.51.100.4'), ask(8, 'cut.example'), answer(8, 'cut.example', '198.51.100.5')],
  ].map((packets) => pcap(packets))
  const sources = () => files.map((bytes, i) => sourceOfFile(`part-${i}.pcap`, bytes))
  const alone: Uint8Array[] = []
  for (const source of sources()) alone.push(await analyzedFiles([source]))
  const together = read(await analyzedFiles(sources()))
  const merged = merge(...alone)
  for (const sql of [SAME.dns, SAME.identities, SAME.names]) expect(rowsOf(read(merged), sql)).toEqual(rowsOf(together, sql))
  expect(rowsOf(read(merged), "SELECT name, answers, answer_us FROM dns_queries WHERE name LIKE 'cut%' ORDER BY at_us")).toEqual([
    ['cut.example', '198.51.100.1', 5_000_000],
    ['cut.example', '198.51.100.5', 1_000_000],
  ])
  expect(rowsOf(read(merged), "SELECT value, count, frame FROM identities WHERE kind = 'role'")).toEqual([['DNS server', 2, 1]])
  const [a, b, c, d] = alone
  for (const steps of [merge(merge(merge(a, b), c), d), merge(a, merge(b, merge(c, d))), merge(merge(d, c), merge(b, a))])
    expect(digest(steps)).toBe(digest(merged))
})

test('a connection that was there before its server was looked up has no name of it, in any order of the reports', async () => {
  const [syn] = contact(1, SERVER, { port: 40_000 })
  const [question, answer] = contact(1, SERVER, { name: 'late.example' }).map((packet) => ({ ...packet, atUs: packet.atUs + 60_000_000 }))
  const later = { atUs: HOUR_US + 120_000_000, bytes: ethernet(ipv4(CLIENT, SERVER, tcp(40_000, 9999, 'PA', 'x'))) }
  const end = { atUs: HOUR_US + 180_000_000, bytes: ethernet(ipv4(CLIENT, SERVER, tcp(40_000, 9999, 'FA'))) }
  const parts = [[syn], [question, answer], [later], [end]]
  const captures = () => parts.map((packets, i) => sourceOfFile(`part-${i}`, pcap(packets)))
  const reports: Uint8Array[] = []
  for (const capture of captures()) reports.push(await analyzedFiles([capture]))
  const [a, b, c, d] = reports
  const all = merge(...reports)
  const whole = await analyzedFiles(captures())
  for (const sql of [SAME.flows, SAME.names]) expect(rowsOf(read(all), sql)).toEqual(rowsOf(read(whole), sql))
  expect(rowsOf(read(merge(b, c)), 'SELECT server_name FROM flows WHERE server_port = 9999')).toEqual([['late.example']])
  expect(merge(merge(merge(c, b), d), a)).toEqual(all)
  expect(merge(merge(b, d), merge(a, c))).toEqual(all)
  expect(merge(merge(merge(c, d), a), b)).toEqual(all)
})

test('who was sent the SYN+ACK is the client, whatever is merged first', async () => {
  const client = '203.0.113.9' // as text behind the server
  const packet = (second: number, isAsked: boolean, flags: string, payload = ''): Packet => {
    const segments = isAsked ? ipv4(client, SERVER, tcp(5060, 8888, flags, payload)) : ipv4(SERVER, client, tcp(8888, 5060, flags, payload))
    return { atUs: HOUR_US + second * 1_000_000, bytes: ethernet(segments) }
  }
  const parts = [packet(0, true, 'S'), packet(1, false, 'SA'), packet(2, true, 'PA', 'GET / HTTP/1.1\r\n\r\n'), packet(3, false, 'A')]
  const captures = () => parts.map((part, i) => sourceOfFile(`part-${i}`, pcap([part])))
  const reports: Uint8Array[] = []
  for (const capture of captures()) reports.push(await analyzedFiles([capture]))
  const [a, b, c, d] = reports
  const all = merge(...reports)
  expect(rowsOf(read(all), SAME.flows)).toEqual(rowsOf(read(await analyzedFiles(captures())), SAME.flows))
  expect(merge(a, merge(b, merge(c, d)))).toEqual(all)
  expect(merge(merge(d, b), merge(a, c))).toEqual(all)
  const ends = 'SELECT c.ip, state, application, application_source FROM flows JOIN hosts c ON c.id = client_host_id'
  expect(rowsOf(read(merge(b, c, d)), ends)).toEqual(rowsOf(read(await analyzedFiles(captures().slice(1))), ends))
})

test('times that several pieces of a connection measured are the same, whatever is merged first', async () => {
  const piece = (minute: number, roundTripMs: number): Packet[] => {
    const [own, peer] = [1000 + minute * 100, 5000 + minute * 100]
    const layers: [number, Layer][] = [
      [0, ipv4(CLIENT, SERVER, tcp(40_000, 9999, 'PA', 'question', { sequence: own, acknowledgment: peer }))],
      [roundTripMs, ipv4(SERVER, CLIENT, tcp(9999, 40_000, 'PA', 'answer', { sequence: peer, acknowledgment: own + 8 }))],
      [roundTripMs + 5, ipv4(CLIENT, SERVER, tcp(40_000, 9999, 'A', '', { sequence: own + 8, acknowledgment: peer + 6 }))],
    ]
    return layers.map(([ms, layer]) => ({ atUs: HOUR_US + minute * 60_000_000 + ms * 1000, bytes: ethernet(layer) }))
  }
  const parts = [contact(1, SERVER, { port: 40_000 }), piece(1, 40), piece(2, 20), piece(3, 30)]
  const reports: Uint8Array[] = []
  for (const [i, packets] of parts.entries()) reports.push(await analyzedFiles([sourceOfFile(`part-${i}`, pcap(packets))]))
  const [a, b, c, d] = reports
  const all = merge(a, b, c, d)
  const times = 'SELECT client_rtt_us, client_median_rtt_us, server_rtt_us, server_median_rtt_us, response_us FROM tcp'
  expect(rowsOf(read(merge(b)), times)).toEqual([[40_000, 40_000, 5000, 5000, 40_000]])
  expect(rowsOf(read(all), times)).toEqual([[20_000, 20_000, 5000, 5000, 20_000]])
  expect(merge(merge(d, b), merge(a, c))).toEqual(all)
  expect(merge(merge(merge(a, d), c), b)).toEqual(all)
})

test('a FIN of each end and a RST are a connection that was closed, whatever is merged first', async () => {
  const server = (flags: string, payload = ''): Layer => ipv4(SERVER, CLIENT, tcp(9999, 40_000, flags, payload, { sequence: 5000 }))
  const client = (flags: string): Layer => ipv4(CLIENT, SERVER, tcp(40_000, 9999, flags, '', { sequence: 1000 }))
  const parts = [[client('S'), server('SA'), client('A')], [client('FA')], [server('FA'), server('R')], [server('R')]]
  const reports: Uint8Array[] = []
  for (const [minute, layers] of parts.entries()) {
    const packets = layers.map((layer, i) => ({ atUs: HOUR_US + minute * 60_000_000 + i * 1000, bytes: ethernet(layer) }))
    reports.push(await analyzedFiles([sourceOfFile(`part-${minute}`, pcap(packets))]))
  }
  const [a, b, c, d] = reports
  const all = merge(a, b, c, d)
  expect(rowsOf(read(all), 'SELECT state FROM flows')).toEqual([['SF']])
  expect(rowsOf(read(merge(a, c)), 'SELECT state FROM flows')).toEqual([['RSTR']])
  expect(merge(merge(d, b), merge(a, c))).toEqual(all)
  expect(merge(merge(c, b), merge(a, d))).toEqual(all)
})

test('a capture that was analysed under two names has the first as text, in any order of the reports', async () => {
  const capture = pcap(contact(1, SERVER, { port: 40_000 }))
  const [a, b] = [await analyzedFiles([sourceOfFile('a', capture)]), await analyzedFiles([sourceOfFile('b', capture)])]
  const other = await analyzedFiles([sourceOfFile('c', pcap(contact(2, SERVER, { port: 40_001 })))])
  const all = merge(a, b, other)
  expect(rowsOf(read(all), 'SELECT file FROM captures ORDER BY file')).toEqual([['a.pcap'], ['c.pcap']])
  expect(merge(merge(b, other), a)).toEqual(all)
  expect(merge(other, merge(b, a))).toEqual(all)
})
