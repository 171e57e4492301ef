// Ordered rows of conversations -> the tables of an analysis, as after its last packet.

import { compare } from '../compare.ts'
import { parseAddress } from '../decode/address.ts'
import { tunnelOf } from '../decode/tunnel.ts'
import { icmpOf } from '../flows/community-id.ts'
import { Flows } from '../flows/index.ts'
import { PacketSample } from '../flows/packet-sample.ts'
import { Reset } from '../flows/state.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { MergedCaptures } from './captures.ts'
import type { Cell } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import { FLOW, PACKET, type TimelineRows } from './report-rows.ts'

/** Rows of packets in a merged report. */
const MAX_PACKETS = 100_000
const RESET_BY: Record<string, number> = {
  RSTO: Reset.byFirst,
  RSTOS0: Reset.byFirst,
  RSTR: Reset.byOther,
  REJ: Reset.byOther,
  RSTRH: Reset.byOther,
}

/** @param id hosts.id of a report @returns the host's number in the merged tables @throws DatabaseError for an id that no row has */
export type HostOf = (report: number, id: Cell) => number

export interface RestoredFlows {
  flows: Flows
  hosts: HostOf
}

export function restoreFlows(order: FlowOrder): RestoredFlows {
  const flows = new Flows(MAX_PACKETS)
  const hostOfText = new Int32Array(order.texts.length).fill(-1)
  const hostOf = (text: number): number => {
    if (hostOfText[text] < 0) hostOfText[text] = addHost(flows, order.texts[text])
    return hostOfText[text]
  }
  flows.table.reserve(order.count)
  for (let flow = 0; flow < order.count; flow++) restoreFlow(flows, order, flow, hostOf)
  // Hosts that are in no conversation, in their order.
  const lone = [...order.texts.keys()].filter((text) => hostOfText[text] < 0)
  for (const text of lone.sort((a, b) => compare(order.texts[a], order.texts[b]))) hostOf(text)
  return { flows, hosts: (report, id) => hostOf(order.textOf(report, id)) }
}

function addHost({ hosts }: Flows, address: string): number {
  const bytes = parseAddress(address)
  if (bytes === null)
    throw new DatabaseError('unusable', `hosts.ip ${JSON.stringify(address)} is not an address: analyse its capture again`)
  return hosts.intern(bytes, 0, bytes.length === 4 ? 4 : 6)
}

function restoreFlow(flows: Flows, order: FlowOrder, flow: number, hostOf: (text: number) => number): void {
  const client = hostOf(order.clientText(flow))
  const server = hostOf(order.serverText(flow))
  const protocol = order.number(flow, FLOW.protocol_number)
  const id = order.cell(flow, FLOW.community_id) as string | null
  const icmp = id === null ? null : icmpOf(id, protocol, flows.hosts.address(client), flows.hosts.address(server))
  flows.table.restore({
    client,
    server,
    protocol,
    clientPort: order.number(flow, FLOW.client_port),
    serverPort: order.number(flow, FLOW.server_port),
    clientPackets: order.number(flow, FLOW.client_packets),
    serverPackets: order.number(flow, FLOW.server_packets),
    clientFlags: order.number(flow, FLOW.client_tcp_flags),
    serverFlags: order.number(flow, FLOW.server_tcp_flags),
    clientBytes: order.number(flow, FLOW.client_bytes),
    serverBytes: order.number(flow, FLOW.server_bytes),
    startUs: order.number(flow, FLOW.first_us),
    endUs: order.number(flow, FLOW.last_us),
    reset: RESET_BY[order.cell(flow, FLOW.state) as string] ?? Reset.none,
    icmpType: icmp?.type ?? -1,
    icmpCode: icmp?.code ?? 0,
    tunnel: tunnelOf(order.cell(flow, FLOW.tunnel) as string | null),
    firstFrame: Math.max(0, order.number(flow, FLOW.first_frame)),
    lastFrame: Math.max(0, order.number(flow, FLOW.last_frame)),
    firstCapture: order.firstCapture(flow),
    lastCapture: order.lastCapture(flow),
  })
}

/** Adds the first packets by time, as many as the table has room for. */
export function restorePackets(flows: Flows, { reports, indexes }: MergedCaptures, rows: readonly TimelineRows[], order: FlowOrder): void {
  const columns = rows.map(({ packets }) => packets.columns.map(({ values }) => values))
  // Null counts as 0.
  const at = (packet: number, column: number): number => {
    const value = columns[packet % reports.length][column][Math.floor(packet / reports.length)]
    return column === PACKET.at_us ? value : Math.max(0, value)
  }
  const captureOf = (packet: number) => indexes[packet % reports.length][at(packet, PACKET.capture_id) - 1] ?? 0
  const flowOf = (packet: number) => order.numberOf(packet % reports.length, at(packet, PACKET.flow_id))
  const span = new PacketSpan()
  for (const of of columns) span.add(of[PACKET.at_us])
  // As numbers, of row and report. The packets of each report are by time, which the sort of an array uses.
  const first: number[] = []
  for (const [report, { packets }] of rows.entries()) {
    const times = columns[report][PACKET.at_us]
    for (let row = 0; row < packets.count; row++) if (times[row] <= span.untilUs) first.push(row * reports.length + report)
  }
  first.sort(
    (a, b) =>
      at(a, PACKET.at_us) - at(b, PACKET.at_us) ||
      captureOf(a) - captureOf(b) ||
      at(a, PACKET.frame) - at(b, PACKET.frame) ||
      flowOf(a) - flowOf(b),
  )
  const sample = new PacketSample()
  for (const packet of first) {
    const isOfFirst = (at(packet, PACKET.from_client) === 1) !== order.isTurned(packet % reports.length, at(packet, PACKET.flow_id))
    const [atUs, bytes, flags, frame] = [PACKET.at_us, PACKET.bytes, PACKET.tcp_flags, PACKET.frame].map((column) => at(packet, column))
    sample.set(atUs, bytes, flags, frame, captureOf(packet))
    flows.packets.add(flowOf(packet), isOfFirst ? 0 : 1, sample)
  }
}

/** Until when a merged report has room for packets, as far as some of its reports tell: the others can only make it earlier. */
export class PacketSpan {
  untilUs = Number.POSITIVE_INFINITY
  /** The earliest, in order. */
  private times = new Float64Array(0)

  /** @param times of the packets of one more report */
  add(times: ArrayLike<number>): void {
    const known = this.times
    const added = new Float64Array(times).sort()
    const all = new Float64Array(Math.min(MAX_PACKETS, known.length + added.length))
    let [a, b] = [0, 0]
    for (let i = 0; i < all.length; i++) {
      const isKnown = b === added.length || (a < known.length && known[a] <= added[b])
      all[i] = isKnown ? known[a++] : added[b++]
    }
    this.times = all
    if (all.length === MAX_PACKETS) this.untilUs = all[MAX_PACKETS - 1]
  }
}
