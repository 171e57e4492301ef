// Flow table as rules ask for it: by client and server instead of by who was seen first. Rows that stand for many conversations are shown without packets
// and without duration, for rules judge conversations.
import { TcpFlag } from '../../decode/codes.ts'
import type { Flows } from '../../flows/index.ts'
import { type Span, withoutJumps } from '../../flows/spans.ts'
import type { ConnectionState } from '../../flows/state.ts'
import type { FlowTable } from '../../flows/table.ts'

export class Conversations {
  readonly count: number
  /** 1 if the end that was seen first is the client. */
  readonly isForward: Uint8Array
  readonly table: FlowTable
  private readonly flows: Flows
  private readonly jumps: Span[]

  constructor(flows: Flows, isFirstClient: Uint8Array) {
    this.flows = flows
    this.table = flows.table
    this.count = flows.table.count
    this.isForward = isFirstClient
    this.jumps = flows.timeline.jumps
  }

  client(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.firstHost(flow) : this.table.otherHost(flow)
  }
  server(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.otherHost(flow) : this.table.firstHost(flow)
  }
  /** -1 where there are none. */
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
  startUs(flow: number): number {
    return this.table.startUs(flow)
  }
  endUs(flow: number): number {
    return this.table.isAggregate(flow) ? this.table.startUs(flow) : this.table.endUs(flow)
  }
  /** From its first packet to its last, without jumps of the capture's clock in between. */
  lengthUs(flow: number): number {
    return withoutJumps(this.table.startUs(flow), this.table.endUs(flow), this.jumps)
  }
  clientPackets(flow: number): number {
    if (this.table.isAggregate(flow)) return 0
    return this.isForward[flow] === 1 ? this.table.forwardPackets(flow) : this.table.backwardPackets(flow)
  }
  serverPackets(flow: number): number {
    if (this.table.isAggregate(flow)) return 0
    return this.isForward[flow] === 1 ? this.table.backwardPackets(flow) : this.table.forwardPackets(flow)
  }
  /** On the wire, with all headers. */
  clientBytes(flow: number): number {
    if (this.table.isAggregate(flow)) return 0
    return this.isForward[flow] === 1 ? this.table.forwardBytes(flow) : this.table.backwardBytes(flow)
  }
  serverBytes(flow: number): number {
    if (this.table.isAggregate(flow)) return 0
    return this.isForward[flow] === 1 ? this.table.backwardBytes(flow) : this.table.forwardBytes(flow)
  }
  clientFlags(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.forwardFlags(flow) : this.table.backwardFlags(flow)
  }
  serverFlags(flow: number): number {
    return this.isForward[flow] === 1 ? this.table.backwardFlags(flow) : this.table.forwardFlags(flow)
  }
  /** Of its first packet; -1 unless ICMP or ICMPv6. */
  icmpType(flow: number): number {
    return this.table.icmpType(flow)
  }
  /** Zeek's conn_state (state.ts). */
  state(flow: number): ConnectionState {
    return this.flows.state(flow, this.isForward[flow] === 1)
  }
  /** TCP: the client's SYN was seen. A host whose address was forged receives answers that it did not ask for; it is no client. */
  isOpened(flow: number): boolean {
    return this.table.openedBy(flow) !== 0
  }
  /** TCP: the server sent SYN+ACK. */
  isAccepted(flow: number): boolean {
    return (this.serverFlags(flow) & TcpFlag.syn) !== 0
  }
}
