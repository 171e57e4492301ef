// Rows -> routes and bins, and what is drawn at a moment under a filter.
import { describe, expect, it } from 'vitest'
import { type ArcSlices, countArcs, ENTRY, entriesAt } from '../../site/src/model/arc-slices.ts'
import { buildArcSlices } from '../../site/src/model/build-arc-slices.ts'
import type { ActivityColumns, FlowColumns } from '../../site/src/model/flow-columns.ts'
import type { ReportPlace } from '../../site/src/model/report.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { buildDrawable } from '../support/drawable.ts'

/** Flows as [source place, target place, application, bytes], all over one transport. */
function makeFlows(rows: [number, number, number, number][]): FlowColumns {
  const column = (index: number) => rows.map((row) => row[index])
  return {
    count: rows.length,
    id: Float64Array.from(rows, (_, index) => index + 1),
    sourcePlace: Int32Array.from(column(0)),
    targetPlace: Int32Array.from(column(1)),
    application: Uint16Array.from(column(2)),
    transport: new Uint16Array(rows.length),
    clientHost: new Int32Array(rows.length),
    serverHost: new Int32Array(rows.length),
    bytes: Float64Array.from(column(3)),
    packets: new Float64Array(rows.length).fill(1),
  }
}

/** Activity as [tick, flow row, bytes], ascending by tick. */
function makeActivity(ticks: number, rows: [number, number, number][]): ActivityColumns {
  const tickStart = Int32Array.from({ length: ticks + 1 }, (_, tick) => rows.filter(([at]) => at < tick).length)
  return {
    count: rows.length,
    tickStart,
    flow: Int32Array.from(rows, (row) => row[1]),
    bytes: Float64Array.from(rows, (row) => row[2]),
    packets: new Float64Array(rows.length).fill(1),
    clientBytes: new Float64Array(rows.length),
    clientPackets: new Float64Array(rows.length),
  }
}

/** A minute in ticks of a second: a moment is a second, a slice is a tick. */
const CLOCK = { firstUs: 0, durationUs: 60_000_000, tickUs: 1_000_000 }

const at = (latitudeDeg: number, longitudeDeg: number): ReportPlace => ({
  latitudeDeg,
  longitudeDeg,
  ...{ city: null, region: null, countryCode: null, country: null, accuracyKm: null, timeZone: null, precision: 'city' },
})
const PLACES = [at(0, 0), at(0, 90), at(45, 10)]

/** Trail of a second, no limit on arcs, place 0 the origin, one host a place. */
function draw(flows: FlowColumns, activity: ActivityColumns, options: { mask?: number[]; mostArcs?: number; severity?: number[] } = {}) {
  const { mask, mostArcs = 1000, severity } = options
  const built = buildDrawable(
    flows,
    activity,
    { places: PLACES, applications: 2, severity: severity ? Uint8Array.from(severity) : null },
    CLOCK,
  )
  const source = { flows, activity, ...built, hostPlace: Int32Array.from([0, 1, 2]), origin: 0 }
  return { ...built, slices: atOnce(buildArcSlices(source, mask ? Uint8Array.from(mask) : null, { trailSeconds: 1, mostArcs })) }
}

const routesAt = (slices: ArcSlices, seconds: number) => entriesAt(slices, seconds).map((entry) => slices.entries[entry * ENTRY])

describe('routes', () => {
  const rows: [number, number, number, number][] = [
    [0, 1, 0, 100],
    [0, 1, 0, 50],
    [1, 0, 0, 7],
    [0, 1, 1, 9],
    [0, -1, 0, 1000],
  ]

  it('are one for each pair of places and application; an end without a place has none', () => {
    const { routes, routeOfFlow } = draw(makeFlows(rows), makeActivity(60, []))
    expect([...routeOfFlow]).toEqual([0, 0, 1, 2, -1])
    expect([...routes.bytes]).toEqual([150, 7, 9])
    expect([...routes.source]).toEqual([0, 1, 0])
  })

  it('keep flows that an alert shows apart, so that only they are drawn as such', () => {
    const { routes, routeOfFlow } = draw(makeFlows(rows), makeActivity(60, []), { severity: [0, 4, 0, 0, 0] })
    expect([...routeOfFlow]).toEqual([0, 1, 2, 3, -1])
    expect([...routes.severity]).toEqual([0, 4, 0, 0])
  })

  it('are quarter circles for places a quarter of the globe apart, one over the other for the same two', () => {
    const { geometry } = draw(makeFlows(rows), makeActivity(60, [])).routes
    expect(geometry[3]).toBeCloseTo(Math.PI / 2, 6)
    expect([...geometry.subarray(0, 3)].map(Math.round)).toEqual([0, 0, 1])
    expect(geometry[16 + 7]).toBeGreaterThan(geometry[7])
  })
})

describe('what is drawn', () => {
  const flows = makeFlows([
    [0, 1, 0, 100],
    [0, 2, 0, 500],
  ])
  const activity = makeActivity(60, [
    [0, 0, 10],
    [1, 0, 30],
    [10, 1, 500],
    [30, 0, 60],
  ])
  const { slices, timeline } = draw(flows, activity)

  it.each([
    { seconds: 0, routes: [0] },
    { seconds: 0.5, routes: [0] },
    { seconds: 1.5, routes: [0] },
    { seconds: 2.9, routes: [0] }, // the trail of a second
    { seconds: 3.1, routes: [] },
    { seconds: 9.9, routes: [] },
    { seconds: 10, routes: [1] },
    { seconds: 11.5, routes: [1] },
    { seconds: 30.2, routes: [0] },
    { seconds: 60, routes: [] },
  ])('at $seconds s is routes $routes', ({ seconds, routes }) => {
    expect(routesAt(slices, seconds)).toEqual(routes)
  })

  it('is never a route twice at one moment', () => {
    for (let seconds = 0; seconds <= 60; seconds += 0.0625) {
      const routes = routesAt(slices, seconds)
      expect(new Set(routes).size, `at ${seconds} s`).toBe(routes.length)
    }
  })

  it('is only what passes the filter', () => {
    const filtered = draw(flows, activity, { mask: [0, 1] }).slices
    expect(routesAt(filtered, 0.5)).toEqual([])
    expect(routesAt(filtered, 10.5)).toEqual([1])
    expect([...filtered.placeBytes]).toEqual([500, 0, 500])
  })

  it('weighs places by the bytes and hosts of all their flows', () => {
    expect([...slices.placeBytes]).toEqual([600, 100, 500])
    expect([...slices.placeHosts]).toEqual([1, 0, 0]) // makeFlows puts every flow on host 0
  })

  it('puts every byte into the histogram, by application', () => {
    expect(timeline.momentUs).toBe(1_000_000)
    expect(timeline.bins).toBe(60)
    expect(timeline.binBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(600)
    expect(timeline.binBytes[20]).toBe(500)
  })
})

describe('more arcs than can be drawn', () => {
  const flows = makeFlows([
    [0, 1, 0, 1000],
    [0, 2, 0, 10],
    [1, 2, 0, 500],
    [2, 1, 0, 20],
  ])
  const activity = makeActivity(60, [
    [5, 0, 1000],
    [5, 1, 10],
    [5, 2, 500],
    [5, 3, 20],
    [40, 1, 1],
  ])

  it('leaves the routes with fewest bytes out, and says how many', () => {
    const { slices, routes } = draw(flows, activity, { mostArcs: 2 })
    expect(routesAt(slices, 5)).toEqual([0, 2])
    expect(countArcs(slices, routes, 5)).toBe(2)
    expect(slices.leftOut[5]).toBe(2)
    expect(routesAt(slices, 40)).toEqual([1])
    expect(slices.leftOut[40]).toBe(0)
  })

  it('keeps those that an alert shows, and draws them last', () => {
    const { slices } = draw(flows, activity, { mostArcs: 2, severity: [0, 3, 0, 0] })
    expect(routesAt(slices, 5)).toEqual([0, 1])
    const all = draw(flows, activity, { severity: [0, 3, 0, 0] }).slices
    expect(routesAt(all, 5)).toEqual([0, 2, 3, 1])
  })
})

describe('traffic that no arc shows', () => {
  it('is counted over the whole capture and by slice', () => {
    const flows = makeFlows([
      [0, 0, 0, 7],
      [0, -1, 0, 30],
      [1, 1, 0, 900],
    ])
    const activity = makeActivity(60, [
      [2, 0, 7],
      [3, 1, 30],
      [4, 2, 900],
    ])
    const { slices } = draw(flows, activity)
    expect([slices.local.bytes, slices.local.flows, slices.local.sliceBytes[2]]).toEqual([7, 1, 7])
    expect([slices.unlocated.bytes, slices.unlocated.flows, slices.unlocated.sliceBytes[3]]).toEqual([30, 1, 30])
    expect(slices.unlocated.sliceBytes[2]).toBe(0)
  })
})

describe('a capture of one instant', () => {
  it('is one tick with its traffic seen at its start', () => {
    const flows = makeFlows([[0, 1, 0, 5]])
    const activity = makeActivity(1, [[0, 0, 5]])
    const clock = { firstUs: 0, durationUs: 1, tickUs: 1000 }
    const built = buildDrawable(flows, activity, { places: PLACES, applications: 1, severity: null }, clock)
    const source = { flows, activity, ...built, hostPlace: Int32Array.from([0]), origin: 0 }
    expect(entriesAt(atOnce(buildArcSlices(source, null, { trailSeconds: 1e-6, mostArcs: 10 })), 0)).toEqual([0])
  })
})
