// Changes that somebody may make to a report, one per row: to its database, with every sum and page that can be made to fit, and to its files.
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UnseenKind } from '../../src/verify/unseen.ts'

export interface SqlTampering {
  sql: string
  /** What verify prints when it has the captures; matched against lines that differ. */
  told: RegExp
  /** What verify says it cannot see without the captures; left out: it is seen. */
  unseen?: UnseenKind
}

const SCAN = '(SELECT id FROM flows WHERE server_port BETWEEN 20000 AND 20040 ORDER BY id LIMIT 1)'
const NEXT = '(SELECT id FROM flows WHERE server_port BETWEEN 20000 AND 20040 ORDER BY id LIMIT 1 OFFSET 1)'
const moved = (table: string, id: string, bytes: string, flow: string, by: number) =>
  `UPDATE ${table} SET ${bytes} = ${bytes} + ${by} WHERE ${id} = ${flow};`

/** One byte of a conversation becomes its neighbour's: the same hosts, the same tick. */
const MOVED_BYTE = [[SCAN, -1] as const, [NEXT, 1] as const]
  .flatMap(([flow, by]) => [
    moved('flows', 'id', 'client_bytes', flow, by),
    moved('activity', 'flow_id', 'client_bytes', flow, by),
    moved('packets', 'flow_id', 'bytes', flow, by),
  ])
  .join('')

const row = (sql: string, told: RegExp, unseen?: UnseenKind): SqlTampering => ({ sql, told, ...(unseen && { unseen }) })

export const SQL_TAMPERINGS: SqlTampering[] = [
  row("UPDATE hosts SET ip = '10.9.9.9' WHERE ip = '10.0.0.5'", /hosts row \d+, ip: DIFFERS: .*10\.0\.0\.5.*10\.9\.9\.9/, 'addresses'),
  row("UPDATE hosts SET scope = 'cgnat' WHERE ip = '10.0.0.5'", /hosts row \d+, scope: /, 'addresses'),
  row(
    `UPDATE flows SET server_port = 443 WHERE id = ${SCAN}`,
    /flows row \d+, server_port: DIFFERS: made again 200\d\d, found 443/,
    'addresses',
  ),
  row(`UPDATE flows SET client_tcp_flags = 18 WHERE id = ${SCAN}`, /flows row \d+, client_tcp_flags: /, 'addresses'),
  row(`UPDATE flows SET protocol_number = 132 WHERE id = ${SCAN}`, /flows row \d+, protocol_number: /, 'addresses'),
  row('UPDATE packets SET tcp_flags = 16 WHERE id = 1', /packets row 1, tcp_flags: /, 'addresses'),
  row(MOVED_BYTE, /flows row \d+, client_bytes: DIFFERS: made again 54, found 53/, 'traffic'),
  row(
    'UPDATE tcp SET handshake_us = handshake_us + 1 WHERE flow_id = (SELECT min(flow_id) FROM tcp WHERE handshake_us > 0)',
    /tcp row \d+, handshake_us: /,
    'health',
  ),
  row('UPDATE tcp SET tls_handshake_us = 1000 WHERE flow_id = (SELECT min(flow_id) FROM tcp)', /tcp row \d+, tls_handshake_us: /, 'health'),
  row(
    'UPDATE tcp SET server_retransmissions = server_retransmissions + 1 WHERE flow_id = (SELECT min(flow_id) FROM tcp)',
    /tcp row \d+, server_retransmissions: /,
    'health',
  ),
  row(
    'INSERT INTO retransmissions SELECT tick, flow_id, 1, 0 FROM activity WHERE flow_id = 1 LIMIT 1',
    /retransmissions row tick \d+, flow_id 1: /,
  ),
  row(
    "UPDATE link_traffic SET source_mac = '02:00:00:00:00:99' WHERE protocol = 'ARP'",
    /link_traffic row source_mac "02:00:00:00:00:99", .*: was added/,
    'addresses',
  ),
  row("UPDATE link_traffic SET source_addresses = '10.9.9.9' WHERE protocol = 'ARP'", /link_traffic row .*source_addresses/, 'addresses'),
  row(
    "UPDATE link_traffic SET packets = packets + 1 WHERE protocol = 'ARP'",
    /packets without IP: DIFFERS: link_traffic has 2 of ARP, skipped has 1/,
  ),
  row('UPDATE hosts SET rtt_us = 4200 WHERE id = (SELECT min(id) FROM hosts WHERE rtt_us IS NULL)', /hosts row \d+, rtt_us: /, 'health'),
  row(
    `INSERT INTO meta VALUES ('origin_region', '{"name":"x","latitudeDeg":1,"longitudeDeg":2,"radiusKm":3,"agreeing":3,"places":3}')`,
    /meta row "origin_region"/,
    'health',
  ),
  row(
    'UPDATE dns_queries SET answer_us = answer_us - 1 WHERE id = (SELECT id FROM dns_queries WHERE answer_us > 0 LIMIT 1)',
    /dns_queries row \d+, answer_us: /,
    'traffic',
  ),
  row(
    "DELETE FROM packets WHERE id = (SELECT max(id) FROM packets); UPDATE meta SET value = value - 1 WHERE key = 'packets_kept'",
    /packets row \d+: DIFFERS: is missing: flow_id/,
    'traffic',
  ),
  row(`UPDATE flows SET state = 'SF' WHERE id = ${SCAN}`, /flows row \d+, state: DIFFERS: .*found "SF"/, 'meaning'),
  row(
    "UPDATE flows SET application_source = 'port' WHERE application_source = 'content'",
    /flows row \d+, application_source: /,
    'meaning',
  ),
  row(
    "UPDATE flows SET application = 'gopher' WHERE application = 'ssh'; UPDATE totals SET name = 'gopher' WHERE name = 'ssh'",
    /totals row \d+, name: DIFFERS: made again "ssh"/,
    'meaning',
  ),
  row("UPDATE flows SET ja4 = 't13d0000h2_000000000000_000000000000' WHERE ja4 IS NOT NULL", /flows row \d+, ja4: /, 'meaning'),
  row('UPDATE flows SET tunnel = NULL WHERE tunnel IS NOT NULL', /flows row \d+, tunnel: DIFFERS: .*found null/, 'meaning'),
  row("UPDATE flows SET server_name = 'bank.example' WHERE server_name IS NOT NULL", /flows row \d+, server_name: /, 'names'),
  row("UPDATE flows SET server_name_source = 'tls' WHERE server_name_source = 'dns'", /flows row \d+, server_name_source: /, 'names'),
  row(
    "UPDATE places SET latitude_deg = 48.1 WHERE city = 'Berlin'",
    /places row \d+, latitude_deg: DIFFERS: made again 52.5, found 48.1/,
    'places',
  ),
  row(
    "UPDATE places SET city = 'Munich' WHERE city = 'Berlin'",
    /places row \d+, city: DIFFERS: made again "Berlin", found "Munich"/,
    'places',
  ),
  row(
    "UPDATE places SET country = 'France', country_code = 'FR' WHERE country_code = 'DE'; UPDATE totals SET name = 'France', country_code = 'FR' WHERE country_code = 'DE'",
    /places row \d+, country_code: /,
    'places',
  ),
  row("UPDATE places SET accuracy_km = 1 WHERE city = 'Berlin'", /places row \d+, accuracy_km: /, 'places'),
  row("UPDATE places SET precision = 'region' WHERE city = 'Berlin'", /places row \d+, precision: /, 'places'),
  row("UPDATE places SET time_zone = 'UTC' WHERE city = 'Berlin'", /places row \d+, time_zone: /, 'places'),
  row('UPDATE hosts SET asn = 64500 WHERE asn IS NOT NULL', /hosts row \d+, asn: /, 'places'),
  row("UPDATE hosts SET as_name = 'Nobody' WHERE as_name IS NOT NULL", /hosts row \d+, as_name: /, 'places'),
  row(
    "UPDATE names SET name = 'other.example' WHERE name = (SELECT min(name) FROM names)",
    /names row host_id \d+, name "other\.example", source "\w+": DIFFERS: was added/,
    'names',
  ),
  row('DELETE FROM names WHERE name = (SELECT min(name) FROM names)', /names row host_id .*: DIFFERS: is missing/, 'names'),
  row('UPDATE names SET count = count + 1', /names row host_id .*, count: /, 'names'),
  row(
    "UPDATE software SET text = 'curl/8' WHERE text = (SELECT min(text) FROM software)",
    /software row host_id .*"curl\/8": DIFFERS: was added/,
    'names',
  ),
  row('DELETE FROM software', /table software made again: DIFFERS/, 'names'),
  row("UPDATE dns_queries SET name = 'other.example' WHERE id = 1", /dns_queries row 1, name: /, 'names'),
  row("UPDATE dns_queries SET answers = '203.0.113.1' WHERE answers IS NOT NULL", /dns_queries row \d+, answers: /, 'names'),
  row("UPDATE dns_queries SET response_code = 'REFUSED' WHERE id = 1", /dns_queries row 1, response_code: /, 'names'),
  row('DELETE FROM dns_queries WHERE id = (SELECT max(id) FROM dns_queries)', /dns_queries row \d+: DIFFERS: is missing/, 'names'),
  row(
    "UPDATE alerts SET severity = 'info' WHERE rule = 'port-scan'",
    /alerts row \d+, severity: DIFFERS: made again "\w+", found "info"/,
    'findings',
  ),
  row("UPDATE alerts SET title = 'Nothing to see' WHERE rule = 'port-scan'", /alerts row \d+, title: /, 'findings'),
  row(
    'DELETE FROM alert_flows WHERE alert_id = (SELECT max(id) FROM alerts); DELETE FROM alerts WHERE id = (SELECT max(id) FROM alerts)',
    /alerts row \d+: DIFFERS: is missing: rule/,
    'findings',
  ),
  row(
    "INSERT INTO alerts SELECT max(id) + 1, 'beacon', 1, 'high', 'x', 'y', 'z', first_us, last_us, NULL, NULL, NULL, 0, id, '{}' FROM alerts",
    /alerts row \d+: DIFFERS: was added: rule "beacon"/,
    'findings',
  ),
  row("UPDATE alerts SET evidence = replace(evidence, 'ports', 'parts')", /alerts row \d+, evidence: /, 'findings'),
  row('UPDATE alerts SET flows = flows + 1', /alerts row 1, flows: /, 'findings'),
  row("UPDATE alerts SET next_step = 'Do nothing.'", /alerts row 1, next_step: /, 'findings'),
  row('UPDATE alerts SET source_host_id = NULL WHERE source_host_id IS NOT NULL', /alerts row \d+, source_host_id: /, 'findings'),
  row(
    'DELETE FROM alert_flows WHERE rowid IS NULL OR flow_id = (SELECT max(flow_id) FROM alert_flows)'.replace('rowid IS NULL OR ', ''),
    /alert_flows row alert_id \d+, flow_id \d+: DIFFERS: is missing/,
    'findings',
  ),
  row("UPDATE captures SET sha256 = 'ab' || substr(sha256, 3) WHERE id = 1", /scan\.pcap: SHA-256: DIFFERS/, 'captures'),
  row("UPDATE captures SET format = 'pcapng' WHERE id = 1", /captures row 1, format: /, 'captures'),
  row("UPDATE captures SET warnings = 'all is well' WHERE id = 1", /captures row 1, warnings: /, 'captures'),
  row("UPDATE captures SET ended_by = 'disk full' WHERE id = 1", /captures row 1, ended_by: /, 'captures'),
  row("UPDATE captures SET link_types = '113' WHERE id = 1", /scan\.pcap: link type: DIFFERS/, 'captures'),
  row('UPDATE captures SET captured_bytes = captured_bytes - 1 WHERE id = 1', /scan\.pcap: captured bytes: DIFFERS/, 'captures'),
  row("UPDATE skipped SET reason = 'lost'", /skipped row capture_id \d, reason "lost": DIFFERS: was added/),
  row("UPDATE meta SET value = 'Quiet Monday' WHERE key = 'report_name'", /meta row "report_name", value: DIFFERS/, 'options'),
  row(
    "UPDATE meta SET value = 'by nobody' WHERE key = 'geoip_attribution'",
    /meta row "geoip_database", value|meta row "geoip_attribution", value: DIFFERS/,
    'options',
  ),
  row("UPDATE meta SET value = '2020-01-01' WHERE key = 'geoip_build_date'", /meta row "geoip_build_date", value: /, 'options'),
  row("UPDATE meta SET value = 'beacon' WHERE key = 'rules_off'", /meta row "rules_off", value: /, 'options'),
  row("UPDATE meta SET value = '7' WHERE key = 'names_left_out'", /meta row "names_left_out", value: /, 'options'),
  row("UPDATE meta SET value = '5' WHERE key = 'kernel_drops'", /meta row "kernel_drops", value: /, 'options'),
  row("UPDATE meta SET value = '10' WHERE key = 'max_packets'", /packets row 11: DIFFERS: was added/, 'options'),
  row(
    "UPDATE meta SET value = 'Berlin' WHERE key = 'origin_name'; UPDATE places SET city = 'Berlin' WHERE precision = 'origin'",
    /meta row "origin_name", value: DIFFERS: made again "Nairobi, Kenya"/,
    'options',
  ),
  row("INSERT INTO meta VALUES ('reviewed', 'yes')", /meta row "reviewed": DIFFERS: was added/, 'options'),
  // Seen without the captures too: sums, references, definitions.
  row("UPDATE meta SET value = 'all of them' WHERE key = 'max_packets'", /options in meta: DIFFERS/),
  row("DELETE FROM meta WHERE key = 'pages'", /options in meta: DIFFERS/),
  row("UPDATE meta SET value = value + 1 WHERE key = 'flows'", /meta row "flows", value: /),
  row('UPDATE hosts SET sent_bytes = sent_bytes + 1 WHERE id = 1', /hosts row 1, sent_bytes: /),
  row('UPDATE hosts SET first_us = first_us - 1 WHERE id = 1', /hosts row 1, first_us: /),
  row('UPDATE flows SET client_packets = client_packets + 1 WHERE id = 1', /flows row 1, client_packets: /),
  row(
    `UPDATE flows SET client_bytes = client_bytes + 1 WHERE id = ${SCAN}; UPDATE flows SET client_bytes = client_bytes - 1 WHERE id = ${NEXT}`,
    /flows row \d+, client_bytes: /,
  ),
  row('DELETE FROM flows WHERE id = 3', /flows row 3: DIFFERS: is missing/),
  row('UPDATE activity SET server_bytes = server_bytes + 1', /activity row tick \d+, flow_id \d+, server_bytes: /),
  row('UPDATE ticks SET bytes = bytes + 1', /ticks row \d+, bytes: /),
  row('UPDATE totals SET flows = flows + 1', /totals row 1, flows: /),
  row('UPDATE packets SET bytes = bytes + 1 WHERE id = 2', /packets row 2, bytes: /),
  row('UPDATE captures SET packets = packets + 1 WHERE id = 1', /scan\.pcap: packets: DIFFERS/),
  row('CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END', /only plain tables: DIFFERS: there is trigger t on meta/),
  row('CREATE VIEW v AS SELECT 1', /only plain tables: DIFFERS: there is view v on v/),
  row('CREATE INDEX i ON flows(state)', /only plain tables: DIFFERS: there is index i on flows/),
  row('CREATE TABLE notes (text TEXT)', /definitions of tables: DIFFERS: table notes was added/),
  row('ALTER TABLE hosts ADD COLUMN owner TEXT', /definitions of tables: DIFFERS: table hosts is defined otherwise/),
  row('PRAGMA user_version = 2', /made by rtnvis: DIFFERS: its user_version is 2/),
  row('PRAGMA application_id = 7', /made by rtnvis: DIFFERS: its application_id is 0x7/),
  row('PRAGMA page_size = 8192; VACUUM', /header of the file: DIFFERS: page size is 8192/),
  row('PRAGMA auto_vacuum = FULL; VACUUM', /header of the file: DIFFERS: .*largest root page/),
]

export interface FileTampering {
  name: string
  /** Changes a report's folder. */
  change(folder: string): void
  told: RegExp
}

const edit = (path: string, from: string | RegExp, to: string) => (folder: string) => {
  const file = join(folder, path)
  const before = readFileSync(file, 'utf8')
  const after = before.replace(from, to)
  if (after === before) throw new Error(`${path} has no ${from}`)
  writeFileSync(file, after)
}
const add = (path: string, text: string) => (folder: string) => appendFileSync(join(folder, path), text)
const remove = (path: string) => (folder: string) => rmSync(join(folder, path))

export const FILE_TAMPERINGS: FileTampering[] = [
  {
    name: 'a script in the page',
    change: edit('index.html', '</body>', '<script src="https://example.com/x.js"></script></body>'),
    told: /^index\.html: files of the folder: DIFFERS: .*found ".*script/,
  },
  {
    name: 'a policy that allows more',
    change: edit('index.html', "script-src 'self'", 'script-src *'),
    told: /^index\.html: files of the folder: DIFFERS/,
  },
  {
    name: 'a number in the printed page',
    change: edit('report.html', 'port', 'part'),
    told: /^report\.html: files of the folder: DIFFERS: from byte \d+/,
  },
  {
    name: 'a line of the Markdown',
    change: add('report.md', '\nAll is well.\n'),
    told: /^report\.md: files of the folder: DIFFERS: .*found ".*All is well/,
  },
  {
    name: 'the script',
    change: add('assets/app.js', ';alert(1)'),
    told: /^assets\/app\.js: files of the folder: DIFFERS: it is not this version's own script/,
  },
  {
    name: 'the worker',
    change: add('assets/worker.js', ';alert(1)'),
    told: /^assets\/worker\.js: files of the folder: DIFFERS: it is not this version's own script/,
  },
  {
    name: 'the globe',
    change: add('assets/globe.js', ' '),
    told: /^assets\/globe\.js: files of the folder: DIFFERS: it is not this version's own script/,
  },
  { name: 'the style', change: add('assets/app.css', 'body{display:none}'), told: /^assets\/app\.css: files of the folder: DIFFERS/ },
  {
    name: 'the summary',
    change: edit('assets/data/manifest.js', /"packets":\d+/, '"packets":1'),
    told: /^assets\/data\/manifest\.js: files of the folder: DIFFERS: .*found/,
  },
  {
    name: 'the data of the page',
    change: edit('assets/data/part-0.js', /"(....)/, '"AAAA'),
    told: /^assets\/data\/part-0\.js: files of the folder: DIFFERS/,
  },
  {
    name: 'code behind the data',
    change: add('assets/data/part-0.js', 'alert(1)\n'),
    told: /^assets\/data\/part-0\.js: files of the folder: DIFFERS/,
  },
  {
    name: 'one more part',
    change: (folder) => writeFileSync(join(folder, 'assets/data/part-1.js'), 'rtnvisPart(1,"")\n'),
    told: /^assets\/data\/part-1\.js: files of the folder: DIFFERS: no report has this file/,
  },
  {
    name: 'one more script',
    change: (folder) => writeFileSync(join(folder, 'assets/extra.js'), 'alert(1)'),
    told: /^assets\/extra\.js: files of the folder: DIFFERS: no report has this file/,
  },
  {
    name: 'a folder',
    change: (folder) => {
      mkdirSync(join(folder, '.hidden'))
      writeFileSync(join(folder, '.hidden/note'), 'x')
    },
    told: /^\.hidden\/note: files of the folder: DIFFERS: no report has this file/,
  },
  { name: 'no printed page', change: remove('report.html'), told: /^report\.html: files of the folder: DIFFERS: it is missing/ },
  {
    name: 'no data',
    change: remove('assets/data/part-0.js'),
    told: /^assets\/data\/part-0\.js: files of the folder: DIFFERS: it is missing/,
  },
  {
    name: 'a link in the place of a file',
    change: (folder) => {
      rmSync(join(folder, 'report.md'))
      symlinkSync('/etc/hostname', join(folder, 'report.md'))
    },
    told: /^report\.md: files of the folder: DIFFERS: it is not a regular file/,
  },
]
