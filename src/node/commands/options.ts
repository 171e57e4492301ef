// The options of all commands: flags, help, default, and how the text is read (option-values.ts). The types of their values follow.
import { DDL, type ExportTarget, FORMAT_NAMES } from '../../export/format-names.ts'
import { DEFAULT_PACKET_ROWS } from '../../input/packet-rows.ts'
import { parseDuration } from '../live/duration.ts'
import { type Declared, flag, repeated, required, several, text, type Values, value } from './declare.ts'
import { parseMemory } from './flow-limit.ts'
import {
  parseCount,
  parseEvery,
  parseExport,
  parseFormat,
  parseKeep,
  parseMaxPackets,
  parseName,
  parsePort,
  parseSettle,
  parseSeverity,
  parseSpan,
} from './option-values.ts'

/** cli.ts reads it from the arguments themselves: options may be what is wrong. */
const DEBUG: { debug: Declared<boolean | undefined> } = { debug: { flags: '--debug', help: 'print the stack of an unexpected error' } }
const CAPTURE = {
  capture: several('--capture <file...>', "the original captures (default: searched by name in this folder, the report's and its parent)"),
}

/** Of all commands that run rules. */
const DETECTION = {
  rules: text('--rules <file>', 'thresholds, rules to switch off and findings to suppress (TOML; `rtnvis rules --toml` prints one)'),
  blocklist: repeated('--blocklist <file>', 'addresses, networks, domains or JA4 to look for; may be repeated'),
  baseline: text('--baseline <report>', 'an earlier report or its traffic.sqlite: findings show which destinations are new'),
  failOn: value(
    '--fail-on <severity>',
    'exit with 3 if there is a finding of at least this severity: info, low, medium or high',
    parseSeverity,
  ),
}

/** What is written of a report. */
const SITE = flag('--no-site', 'only traffic.sqlite')
const SINGLE_FILE = flag('--single-file', 'one index.html with everything in it, to send by mail')
const REPLACE_REPORT = flag('--force', 'replace the folder even if it is not a report')

/** Options of all commands that make a report. @param named default of --name, in words */
const reportOptions = (named: string) => ({
  out: text('-o, --out <dir>', "the report's own folder (default: output/<name>/)"),
  name: value('--name <text>', `the report's title (default: ${named})`, parseName),
  site: SITE,
  origin: text('--origin <place>', 'place of private addresses: "City", "City, Country", lat,lon or auto (default: Nairobi, Kenya)'),
  geoip: text('--geoip <path>', 'MaxMind DB file, or a folder with such files'),
  maxPackets: value(
    '--max-packets <n>',
    'packet rows kept: a number, all or none; flows always count all',
    parseMaxPackets,
    DEFAULT_PACKET_ROWS,
  ),
  maxMemory: value(
    '--max-memory <size>',
    'further conversations are counted together: 500M, 2G (default: by the available memory)',
    parseMemory,
  ),
  from: text('--from <time>', 'read only packets from this time on: 90s (since the first packet) or 2026-03-02T10:00:30Z'),
  to: text('--to <time>', 'read only packets up to this time'),
  only: text('--only <filter>', 'read only packets that a filter of the page selects by address, port, protocol, scope or tunnel'),
  ...DETECTION,
  maskAccounts: flag('--mask-accounts', 'replace names of accounts by pseudonyms (account-1, ...), the same for the same account'),
  json: flag('--json', 'print the summary as JSON on stdout'),
  quiet: flag('-q, --quiet', 'no progress and no summary'),
  open: flag('--open', 'open the report when it is done'),
  force: REPLACE_REPORT,
})

/** Options of all commands that serve. */
export const SERVER_OPTIONS = {
  host: text('--host <address>', 'address to listen on; 0.0.0.0 for all IPv4 addresses', '127.0.0.1'),
  port: value('--port <number>', 'port to listen on (default: 8770, or a free one)', parsePort),
  key: text('--key <text>', 'the access key, or RTNVIS_KEY in the environment (default: a random one)'),
  keys: text('--keys <file>', 'further keys with names and roles (`rtnvis keys` makes it); then there is no random key'),
  audit: text('--audit <file>', 'append logins, refused requests and database downloads, one JSON line each'),
  tlsCert: text('--tls-cert <file>', 'certificate chain (PEM): serve HTTPS'),
  tlsKey: text('--tls-key <file>', 'private key of the certificate (PEM)'),
  allowOrigin: repeated('--allow-origin <origin>', 'pages of this origin may use the API; may be repeated'),
  allowHost: repeated('--allow-host <name>', 'a host name that the server accepts; may be repeated'),
  trustProxy: repeated(
    '--trust-proxy <network>',
    'trust X-Forwarded-For and Forwarded from this proxy: 10.0.0.0/8, loopback; may be repeated',
  ),
}

export const ANALYZE_OPTIONS = {
  ...reportOptions("the file's name"),
  each: flag('--each', 'a report for every capture, in a folder of reports (-o; default: output) with a page that lists them'),
  recursive: flag('-r, --recursive', 'read subfolders of a folder, too'),
  filter: text('-f, --filter <bpf>', 'read only packets that this capture filter selects: hosts, networks, ports, protocols'),
  digest: flag('--no-digest', 'do not compute the SHA-256 of captures: faster, but nothing tells later which files they were'),
  deduplicate: flag('--deduplicate', 'leave out packets that were captured twice (mirror port, several interfaces), and count them'),
  singleFile: SINGLE_FILE,
  sign: text('--sign <key>', 'sign the report with this SSH key: SHA256SUMS and SHA256SUMS.sig (checked by rtnvis verify or ssh-keygen)'),
  ...DEBUG,
}

export const LIVE_OPTIONS = {
  interface: text('-i, --interface <name>', 'interface to capture on, or any (default: the one with the default route)'),
  duration: value('--duration <time>', 'how long: 90s, 10m, 1h30m (default: until Ctrl-C)', (text) => parseDuration(text)),
  count: value('-c, --count <n>', 'end after n packets', parseCount),
  filter: text('-f, --filter <bpf>', 'capture only packets that match this filter (pcap-filter)'),
  http: flag('--http', 'the filter "tcp port 80 or tcp port 443"'),
  write: text('-w, --write <file>', 'also write the raw packets to this file'),
  fileSize: value('-C, --file-size <n>', 'start the next raw file after n million bytes', parseCount),
  rotateSeconds: value(
    '-G, --rotate-seconds <n>',
    'start the next raw file after n seconds; its name may contain strftime conversions',
    parseCount,
  ),
  fileCount: value('-W, --file-count <n>', 'with -C: use n raw files in turn; with -G: end after n', parseCount),
  user: text('-Z, --user <name>', 'become this user once the device is open (default: whoever called sudo)'),
  via: text('--via <program>', 'program that captures: tcpdump, dumpcap or cap (default: the first that is installed)'),
  serve: flag('--serve', 'serve the live view while capturing'),
  ...reportOptions('interface and time'),
  from: text(
    '--from <time>',
    'read only packets from this time on; or tcp://HOST:PORT: take the packets that a server sends (PCAP-over-IP)',
  ),
  ...SERVER_OPTIONS,
  ...DEBUG,
}

export const SERVE_OPTIONS = { ...SERVER_OPTIONS, quiet: flag('-q, --quiet', 'print only the address'), ...DEBUG }

export const SLICE_OPTIONS = {
  out: required('-o, --out <file>', 'the file to write; - is standard output'),
  format: value('--format <format>', 'pcapng or pcap (default: pcap if the name of the file ends in .pcap)', parseFormat),
  filter: text('--filter <text>', 'conversations that a filter of the page finds, e.g. "country:IS port:443"'),
  alert: repeated('--alert <n>', 'conversations of an alert, by its number; may be repeated', parseCount),
  flow: repeated('--flow <n>', 'a conversation, by its number; may be repeated', parseCount),
  from: text('--from <time>', 'only packets from this time on: 90s (since the first packet) or 2026-03-02T10:00:30Z'),
  to: text('--to <time>', 'only packets up to this time'),
  ...CAPTURE,
  keepSecrets: flag('--keep-secrets', 'also copy decryption secrets (TLS keys)'),
  digest: flag('--no-digest', 'do not compare the SHA-256 of captures: faster; the packets of each conversation are counted all the same'),
  force: flag('--force', 'accept captures with another SHA-256, and replace an existing file'),
  quiet: flag('-q, --quiet', 'print nothing'),
  ...DEBUG,
}

export const VERIFY_OPTIONS = {
  ...CAPTURE,
  geoip: text('--geoip <path>', 'the MaxMind database of its analysis (default: the one analyze would use)'),
  rules: text('--rules <file>', 'the rules file of its analysis (default: searched like captures)'),
  blocklist: repeated('--blocklist <file>', 'a blocklist of its analysis; may be repeated (default: searched like captures)'),
  baseline: text('--baseline <report>', 'the baseline of its analysis (default: searched like captures)'),
  checkSignature: text('--check-signature <key.pub>', 'check that this SSH key signed the report and that it is unchanged'),
  json: flag('--json', 'print the checks as JSON'),
  quiet: flag('-q, --quiet', 'print only what differs'),
  ...DEBUG,
}

export const EXPORT_OPTIONS = {
  to: {
    flags: '--to <format>',
    help: `what to write: ${FORMAT_NAMES.join(', ')}; clickhouse://user@host:port/database: into this database; ${DDL}: print the statements that make its tables`,
    parse: parseExport,
    isRequired: true,
  } as Declared<ExportTarget>,
  out: text('-o, --out <dir>', 'the folder to write to'),
  json: flag('--json', "Zeek's logs as JSON, one object a line"),
  private: flag('--private', 'incidents with their victims: addresses, names and accounts of your own network'),
  sensor: text('--sensor <name>', "of Parquet and ClickHouse: who captured it (default: the report's name)"),
  communityId: flag('--no-community-id', 'Parquet and ClickHouse without Community IDs, which are almost half of the bytes'),
  force: flag('--force', 'replace files that are there'),
  quiet: flag('-q, --quiet', 'print nothing'),
  ...DEBUG,
}

export const QUERY_OPTIONS = {
  csv: flag('--csv', 'print the rows as CSV; no cell is evaluated as a formula'),
  json: flag('--json', 'print the rows as JSON, one object each'),
  ...DEBUG,
}

const { site, origin, geoip, maxPackets, maxMemory, json, open } = reportOptions('')

export const REPORT_OPTIONS = {
  from: required('--from <lake>', 'the folder that `rtnvis export --to parquet` wrote, or clickhouse://user@host:port/database'),
  since: text('--since <time>', 'only conversations that began at this time or later: 2026-03-02 or 2026-03-02T10:00 (UTC)'),
  until: text('--until <time>', 'only conversations that began until the end of this day, hour, minute or second'),
  only: text('--only <filter>', 'only conversations that a filter of the page finds'),
  sensor: text('--sensor <name>', 'only conversations of this sensor, as `rtnvis export --sensor` named it'),
  out: required('-o, --out <dir>', "the report's own folder"),
  name: value('--name <text>', "the report's title (default: the lake's name)", parseName),
  ...{ site, singleFile: SINGLE_FILE, origin, geoip, maxMemory },
  ...DETECTION,
  ...{ json, quiet: flag('-q, --quiet', 'no progress and no summary'), open, force: REPLACE_REPORT },
  ...DEBUG,
}

export const WATCH_OPTIONS = {
  out: required('-o, --out <dir>', 'the folder of reports'),
  by: value('--by <span>', 'merge the reports of an hour or of a day (UTC)', parseSpan, 'day'),
  every: value('--every <time>', 'how often to look (default: 10s)', parseEvery),
  settle: value('--settle <time>', 'a file is complete when it has not changed for so long (default: 30s)', parseSettle),
  keep: value('--keep <time>', 'remove reports that are older, such as 30d (default: nothing is removed)', parseKeep),
  once: flag('--once', 'look once, and end'),
  recursive: flag('-r, --recursive', 'look into subfolders, too'),
  ...{ site, singleFile: SINGLE_FILE, origin, geoip, maxPackets },
  ...DETECTION,
  json,
  quiet: flag('-q, --quiet', 'print problems only'),
  force: flag('--force', 'write into a folder that has a page of its own'),
  ...DEBUG,
}

const MERGED_REPORT = {
  name: value('--name <text>', "the report's title (default: the first capture's name)", parseName),
  site: SITE,
  singleFile: SINGLE_FILE,
  force: REPLACE_REPORT,
}

export const MERGE_OPTIONS = {
  out: required('-o, --out <dir>', "the report's own folder"),
  ...MERGED_REPORT,
  ...DETECTION,
  json: flag('--json', 'print the summary as JSON on stdout'),
  quiet: flag('-q, --quiet', 'no summary'),
  ...DEBUG,
}

export const DETECT_OPTIONS = {
  ...DETECTION,
  json: flag('--json', 'print the findings as JSON'),
  out: text('-o, --out <dir>', 'write a report with these findings to this folder (default: no report is changed or written)'),
  ...MERGED_REPORT,
  quiet: flag('-q, --quiet', 'print no findings as text'),
  ...DEBUG,
}

export const RULES_OPTIONS = {
  toml: flag('--toml', 'print a commented file for --rules'),
  json: flag('--json', 'print them as JSON'),
}
export const MANUAL_OPTIONS = { open: flag('--no-open', 'only print its path') }
export const SITE_OPTIONS = {
  singleFile: flag('--single-file', 'write one HTML file, without the location database and the manual'),
  force: flag('--force', 'write into a folder that has other files in it, or replace a file'),
}
export const INTERFACES_OPTIONS = { json: flag('--json', 'print them as JSON'), ...DEBUG }
export const KEYS_OPTIONS = { file: required('--file <file>', 'the key file') }
export const ADD_KEY_OPTIONS = {
  ...KEYS_OPTIONS,
  role: text('--role <role>', 'viewer (pages), analyst (databases, too) or admin (all)', 'viewer'),
}

export type WatchFlags = Values<typeof WATCH_OPTIONS>
export type MergeFlags = Values<typeof MERGE_OPTIONS>
export type DetectFlags = Values<typeof DETECT_OPTIONS>
export type ReportFlags = Values<ReturnType<typeof reportOptions>>
export type ServerFlags = Values<typeof SERVER_OPTIONS>
export type AnalyzeFlags = Values<typeof ANALYZE_OPTIONS>
export type LiveFlags = Values<typeof LIVE_OPTIONS>
export type ServeFlags = Values<typeof SERVE_OPTIONS>
export type SliceFlags = Values<typeof SLICE_OPTIONS>
export type ExportFlags = Values<typeof EXPORT_OPTIONS>
export type LakeReportFlags = Values<typeof REPORT_OPTIONS>
export type QueryFlags = Values<typeof QUERY_OPTIONS>
export type VerifyFlags = Values<typeof VERIFY_OPTIONS>
export type RulesFlags = Values<typeof RULES_OPTIONS>

/** What every long command gets beside its options. */
export interface Run {
  programVersion: string
  /** Aborted when the user ends the command. */
  interrupt: AbortSignal
}
