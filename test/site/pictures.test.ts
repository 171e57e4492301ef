// What pictures are made of, without a browser: labels, picks, shading, layers.
import { describe, expect, it } from 'vitest'
import { buildArcSlices } from '../../site/src/model/build-arc-slices.ts'
import type { ActivityColumns, FlowColumns } from '../../site/src/model/flow-columns.ts'
import type { Report, ReportPlace } from '../../site/src/model/report.ts'
import { placeWeights } from '../../site/src/model/weight.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { COUNTRIES } from '../../site/src/stage/globe/earth.ts'
import { shadeCountries } from '../../site/src/stage/globe/overlay.ts'
import { pickRoute } from '../../site/src/stage/globe/pick.ts'
import { placeLabels } from '../../site/src/stage/labels.ts'
import { formatLayers, readLayers, USUAL_LAYERS } from '../../site/src/stage/layers.ts'
import { buildDrawable } from '../support/drawable.ts'

describe('labels', () => {
  const area = { width: 400, height: 200 }
  const label = (place: number, text: string) => ({ place, text, width: text.length * 7 })

  it('never lie over one another, and the first ones win', () => {
    const labels = Array.from({ length: 60 }, (_, place) => label(place, `Place ${place}`))
    const placed = placeLabels(labels, (place) => [200 + (place % 8) * 6, 100 + Math.floor(place / 8) * 5], 60, area)
    expect(placed[0]?.text).toBe('Place 0')
    expect(placed.length).toBeGreaterThan(3)
    for (const a of placed)
      for (const b of placed)
        if (a !== b)
          expect(a.left + a.width <= b.left || b.left + b.width <= a.left || a.top + a.height <= b.top || b.top + b.height <= a.top).toBe(
            true,
          )
  })

  it('turn to the other side at the edge, and are left out behind the globe', () => {
    const [placed] = placeLabels([label(0, 'At the edge')], () => [395, 100], 9, area)
    expect(placed.left + placed.width).toBeLessThan(395)
    expect(placeLabels([label(0, 'Hidden')], () => null, 9, area)).toEqual([])
    const panel = { left: 100, top: 80, width: 60, height: 40 }
    const [beside] = placeLabels([label(0, 'Beside')], () => [98, 100], 9, area, [panel])
    expect(beside.left + beside.width).toBeLessThan(98)
    expect(placeLabels([label(0, 'Under it')], () => [130, 100], 9, area, [panel])).toEqual([])
  })
})

const place = (latitudeDeg: number, longitudeDeg: number, countryCode: string | null, precision = 'city'): ReportPlace => ({
  ...{ latitudeDeg, longitudeDeg, countryCode, precision },
  ...{ city: null, region: null, country: countryCode, accuracyKm: null, timeZone: null },
})
const PLACES = [place(0, 0, 'KE', 'origin'), place(0, 60, 'DE'), place(50, 10, 'DE'), place(0, -60, 'BR', 'country')]

/** Three flows from the origin, one a second, and hosts: one at the origin, two in Germany, one in Brazil. */
function draw() {
  const column = (...values: number[]) => Int32Array.from(values)
  const flows: FlowColumns = {
    count: 3,
    id: Float64Array.of(1, 2, 3),
    sourcePlace: column(0, 0, 0),
    targetPlace: column(1, 2, 3),
    application: new Uint16Array(3),
    transport: new Uint16Array(3),
    clientHost: column(0, 0, 0),
    serverHost: column(1, 2, 3),
    bytes: Float64Array.of(1000, 500, 10),
    packets: new Float64Array(3),
  }
  const activity: ActivityColumns = {
    count: 3,
    tickStart: column(0, 1, 2, 3),
    flow: column(0, 1, 2),
    bytes: Float64Array.of(1000, 500, 10),
    packets: new Float64Array(3),
    clientBytes: new Float64Array(3),
    clientPackets: new Float64Array(3),
  }
  const built = buildDrawable(
    flows,
    activity,
    { places: PLACES, applications: 1, severity: null },
    { firstUs: 0, durationUs: 3e6, tickUs: 1e6 },
  )
  const source = { flows, activity, ...built, hostPlace: column(0, 1, 2, 3), origin: 0 }
  return { ...built, slices: atOnce(buildArcSlices(source, null, { trailSeconds: 0.5, mostArcs: 100 })) }
}

describe('a pick', () => {
  // Seen from far over 0, 0, straight on: x of the globe (100 units) to x of a screen 400 pixels wide.
  const matrix = [0.005, 0, 0, 0, 0, 0.005, 0, 0, 0, 0, 0.001, 0, 0, 0, 0, 1]
  const screen = { matrix, width: 400, height: 400, radius: 100, eye: [0, 0, 10_000] as const }
  const { slices, routes } = draw()

  it('finds the arc under it, at its time, and nothing beyond its reach', () => {
    expect(pickRoute(slices, routes, 0.5, screen, 240, 203, 10)).toBe(0)
    expect(pickRoute(slices, routes, 0.5, screen, 240, 230, 10)).toBe(-1)
    expect(pickRoute(slices, routes, 2.2, screen, 160, 197, 10)).toBe(2)
    expect(pickRoute(slices, routes, 2.2, screen, 240, 200, 10)).toBe(-1)
  })
})

describe('shading', () => {
  const { slices, routes, timeline } = draw()
  const report = { places: PLACES, routes, timeline } as Report

  it('adds up places of a country, most first, without the origin', () => {
    expect(shadeCountries(report, slices, 'bytes').map(({ code, value }) => [code, value])).toEqual([
      ['DE', 1500],
      ['BR', 10],
    ])
    expect(shadeCountries(report, slices, 'hosts').map(({ code, value }) => [code, value])).toEqual([
      ['DE', 2],
      ['BR', 1],
    ])
    const [strong, pale] = shadeCountries(report, slices, 'bytes')
    expect(strong.share).toBe(1)
    expect(pale.share).toBeCloseTo(0.12, 5)
  })

  it('has a shape for the countries of the world by their two letters', () => {
    for (const code of ['KE', 'DE', 'US', 'BR', 'IN', 'ZA', 'AU', 'JP']) expect(COUNTRIES.has(code), code).toBe(true)
    expect(COUNTRIES.size).toBeGreaterThan(170)
  })
})

describe('dots', () => {
  it('are sized by bytes beside the largest but the origin, and there is none without traffic', () => {
    expect([...placeWeights([1e6, 1e4, 1, 0, 1e9], 4)].map((weight) => Number(weight.toFixed(3)))).toEqual([1, 0.5, 0, -1, 1])
  })

  it('are smaller where there are many', () => {
    expect(placeWeights(new Array(360).fill(5), -1)[0]).toBeCloseTo(0.5, 5)
  })
})

describe('layers in a link', () => {
  it('read back as they were written', () => {
    const layers = {
      arcs: true,
      places: false,
      labels: true,
      countries: 'hosts',
      heat: true,
      accuracy: false,
      night: true,
      effects: false,
    } as const
    expect(readLayers(formatLayers(layers))).toEqual(layers)
    expect(readLayers(undefined)).toEqual(USUAL_LAYERS)
    expect(readLayers('')).toMatchObject({ arcs: false, countries: 'off' })
    expect(readLayers('aplhb').effects).toBe(true) // a link from before there were effects
  })
})
