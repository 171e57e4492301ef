// Conversations of several reports -> one order that does not depend on the order of the reports, and their new numbers.
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import { clientOf, joinPieces, type OrderedFlow } from './join-flows.ts'
import { type Cell, FLOW } from './report-rows.ts'
import { compare } from './text-order.ts'

export interface FlowOrder {
  flows: OrderedFlow[]
  /** By report: flows.id -> index into flows. */
  numbers: Map<number, number>[]
  /** By report: flows.id -> its place among all pieces, by time. */
  places: Map<number, number>[]
  /** By report: flows.id of pieces whose client is the server of the joined conversation. */
  turned: Set<number>[]
  /** By report: hosts.id -> address. */
  addresses: Map<number, string>[]
}

export function orderFlows({ reports, indexes }: MergedCaptures): FlowOrder {
  const addresses = reports.map(({ rows }) => new Map(rows.hosts.map(([id, ip]) => [id as number, ip as string])))
  const all = reports.flatMap(({ rows }, report) =>
    rows.flows.map((row) => ({
      row,
      report,
      clientIp: found(addresses[report], row[FLOW.client_host_id], 'host'),
      serverIp: found(addresses[report], row[FLOW.server_host_id], 'host'),
      firstCapture: indexes[report].get(row[FLOW.first_capture_id] as number) ?? 0,
      lastCapture: indexes[report].get(row[FLOW.last_capture_id] as number) ?? 0,
    })),
  )
  all.sort((a, b) => compareFlows(a, b))
  const numbers = reports.map(() => new Map<number, number>())
  const pieces = all.map((flow) => ({ id: flow.row[FLOW.id] as number, report: flow.report, client: clientOf(flow) }))
  const firstPieces = joinPieces(all)
  const flows: OrderedFlow[] = []
  const numberOf = new Int32Array(all.length)
  const places = reports.map(() => new Map<number, number>())
  const turned = reports.map(() => new Set<number>())
  for (const [i, { id, report, client }] of pieces.entries()) {
    numberOf[i] = firstPieces[i] === i ? flows.push(all[i]) - 1 : numberOf[firstPieces[i]]
    numbers[report].set(id, numberOf[i])
    places[report].set(id, i)
    if (client !== clientOf(flows[numberOf[i]])) turned[report].add(id)
  }
  return { flows, numbers, places, turned, addresses }
}

/** @throws DatabaseError for an id that no row has */
export function found<Value>(values: Map<number, Value>, id: Cell, what: string): Value {
  const value = values.get(id as number)
  if (value === undefined)
    throw new DatabaseError('unusable', `a row names ${what} ${id}, which it does not have: analyse its capture again`)
  return value
}

const COMPARED = [
  FLOW.protocol_number,
  FLOW.client_port,
  FLOW.server_port,
  FLOW.first_frame,
  FLOW.last_us,
  FLOW.client_bytes,
  FLOW.server_bytes,
]

function compareFlows(a: OrderedFlow, b: OrderedFlow): number {
  const byTime = (a.row[FLOW.first_us] as number) - (b.row[FLOW.first_us] as number) || a.firstCapture - b.firstCapture
  if (byTime !== 0) return byTime
  // Reports without frame numbers have null, which counts as 0.
  const byFrame = Number(a.row[FLOW.first_frame]) - Number(b.row[FLOW.first_frame])
  const byEnds = byFrame || compare(a.clientIp, b.clientIp) || compare(a.serverIp, b.serverIp)
  if (byEnds !== 0) return byEnds
  for (const column of COMPARED) {
    const difference = Number(a.row[column]) - Number(b.row[column])
    if (difference !== 0) return difference
  }
  return 0
}
