// PacketView -> conversations, hosts, timeline, packet rows. Hot path: add() runs once per packet and allocates nothing.
import type { FlowRecord } from '../capture/flow-records/record.ts'
import { Protocol, TcpFlag } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import { tunnelOf } from '../decode/tunnel.ts'
import { Aggregates } from './aggregates.ts'
import { icmpOf } from './community-id.ts'
import { isFirstClient } from './direction.ts'
import { FragmentTable, type HeldFragment } from './fragments.ts'
import { HostTable } from './hosts.ts'
import { PacketSample } from './packet-sample.ts'
import { PacketRows } from './packets.ts'
import { RecordParts } from './record-parts.ts'
import { checkRoom, spread } from './records.ts'
import { FlowTable } from './table.ts'
import { Timeline } from './timeline.ts'

/** SYN and ACK in the flags byte. */
const SYN_ACK = TcpFlag.syn | TcpFlag.ack

export class Flows {
  readonly hosts: HostTable
  readonly table = new FlowTable()
  readonly timeline = new Timeline()
  readonly packets: PacketRows
  readonly aggregates: Aggregates
  /** False: `timeline` stays empty. */
  keepsTimeline = true
  /** Called with the conversation of a fragment that add() has kept. */
  onHeldFragment: ((frame: number, flow: number, timeUs: number) => void) | null = null
  private readonly fragments = new FragmentTable()
  private readonly sample = new PacketSample()
  private readonly parts = new RecordParts(this.table)

  /** @param maxPackets packet rows kept @param maxFlows limit of conversations, and of hosts, with a row of their own */
  constructor(maxPackets: number, maxFlows = Number.POSITIVE_INFINITY) {
    this.packets = new PacketRows(maxPackets)
    this.hosts = new HostTable(maxFlows)
    this.aggregates = new Aggregates(this.table, this.hosts, maxFlows)
    this.table.room = maxFlows
  }

  /**
   * Counts one IP packet in its conversation and sets table.direction.
   * @param bytes original length of the frame
   * @returns the flow's id, or -1 for a fragment that is kept until its first fragment arrives (finish() counts those that never get one)
   */
  add(view: PacketView, timeUs: number, bytes: number): number {
    const { hosts, table } = this
    this.sample.set(timeUs, bytes, view.tcpFlags, table.frame, table.capture)
    const source = hosts.intern(view.bytes, view.sourceAt, view.family)
    const target = hosts.intern(view.bytes, view.targetAt, view.family)
    if (view.isFragment && view.fragmentOffset > 0) return this.addLaterFragment(view, source, target)
    let flow = this.find(source, target, view.sourcePort, view.targetPort, view.protocol)
    if (view.protocol === Protocol.tcp && !table.isAggregate(flow)) {
      if ((view.tcpFlags & SYN_ACK) === TcpFlag.syn) flow = table.open(flow, view.tcpSequence, this.sample)
      else if ((view.tcpFlags & TcpFlag.rst) !== 0) table.noteReset(flow)
    }
    if (this.count(flow) === 1) table.describe(flow, view.icmpType, view.icmpCode, view.tunnel)
    if (view.isFragment) this.addFirstFragment(view, source, target, flow)
    return flow
  }

  /** Counts a conversation, or a part of one, as another program has. @returns the flow's id; -1 for a part that another observer has counted @throws CaptureError if its counters have no room */
  addRecord(record: FlowRecord): number {
    const { hosts, table, sample, timeline } = this
    const family = record.source.length === 4 ? 4 : 6
    sample.set(record.startUs, 0, record.sourceFlags, table.frame, table.capture)
    const source = hosts.intern(record.source, 0, family)
    const target = hosts.intern(record.target, 0, family)
    const found = this.find(source, target, record.sourcePort, record.targetPort, record.protocol)
    const flow = record.isPart ? this.parts.place(found, record, sample) : table.openRecord(found, sample)
    if (flow < 0) return flow
    checkRoom(table, flow, record)
    if (table.forwardPackets(flow) + table.backwardPackets(flow) === 0) {
      const icmp = record.icmpId === '' ? null : icmpOf(record.icmpId, record.protocol, record.source, record.target)
      const { type, code, isFromTarget } = icmp ?? { type: record.icmpType, code: record.icmpCode, isFromTarget: false }
      table.describe(flow, type, code, record.tunnel === '' ? 0 : tunnelOf(record.tunnel), isFromTarget)
    }
    table.tallyRecord(flow, record, sample)
    if (this.keepsTimeline) spread(timeline, flow, table.direction, record, sample)
    return flow
  }

  /** Counts the kept fragments without a first fragment, as conversations without ports. Call once, after the last packet. */
  finish(): void {
    for (const held of this.fragments.releaseAll()) {
      const flow = this.addPortless(held, Number.POSITIVE_INFINITY)
      this.onHeldFragment?.(held.frame, flow, held.timeUs)
    }
  }

  /** Number of kept fragments: packets that are in no conversation yet. */
  get heldFragments(): number {
    return this.fragments.heldCount
  }

  isFirstClient(flow: number): boolean {
    return isFirstClient(this.table, flow, this.hosts)
  }

  /** By conversation: 1 if isFirstClient(), as far as known now. */
  firstClients(): Uint8Array {
    const ends = new Uint8Array(this.table.count)
    for (let flow = 0; flow < ends.length; flow++) ends[flow] = this.isFirstClient(flow) ? 1 : 0
    return ends
  }

  /** The row of a packet: found, new if there is room, or an aggregate. @param room extra rows, for rare kinds of packets */
  private find(source: number, target: number, sourcePort: number, targetPort: number, protocol: number, room = 0): number {
    const { table, hosts, aggregates, sample } = this
    let flow = -1
    const isFull = table.count >= aggregates.limit
    if (isFull) table.room = Math.max(room, aggregates.roomFor(protocol, sample.tcpFlags))
    if (!hosts.isAny(source) && !hosts.isAny(target)) flow = table.find(source, target, sourcePort, targetPort, protocol, sample)
    if (flow < 0) flow = aggregates.find(source, target, protocol, sample)
    if (isFull) aggregates.watchHosts()
    return flow
  }

  /** Counts the packet sample. @returns the conversation's number of packets */
  private count(flow: number): number {
    const { table, sample } = this
    if (this.keepsTimeline) this.timeline.add(flow, table.direction, sample)
    this.packets.add(flow, table.direction, sample)
    return table.tally(flow, sample)
  }

  private addFirstFragment(view: PacketView, source: number, target: number, flow: number): void {
    const direction = this.table.direction
    this.fragments.remember(source, target, view.fragmentProtocol, view.fragmentId, flow, this.sample.timeUs)
    if (!this.fragments.hasHeld) return
    for (const held of this.fragments.release(source, target, view.fragmentProtocol, view.fragmentId)) {
      this.sample.set(held.timeUs, held.bytes, 0, held.frame, held.capture)
      this.count(flow)
      this.onHeldFragment?.(held.frame, flow, held.timeUs)
    }
    this.table.direction = direction
  }

  private addLaterFragment(view: PacketView, source: number, target: number): number {
    const { protocol, fragmentId: id, tunnel } = view
    const { timeUs, bytes } = this.sample
    const flow = this.fragments.find(source, target, protocol, id, timeUs)
    if (flow >= 0) {
      this.table.direction = this.table.firstHost(flow) === source ? 0 : 1
      this.count(flow)
      return flow
    }
    const held = { source, target, protocol, id, timeUs, bytes, tunnel, frame: this.table.frame, capture: this.table.capture }
    return this.fragments.hold(held) ? -1 : this.addPortless(held)
  }

  private addPortless(held: HeldFragment, room?: number): number {
    this.sample.set(held.timeUs, held.bytes, 0, held.frame, held.capture)
    const flow = this.find(held.source, held.target, -1, -1, held.protocol, room)
    if (this.count(flow) === 1) this.table.describe(flow, -1, 0, held.tunnel)
    return flow
  }
}
