// Flows -> routes: one arc on the globe for all flows with the same places, application, transport and severity. Pure.
import { SEVERITIES } from '../../../src/types.ts'
import type { FlowColumns } from './flow-columns.ts'
import { type Arc, makeArc, unitVector, type Vector } from './great-circle.ts'
import type { ReportPlace, Routes } from './report.ts'

/** Floats of a route in Routes.geometry: unit vector of the source, angle (radians), unit tangent there, height of the middle (globe radii). */
export const GEOMETRY = 8

/** Extra height of each further arc between the same two places. */
const STEP = 0.12
const STEPS = 6

/** Severities as in `alerts.severity`, in ascending order; 0 means a flow without an alert. */
export const LANE_SEVERITIES = ['none', ...SEVERITIES] as const

/** Lowest severity drawn in the alert colour: low. */
export const ALERT_SEVERITY = 2

export interface FlowRoutes {
  routes: Routes
  /** Route of each flow; -1 when a host has no place. */
  routeOfFlow: Int32Array
}

/** `severity` has the highest alert severity of each flow; null without alerts. */
export function buildRoutes(flows: FlowColumns, places: ReportPlace[], severity: Uint8Array | null): FlowRoutes {
  const { routes, routeOfFlow } = joinFlows(flows, places.length, severity)
  const drawn = { ...routes, geometry: new Float32Array(routes.count * GEOMETRY) }
  shapeRoutes(drawn, places)
  return { routes: drawn, routeOfFlow }
}

/** Routes between `places` places, without their shape. */
export function joinFlows(
  flows: FlowColumns,
  places: number,
  severity: Uint8Array | null,
): { routes: Omit<Routes, 'geometry'>; routeOfFlow: Int32Array } {
  const routeOfFlow = new Int32Array(flows.count).fill(-1)
  const byKey = new Map<number, number>()
  const first: number[] = []
  for (let flow = 0; flow < flows.count; flow++) {
    const source = flows.sourcePlace[flow]
    const target = flows.targetPlace[flow]
    if (source < 0 || target < 0) continue
    // Exact in a double while places x places x applications x transports x severities stays below 2^53.
    const kind = (flows.application[flow] * 256 + flows.transport[flow]) * LANE_SEVERITIES.length + (severity?.[flow] ?? 0)
    const key = (kind * places + source) * places + target
    let route = byKey.get(key)
    if (route === undefined) {
      route = first.push(flow) - 1
      byKey.set(key, route)
    }
    routeOfFlow[flow] = route
  }
  const routes = {
    count: first.length,
    source: Int32Array.from(first, (flow) => flows.sourcePlace[flow]),
    target: Int32Array.from(first, (flow) => flows.targetPlace[flow]),
    application: Uint16Array.from(first, (flow) => flows.application[flow]),
    transport: Uint16Array.from(first, (flow) => flows.transport[flow]),
    severity: Uint8Array.from(first, (flow) => severity?.[flow] ?? 0),
    bytes: new Float64Array(first.length),
  }
  for (let flow = 0; flow < flows.count; flow++) if (routeOfFlow[flow] >= 0) routes.bytes[routeOfFlow[flow]] += flows.bytes[flow]
  return { routes, routeOfFlow }
}

/** Computes the arc of each route. Arcs between the same places have different heights, so that each is visible. */
export function shapeRoutes(routes: Routes, places: ReportPlace[]): void {
  const positions = places.map(({ latitudeDeg, longitudeDeg }) => unitVector(latitudeDeg, longitudeDeg))
  const stacked = new Map<number, number>()
  for (let route = 0; route < routes.count; route++) {
    const source = routes.source[route]
    const target = routes.target[route]
    const pair = source * places.length + target
    const rank = stacked.get(pair) ?? 0
    stacked.set(pair, rank + 1)
    routes.geometry.set(shapeOf(positions[source], positions[target], rank), route * GEOMETRY)
  }
}

/** The GEOMETRY floats of an arc between two unit vectors; `rank`: number of earlier arcs between the same places. */
export function shapeOf(source: Vector, target: Vector, rank: number): number[] {
  const { a, angle, tangent, height }: Arc = makeArc(source, target, 1 + STEP * Math.min(rank, STEPS))
  return [...a, angle, ...tangent, height]
}
