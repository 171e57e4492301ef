// Ordered rows of conversations -> the tables of an analysis, as after its last packet.

import { compare } from '../compare.ts'
import { parseAddress } from '../decode/address.ts'
import { tunnelOf } from '../decode/tunnel.ts'
import { icmpOf } from '../flows/community-id.ts'
import { Flows } from '../flows/index.ts'
import { Reset } from '../flows/state.ts'
import { DatabaseError } from '../store/report-database.ts'
import type { Cell } from './cell-table.ts'
import type { FlowOrder } from './flow-order.ts'
import { MAX_PACKETS } from './packets.ts'
import { FLOW } from './report-rows.ts'

/** By state. */
const RESET_BY = new Map<Cell, number>([
  ['RSTO', Reset.byFirst],
  ['RSTOS0', Reset.byFirst],
  ['RSTR', Reset.byOther],
  ['REJ', Reset.byOther],
  ['RSTRH', Reset.byOther],
])

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
    reset: RESET_BY.get(order.cell(flow, FLOW.state)) ?? Reset.none,
    icmpType: icmp?.type ?? -1,
    icmpCode: icmp?.code ?? 0,
    isIcmpFromServer: icmp?.isFromTarget ?? false,
    tunnel: tunnelOf(order.cell(flow, FLOW.tunnel) as string | null),
    firstFrame: Math.max(0, order.number(flow, FLOW.first_frame)),
    lastFrame: Math.max(0, order.number(flow, FLOW.last_frame)),
    firstCapture: order.firstCapture(flow),
    lastCapture: order.lastCapture(flow),
  })
}
