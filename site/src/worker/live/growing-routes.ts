// Routes of a running capture: only changed flows are counted again, and a new route is appended.
import type { FlowColumns } from '../../model/flow-columns.ts'
import { unitVector, type Vector } from '../../model/great-circle.ts'
import type { ReportPlace, Routes } from '../../model/report.ts'
import { type FlowRoutes, GEOMETRY, shapeOf } from '../../model/routes.ts'
import { GrowingColumn, GrowingColumns } from './growing-column.ts'

type RouteColumns = Omit<Routes, 'count' | 'geometry'>

export class GrowingRoutes {
  readonly #columns: GrowingColumns<RouteColumns & Record<string, RouteColumns[keyof RouteColumns]>>
  readonly #geometry: GrowingColumn<Float32Array>
  readonly #routeOfFlow: GrowingColumn<Int32Array>
  /** Bytes of each flow that are already in the bytes of its route. */
  readonly #counted: GrowingColumn<Float64Array>
  readonly #severity: GrowingColumn<Uint8Array>
  readonly #byKey = new Map<string, number>()
  /** Number of routes between two places. */
  readonly #stacked = new Map<string, number>()
  readonly #positions: Vector[] = []

  /** `severity`: the same as for buildRoutes(). */
  constructor({ routes, routeOfFlow }: FlowRoutes, { bytes }: FlowColumns, severity: Uint8Array | null) {
    const { count, geometry, ...columns } = routes
    this.#columns = new GrowingColumns(columns)
    this.#geometry = new GrowingColumn(geometry)
    this.#routeOfFlow = new GrowingColumn(routeOfFlow)
    this.#counted = new GrowingColumn(bytes.slice())
    this.#severity = new GrowingColumn(severity ?? new Uint8Array(routeOfFlow.length))
    for (let route = 0; route < count; route++) {
      this.#byKey.set(this.#keyOf(columns, route, columns.severity[route]), route)
      this.#stack(columns.source[route], columns.target[route])
    }
  }

  get all(): FlowRoutes {
    const { filled } = this.#columns
    return { routes: { count: filled.source.length, ...filled, geometry: this.#geometry.filled }, routeOfFlow: this.#routeOfFlow.filled }
  }

  follow(changed: Iterable<number>, flows: FlowColumns, places: readonly ReportPlace[]): FlowRoutes {
    const before = this.#routeOfFlow.filled.length
    const routeOfFlow = this.#routeOfFlow.reach(flows.count)
    routeOfFlow.fill(-1, before)
    const counted = this.#counted.reach(flows.count)
    this.#severity.reach(flows.count)
    for (const flow of changed) {
      const old = routeOfFlow[flow]
      const route = this.#routeOf(flow, flows, places)
      routeOfFlow[flow] = route
      const { bytes } = this.#columns.filled
      if (old >= 0) bytes[old] -= counted[flow]
      if (route >= 0) bytes[route] += flows.bytes[flow]
      counted[flow] = flows.bytes[flow]
    }
    return this.all
  }

  #routeOf(flow: number, flows: FlowColumns, places: readonly ReportPlace[]): number {
    const source = flows.sourcePlace[flow]
    const target = flows.targetPlace[flow]
    if (source < 0 || target < 0) return -1
    const severity = this.#severity.filled[flow]
    const ends = { source: flows.sourcePlace, target: flows.targetPlace, application: flows.application, transport: flows.transport }
    const key = this.#keyOf(ends, flow, severity)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const route = this.#columns.filled.source.length
    this.#byKey.set(key, route)
    const columns = this.#columns.reach(route + 1)
    columns.source[route] = source
    columns.target[route] = target
    columns.application[route] = flows.application[flow]
    columns.transport[route] = flows.transport[flow]
    columns.severity[route] = severity
    const shape = shapeOf(this.#position(source, places), this.#position(target, places), this.#stack(source, target))
    this.#geometry.reach((route + 1) * GEOMETRY).set(shape, route * GEOMETRY)
    return route
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
