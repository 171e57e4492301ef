// Ordered rows of conversations -> the tables of an analysis, as after its last packet.

import { compare } from '../compare.ts'
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
import { type Cell, rowOf } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import type { OrderedFlow } from './join-flows.ts'
import { FLOW, PACKET } from './report-rows.ts'

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
  for (let flow = 0; flow < order.count; flow++) restoreFlow(flows, order.flow(flow), hosts)
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
  const joined: { flow: number; place: number; piece: StoredTcp }[] = []
  for (const [report, { rows }] of reports.entries()) {
    const [ids] = rows.tcp.columns
    for (let row = 0; row < rows.tcp.count; row++) {
      const id = ids.values[row]
      const flow = order.numberOf(report, id)
      const piece = storedTcp(rowOf(rows.tcp, row), order.isTurned(report, id))
      if (order.isJoined(flow)) joined.push({ flow, place: order.placeOf(report, id), piece })
      else tcp.restore(flow, piece)
    }
  }
  joined.sort((a, b) => a.flow - b.flow || a.place - b.place)
  let sum: StoredTcp | null = null
  for (const [i, { flow, piece }] of joined.entries()) {
    sum = sum === null ? piece : joinTcp(sum, piece)
    if (joined[i + 1]?.flow === flow) continue
    tcp.restore(flow, sum)
    sum = null
  }
}

/** @param row of TCP_COLUMNS: three times, then pairs of client and server, then the time of the TLS handshake @param isTurned client and server change places */
function storedTcp(row: Cell[], isTurned: boolean): StoredTcp {
  const [, handshakeUs, synAckUs, responseUs, ...pairs] = row as (number | null)[]
  const [client, server] = isTurned ? [1, 0] : [0, 1]
  const side = <Value extends number | null>(first: number): [Value, Value] => [
    pairs[first + client] as Value,
    pairs[first + server] as Value,
  ]
  const counters = (of: number) => TCP_COUNTERS.map((_, i) => pairs[4 + 2 * i + of] as number)
  return {
    ...{ handshakeUs, synAckUs, responseUs, tlsHandshakeUs: pairs.at(-1)! },
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
  // As numbers, of row and report. The packets of each report are by time, which the sort of an array uses.
  const all = reports.flatMap(({ rows }, report) => Array.from({ length: rows.packets.count }, (_, row) => row * reports.length + report))
  const columns = reports.map(({ rows }) => rows.packets.columns.map(({ values }) => values))
  // Null counts as 0.
  const at = (packet: number, column: number): number => {
    const value = columns[packet % reports.length][column][Math.floor(packet / reports.length)]
    return column === PACKET.at_us ? value : Math.max(0, value)
  }
  const captureOf = (packet: number) => indexes[packet % reports.length].get(at(packet, PACKET.capture_id)) ?? 0
  const flowOf = (packet: number) => order.numberOf(packet % reports.length, at(packet, PACKET.flow_id))
  all.sort(
    (a, b) =>
      at(a, PACKET.at_us) - at(b, PACKET.at_us) ||
      captureOf(a) - captureOf(b) ||
      at(a, PACKET.frame) - at(b, PACKET.frame) ||
      flowOf(a) - flowOf(b),
  )
  const sample = new PacketSample()
  for (const packet of all) {
    const isOfFirst = (at(packet, PACKET.from_client) === 1) !== order.isTurned(packet % reports.length, at(packet, PACKET.flow_id))
    const [atUs, bytes, flags, frame] = [PACKET.at_us, PACKET.bytes, PACKET.tcp_flags, PACKET.frame].map((column) => at(packet, column))
    sample.set(atUs, bytes, flags, frame, captureOf(packet))
    flows.packets.add(flowOf(packet), isOfFirst ? 0 : 1, sample)
  }
}

/** Addresses of hosts that are in no conversation, in their order. */
export function addLoneHosts({ addresses }: FlowOrder, hosts: (address: string) => number): void {
  for (const address of addresses.flatMap((of) => [...of.values()]).sort(compare)) hosts(address)
}
