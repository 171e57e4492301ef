// Options of several commands, declared once.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseMemory } from './flow-limit.ts'

/** Default of --max-packets: rows of the packets table in a report. */
const DEFAULT_MAX_PACKETS = 100_000

/** Options of all commands that make a report. @param named default of --name, in words */
export function addReportOptions(command: Command, named: string): Command {
  return command
    .option('-o, --out <dir>', "the report's own folder (default: output/<name>/)")
    .option('--name <text>', `the report's title (default: ${named})`)
    .option('--no-site', 'only traffic.sqlite')
    .option('--origin <place>', 'place of private addresses: "City", "City, Country", lat,lon or auto (default: Nairobi, Kenya)')
    .option('--geoip <path>', 'MaxMind DB file, or a folder with such files')
    .addOption(
      new Option('--max-packets <n>', 'packet rows kept: a number, all or none; flows always count all')
        .argParser(parseMaxPackets)
        .default(DEFAULT_MAX_PACKETS),
    )
    .option('--max-memory <size>', 'further conversations are counted together: 500M, 2G (default: by the available memory)', parseMemory)
    .option('--blocklist <file>', 'addresses, networks, domains or JA4 to look for; may be repeated', collect, [])
    .option('--rules <file>', 'thresholds, rules to switch off and findings to suppress (TOML; `rtnvis rules --toml` prints one)')
    .option('--baseline <report>', 'an earlier report or its traffic.sqlite: findings show which destinations are new')
    .option('--fail-on <severity>', 'exit with 3 if there is a finding of at least this severity: info, low, medium or high')
    .option('--json', 'print the summary as JSON on stdout', false)
    .option('-q, --quiet', 'no progress and no summary', false)
    .option('--open', 'open the report when it is done', false)
    .option('--force', 'replace the folder even if it is not a report', false)
}

/** Options of all commands that serve. */
export function addServerOptions(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all IPv4 addresses', '127.0.0.1')
    .addOption(new Option('--port <number>', 'port to listen on (default: 8770, or a free one)').argParser(parsePort))
    .option('--key <text>', 'the access key, or RTNVIS_KEY in the environment (default: a random one)')
    .option('--keys <file>', 'further keys with names and roles (`rtnvis keys` makes it); then there is no random key')
    .option('--audit <file>', 'append logins, refused requests and database downloads, one JSON line each')
    .option('--tls-cert <file>', 'certificate chain (PEM): serve HTTPS')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .option('--allow-origin <origin>', 'pages of this origin may use the API; may be repeated', collect, [])
    .option('--allow-host <name>', 'a host name that the server accepts; may be repeated', collect, [])
    .option(
      '--trust-proxy <network>',
      'trust X-Forwarded-For and Forwarded from this proxy: 10.0.0.0/8, loopback; may be repeated',
      collect,
      [],
    )
}

export function collectNumbers(text: string, before: number[]): number[] {
  return [...before, parseCount(text)]
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a number, at least 1.')
  return Number(text)
}

function parseMaxPackets(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (text === 'none') return 0
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a number, "all" or "none".')
  return Number(text)
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.')
  return Number(text)
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, values: string[]): string[] {
  return [...values, value]
}
