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

export const SQL_TAMPERINGS: SqlTampering[] = [
  {
    sql: "UPDATE hosts SET ip = '10.9.9.9' WHERE ip = '10.0.0.5'",
    told: /hosts row \d+, ip: DIFFERS: .*10\.0\.0\.5.*10\.9\.9\.9/,
    unseen: 'addresses',
  },
  { sql: "UPDATE hosts SET scope = 'cgnat' WHERE ip = '10.0.0.5'", told: /hosts row \d+, scope: /, unseen: 'addresses' },
  {
    sql: `UPDATE flows SET server_port = 443 WHERE id = ${SCAN}`,
    told: /flows row \d+, server_port: DIFFERS: made again 200\d\d, found 443/,
    unseen: 'addresses',
  },
  { sql: `UPDATE flows SET client_tcp_flags = 18 WHERE id = ${SCAN}`, told: /flows row \d+, client_tcp_flags: /, unseen: 'addresses' },
  { sql: `UPDATE flows SET protocol_number = 132 WHERE id = ${SCAN}`, told: /flows row \d+, protocol_number: /, unseen: 'addresses' },
  { sql: 'UPDATE packets SET tcp_flags = 16 WHERE id = 1', told: /packets row 1, tcp_flags: /, unseen: 'addresses' },
  { sql: MOVED_BYTE, told: /flows row \d+, client_bytes: DIFFERS: made again 54, found 53/, unseen: 'traffic' },
  {
    sql: 'UPDATE tcp SET handshake_us = handshake_us + 1 WHERE flow_id = (SELECT min(flow_id) FROM tcp WHERE handshake_us > 0)',
    told: /tcp row \d+, handshake_us: /,
    unseen: 'health',
  },
  {
    sql: 'UPDATE tcp SET tls_handshake_us = 1000 WHERE flow_id = (SELECT min(flow_id) FROM tcp)',
    told: /tcp row \d+, tls_handshake_us: /,
    unseen: 'health',
  },
  {
    sql: 'UPDATE tcp SET server_retransmissions = server_retransmissions + 1 WHERE flow_id = (SELECT min(flow_id) FROM tcp)',
    told: /tcp row \d+, server_retransmissions: /,
    unseen: 'health',
  },
  {
    sql: 'INSERT INTO retransmissions SELECT tick, flow_id, 1, 0 FROM activity WHERE flow_id = 1 LIMIT 1',
    told: /retransmissions row tick \d+, flow_id 1: /,
  },
  {
    sql: "UPDATE link_traffic SET source_mac = '02:00:00:00:00:99' WHERE protocol = 'ARP'",
    told: /link_traffic row source_mac "02:00:00:00:00:99", .*: was added/,
    unseen: 'addresses',
  },
  {
    sql: "UPDATE link_traffic SET source_addresses = '10.9.9.9' WHERE protocol = 'ARP'",
    told: /link_traffic row .*source_addresses/,
    unseen: 'addresses',
  },
  {
    sql: "UPDATE link_traffic SET packets = packets + 1 WHERE protocol = 'ARP'",
    told: /packets without IP: DIFFERS: link_traffic has 2 of ARP, skipped has 1/,
  },
  {
    sql: 'UPDATE hosts SET rtt_us = 4200 WHERE id = (SELECT min(id) FROM hosts WHERE rtt_us IS NULL)',
    told: /hosts row \d+, rtt_us: /,
    unseen: 'health',
  },
  {
    sql: `INSERT INTO meta VALUES ('origin_region', '{"name":"x","latitudeDeg":1,"longitudeDeg":2,"radiusKm":3,"agreeing":3,"places":3}')`,
    told: /meta row "origin_region"/,
    unseen: 'health',
  },
  {
    sql: 'UPDATE dns_queries SET answer_us = answer_us - 1 WHERE id = (SELECT id FROM dns_queries WHERE answer_us > 0 LIMIT 1)',
    told: /dns_queries row \d+, answer_us: /,
    unseen: 'traffic',
  },
  {
    sql: "DELETE FROM packets WHERE id = (SELECT max(id) FROM packets); UPDATE meta SET value = value - 1 WHERE key = 'packets_kept'",
    told: /packets row \d+: DIFFERS: is missing: flow_id/,
    unseen: 'traffic',
  },
  { sql: `UPDATE flows SET state = 'SF' WHERE id = ${SCAN}`, told: /flows row \d+, state: DIFFERS: .*found "SF"/, unseen: 'meaning' },
  {
    sql: "UPDATE flows SET application_source = 'port' WHERE application_source = 'content'",
    told: /flows row \d+, application_source: /,
    unseen: 'meaning',
  },
  {
    sql: "UPDATE flows SET application = 'gopher' WHERE application = 'ssh'; UPDATE totals SET name = 'gopher' WHERE name = 'ssh'",
    told: /totals row \d+, name: DIFFERS: made again "ssh"/,
    unseen: 'meaning',
  },
  {
    sql: "UPDATE flows SET ja4 = 't13d0000h2_000000000000_000000000000' WHERE ja4 IS NOT NULL",
    told: /flows row \d+, ja4: /,
    unseen: 'meaning',
  },
  {
    sql: 'UPDATE flows SET tunnel = NULL WHERE tunnel IS NOT NULL',
    told: /flows row \d+, tunnel: DIFFERS: .*found null/,
    unseen: 'meaning',
  },
  {
    sql: "UPDATE flows SET server_name = 'bank.example' WHERE server_name IS NOT NULL",
    told: /flows row \d+, server_name: /,
    unseen: 'names',
  },
  {
    sql: "UPDATE flows SET server_name_source = 'tls' WHERE server_name_source = 'dns'",
    told: /flows row \d+, server_name_source: /,
    unseen: 'names',
  },
  {
    sql: "UPDATE places SET latitude_deg = 48.1 WHERE city = 'Berlin'",
    told: /places row \d+, latitude_deg: DIFFERS: made again 52.5, found 48.1/,
    unseen: 'places',
  },
  {
    sql: "UPDATE places SET city = 'Munich' WHERE city = 'Berlin'",
    told: /places row \d+, city: DIFFERS: made again "Berlin", found "Munich"/,
    unseen: 'places',
  },
  {
    sql: "UPDATE places SET country = 'France', country_code = 'FR' WHERE country_code = 'DE'; UPDATE totals SET name = 'France', country_code = 'FR' WHERE country_code = 'DE'",
    told: /places row \d+, country_code: /,
    unseen: 'places',
  },
  { sql: "UPDATE places SET accuracy_km = 1 WHERE city = 'Berlin'", told: /places row \d+, accuracy_km: /, unseen: 'places' },
  { sql: "UPDATE places SET precision = 'region' WHERE city = 'Berlin'", told: /places row \d+, precision: /, unseen: 'places' },
  { sql: "UPDATE places SET time_zone = 'UTC' WHERE city = 'Berlin'", told: /places row \d+, time_zone: /, unseen: 'places' },
  { sql: 'UPDATE hosts SET asn = 64500 WHERE asn IS NOT NULL', told: /hosts row \d+, asn: /, unseen: 'places' },
  { sql: "UPDATE hosts SET as_name = 'Nobody' WHERE as_name IS NOT NULL", told: /hosts row \d+, as_name: /, unseen: 'places' },
  {
    sql: "UPDATE names SET name = 'other.example' WHERE name = (SELECT min(name) FROM names)",
    told: /names row host_id \d+, name "other\.example", source "\w+": DIFFERS: was added/,
    unseen: 'names',
  },
  {
    sql: 'DELETE FROM names WHERE name = (SELECT min(name) FROM names)',
    told: /names row host_id .*: DIFFERS: is missing/,
    unseen: 'names',
  },
  { sql: 'UPDATE names SET count = count + 1', told: /names row host_id .*, count: /, unseen: 'names' },
  {
    sql: "UPDATE software SET text = 'curl/8' WHERE text = (SELECT min(text) FROM software)",
    told: /software row host_id .*"curl\/8": DIFFERS: was added/,
    unseen: 'names',
  },
  { sql: 'DELETE FROM software', told: /table software made again: DIFFERS/, unseen: 'names' },
  { sql: "UPDATE dns_queries SET name = 'other.example' WHERE id = 1", told: /dns_queries row 1, name: /, unseen: 'names' },
  {
    sql: "UPDATE dns_queries SET answers = '203.0.113.1' WHERE answers IS NOT NULL",
    told: /dns_queries row \d+, answers: /,
    unseen: 'names',
  },
  { sql: "UPDATE dns_queries SET response_code = 'REFUSED' WHERE id = 1", told: /dns_queries row 1, response_code: /, unseen: 'names' },
  {
    sql: 'DELETE FROM dns_queries WHERE id = (SELECT max(id) FROM dns_queries)',
    told: /dns_queries row \d+: DIFFERS: is missing/,
    unseen: 'names',
  },
  {
    sql: "UPDATE alerts SET severity = 'info' WHERE rule = 'port-scan'",
    told: /alerts row \d+, severity: DIFFERS: made again "\w+", found "info"/,
    unseen: 'findings',
  },
  { sql: "UPDATE alerts SET title = 'Nothing to see' WHERE rule = 'port-scan'", told: /alerts row \d+, title: /, unseen: 'findings' },
  {
    sql: 'DELETE FROM alert_flows WHERE alert_id = (SELECT max(id) FROM alerts); DELETE FROM alerts WHERE id = (SELECT max(id) FROM alerts)',
    told: /alerts row \d+: DIFFERS: is missing: rule/,
    unseen: 'findings',
  },
  {
    sql: "INSERT INTO alerts SELECT max(id) + 1, 'beacon', 1, 'high', 'x', 'y', 'z', first_us, last_us, NULL, NULL, NULL, 0, id, '{}' FROM alerts",
    told: /alerts row \d+: DIFFERS: was added: rule "beacon"/,
    unseen: 'findings',
  },
  { sql: "UPDATE alerts SET evidence = replace(evidence, 'ports', 'parts')", told: /alerts row \d+, evidence: /, unseen: 'findings' },
  { sql: 'UPDATE alerts SET flows = flows + 1', told: /alerts row 1, flows: /, unseen: 'findings' },
  { sql: "UPDATE alerts SET next_step = 'Do nothing.'", told: /alerts row 1, next_step: /, unseen: 'findings' },
  {
    sql: 'UPDATE alerts SET source_host_id = NULL WHERE source_host_id IS NOT NULL',
    told: /alerts row \d+, source_host_id: /,
    unseen: 'findings',
  },
  {
    sql: 'DELETE FROM alert_flows WHERE rowid IS NULL OR flow_id = (SELECT max(flow_id) FROM alert_flows)'.replace('rowid IS NULL OR ', ''),
    told: /alert_flows row alert_id \d+, flow_id \d+: DIFFERS: is missing/,
    unseen: 'findings',
  },
  { sql: "UPDATE captures SET sha256 = 'ab' || substr(sha256, 3) WHERE id = 1", told: /scan\.pcap: SHA-256: DIFFERS/, unseen: 'captures' },
  { sql: "UPDATE captures SET format = 'pcapng' WHERE id = 1", told: /captures row 1, format: /, unseen: 'captures' },
  { sql: "UPDATE captures SET warnings = 'all is well' WHERE id = 1", told: /captures row 1, warnings: /, unseen: 'captures' },
  { sql: "UPDATE captures SET ended_by = 'disk full' WHERE id = 1", told: /captures row 1, ended_by: /, unseen: 'captures' },
  { sql: "UPDATE captures SET link_types = '113' WHERE id = 1", told: /scan\.pcap: link type: DIFFERS/, unseen: 'captures' },
  {
    sql: 'UPDATE captures SET captured_bytes = captured_bytes - 1 WHERE id = 1',
    told: /scan\.pcap: captured bytes: DIFFERS/,
    unseen: 'captures',
  },
  { sql: "UPDATE skipped SET reason = 'lost'", told: /skipped row capture_id \d, reason "lost": DIFFERS: was added/ },
  {
    sql: "UPDATE meta SET value = 'Quiet Monday' WHERE key = 'report_name'",
    told: /meta row "report_name", value: DIFFERS/,
    unseen: 'options',
  },
  {
    sql: "UPDATE meta SET value = 'by nobody' WHERE key = 'geoip_attribution'",
    told: /meta row "geoip_database", value|meta row "geoip_attribution", value: DIFFERS/,
    unseen: 'options',
  },
  {
    sql: "UPDATE meta SET value = '2020-01-01' WHERE key = 'geoip_build_date'",
    told: /meta row "geoip_build_date", value: /,
    unseen: 'options',
  },
  { sql: "UPDATE meta SET value = 'beacon' WHERE key = 'rules_off'", told: /meta row "rules_off", value: /, unseen: 'options' },
  { sql: "UPDATE meta SET value = '7' WHERE key = 'names_left_out'", told: /meta row "names_left_out", value: /, unseen: 'options' },
  { sql: "UPDATE meta SET value = '5' WHERE key = 'kernel_drops'", told: /meta row "kernel_drops", value: /, unseen: 'options' },
  {
    sql: "UPDATE meta SET value = '10' WHERE key = 'max_packets'",
    told: /packets row 11: DIFFERS: was added/,
    unseen: 'options',
  },
  {
    sql: "UPDATE meta SET value = 'Berlin' WHERE key = 'origin_name'; UPDATE places SET city = 'Berlin' WHERE precision = 'origin'",
    told: /meta row "origin_name", value: DIFFERS: made again "Nairobi, Kenya"/,
    unseen: 'options',
  },
  { sql: "INSERT INTO meta VALUES ('reviewed', 'yes')", told: /meta row "reviewed": DIFFERS: was added/, unseen: 'options' },
  // Seen without the captures too: sums, references, definitions.
  { sql: "UPDATE meta SET value = 'all of them' WHERE key = 'max_packets'", told: /options in meta: DIFFERS/ },
  { sql: "DELETE FROM meta WHERE key = 'pages'", told: /options in meta: DIFFERS/ },
  { sql: "UPDATE meta SET value = value + 1 WHERE key = 'flows'", told: /meta row "flows", value: / },
  { sql: 'UPDATE hosts SET sent_bytes = sent_bytes + 1 WHERE id = 1', told: /hosts row 1, sent_bytes: / },
  { sql: 'UPDATE hosts SET first_us = first_us - 1 WHERE id = 1', told: /hosts row 1, first_us: / },
  { sql: 'UPDATE flows SET client_packets = client_packets + 1 WHERE id = 1', told: /flows row 1, client_packets: / },
  {
    sql: `UPDATE flows SET client_bytes = client_bytes + 1 WHERE id = ${SCAN}; UPDATE flows SET client_bytes = client_bytes - 1 WHERE id = ${NEXT}`,
    told: /flows row \d+, client_bytes: /,
  },
  { sql: 'DELETE FROM flows WHERE id = 3', told: /flows row 3: DIFFERS: is missing/ },
  { sql: 'UPDATE activity SET server_bytes = server_bytes + 1', told: /activity row tick \d+, flow_id \d+, server_bytes: / },
  { sql: 'UPDATE ticks SET bytes = bytes + 1', told: /ticks row \d+, bytes: / },
  { sql: 'UPDATE totals SET flows = flows + 1', told: /totals row 1, flows: / },
  { sql: 'UPDATE packets SET bytes = bytes + 1 WHERE id = 2', told: /packets row 2, bytes: / },
  { sql: 'UPDATE captures SET packets = packets + 1 WHERE id = 1', told: /scan\.pcap: packets: DIFFERS/ },
  { sql: 'CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END', told: /only plain tables: DIFFERS: there is trigger t on meta/ },
  { sql: 'CREATE VIEW v AS SELECT 1', told: /only plain tables: DIFFERS: there is view v on v/ },
  { sql: 'CREATE INDEX i ON flows(state)', told: /only plain tables: DIFFERS: there is index i on flows/ },
  { sql: 'CREATE TABLE notes (text TEXT)', told: /definitions of tables: DIFFERS: table notes was added/ },
  { sql: 'ALTER TABLE hosts ADD COLUMN owner TEXT', told: /definitions of tables: DIFFERS: table hosts is defined otherwise/ },
  { sql: 'PRAGMA user_version = 2', told: /made by rtnvis: DIFFERS: its user_version is 2/ },
  { sql: 'PRAGMA application_id = 7', told: /made by rtnvis: DIFFERS: its application_id is 0x7/ },
  { sql: 'PRAGMA page_size = 8192; VACUUM', told: /header of the file: DIFFERS: page size is 8192/ },
  { sql: 'PRAGMA auto_vacuum = FULL; VACUUM', told: /header of the file: DIFFERS: .*largest root page/ },
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
