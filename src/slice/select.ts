// A report's database and the user's options -> the selected conversations. The database is untrusted.
import { readInstant } from '../choice/instant.ts'
import { CaptureError, UsageError } from '../errors.ts'
import { addressKey, rangeTest } from '../filter/address.ts'
import { parseFilter } from '../filter/parser.ts'
import { sqlOf } from '../filter/sql.ts'
import { FilterError } from '../filter/syntax.ts'
import { formatCount } from '../number-format.ts'
import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'

/** The options; a conversation must satisfy all of them. */
export interface Choice {
  /** A filter of the filter language. */
  filter?: string | undefined
  /** Ids of alerts; a conversation of any of them is selected. */
  alerts: number[]
  /** Ids of conversations. */
  flows: number[]
  /** Times as typed: since the first packet, or UTC. */
  from?: string | undefined
  to?: string | undefined
}

export interface Selection {
  /** By conversation id minus one: its number of packets; 0 if it is not selected. */
  packets: Float64Array
  flows: number
  fromUs: number
  toUs: number
  /** Null where most packets would belong to them, or where conversations share a row. */
  pairs: PairFlows | null
  /** Sentences for the user about conversations that cannot be selected. */
  notes: string[]
}

/** All conversations between the hosts of selected ones: what happens between two hosts decides alone which conversation a packet of theirs is of. */
export interface PairFlows {
  hosts: [string, string][]
  /** By conversation, in the order they began: its id minus one, and its number of packets. */
  flows: Uint32Array
  packets: Float64Array
}

/** Above this share of all packets, looking for pairs of hosts first saves nothing. */
const MOST_PAIRED = 0.25

/** Most conversations of one alert in alert_flows. */
const MAX_ALERT_FLOWS = 1000

/** @throws UsageError for invalid options, and for ids that are not in the report */
export function select(database: SqlDatabase, choice: Choice): Selection {
  const firstUs = firstTimeOf(database)
  const notes: string[] = []
  const conditions: string[] = []
  if (choice.filter !== undefined) conditions.push(filterSql(database, choice.filter, firstUs))
  if (choice.alerts.length > 0) conditions.push(`f.id IN (SELECT flow_id FROM alert_flows WHERE alert_id IN (${choice.alerts.join(', ')}))`)
  if (choice.flows.length > 0) conditions.push(`f.id IN (${choice.flows.join(', ')})`)
  for (const alert of choice.alerts) notes.push(...alertNotes(database, alert))
  for (const flow of choice.flows)
    if (rowsOf(database, `SELECT 1 FROM flows WHERE id = ${flow}`).length === 0)
      throw new UsageError(`--flow ${flow}: the report has no conversation with this number`)
  const fromUs = choice.from === undefined ? Number.NEGATIVE_INFINITY : timeRange('--from', choice.from, firstUs).from
  const toUs = choice.to === undefined ? Number.POSITIVE_INFINITY : timeRange('--to', choice.to, firstUs).to
  if (fromUs > toUs) throw new UsageError('--from is later than --to')
  if (Number.isFinite(fromUs)) conditions.push(`f.last_us >= ${fromUs}`)
  if (Number.isFinite(toUs)) conditions.push(`f.first_us <= ${toUs}`)
  if (conditions.length === 0) throw new UsageError('choose packets with --filter, --alert, --flow, --from or --to')
  return { ...wantedFlows(database, conditions), fromUs, toUs, notes }
}

/** Where relative times begin: the report's first packet, which is not the captures' where the analysis left packets out. */
function firstTimeOf(database: SqlDatabase): number {
  const [[text]] = rowsOf(
    database,
    "SELECT coalesce((SELECT nullif(value, '') FROM meta WHERE key = 'first_us'), (SELECT min(first_us) FROM captures), 0)",
  )
  return Number(text)
}

function wantedFlows(database: SqlDatabase, conditions: string[]): Pick<Selection, 'packets' | 'flows' | 'pairs'> {
  const [[last, count, all]] = rowsOf(
    database,
    'SELECT coalesce((SELECT max(id) FROM flows), 0), (SELECT count(*) FROM flows), (SELECT coalesce(sum(packets), 0) FROM captures)',
  ).map((row) => row.map(Number))
  if (last !== count) throw new CaptureError('the conversations of this report are not numbered from 1: the file was changed')
  const packets = new Float64Array(last)
  const rows = rowsOf(
    database,
    `SELECT f.id, f.client_packets + f.server_packets, f.client_host_id, f.server_host_id
     FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
     WHERE ${conditions.map((condition) => `(${condition})`).join(' AND ')}`,
  )
  const pairs = new Set<string>()
  for (const [id, total, client, server] of rows) {
    packets[Number(id) - 1] = Number(total)
    pairs.add(`(${Math.min(Number(client), Number(server))}, ${Math.max(Number(client), Number(server))})`)
  }
  return { packets, flows: rows.length, pairs: pairFlows(database, [...pairs], all * MOST_PAIRED) }
}

/** @param pairs host ids, the lower first, as rows of SQL @param most null is returned where they have more packets */
function pairFlows(database: SqlDatabase, pairs: string[], most: number): PairFlows | null {
  if (pairs.length === 0 || rowsOf(database, "SELECT 1 FROM meta WHERE key = 'flows_limit'").length > 0) return null
  const wanted = `WITH wanted(a, b) AS (VALUES ${pairs.join(', ')})`
  const rows = rowsOf(
    database,
    `${wanted} SELECT id, client_packets + server_packets FROM flows
     WHERE (min(client_host_id, server_host_id), max(client_host_id, server_host_id)) IN (SELECT a, b FROM wanted) ORDER BY id`,
  )
  const packets = Float64Array.from(rows, ([, total]) => Number(total))
  if (packets.reduce((sum, total) => sum + total, 0) > most) return null
  const hosts = rowsOf(database, `${wanted} SELECT c.ip, s.ip FROM wanted JOIN hosts c ON c.id = a JOIN hosts s ON s.id = b`)
  return {
    hosts: hosts.map(([one, other]) => [String(one), String(other)]),
    flows: Uint32Array.from(rows, ([id]) => Number(id) - 1),
    packets,
  }
}

function filterSql(database: SqlDatabase, text: string, firstUs: number): string {
  let keys: { ip: string; key: string | null }[] | null = null
  const addressesWithin = (first: string, last: string): string[] => {
    keys ??= rowsOf(database, 'SELECT ip FROM hosts').map(([ip]) => ({ ip: String(ip), key: addressKey(String(ip)) }))
    const isInRange = rangeTest({ first, last })
    return keys.filter(({ key, ip }) => key !== null && isInRange(key, ip)).map(({ ip }) => ip)
  }
  try {
    return sqlOf(parseFilter(text), { firstUs, addressesWithin })
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`--filter: ${error.message} (character ${error.start + 1} of "${text}")`)
    throw error
  }
}

function alertNotes(database: SqlDatabase, alert: number): string[] {
  const [row] = rowsOf(database, `SELECT flows FROM alerts WHERE id = ${alert}`)
  if (row === undefined) throw new UsageError(`--alert ${alert}: the report has no alert with this number`)
  const flows = Number(row[0])
  return flows > MAX_ALERT_FLOWS
    ? [
        `alert ${alert} has ${formatCount(flows)} conversations; a report lists ${formatCount(MAX_ALERT_FLOWS)} of an alert, so the others are left out: --filter selects them all`,
      ]
    : []
}

/** @returns both ends, in microseconds since the epoch */
function timeRange(option: string, text: string, firstUs: number): { from: number; to: number } {
  const { fromUs, toUs, isRelative } = readInstant(option, text)
  const base = isRelative ? firstUs : 0
  return { from: base + fromUs, to: base + toUs }
}
