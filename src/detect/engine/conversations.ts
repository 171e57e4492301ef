// Flows as rules ask for them: rows that stand for many conversations are shown without packets and without duration, for rules judge conversations.
import { TcpFlag } from '../../decode/codes.ts'
import { FlowSides } from '../../flows/flow-sides.ts'
import type { Flows } from '../../flows/index.ts'
import { type Span, withoutJumps } from '../../flows/spans.ts'

export class Conversations extends FlowSides {
  readonly count: number
  private readonly jumps: Span[]

  constructor(flows: Flows, isFirstClient: Uint8Array) {
    super(flows, isFirstClient)
    this.count = flows.table.count
    this.jumps = flows.timeline.jumps
  }

  override endUs(flow: number): number {
    return this.table.isAggregate(flow) ? this.table.startUs(flow) : super.endUs(flow)
  }
  override clientPackets(flow: number): number {
    return this.table.isAggregate(flow) ? 0 : super.clientPackets(flow)
  }
  override serverPackets(flow: number): number {
    return this.table.isAggregate(flow) ? 0 : super.serverPackets(flow)
  }
  override clientBytes(flow: number): number {
    return this.table.isAggregate(flow) ? 0 : super.clientBytes(flow)
  }
  override serverBytes(flow: number): number {
    return this.table.isAggregate(flow) ? 0 : super.serverBytes(flow)
  }
  /** From its first packet to its last, without jumps of the capture's clock in between. */
  lengthUs(flow: number): number {
    return withoutJumps(this.table.startUs(flow), this.table.endUs(flow), this.jumps)
  }
  /** Of its first packet; -1 unless ICMP or ICMPv6. */
  icmpType(flow: number): number {
    return this.table.icmpType(flow)
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
