// The flow table by client and server instead of by the end seen first.
import { transportName } from '../decode/codes.ts'
import { communityId, type IdEnd } from './community-id.ts'
import type { FlowRows } from './flow-rows.ts'
import type { ConnectionState } from './state.ts'

/** What is read of conversations and their hosts: of an analysis, or of a copy in another thread. */
export interface FlowsRead {
  readonly table: FlowRows
  readonly hosts: {
    addressLength(host: number): 4 | 16
    /** @param into as long as the address */
    copyAddress(host: number, into: Uint8Array): void
  }
}

export class FlowSides {
  readonly table: FlowRows
  /** By conversation: 1 if the end seen first is the client. While packets are still added, set it before reading a flow. */
  isForward: Uint8Array
  private readonly hosts: FlowsRead['hosts']
  /** By length of the addresses: both ends, used again for each conversation. */
  private readonly ends = { 4: [endOf(4), endOf(4)], 16: [endOf(16), endOf(16)] } as const

  constructor({ table, hosts }: FlowsRead, isFirstClient: Uint8Array) {
    this.table = table
    this.hosts = hosts
    this.isForward = isFirstClient
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
    return this.table.state(flow, this.isForward[flow] === 1)
  }
  /** Encapsulation of the packets, outermost first; null for none. */
  tunnel(flow: number): string | null {
    return this.table.tunnel(flow)
  }
  /** Of ICMP, that of its first message; null for rows that count many conversations, and where ports or type are not known. */
  communityId(flow: number): string | null {
    const { table, hosts } = this
    if (table.isAggregate(flow)) return null
    const [first, other] = this.ends[hosts.addressLength(table.firstHost(flow))]
    hosts.copyAddress(table.firstHost(flow), first.address)
    hosts.copyAddress(table.otherHost(flow), other.address)
    first.port = table.firstPort(flow)
    other.port = table.otherPort(flow)
    const [source, target] = table.isIcmpFromOther(flow) ? [other, first] : [first, other]
    return communityId(table.protocol(flow), source, target, { type: table.icmpType(flow), code: table.icmpCode(flow) })
  }
}

const endOf = (length: number): IdEnd => ({ address: new Uint8Array(length), port: -1 })
