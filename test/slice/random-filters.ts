// A capture and a seed -> random filters on its own values; the slice of each is held against capinfos and against its own analysis.
// As a program: npx tsx test/slice/random-filters.ts --each N FILE..., N filters a file
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { analyze } from '../../src/analyze.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import type { CopyOptions } from '../../src/slice/copy.ts'
import { slice } from '../../src/slice/index.ts'
import { select } from '../../src/slice/select.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { sourceOf } from '../support/analysis.ts'
import { randomOf } from '../support/random.ts'

const OPTIONS = {
  reportName: 'random',
  programVersion: '0',
  origin: { name: 'x', latitudeDeg: 0, longitudeDeg: 0, source: 'default' },
  maxPackets: 0,
} as const

export interface Result {
  filter: string
  packets: number
  /** '' if the slice is what it should be. */
  problem: string
}

/** @returns a result for each filter that selects something; filters are made until there are `count`, or none is found any more */
export async function checkRandomFilters(bytes: Uint8Array, count: number, seed: number): Promise<Result[]> {
  const random = randomOf(seed)
  const report = await databaseOf(bytes)
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-random-'))
  const results: Result[] = []
  try {
    for (let tried = 0; results.length < count && tried < count * 5; tried++) {
      const filter = randomFilter(report, random)
      const selection = select(report, { filter, alerts: [], flows: [] })
      if (selection.flows > 0) results.push(await check(bytes, report, filter, selection, join(folder, 'slice.pcapng')))
    }
  } finally {
    rmSync(folder, { recursive: true })
    report.close()
  }
  return results
}

async function databaseOf(bytes: Uint8Array): Promise<SqlDatabase> {
  const sqlite = loadSqlite()
  const file = await analyze([sourceOf(bytes)], { geoip: Promise.resolve(null), openDatabase: sqlite }, OPTIONS)
  return (await sqlite)(file)
}

async function check(
  bytes: Uint8Array,
  report: SqlDatabase,
  filter: string,
  selection: ReturnType<typeof select>,
  path: string,
): Promise<Result> {
  let pieces: Uint8Array[] = []
  const begin = () => {
    pieces = []
    return (piece: Uint8Array) => void pieces.push(piece.slice())
  }
  const host = { open: async () => [sourceOf(bytes)], begin, canReplace: true, isInterrupted: () => false }
  const wanted = { ...selection, maxFlows: Number.POSITIVE_INFINITY, deduplicate: false }
  const options: CopyOptions = { format: 'pcapng', comments: [], application: '', captureComments: [''], keepsSecrets: false }
  const made = await slice(host, wanted, options)
  writeFileSync(path, Buffer.concat(pieces))
  const inFlows = selection.packets.reduce((sum, packets) => sum + packets, 0)
  const fail = (problem: string): Result => ({ filter, packets: inFlows, problem })
  if (made.differing > 0) return fail(`${made.differing} conversations have other packets than in the report`)
  const counted = Number(/packets:\s+(\d+)/.exec(execFileSync('capinfos', ['-c', '-M', path], { encoding: 'utf8' }))?.[1])
  const hasSubframes = rowsOf(report, "SELECT 1 FROM meta WHERE key = 'subframes'").length > 0
  if (hasSubframes ? counted > inFlows : counted !== inFlows) return fail(`the report has ${inFlows} packets, capinfos ${counted}`)
  const again = await databaseOf(readFileSync(path))
  try {
    const before = flowsOf(report, selection.packets)
    const after = flowsOf(again, null)
    // A frame with several packets may bring conversations that were not selected.
    const missing = before.filter((flow) => !after.includes(flow))
    if (missing.length > 0) return fail(`its analysis has not ${missing[0]} (and ${missing.length - 1} more)`)
    if (!hasSubframes && after.length !== before.length) return fail(`its analysis has ${after.length} flows, not ${before.length}`)
  } finally {
    again.close()
  }
  return fail('')
}

/** What a flow is, whatever its number and whoever is its client: that may be told by other conversations. */
function flowsOf(database: SqlDatabase, selected: Float64Array | null): string[] {
  const rows = rowsOf(
    database,
    `SELECT f.id, transport, min(c.ip || ' ' || ifnull(client_port, ''), s.ip || ' ' || ifnull(server_port, '')),
       max(c.ip || ' ' || ifnull(client_port, ''), s.ip || ' ' || ifnull(server_port, '')), f.first_us, f.last_us,
       client_packets + server_packets, client_bytes + server_bytes, client_tcp_flags | server_tcp_flags, ifnull(tunnel, '')
     FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id`,
  )
  return rows.filter(([id]) => selected === null || selected[Number(id) - 1] > 0).map(([, ...values]) => values.join(' '))
}

function randomFilter(report: SqlDatabase, random: (below: number) => number): string {
  const one = (sql: string): string | null => {
    const rows = rowsOf(report, sql)
    return rows.length === 0 ? null : String(rows[random(rows.length)][0])
  }
  const terms: (() => string | null)[] = [
    () => one("SELECT DISTINCT 'port:' || server_port FROM flows WHERE server_port IS NOT NULL"),
    () => one("SELECT 'ip:' || ip FROM hosts"),
    () => one("SELECT 'net:' || ip || iif(instr(ip, ':'), '/48', '/24') FROM hosts WHERE ip NOT LIKE '%/%'"),
    () => one("SELECT DISTINCT 'proto:' || transport FROM flows"),
    () => one("SELECT DISTINCT 'app:' || application FROM flows WHERE application IS NOT NULL"),
    () => one("SELECT DISTINCT 'state:' || state FROM flows"),
    () => one("SELECT 'from:' || ip FROM hosts"),
    () => one("SELECT DISTINCT 'scope:' || scope FROM hosts"),
    () => one("SELECT 'bytes>' || (client_bytes + server_bytes - 1) FROM flows"),
    () => one("SELECT 'packets<' || (client_packets + server_packets + 1) FROM flows"),
    () => one("SELECT 'duration>' || ((last_us - first_us) / 1000) || 'ms' FROM flows"),
    () => one("SELECT 'flow:' || id FROM flows"),
    () => 'tunnel:any',
    () => 'is:ipv6',
  ]
  const term = (): string => `${random(4) === 0 ? '-' : ''}${terms[random(terms.length)]() ?? 'is:ipv4'}`
  const joining = [' ', ' or '][random(2)]
  return Array.from({ length: 1 + random(3) }, term).join(joining)
}

async function main(args: string[]): Promise<void> {
  const each = Number(args[1])
  let checked = 0
  let failed = 0
  for (const [index, file] of args.slice(2).entries()) {
    let results: Result[]
    try {
      results = await checkRandomFilters(readFileSync(file), each, index + 1)
    } catch (error) {
      console.log(`${basename(file)}: not analysed: ${(error as Error).message}`)
      continue
    }
    checked += results.length
    for (const { filter, problem } of results) {
      if (problem === '') continue
      failed++
      console.log(`${basename(file)}: ${filter}: ${problem}`)
    }
  }
  console.log(`${checked} filters checked, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
