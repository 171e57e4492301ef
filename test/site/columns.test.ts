// Rows -> lanes, segments and bins: what is drawn at a moment.
import { describe, expect, it } from 'vitest'
import { type ActivityColumns, buildDrawable, type FlowColumns, segmentsAt } from '../../site/src/player/columns.ts'

/** Flows as [source place, target place, application, bytes], all over one transport. */
function makeFlows(rows: [number, number, number, number][]): FlowColumns {
  const column = (index: number) => rows.map((row) => row[index]!)
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

describe('lanes', () => {
  it('are one for each pair of places and application; an end without a place has none', () => {
    const flows = makeFlows([
      [0, 1, 0, 100],
      [0, 1, 0, 50],
      [1, 0, 0, 7],
      [0, 1, 1, 9],
      [0, -1, 0, 1000],
    ])
    const { lanes, laneOfFlow } = buildDrawable(flows, makeActivity(60, []), 2, CLOCK)
    expect([...laneOfFlow]).toEqual([0, 0, 1, 2, -1])
    expect([...lanes.bytes]).toEqual([150, 7, 9])
    expect([...lanes.source]).toEqual([0, 1, 0])
  })
})

describe('segments', () => {
  const flows = makeFlows([
    [0, 1, 0, 100],
    [0, 2, 0, 100],
  ])
  const activity = makeActivity(60, [
    [0, 0, 10],
    [1, 0, 30],
    [10, 1, 500],
    [30, 0, 60],
  ])
  const { segments, timeline } = buildDrawable(flows, activity, 1, CLOCK)
  const lanesAt = (seconds: number) => segmentsAt(segments, seconds).map((segment) => segments.lane[segment])

  it.each([
    { seconds: 0, lanes: [0] },
    { seconds: 0.5, lanes: [0] },
    { seconds: 1.5, lanes: [0] },
    { seconds: 2.9, lanes: [0] }, // the afterglow of a moment (one second)
    { seconds: 3.1, lanes: [] },
    { seconds: 9.9, lanes: [] },
    { seconds: 10, lanes: [1] },
    { seconds: 30.2, lanes: [0] },
    { seconds: 60, lanes: [] },
  ])('at $seconds s lanes $lanes are seen', ({ seconds, lanes }) => {
    expect(lanesAt(seconds)).toEqual(lanes)
  })

  it('never draw a lane twice at one moment', () => {
    for (let seconds = 0; seconds <= 60; seconds += 0.0625) {
      const lanes = lanesAt(seconds)
      expect(new Set(lanes).size, `at ${seconds} s`).toBe(lanes.length)
    }
  })

  it('keep the bytes of their ticks', () => {
    expect([...segments.bytes]).toEqual([10, 30, 500, 60])
    expect(timeline.momentUs).toBe(1_000_000)
  })

  it('put every byte into the histogram, by application', () => {
    expect(timeline.bins).toBe(60)
    expect(timeline.binBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(600)
    expect(timeline.binBytes[10]).toBe(500)
  })
})

describe('a capture of one instant', () => {
  it('is one tick with its traffic seen at its start', () => {
    const { segments } = buildDrawable(makeFlows([[0, 1, 0, 5]]), makeActivity(1, [[0, 0, 5]]), 1, {
      firstUs: 0,
      durationUs: 1,
      tickUs: 1000,
    })
    expect(segmentsAt(segments, 0)).toEqual([0])
  })
})
