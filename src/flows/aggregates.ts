// Packets of conversations beyond the limit -> rows that stand for many: so memory is bounded, and every packet is still in exactly one row.
import { Protocol, TcpFlag } from '../decode/codes.ts'
import type { HostTable } from './hosts.ts'
import type { PacketSample } from './packet-sample.ts'
import { AGGREGATE, type FlowTable } from './table.ts'

/** Parts of the limit that come on top of it: for connections under way and pairs of hosts; then for receivers. */
const PAIRS = 0.25
const RECEIVERS = 0.5

const OPENING_OR_END = TcpFlag.syn | TcpFlag.fin | TcpFlag.rst

export class Aggregates {
  /** Packets counted in aggregates. */
  packets = 0
  /** Aggregates there are. */
  rows = 0
  readonly limit: number
  /** So many rows leave no room for another pair of hosts. */
  private readonly pairLimit: number
  private readonly table: FlowTable
  private readonly hosts: HostTable

  /** @param limit conversations with a row of their own */
  constructor(table: FlowTable, hosts: HostTable, limit: number) {
    this.table = table
    this.hosts = hosts
    this.limit = limit
    this.pairLimit = limit * (1 + PAIRS)
  }

  /**
   * Rows that there may be for a new conversation to get one of its own. Beyond the limit an attempt gets none, for attempts with forged senders are
   * what floods are made of; a TCP connection that is under way still does.
   */
  roomFor(protocol: number, tcpFlags: number): number {
    const isUnderWay = protocol === Protocol.tcp && (tcpFlags & TcpFlag.ack) !== 0 && (tcpFlags & OPENING_OR_END) === 0
    return isUnderWay ? this.pairLimit : this.limit
  }

  /** The row for a packet whose conversation has none: of the two hosts, else of all senders to this receiver, else of all. Sets table.direction. */
  find(source: number, target: number, protocol: number, moment: PacketSample): number {
    const { table, hosts, limit, pairLimit } = this
    const before = table.count
    let flow = this.findWithin(pairLimit, source, target, protocol, moment)
    if (flow < 0) flow = this.findWithin(limit * (1 + RECEIVERS), hosts.anyOf(source), target, protocol, moment)
    if (flow < 0) flow = this.findWithin(Number.POSITIVE_INFINITY, hosts.anyOf(source), hosts.anyOf(target), protocol, moment)
    this.packets++
    this.rows += table.count - before
    return flow
  }

  /** After each packet beyond the limit: a host that was told apart has a row of its own to be in. */
  watchHosts(): void {
    if (this.table.count >= this.pairLimit) this.hosts.freeze()
  }

  private findWithin(room: number, source: number, target: number, protocol: number, moment: PacketSample): number {
    this.table.room = room
    return this.table.find(source, target, AGGREGATE, AGGREGATE, protocol, moment)
  }
}
