// Conversations -> sums by host, computed once at the end instead of per packet.
import type { FlowRows } from './flow-rows.ts'
import type { Flows } from './index.ts'

/** By host id. */
export interface HostTotals {
  firstUs: Float64Array
  lastUs: Float64Array
  sentPackets: Float64Array
  receivedPackets: Float64Array
  sentBytes: Float64Array
  receivedBytes: Float64Array
}

export function totalsByHost({ table, hosts }: Flows): HostTotals {
  const totals: HostTotals = {
    firstUs: new Float64Array(hosts.count).fill(Number.POSITIVE_INFINITY),
    lastUs: new Float64Array(hosts.count).fill(Number.NEGATIVE_INFINITY),
    sentPackets: new Float64Array(hosts.count),
    receivedPackets: new Float64Array(hosts.count),
    sentBytes: new Float64Array(hosts.count),
    receivedBytes: new Float64Array(hosts.count),
  }
  for (let flow = 0; flow < table.count; flow++) {
    const first = table.firstHost(flow)
    const other = table.otherHost(flow)
    totals.sentPackets[first] += table.forwardPackets(flow)
    totals.sentBytes[first] += table.forwardBytes(flow)
    totals.receivedPackets[other] += table.forwardPackets(flow)
    totals.receivedBytes[other] += table.forwardBytes(flow)
    totals.sentPackets[other] += table.backwardPackets(flow)
    totals.sentBytes[other] += table.backwardBytes(flow)
    totals.receivedPackets[first] += table.backwardPackets(flow)
    totals.receivedBytes[first] += table.backwardBytes(flow)
    widen(totals, first, table.startUs(flow), table.endUs(flow))
    widen(totals, other, table.startUs(flow), table.endUs(flow))
  }
  return totals
}

/** Bytes, both directions, of the conversations that each host opened. */
export function clientBytesByHost(flows: Flows): Float64Array {
  const { table, hosts } = flows
  const bytes = new Float64Array(hosts.count)
  for (let flow = 0; flow < table.count; flow++) {
    const client = flows.isFirstClient(flow) ? table.firstHost(flow) : table.otherHost(flow)
    bytes[client] += table.forwardBytes(flow) + table.backwardBytes(flow)
  }
  return bytes
}

function widen(totals: HostTotals, host: number, firstUs: number, lastUs: number): void {
  if (firstUs < totals.firstUs[host]) totals.firstUs[host] = firstUs
  if (lastUs > totals.lastUs[host]) totals.lastUs[host] = lastUs
}

/** By host id; one with itself counts twice. */
export function conversationsByHost(table: FlowRows, hosts: number): Int32Array {
  const conversations = new Int32Array(hosts)
  for (let flow = 0; flow < table.count; flow++) {
    conversations[table.firstHost(flow)]++
    conversations[table.otherHost(flow)]++
  }
  return conversations
}
