// Rows of `tcp` of several reports -> what is known of TCP conversations, read where they are: only joined conversations have rows of their own.
import { TCP_COUNTERS } from '../health/counters.ts'
import type { TcpFacts } from '../health/tcp-records.ts'
import { type LeafSink, LeafWriter } from '../sqlite/btree-leaves.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'
import type { MergedCaptures } from './captures.ts'
import type { CellTable } from './cell-table.ts'
import { ColumnMemory } from './column-memory.ts'
import type { FlowOrder } from './flow-order.ts'

/** Places in a row: after the conversation three times, then pairs of client and server, then the time of the TLS handshake. */
const HANDSHAKE_US = 1
const SYN_ACK_US = 2
const RESPONSE_US = 3
const LEAST_RTT_US = 4
const MEDIAN_RTT_US = 6
const COUNTED = 8
const ZERO_WINDOW_US = COUNTED + 2 * TCP_COUNTERS.length
const TLS_HANDSHAKE_US = ZERO_WINDOW_US + 2

/** Rows of all reports, for several threads. */
export interface TcpRows {
  tables: CellTable[]
  /** By conversation: its report, and its row in the table of that report, from 1; 0 for none. */
  reports: Int32Array
  rows: Int32Array
  /** Rows of conversations of several pieces; -1 for null. */
  joined: Map<number, number[]>
}

export function mergeTcp({ reports }: MergedCaptures, order: FlowOrder): TcpRows {
  const memory = new ColumnMemory()
  const column = () => memory.take(Int32Array, order.count)
  const merged: TcpRows = { tables: reports.map(({ rows }) => rows.tcp), reports: column(), rows: column(), joined: new Map() }
  for (const [report, table] of merged.tables.entries()) {
    const ids = table.columns[0].values
    for (let row = 0; row < table.count; row++) {
      const flow = order.numberOf(report, ids[row])
      if (order.isJoined(flow)) {
        const piece = rowOf(table, row, order.isTurned(report, ids[row]))
        const known = merged.joined.get(flow)
        merged.joined.set(flow, known === undefined ? piece : join(known, piece))
        continue
      }
      merged.reports[flow] = report
      merged.rows[flow] = row + 1
    }
  }
  return merged
}

/** Cells as they are -> leaf pages of the table tcp, in half of the time that writeTcp() takes to ask for each fact. @param flows how many conversations there are */
export function writeMergedTcp(sink: LeafSink, { tables, reports, rows, joined }: TcpRows, flows: number): void {
  const writer = new LeafWriter('rowid', sink)
  const record = new SqliteRecord()
  const add = (value: number): void => {
    if (value < 0) record.null()
    else record.integer(value)
  }
  for (let flow = 0; flow < flows; flow++) {
    const row = rows[flow] - 1
    const several = row < 0 ? joined.get(flow) : undefined
    if (row < 0 && several === undefined) continue
    record.begin()
    record.null() // flow_id
    if (several !== undefined) for (let column = HANDSHAKE_US; column < several.length; column++) add(several[column])
    else {
      const { columns } = tables[reports[flow]]
      for (let column = HANDSHAKE_US; column < columns.length; column++) add(columns[column].values[row])
    }
    record.finish()
    writer.add(record, flow + 1)
  }
  writer.finish()
}

/** The client is direction 0. */
export class MergedTcp implements TcpFacts {
  private readonly merged: TcpRows

  constructor(merged: TcpRows) {
    this.merged = merged
  }

  has(flow: number): boolean {
    return this.merged.rows[flow] > 0 || this.merged.joined.has(flow)
  }
  counted(flow: number, direction: number, index: number): number {
    return this.number(flow, COUNTED + 2 * index + direction)
  }
  zeroWindowUs(flow: number, direction: number): number {
    return this.number(flow, ZERO_WINDOW_US + direction)
  }
  leastRttUs(flow: number, direction: number): number {
    return this.number(flow, LEAST_RTT_US + direction)
  }
  medianRttUs(flow: number, direction: number): number {
    return this.number(flow, MEDIAN_RTT_US + direction)
  }
  synAckUs(flow: number): number {
    return this.number(flow, SYN_ACK_US)
  }
  handshakeUs(flow: number): number {
    return this.number(flow, HANDSHAKE_US)
  }
  responseUs(flow: number, direction: number): number {
    return direction === 0 ? this.number(flow, RESPONSE_US) : -1
  }
  tlsHandshakeUs(flow: number): number {
    return this.number(flow, TLS_HANDSHAKE_US)
  }

  private number(flow: number, column: number): number {
    const { tables, reports, rows, joined } = this.merged
    const row = rows[flow] - 1
    return row >= 0 ? tables[reports[flow]].columns[column].values[row] : joined.get(flow)![column]
  }
}

/** @param isTurned client and server change places */
function rowOf({ columns }: CellTable, row: number, isTurned: boolean): number[] {
  return columns.map((_, column) => {
    const isPair = column >= LEAST_RTT_US && column < TLS_HANDSHAKE_US
    return columns[isPair && isTurned ? column ^ 1 : column].values[row]
  })
}

/** Counts add up. Of times, also of medians, the least is kept: it is the same in whatever steps, and no row says which piece measured it. */
function join(a: number[], b: number[]): number[] {
  return a.map((value, column) => {
    if (column >= COUNTED && column < TLS_HANDSHAKE_US) return value + b[column]
    return value < 0 || b[column] < 0 ? Math.max(value, b[column]) : Math.min(value, b[column])
  })
}
