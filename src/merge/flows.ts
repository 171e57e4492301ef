// Ordered rows of conversations -> the tables of an analysis, as after its last packet.
import { parseAddress } from '../decode/address.ts'
import { tunnelOf } from '../decode/tunnel.ts'
import { icmpOf } from '../flows/community-id.ts'
import { Flows } from '../flows/index.ts'
import { PacketSample } from '../flows/packet-sample.ts'
import { Reset } from '../flows/state.ts'
import { TCP_COUNTERS } from '../health/counters.ts'
import { type StoredTcp, TcpRecords } from '../health/tcp-records.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import { type FlowOrder, found } from './flow-order.ts'
import type { OrderedFlow } from './join-flows.ts'
import { FLOW } from './report-rows.ts'
import { compare } from './text-order.ts'

/** Rows of packets in a merged report. */
const MAX_PACKETS = 100_000
const RESET_BY: Record<string, number> = {
  RSTO: Reset.byFirst,
  RSTOS0: Reset.byFirst,
  RSTR: Reset.byOther,
  REJ: Reset.byOther,
  RSTRH: Reset.byOther,
}

export interface RestoredFlows {
  flows: Flows
  tcp: TcpRecords
  hosts: (address: string) => number
}

export function restoreFlows(merged: MergedCaptures, order: FlowOrder): RestoredFlows {
  const flows = new Flows(MAX_PACKETS)
  const ids = new Map<string, number>()
  const hosts = (address: string): number => {
    const known = ids.get(address)
    if (known !== undefined) return known
    const bytes = parseAddress(address)
    if (bytes === null)
      throw new DatabaseError('unusable', `hosts.ip ${JSON.stringify(address)} is not an address: analyse its capture again`)
    const id = flows.hosts.intern(bytes, 0, bytes.length === 4 ? 4 : 6)
    ids.set(address, id)
    return id
  }
  for (const flow of order.flows) restoreFlow(flows, flow, hosts)
  const tcp = new TcpRecords(flows.table)
  restoreTcp(tcp, merged, order)
  restorePackets(flows, merged, order)
  return { flows, tcp, hosts }
}

function restoreFlow(
  flows: Flows,
  { row, clientIp, serverIp, firstCapture, lastCapture }: OrderedFlow,
  hosts: (ip: string) => number,
): void {
  const number = (column: number): number => (row[column] as number | null) ?? -1
  const [client, server] = [hosts(clientIp), hosts(serverIp)]
  const protocol = number(FLOW.protocol_number)
  const id = row[FLOW.community_id] as string | null
  const icmp = icmpOf(id, protocol, flows.hosts.address(client), flows.hosts.address(server))
  flows.table.restore({
    ...{ client, server, protocol, firstCapture, lastCapture },
    clientPort: number(FLOW.client_port),
    serverPort: number(FLOW.server_port),
    clientPackets: number(FLOW.client_packets),
    serverPackets: number(FLOW.server_packets),
    clientFlags: number(FLOW.client_tcp_flags),
    serverFlags: number(FLOW.server_tcp_flags),
    clientBytes: number(FLOW.client_bytes),
    serverBytes: number(FLOW.server_bytes),
    startUs: number(FLOW.first_us),
    endUs: number(FLOW.last_us),
    reset: RESET_BY[row[FLOW.state] as string] ?? Reset.none,
    icmpType: icmp?.type ?? -1,
    icmpCode: icmp?.code ?? 0,
    tunnel: tunnelOf(row[FLOW.tunnel] as string | null),
    firstFrame: Math.max(0, number(FLOW.first_frame)),
    lastFrame: Math.max(0, number(FLOW.last_frame)),
  })
}

function restoreTcp(tcp: TcpRecords, { reports }: MergedCaptures, order: FlowOrder): void {
  const all = reports.flatMap(({ rows: { tcp: table } }, report) =>
    Array.from({ length: table.count }, (_, i) => {
      const id = table.cells[i * table.width]
      const place = found(order.places[report], id, 'conversation')
      return { flow: order.numbers[report].get(id)!, place, isTurned: order.turned[report].has(id), table, at: i * table.width }
    }),
  )
  all.sort((a, b) => a.flow - b.flow || a.place - b.place)
  let joined: StoredTcp | null = null
  for (const [i, { flow, isTurned, table, at }] of all.entries()) {
    const piece = storedTcp(table.cells.subarray(at, at + table.width), isTurned)
    joined = joined === null ? piece : joinTcp(joined, piece)
    if (all[i + 1]?.flow === flow) continue
    tcp.restore(flow, joined)
    joined = null
  }
}

/** @param cells of TCP_COLUMNS: three times, then pairs of client and server, then the time of the TLS handshake @param isTurned client and server change places */
function storedTcp(cells: Float64Array, isTurned: boolean): StoredTcp {
  const row = Array.from(cells, (cell) => (Number.isNaN(cell) ? null : cell))
  const [, handshakeUs, synAckUs, responseUs, ...pairs] = row
  const [client, server] = isTurned ? [1, 0] : [0, 1]
  const side = <Value extends number | null>(first: number): [Value, Value] => [
    pairs[first + client] as Value,
    pairs[first + server] as Value,
  ]
  const counters = (of: number) => TCP_COUNTERS.map((_, i) => pairs[4 + 2 * i + of] as number)
  return {
    ...{ handshakeUs, synAckUs, responseUs, tlsHandshakeUs: row.at(-1) as number | null },
    leastRttUs: side(0),
    medianRttUs: side(2),
    counters: [counters(client), counters(server)],
    zeroWindowUs: side<number>(4 + 2 * TCP_COUNTERS.length),
  }
}

/** Counts add up; of times that are measured once, and of medians, the first is kept. */
function joinTcp(early: StoredTcp, late: StoredTcp): StoredTcp {
  const both = <Value>(of: (side: number) => Value): [Value, Value] => [of(0), of(1)]
  return {
    handshakeUs: early.handshakeUs ?? late.handshakeUs,
    synAckUs: early.synAckUs ?? late.synAckUs,
    responseUs: early.responseUs ?? late.responseUs,
    tlsHandshakeUs: early.tlsHandshakeUs ?? late.tlsHandshakeUs,
    leastRttUs: both((side) => leastOf(early.leastRttUs[side], late.leastRttUs[side])),
    medianRttUs: both((side) => early.medianRttUs[side] ?? late.medianRttUs[side]),
    counters: both((side) => early.counters[side].map((count, i) => count + late.counters[side][i])),
    zeroWindowUs: both((side) => early.zeroWindowUs[side] + late.zeroWindowUs[side]),
  }
}

function leastOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

/** The first packets by time, as many as the table has room for. */
function restorePackets(flows: Flows, { reports, indexes }: MergedCaptures, order: FlowOrder): void {
  const all = reports.flatMap(({ rows: { packets: table } }, report) =>
    Array.from({ length: table.count }, (_, i) => {
      const [id, atUs, fromClient, bytes, flags, frame, capture] = table.cells.subarray(i * table.width, (i + 1) * table.width)
      return {
        flow: found(order.numbers[report], id, 'conversation'),
        ...{ atUs, bytes, flags: flags || 0, frame: frame || 0 },
        direction: (fromClient === 1) !== order.turned[report].has(id) ? 0 : 1,
        capture: indexes[report].get(capture) ?? 0,
      }
    }),
  )
  all.sort((a, b) => a.atUs - b.atUs || a.capture - b.capture || a.frame - b.frame || a.flow - b.flow)
  const sample = new PacketSample()
  for (const { flow, atUs, direction, bytes, flags, frame, capture } of all) {
    sample.set(atUs, bytes, flags, frame, capture)
    flows.packets.add(flow, direction, sample)
  }
}

/** Addresses of hosts that are in no conversation, in their order. */
export function addLoneHosts({ addresses }: FlowOrder, hosts: (address: string) => number): void {
  for (const address of addresses.flatMap((of) => [...of.values()]).sort(compare)) hosts(address)
}
