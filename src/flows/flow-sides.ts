// The flow table by client and server instead of by the end seen first.
import { transportName } from '../decode/codes.ts'
import { describeTunnel } from '../decode/tunnel.ts'
import { communityId, type IdEnd, idOfDigest } from './community-id.ts'
import type { Flows } from './index.ts'
import type { ConnectionState } from './state.ts'
import type { FlowTable } from './table.ts'

export class FlowSides {
  readonly table: FlowTable
  /** By conversation: 1 if the end seen first is the client. While packets are still added, set it before reading a flow. */
  isForward: Uint8Array
  private readonly flows: Flows
  private readonly idDigests: Int32Array | undefined
  /** By length of the addresses: both ends, used again for each conversation. */
  private readonly ends = { 4: [endOf(4), endOf(4)], 16: [endOf(16), endOf(16)] } as const

  /** @param idDigests result of idDigests() for all conversations, if it was computed */
  constructor(flows: Flows, isFirstClient: Uint8Array, idDigests?: Int32Array) {
    this.flows = flows
    this.table = flows.table
    this.isForward = isFirstClient
    this.idDigests = idDigests
  }

  client(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.firstHost(flow) : this.table.otherHost(flow)
  }
  server(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.otherHost(flow) : this.table.firstHost(flow)
  }
  /** Below 0 without ports. */
  clientPort(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.firstPort(flow) : this.table.otherPort(flow)
  }
  serverPort(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.otherPort(flow) : this.table.firstPort(flow)
  }
  /** IANA protocol number. */
  protocol(flow: number): number {
    return this.table.protocol(flow)
  }
  /** Name: tcp, udp, icmp, ... or ip-N. */
  transport(flow: number): string {
    return transportName(this.table.protocol(flow))
  }
  startUs(flow: number): number {
    return this.table.startUs(flow)
  }
  endUs(flow: number): number {
    return this.table.endUs(flow)
  }
  /** Numbers of its first and last packet in their captures (FlowTable), and ids of these captures. */
  firstFrame(flow: number): number {
    return this.table.firstFrame(flow)
  }
  lastFrame(flow: number): number {
    return this.table.lastFrame(flow)
  }
  firstCapture(flow: number): number {
    return this.table.firstCapture(flow) + 1
  }
  lastCapture(flow: number): number {
    return this.table.lastCapture(flow) + 1
  }
  clientPackets(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.forwardPackets(flow) : this.table.backwardPackets(flow)
  }
  serverPackets(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.backwardPackets(flow) : this.table.forwardPackets(flow)
  }
  /** Frame lengths on the wire, with all headers. */
  clientBytes(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.forwardBytes(flow) : this.table.backwardBytes(flow)
  }
  serverBytes(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.backwardBytes(flow) : this.table.forwardBytes(flow)
  }
  clientFlags(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.forwardFlags(flow) : this.table.backwardFlags(flow)
  }
  serverFlags(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.backwardFlags(flow) : this.table.forwardFlags(flow)
  }
  /** Zeek's conn_state (state.ts). */
  state(flow: number): ConnectionState {
    return this.flows.state(flow, this.isForward[flow] === 1)
  }
  /** Encapsulation of the packets, outermost first; null for none. */
  tunnel(flow: number): string | null {
    return describeTunnel(this.table.tunnel(flow))
  }
  /** Of ICMP, that of its first message; null for rows that count many conversations, and where ports or type are not known. */
  communityId(flow: number): string | null {
    const { table, flows, idDigests } = this
    if (idDigests !== undefined) return idOfDigest(idDigests, flow)
    if (table.isAggregate(flow)) return null
    const [first, other] = this.ends[flows.hosts.addressLength(table.firstHost(flow))]
    flows.hosts.copyAddress(table.firstHost(flow), first.address)
    flows.hosts.copyAddress(table.otherHost(flow), other.address)
    first.port = table.firstPort(flow)
    other.port = table.otherPort(flow)
    return communityId(table.protocol(flow), first, other, { type: table.icmpType(flow), code: table.icmpCode(flow) })
  }
}

const endOf = (length: number): IdEnd => ({ address: new Uint8Array(length), port: -1 })
