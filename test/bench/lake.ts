// `npm run bench:lake -- DIR [--days N] [--flows N] [--reports N] [--no-community-id]`: writes a lake of made-up conversations of a site of 250 hosts, in as many reports a day
// as a rotation leaves, then measures its size and the time of questions: a day's report, and the countries that a host sent most to in a month. Needs @duckdb/node-api and npm run build:src.

import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Zstd } from '@hpcc-js/wasm-zstd'
import { random } from '../../fixtures/generate/random.ts'
import { parquetFiles } from '../../src/export/parquet.ts'
import type { ReportRows } from '../../src/export/report-rows.ts'
import type { ExportFlow, ExportHost, ExportPlace } from '../../src/export/rows.ts'
import { flowUids } from '../../src/export/uid.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const DAY_US = 86_400e6
const BEGIN_US = Date.UTC(2026, 2, 1) * 1000
const CLIENTS = 250
const SERVERS = 20_000
const COUNTRIES = ['US', 'DE', 'NL', 'IE', 'GB', 'FR', 'SG', 'JP', 'IS', 'KE', 'ZA', 'BR', 'IN', 'SE', 'FI', 'CA', 'AU', 'CZ', 'PL', 'IT']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    days: { type: 'string', default: '30' },
    flows: { type: 'string', default: '10000000' },
    reports: { type: 'string', default: '24' },
    'no-community-id': { type: 'boolean', default: false },
  },
})
const folder = positionals[0]
const hasCommunityIds = !values['no-community-id']
const zstd = await Zstd.load()
const days = Number(values.days)
const reportsOfDay = Number(values.reports)
const flowsOfReport = Math.round(Number(values.flows) / days / reportsOfDay)
const REPORT_US = DAY_US / reportsOfDay

const chance = random(1)
const below = (n: number) => Math.floor(chance() * n)
/** A few are chosen often, as hosts and servers are. */
const skewed = (n: number) => Math.floor(n * chance() ** 4)

function hostOf(id: number, ip: string, name: string | null, place: ExportPlace | null, network: [number, string] | null): ExportHost {
  const isLocal = place === null
  const totals = { firstUs: BEGIN_US, lastUs: BEGIN_US, sentPackets: 0, receivedPackets: 0, sentBytes: 0, receivedBytes: 0 }
  const facts = { scope: isLocal ? 'private' : 'public', isLocal, asn: network?.[0] ?? null, asName: network?.[1] ?? null }
  return { id, ip, address: ip, place, name, ...facts, ...totals }
}

const clients = Array.from({ length: CLIENTS }, (_, i) =>
  hostOf(i, `192.168.10.${i}`, i % 3 === 0 ? null : `pc-${i}.office.example`, null, null),
)
const places = Array.from({ length: 600 }, (_, id): ExportPlace => {
  const rest = { region: null, country: null, continentCode: null, timeZone: null, precision: 'city' }
  return {
    id,
    latitudeDeg: below(1_800_000) / 1e4 - 90,
    longitudeDeg: below(3_600_000) / 1e4 - 180,
    city: `City ${id}`,
    countryCode: COUNTRIES[skewed(20)],
    ...rest,
  }
})
const servers = Array.from({ length: SERVERS }, (_, i) => {
  const ip = `${[1 + below(220), below(256), below(256), 1 + below(254)].join('.')}`
  const network: [number, string] = [13_000 + skewed(3000), `Network ${skewed(3000)}`]
  return hostOf(CLIENTS + i, ip, i % 4 === 0 ? null : `www.site-${i}.example`, places[skewed(600)], network)
})
const ja4s = Array.from(
  { length: 40 },
  (_, i) =>
    `t13d1516h2_${createHash('md5').update(`a${i}`).digest('hex').slice(0, 12)}_${createHash('md5').update(`b${i}`).digest('hex').slice(0, 12)}`,
)

/** @param number of the report since the first day */
function* flowsOf(number: number): Generator<ExportFlow> {
  const uidOf = flowUids(`report ${number}`)
  const starts = Float64Array.from({ length: flowsOfReport }, () => Math.floor(BEGIN_US + (number + chance()) * REPORT_US)).sort()
  for (const [row, firstUs] of starts.entries()) yield flowOf(row + 1, uidOf(row + 1), firstUs)
}

function flowOf(id: number, uid: Uint8Array, firstUs: number): ExportFlow {
  const client = clients[skewed(CLIENTS)]
  const server = servers[skewed(SERVERS)]
  const kind = chance()
  const isDns = kind < 0.35
  const isTls = kind >= 0.35 && kind < 0.85
  const clientPort = 32_768 + below(28_232)
  const serverPort = isDns ? 53 : isTls ? 443 : [80, 22, 123, 8080, 25][skewed(5)]
  const isTcp = !isDns && serverPort !== 123
  const size = chance() ** 3
  const clientPackets = isDns ? 1 : 4 + Math.floor(60 * size)
  const serverPackets = isDns ? 1 : 4 + Math.floor(400 * size * chance())
  const isNamed = !isDns && server.name !== null
  return {
    id,
    uid,
    transport: isTcp ? 'tcp' : 'udp',
    protocol: isTcp ? 6 : 17,
    client,
    server,
    clientPort,
    serverPort,
    firstUs,
    lastUs: firstUs + Math.floor((isDns ? 1e5 : 1e8) * chance() ** 3),
    clientPackets,
    serverPackets,
    clientBytes: clientPackets * 60 + below(600),
    serverBytes: serverPackets * 60 + below(1400 * serverPackets),
    clientFlags: isTcp ? 27 : 0,
    serverFlags: isTcp ? 27 : 0,
    state: isTcp && chance() < 0.05 ? 'S0' : isTcp && chance() < 0.1 ? 'RSTO' : 'SF',
    application: isDns ? 'dns' : isTls ? 'tls' : 'http',
    applicationSource: 'content',
    serverName: isNamed ? server.name : null,
    serverNameSource: isNamed ? 'tls' : null,
    ja4: isTls ? ja4s[(client.id + skewed(3)) % 40] : null,
    tunnel: null,
    communityId: `1:${randomBytes(20).toString('base64')}`,
  }
}

function writeReport(number: number): void {
  const id = createHash('sha256').update(`report ${number}`).digest('hex').slice(0, 16)
  const none = () => [][Symbol.iterator]()
  const report = {
    id,
    name: 'bench',
    hosts: new Map(),
    flows: () => flowsOf(number),
    names: none,
    questions: none,
    alerts: none,
    identities: none,
    links: none,
  }
  for (const { path, bytes } of parquetFiles(report as unknown as ReportRows, {
    sensor: 'bench',
    hasCommunityIds,
    compress: (content) => zstd.compress(content),
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

const lake = join(folder, 'flows')
const began = performance.now()
for (let number = 0; number < days * reportsOfDay; number++) writeReport(number)
const files = readdirSync(lake, { recursive: true })
  .map((name) => statSync(join(lake, String(name))))
  .filter((status) => status.isFile())
const bytes = files.reduce((sum, { size }) => sum + size, 0)
const flows = flowsOfReport * reportsOfDay * days
console.log(
  `${flows} conversations in ${days} days, written in ${((performance.now() - began) / 1000).toFixed(0)} s: ${(bytes / 1e6).toFixed(1)} MB, ${(bytes / flows).toFixed(1)} bytes each`,
)

function time(what: string, args: string[]): void {
  const times = [1, 2, 3].map(() => {
    const at = performance.now()
    execFileSync(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    return (performance.now() - at) / 1000
  })
  console.log(`${what}: ${times.map((seconds) => seconds.toFixed(2)).join(', ')} s`)
}

const day = days >= 15 ? '2026-03-15' : '2026-03-01'
time('countries that a host sent most to, in a month', [
  'query',
  `SELECT server_country_code, sum(client_bytes) AS bytes FROM flows WHERE day BETWEEN '2026-03-01' AND '2026-03-31' AND client_ip = '192.168.10.23'
     GROUP BY ALL ORDER BY bytes DESC LIMIT 10`,
  folder,
])
time('conversations of a day, by state', ['query', `SELECT state, count(*) FROM flows WHERE day = '${day}' GROUP BY ALL`, folder])
time('report of one host of a day', [
  'report',
  '--from',
  folder,
  '--since',
  day,
  '--until',
  day,
  '--only',
  'from:192.168.10.23',
  '-o',
  join(folder, 'host'),
  '-q',
  '--force',
])
time('report of a day', ['report', '--from', folder, '--since', day, '--until', day, '-o', join(folder, 'day'), '-q', '--force'])
