// Rows of `activity` of a running capture: they are ordered by tick, and new rows belong to the last ticks, so only those rows move.
import type { ActivityColumns } from '../../model/flow-columns.ts'
import type { ActivityGrowth } from './apply.ts'
import { GrowingColumn, GrowingColumns } from './growing-column.ts'

export class GrowingActivity {
  activity: ActivityColumns
  readonly #tickStart: GrowingColumn<Int32Array>
  readonly #columns: GrowingColumns<Omit<ActivityColumns, 'count' | 'tickStart' | 'inside'> & Record<string, Float64Array | Int32Array>>

  constructor(activity: ActivityColumns) {
    const { count: _, tickStart, inside: _inside, ...columns } = activity
    this.activity = activity
    this.#tickStart = new GrowingColumn(tickStart)
    this.#columns = new GrowingColumns(columns)
  }

  /** `ticks`: the timeline has at least so many. */
  add(growth: readonly ActivityGrowth[], rowOf: (flowId: number) => number, ticks: number): void {
    const tickStart = this.#reachTicks(growth.reduce((most, [tick]) => Math.max(most, tick + 1), ticks))
    const byTick = new Map<number, Map<number, ActivityGrowth>>()
    for (const added of growth) {
      const flow = rowOf(added[1])
      const flows = byTick.get(added[0]) ?? new Map<number, ActivityGrowth>()
      byTick.set(added[0], flows)
      const same = flows.get(flow)
      if (!same) flows.set(flow, [...added])
      else for (let index = 2; index < added.length; index++) same[index] += added[index]
    }
    let rows = 0
    for (const [tick, flows] of byTick) {
      this.#addToRows(flows, tickStart[tick], tickStart[tick + 1])
      rows += flows.size
    }
    if (rows > 0) this.#insert(byTick, rows)
    this.activity = { count: this.activity.count + rows, tickStart, ...this.#columns.filled }
  }

  #reachTicks(ticks: number): Int32Array {
    const before = this.#tickStart.filled.length
    if (ticks + 1 <= before) return this.#tickStart.filled
    return this.#tickStart.reach(ticks + 1).fill(this.activity.count, before)
  }

  /** Adds to rows that exist already, and removes them from `flows`. */
  #addToRows(flows: Map<number, ActivityGrowth>, from: number, to: number): void {
    const { flow } = this.#columns.filled
    for (let row = from; row < to && flows.size > 0; row++) {
      const added = flows.get(flow[row])
      if (!added) continue
      this.#put(row, added)
      flows.delete(flow[row])
    }
  }

  /** From the last tick backward: moves the rows of each tick behind the room for earlier new rows, and adds its new rows after them. */
  #insert(byTick: Map<number, Map<number, ActivityGrowth>>, rows: number): void {
    const tickStart = this.#tickStart.filled
    const columns = this.#columns.reach(this.activity.count + rows)
    let shift = rows
    for (let tick = tickStart.length - 2; shift > 0; tick--) {
      const from = tickStart[tick]
      const to = tickStart[tick + 1]
      tickStart[tick + 1] += shift
      const added = byTick.get(tick)
      shift -= added?.size ?? 0
      for (const column of Object.values(columns)) if (shift > 0) column.copyWithin(from + shift, from, to)
      let row = to + shift
      for (const [flow, growth] of added ?? []) {
        columns.flow[row] = flow
        for (const column of ['bytes', 'packets', 'clientBytes', 'clientPackets'] as const) columns[column][row] = 0
        this.#put(row++, growth)
      }
    }
  }

  #put(row: number, [, , clientPackets, serverPackets, clientBytes, serverBytes]: ActivityGrowth): void {
    const { bytes, packets, clientBytes: sentBytes, clientPackets: sentPackets } = this.#columns.filled
    bytes[row] += clientBytes + serverBytes
    packets[row] += clientPackets + serverPackets
    sentBytes[row] += clientBytes
    sentPackets[row] += clientPackets
  }
}
