// Packets of conversations beyond the limit -> rows that count many conversations each. Memory is bounded, and each packet is in exactly one row.
import { Protocol, TcpFlag } from '../decode/codes.ts'
import { formatCount } from '../number-format.ts'
import { AGGREGATE } from './flow-rows.ts'
import type { HostTable } from './hosts.ts'
import type { PacketSample } from './packet-sample.ts'
import type { FlowTable } from './table.ts'

/** Extra rows as parts of the limit: for TCP connections under way and pairs of hosts; then for receivers. */
const PAIRS = 0.25
const RECEIVERS = 0.5

const OPENING_OR_END = TcpFlag.syn | TcpFlag.fin | TcpFlag.rst

export class Aggregates {
  /** Packets counted in aggregate rows. */
  packets = 0
  /** Number of aggregate rows. */
  rows = 0
  readonly limit: number
  /** Number of rows from which no further pair of hosts gets a row. */
  private readonly pairLimit: number
  private readonly table: FlowTable
  private readonly hosts: HostTable

  /** @param limit number of conversations with a row of their own */
  constructor(table: FlowTable, hosts: HostTable, limit: number) {
    this.table = table
    this.hosts = hosts
    this.limit = limit
    this.pairLimit = limit * (1 + PAIRS)
  }

  /** Texts for captures.warnings. */
  warnings(): string[] {
    const { packets, rows, limit } = this
    if (packets === 0) return []
    return [
      `more than ${formatCount(limit)} conversations or hosts: ${formatCount(packets)} packets of later conversations are counted in ${formatCount(rows)} rows without ports, one for each pair of hosts (0.0.0.0/0 and ::/0 stand for hosts without a row); --max-memory raises the limit`,
    ]
  }

  /**
   * Number of rows below which a new conversation gets a row of its own. Beyond the limit an attempt gets none, because floods consist of attempts from
   * forged addresses; a TCP connection that is under way still gets one.
   */
  roomFor(protocol: number, tcpFlags: number): number {
    const isUnderWay = protocol === Protocol.tcp && (tcpFlags & TcpFlag.ack) !== 0 && (tcpFlags & OPENING_OR_END) === 0
    return isUnderWay ? this.pairLimit : this.limit
  }

  /** The aggregate row of a packet: of its two hosts, else of all senders to this receiver, else of all hosts. Sets table.direction. */
  find(source: number, target: number, protocol: number, sample: PacketSample): number {
    const { table, hosts, limit, pairLimit } = this
    const before = table.count
    let flow = this.findWithin(pairLimit, source, target, protocol, sample)
    if (flow < 0) flow = this.findWithin(limit * (1 + RECEIVERS), hosts.anyOf(source), target, protocol, sample)
    if (flow < 0) flow = this.findWithin(Number.POSITIVE_INFINITY, hosts.anyOf(source), hosts.anyOf(target), protocol, sample)
    this.packets++
    this.rows += table.count - before
    return flow
  }

  /** Called after each packet beyond the limit: every host needs a row that counts its packets, so no new hosts are added once rows run out. */
  watchHosts(): void {
    if (this.table.count >= this.pairLimit) this.hosts.freeze()
  }

  private findWithin(room: number, source: number, target: number, protocol: number, sample: PacketSample): number {
    this.table.room = room
    return this.table.find(source, target, AGGREGATE, AGGREGATE, protocol, sample)
  }
}
