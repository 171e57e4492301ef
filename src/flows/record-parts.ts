// A part of a conversation in a flow log (one direction, a span of time) -> the conversation that it belongs to, and who opened that.
import type { FlowRecord } from '../capture/flow-records/record.ts'
import { doubled, FIRST_ROWS } from '../column.ts'
import { TcpFlag } from '../decode/codes.ts'
import type { PacketSample } from './packet-sample.ts'
import { portRank } from './services.ts'
import type { FlowTable } from './table.ts'

/** Observation points that are told apart; a log of more is not that of one network. */
const MAX_OBSERVERS = 65_536
const { syn: SYN, ack: ACK, fin: FIN, rst: RST } = TcpFlag

export class RecordParts {
  private readonly table: FlowTable
  private readonly observers = new Map<string, number>()
  /** By conversation and direction: who counted its first part, 0 for unknown. Several routers see the same packets; one of them counts. */
  private firstObservers = new Int32Array(2 * FIRST_ROWS)

  constructor(table: FlowTable) {
    this.table = table
  }

  /**
   * @param flow that table.find() gave for the part
   * @returns the conversation to count it in; -1 if another observer has counted this direction
   */
  place(flow: number, record: FlowRecord, sample: PacketSample): number {
    const { table } = this
    if (table.isAggregate(flow)) return flow
    const observer = this.idOf(record.observer)
    const first = this.firstObservers[2 * flow + table.direction] ?? 0
    const isUsed = table.forwardPackets(flow) + table.backwardPackets(flow) > 0
    // A direction has one SYN: a second one is that of the next connection with the same ports.
    const isNext = isUsed && (record.sourceFlags & SYN) !== 0 && (this.flags(flow, table.direction) & SYN) !== 0
    if (isUsed && observer !== first && observer !== 0 && first !== 0 && !(isNext && record.startUs > table.endUs(flow))) return -1
    const placed = isNext ? table.openRecord(flow, sample) : flow
    while (2 * placed + 1 >= this.firstObservers.length) this.firstObservers = doubled(this.firstObservers)
    const own = 2 * placed + table.direction
    if (this.firstObservers[own] === 0) this.firstObservers[own] = observer
    if (record.targetPackets > 0 && this.firstObservers[own ^ 1] === 0) this.firstObservers[own ^ 1] = observer
    this.judge(placed, record)
    return placed
  }

  /** Sets who opened and who reset the connection. Call before the part is counted. */
  private judge(flow: number, record: FlowRecord): void {
    const { table } = this
    const { direction } = table
    // Only TCP has flags.
    if ((record.sourceFlags & RST) !== 0 && (record.sourceFlags & FIN) === 0) table.noteReset(flow)
    const opener = this.openerOf(flow, record)
    if (opener >= 0) table.setOpener(flow, opener)
    table.direction = direction
  }

  /** @returns a direction; -1 if the part does not show it */
  private openerOf(flow: number, record: FlowRecord): number {
    const { table } = this
    const { direction } = table
    if (record.openedBy !== 0) return record.openedBy === 1 ? direction : 1 - direction
    if ((record.sourceFlags & SYN) === 0) return table.openedBy(flow) === 0 ? this.earlier(flow, record) : -1
    // Without an ACK beside it, this SYN was never answered.
    if ((record.sourceFlags & ACK) === 0) return direction
    const other = this.flags(flow, 1 - direction)
    if ((other & SYN) !== 0 && (other & ACK) === 0) return -1
    if ((other & SYN) !== 0 && record.startUs !== table.startUs(flow)) {
      return record.startUs < table.startUs(flow) ? direction : 1 - direction
    }
    const ranks = portRank(record.sourcePort) - portRank(record.targetPort)
    return (ranks || record.sourcePort - record.targetPort) >= 0 ? direction : 1 - direction
  }

  /** Where the ports tell nothing, the end of the earlier part; -1 while only one direction is known. */
  private earlier(flow: number, record: FlowRecord): number {
    const { table } = this
    const { direction } = table
    const others = direction === 0 ? table.backwardPackets(flow) : table.forwardPackets(flow)
    if (others === 0 || record.sourcePort < 0 || portRank(record.sourcePort) !== portRank(record.targetPort)) return -1
    return record.startUs < table.startUs(flow) ? direction : 1 - direction
  }

  private flags(flow: number, direction: number): number {
    return direction === 0 ? this.table.forwardFlags(flow) : this.table.backwardFlags(flow)
  }

  private idOf(observer: string): number {
    if (observer === '') return 0
    const known = this.observers.get(observer)
    if (known !== undefined) return known
    if (this.observers.size === MAX_OBSERVERS) return 0
    this.observers.set(observer, this.observers.size + 1)
    return this.observers.size
  }
}
