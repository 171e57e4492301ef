// Flows as rules need them. Aggregate rows are shown without packets and duration, because rules are about single conversations.
// Some thirty passes over all conversations ask first for protocol and opening, which have columns: records of 96 bytes would be read each time.
import { TcpFlag } from '../../decode/codes.ts'
import type { FlowRows } from '../../flows/flow-rows.ts'
import { FlowSides } from '../../flows/flow-sides.ts'
import type { IdleResumptions } from '../../flows/idle-resumptions.ts'
import type { Flows } from '../../flows/index.ts'
import { type Span, withoutJumps } from '../../flows/spans.ts'

/** What isOpened() and isAccepted() say. */
const OPENED = 1
const ACCEPTED = 2

export class Conversations extends FlowSides {
  readonly count: number
  /** Start of the first and end of the last; both 0 without any. */
  readonly firstUs: number
  readonly lastUs: number
  /** Whether all are numbered in the order of their starts. */
  readonly isInOrder: boolean
  readonly resumptions: IdleResumptions
  private readonly jumps: Span[]
  /** By conversation: 1 if the end that the table has as the other one sent the first packet. */
  private readonly isOtherFirst: Uint8Array
  private readonly protocolColumn: Uint8Array
  private readonly openingColumn: Uint8Array

  /** @param isFromDatabase the client of a conversation is in the table as the end seen first, whoever that was */
  constructor(flows: Flows, isFirstClient: Uint8Array, isFromDatabase: boolean) {
    super(flows, isFirstClient)
    const { table } = flows
    this.count = table.count
    this.isOtherFirst = new Uint8Array(this.count)
    this.resumptions = table.resumptions
    this.jumps = flows.timeline.jumps
    this.protocolColumn = new Uint8Array(this.count)
    this.openingColumn = new Uint8Array(this.count)
    let firstUs = this.count > 0 ? Number.POSITIVE_INFINITY : 0
    let lastUs = 0
    let isInOrder = true
    let previousUs = Number.NEGATIVE_INFINITY
    for (let flow = 0; flow < this.count; flow++) {
      const startUs = table.startUs(flow)
      if (startUs < previousUs) isInOrder = false
      previousUs = startUs
      if (startUs < firstUs) firstUs = startUs
      if (table.endUs(flow) > lastUs) lastUs = table.endUs(flow)
      this.protocolColumn[flow] = table.protocol(flow)
      if (!table.isAggregate(flow) && (table.forwardPackets(flow) === 0 || (isFromDatabase && isRefusal(table, flow))))
        this.isOtherFirst[flow] = 1
      const isOpened = table.openedBy(flow) !== 0 && (this.clientFlags(flow) & TcpFlag.syn) !== 0
      this.openingColumn[flow] = (isOpened ? OPENED : 0) | ((this.serverFlags(flow) & TcpFlag.syn) !== 0 ? ACCEPTED : 0)
    }
    this.firstUs = firstUs
    this.lastUs = lastUs
    this.isInOrder = isInOrder
  }

  override protocol(flow: number): number {
    return this.protocolColumn[flow]
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
  /** The end that sent the first packet, whoever is client: probes are told by it. Below, what it sent, and the same of the other end. */
  firstHost(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.otherHost(flow) : this.table.firstHost(flow)
  }
  otherHost(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.firstHost(flow) : this.table.otherHost(flow)
  }
  /** Below 0 without ports. */
  firstPort(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.otherPort(flow) : this.table.firstPort(flow)
  }
  otherPort(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.firstPort(flow) : this.table.otherPort(flow)
  }
  firstPackets(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.backwardPackets(flow) : this.table.forwardPackets(flow)
  }
  otherPackets(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.forwardPackets(flow) : this.table.backwardPackets(flow)
  }
  firstBytes(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.backwardBytes(flow) : this.table.forwardBytes(flow)
  }
  otherBytes(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.forwardBytes(flow) : this.table.backwardBytes(flow)
  }
  firstFlags(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.backwardFlags(flow) : this.table.forwardFlags(flow)
  }
  otherFlags(flow: number): number {
    return this.isOtherFirst[flow] === 1 ? this.table.forwardFlags(flow) : this.table.backwardFlags(flow)
  }
  /** A key of its two hosts: the same for all conversations of this client with this server. */
  pair(flow: number): string {
    return `${this.client(flow)} ${this.server(flow)}`
  }
  /** The different servers of conversations, and their ports, in the order they come. */
  servers(ids: Iterable<number>): number[] {
    return [...new Set(Array.from(ids, (flow) => this.server(flow)))]
  }
  serverPorts(ids: Iterable<number>): number[] {
    return [...new Set(Array.from(ids, (flow) => this.serverPort(flow)))]
  }
  /** Direction of the client's packets: 0 where it sent the first one. */
  clientDirection(flow: number): number {
    return this.isForward[flow] === 1 ? 0 : 1
  }
  /** From its first packet to its last, without jumps of the capture's clock in between. */
  lengthUs(flow: number): number {
    return withoutJumps(this.table.startUs(flow), this.table.endUs(flow), this.jumps)
  }
  /** Of its first packet; -1 unless ICMP or ICMPv6. */
  icmpType(flow: number): number {
    return this.table.icmpType(flow)
  }
  /** TCP: the client's SYN was seen. A host whose address was forged receives answers without a request; it is not a client. */
  isOpened(flow: number): boolean {
    return (this.openingColumn[flow] & OPENED) !== 0
  }
  /** TCP: the server sent SYN+ACK. */
  isAccepted(flow: number): boolean {
    return (this.openingColumn[flow] & ACCEPTED) !== 0
  }
}

/** TCP: whether all that the first end of the table sent are resets, which answer what the other end sent (RFC 9293, 3.10.7.1). */
function isRefusal(table: FlowRows, flow: number): boolean {
  const flags = table.forwardFlags(flow)
  const isReset = flags === TcpFlag.rst || flags === (TcpFlag.rst | TcpFlag.ack)
  return isReset && table.backwardPackets(flow) > 0 && (table.backwardFlags(flow) & TcpFlag.rst) === 0
}
