// A capture -> each TCP conversation's figures here and in tshark's TCP analysis, and which of them differ.
// As a program: npm run -s compare:health -- [--list] [--least PERCENT] FILE|DIR..., shares of conversations that agree; --list names each difference
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { TcpFlag } from '../../src/decode/codes.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { analyzeBytes } from '../support/analysis.ts'

/** Figures of a conversation -> tshark's fields, of which the segments that have them are counted; a column of the table `tcp` for each end. */
const COUNTED = {
  retransmissions: 'tcp.analysis.retransmission',
  fast_retransmissions: 'tcp.analysis.fast_retransmission',
  spurious_retransmissions: 'tcp.analysis.spurious_retransmission',
  out_of_order: 'tcp.analysis.out_of_order',
  duplicate_acks: 'tcp.analysis.duplicate_ack',
  lost_segments: 'tcp.analysis.lost_segment',
  unseen_segments: 'tcp.analysis.ack_lost_segment',
  zero_windows: 'tcp.analysis.zero_window',
  window_full: 'tcp.analysis.window_full',
  keep_alives: 'tcp.analysis.keep_alive',
}
/** A reset is a bit of `flows`, not a number: whether one was seen of each end. The round-trip time counts where both have one, within 1 us. */
const FIGURES = [...Object.keys(COUNTED), 'resets', 'initial_rtt']
type Figure = string
/** Counted by another rule in Wireshark 4.0 (the manual says which), so no share is asked for. */
const OTHERWISE_COUNTED: Figure[] = ['unseen_segments']

const RTT_TOLERANCE_US = 1
const FIELDS = [
  ...['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'tcp.srcport', 'tcp.dstport', 'tcp.flags.reset', 'tcp.analysis.initial_rtt'],
  ...Object.values(COUNTED),
].flatMap((field) => ['-e', field])

interface Counts {
  /** By figure: a number for each end, that of the smaller text first. */
  ends: Map<Figure, [number, number]>
  rttUs: number | null
}

export interface Difference {
  conversation: string
  figure: Figure
  ours: string
  theirs: string
}

export interface Agreement {
  /** Conversations that both programs have. */
  conversations: number
  /** Those that only one of them has. */
  unmatched: number
  /** Conversations in which there is something to count, by figure: the others agree by having nothing. */
  active: Map<Figure, number>
  differences: Difference[]
}

export async function compareWithTshark(file: string): Promise<Agreement> {
  const ours = await ourCounts(readFileSync(file))
  const theirs = ours.size > 0 ? tsharkCounts(file) : new Map<string, Counts>()
  const active = new Map<Figure, number>()
  const differences: Difference[] = []
  let conversations = 0
  for (const [conversation, own] of ours) {
    const other = theirs.get(conversation)
    if (other === undefined) continue
    conversations++
    for (const figure of FIGURES) {
      const [here, there] = [textOf(own, figure), textOf(other, figure)]
      if (here !== '' || there !== '') active.set(figure, (active.get(figure) ?? 0) + 1)
      const agrees = figure === 'initial_rtt' ? isSameRtt(own.rttUs, other.rttUs) : here === there
      if (!agrees) differences.push({ conversation, figure, ours: here, theirs: there })
    }
  }
  return { conversations, unmatched: ours.size + theirs.size - 2 * conversations, active, differences }
}

/** Share of conversations that agree in a figure, 0 to 1. */
export function shareOf({ conversations, differences }: Pick<Agreement, 'conversations' | 'differences'>, figure: Figure): number {
  return 1 - differences.filter((difference) => difference.figure === figure).length / conversations
}

const emptyCounts = (): Counts => ({ ends: new Map(FIGURES.map((figure) => [figure, [0, 0]])), rttUs: null })

/** '' for nothing. */
function textOf({ ends, rttUs }: Counts, figure: Figure): string {
  if (figure === 'initial_rtt') return rttUs === null ? '' : `${rttUs} us`
  const counts = ends.get(figure)!
  return counts.some((count) => count > 0) ? counts.join(' and ') : ''
}

/** A conversation of which one program knows no time has none to compare. */
const isSameRtt = (a: number | null, b: number | null): boolean => a === null || b === null || Math.abs(a - b) <= RTT_TOLERANCE_US

/** Several conversations of the same addresses and ports are one here. @returns which end the source is */
function find(counts: Map<string, Counts>, source: string, target: string): { found: Counts; side: 0 | 1 } {
  const side = source <= target ? 0 : 1
  const key = side === 0 ? `${source} ${target}` : `${target} ${source}`
  const found = counts.get(key) ?? emptyCounts()
  counts.set(key, found)
  return { found, side }
}

async function ourCounts(bytes: Uint8Array): Promise<Map<string, Counts>> {
  const database = await analyzeBytes(bytes)
  const ends = ['client', 'server'] as const
  const columns = [
    ...["c.ip || ':' || client_port AS client", "s.ip || ':' || server_port AS server", 'client_tcp_flags', 'server_tcp_flags'],
    ...['handshake_us', ...ends.flatMap((end) => Object.keys(COUNTED).map((figure) => `${end}_${figure}`))],
  ]
  const found = rowsOf(
    database,
    `SELECT ${columns.join(', ')}
     FROM flows f JOIN hosts c ON c.id = client_host_id JOIN hosts s ON s.id = server_host_id LEFT JOIN tcp ON tcp.flow_id = f.id
     WHERE transport = 'tcp' AND client_port IS NOT NULL ORDER BY f.id`,
  )
  database.close()
  const counts = new Map<string, Counts>()
  for (const [client, server, clientFlags, serverFlags, handshakeUs, ...counted] of found) {
    const { found, side } = find(counts, String(client), String(server))
    for (const [index] of ends.entries()) {
      const end = index ^ side
      for (const [i, figure] of Object.keys(COUNTED).entries())
        found.ends.get(figure)![end] += Number(counted[index * Object.keys(COUNTED).length + i] ?? 0)
      if ((Number(index === 0 ? clientFlags : serverFlags) & TcpFlag.rst) !== 0) found.ends.get('resets')![end] = 1
    }
    if (handshakeUs !== null) found.rttUs ??= Number(handshakeUs)
  }
  return counts
}

function tsharkCounts(file: string): Map<string, Counts> {
  // The innermost of several TCP headers.
  const output = execFileSync('tshark', ['-n', '-r', file, '-Y', 'tcp', '-T', 'fields', '-E', 'occurrence=l', ...FIELDS], {
    ...{ encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] },
  })
  const counts = new Map<string, Counts>()
  for (const line of output.split('\n')) {
    const [v4Source, v6Source, v4Target, v6Target, sourcePort, targetPort, reset, rtt, ...analysis] = line.split('\t')
    if (!sourcePort) continue
    const { found, side } = find(counts, `${v4Source || v6Source}:${sourcePort}`, `${v4Target || v6Target}:${targetPort}`)
    for (const [index, figure] of Object.keys(COUNTED).entries()) if (analysis[index]) found.ends.get(figure)![side]++
    if (reset === '1' || reset === 'True') found.ends.get('resets')![side] = 1
    if (rtt) found.rttUs ??= Math.round(Number(rtt) * 1e6)
  }
  return counts
}

/** @param paths files, and folders with all that is in them */
function filesIn(paths: string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path]
    const entries = readdirSync(path, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && /\.(pcap|pcapng|cap)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
  })
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    ...{ args, allowPositionals: true, options: { list: { type: 'boolean' }, least: { type: 'string', default: '0' } } },
  })
  const all: Agreement = { conversations: 0, unmatched: 0, active: new Map(), differences: [] }
  for (const file of filesIn(positionals)) {
    // A file that is no capture has no conversations.
    const found = await compareWithTshark(file).catch(() => null)
    if (found === null) continue
    all.conversations += found.conversations
    all.unmatched += found.unmatched
    all.differences.push(...found.differences)
    for (const [figure, count] of found.active) all.active.set(figure, (all.active.get(figure) ?? 0) + count)
    if (!values.list) continue
    if (found.unmatched > 0) console.log(`${basename(file)}: ${found.unmatched} conversations that only one program has`)
    for (const { conversation, figure, ours, theirs } of found.differences)
      console.log(`${basename(file)}: ${figure} of ${conversation}: here ${ours || 'none'}, tshark ${theirs || 'none'}`)
  }
  console.log(
    `${all.conversations} conversations, ${all.unmatched} that only one program has. Share that agrees; how many have the figure:`,
  )
  for (const figure of FIGURES) {
    const percent = 100 * shareOf(all, figure)
    const isMissed = percent < Number(values.least) && !OTHERWISE_COUNTED.includes(figure)
    if (isMissed) process.exitCode = 1
    console.log(
      `${figure.padEnd(26)}${percent.toFixed(2).padStart(7)} %${String(all.active.get(figure) ?? 0).padStart(7)}${isMissed ? ' too few' : ''}`,
    )
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
