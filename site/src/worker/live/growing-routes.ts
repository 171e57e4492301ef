// Routes of a running capture: only changed flows are counted again, and a new route is appended.
import type { FlowColumns } from '../../model/flow-columns.ts'
import { unitVector, type Vector } from '../../model/great-circle.ts'
import type { ReportPlace, Routes } from '../../model/report.ts'
import { type FlowRoutes, GEOMETRY, shapeOf } from '../../model/routes.ts'
import { GrowingColumn, GrowingColumns } from './growing-column.ts'

type LaneColumns = Omit<Routes, 'count' | 'geometry'>

export class GrowingRoutes {
  readonly #columns: GrowingColumns<LaneColumns & Record<string, LaneColumns[keyof LaneColumns]>>
  readonly #geometry: GrowingColumn<Float32Array>
  readonly #laneOfFlow: GrowingColumn<Int32Array>
  /** Bytes of each flow that are already in the bytes of its route. */
  readonly #counted: GrowingColumn<Float64Array>
  readonly #severity: GrowingColumn<Uint8Array>
  readonly #byKey = new Map<string, number>()
  /** Number of routes between two places. */
  readonly #stacked = new Map<string, number>()
  readonly #positions: Vector[] = []

  /** `severity`: the same as for buildRoutes(). */
  constructor({ lanes, laneOfFlow }: FlowRoutes, { bytes }: FlowColumns, severity: Uint8Array | null) {
    const { count, geometry, ...columns } = lanes
    this.#columns = new GrowingColumns(columns)
    this.#geometry = new GrowingColumn(geometry)
    this.#laneOfFlow = new GrowingColumn(laneOfFlow)
    this.#counted = new GrowingColumn(bytes.slice())
    this.#severity = new GrowingColumn(severity ?? new Uint8Array(laneOfFlow.length))
    for (let lane = 0; lane < count; lane++) {
      this.#byKey.set(this.#keyOf(columns, lane, columns.severity[lane]), lane)
      this.#stack(columns.source[lane], columns.target[lane])
    }
  }

  get all(): FlowRoutes {
    const { filled } = this.#columns
    return { lanes: { count: filled.source.length, ...filled, geometry: this.#geometry.filled }, laneOfFlow: this.#laneOfFlow.filled }
  }

  follow(changed: Iterable<number>, flows: FlowColumns, places: readonly ReportPlace[]): FlowRoutes {
    const before = this.#laneOfFlow.filled.length
    const laneOfFlow = this.#laneOfFlow.reach(flows.count)
    laneOfFlow.fill(-1, before)
    const counted = this.#counted.reach(flows.count)
    this.#severity.reach(flows.count)
    for (const flow of changed) {
      const old = laneOfFlow[flow]
      const lane = this.#laneOf(flow, flows, places)
      laneOfFlow[flow] = lane
      const { bytes } = this.#columns.filled
      if (old >= 0) bytes[old] -= counted[flow]
      if (lane >= 0) bytes[lane] += flows.bytes[flow]
      counted[flow] = flows.bytes[flow]
    }
    return this.all
  }

  #laneOf(flow: number, flows: FlowColumns, places: readonly ReportPlace[]): number {
    const source = flows.sourcePlace[flow]
    const target = flows.targetPlace[flow]
    if (source < 0 || target < 0) return -1
    const severity = this.#severity.filled[flow]
    const ends = { source: flows.sourcePlace, target: flows.targetPlace, application: flows.application, transport: flows.transport }
    const key = this.#keyOf(ends, flow, severity)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const lane = this.#columns.filled.source.length
    this.#byKey.set(key, lane)
    const columns = this.#columns.reach(lane + 1)
    columns.source[lane] = source
    columns.target[lane] = target
    columns.application[lane] = flows.application[flow]
    columns.transport[lane] = flows.transport[flow]
    columns.severity[lane] = severity
    const shape = shapeOf(this.#position(source, places), this.#position(target, places), this.#stack(source, target))
    this.#geometry.reach((lane + 1) * GEOMETRY).set(shape, lane * GEOMETRY)
    return lane
  }

  #keyOf(of: Pick<Routes, 'source' | 'target' | 'application' | 'transport'>, row: number, severity: number): string {
    return `${of.source[row]} ${of.target[row]} ${of.application[row]} ${of.transport[row]} ${severity}`
  }

  #stack(source: number, target: number): number {
    const pair = `${source} ${target}`
    const rank = this.#stacked.get(pair) ?? 0
    this.#stacked.set(pair, rank + 1)
    return rank
  }

  #position(place: number, places: readonly ReportPlace[]): Vector {
    const { latitudeDeg, longitudeDeg } = places[place]
    this.#positions[place] ??= unitVector(latitudeDeg, longitudeDeg)
    return this.#positions[place]
  }
}
