import { describe, expect, test } from 'vitest'
import { type Activity, BYTES, FLOW, INTS, PACKETS, REALS, sortActivity, TICK } from '../../src/flows/activity.ts'
import type { PacketSample } from '../../src/flows/packet-sample.ts'
import { Timeline } from '../../src/flows/timeline.ts'

/** @param direction 0 forward, 1 backward */
function add(timeline: Timeline, flow: number, timeUs: number, direction: number, bytes: number): void {
  timeline.add(flow, direction, { timeUs, bytes, packets: 1, tcpFlags: 0 } as PacketSample)
}

type Row = [tick: number, flow: number, forward: number, backward: number]
const rowsOf = (a: Activity): Row[] =>
  Array.from(a.order, (row) => {
    const at = row * INTS
    return [a.ints[at + TICK] - a.firstTick, a.ints[at + FLOW], a.ints[at + PACKETS], a.ints[at + PACKETS + 1]]
  })

describe('the timeline', () => {
  test('is empty without packets', () => {
    const activity = sortActivity(new Timeline().release())
    expect([activity.order.length, activity.ticks, activity.tickUs]).toEqual([0, 0, 0])
  })

  test('one packet is one tick', () => {
    const timeline = new Timeline()
    add(timeline, 0, 1_000_007, 1, 60)
    const activity = sortActivity(timeline.release())
    expect([activity.firstUs, activity.ticks]).toEqual([1_000_007, 1])
    expect(rowsOf(activity)).toEqual([[0, 0, 0, 1]])
    expect(activity.reals[activity.order[0] * REALS + BYTES + 1]).toBe(60)
  })

  test('takes the finest width that gives at most 1000 ticks', () => {
    const timeline = new Timeline()
    add(timeline, 0, 0, 0, 1)
    add(timeline, 0, 10_000_000, 0, 1)
    // 10 s: 10 ms would need 1001 ticks, 20 ms need 501.
    const activity = sortActivity(timeline.release())
    expect([activity.tickUs, activity.ticks]).toEqual([20_000, 501])
    expect(rowsOf(activity)).toEqual([
      [0, 0, 1, 0],
      [500, 0, 1, 0],
    ])
  })

  test('orders by tick, then flow, and merges rows that share both, even if time goes backwards', () => {
    const timeline = new Timeline()
    for (const [flow, seconds, direction] of [
      [1, 100, 0],
      [0, 100.01, 0],
      [1, 0, 1],
      [1, 100.02, 1],
      [0, 0.01, 0],
      [1, 100.03, 0],
    ] as const)
      add(timeline, flow, seconds * 1e6, direction, 10)
    // 100.03 s in ticks of 200 ms.
    const activity = sortActivity(timeline.release())
    expect([activity.firstUs, activity.tickUs]).toEqual([0, 200_000])
    expect(rowsOf(activity)).toEqual([
      [0, 0, 1, 0],
      [0, 1, 0, 1],
      [500, 0, 1, 0],
      [500, 1, 2, 1],
    ])
  })

  test('reaches packets that are in no conversation', () => {
    const timeline = new Timeline()
    timeline.cover(50)
    add(timeline, 0, 60, 0, 1)
    timeline.cover(99)
    const activity = sortActivity(timeline.release())
    expect([activity.firstUs, activity.ticks, activity.tickUs]).toEqual([50, 50, 1])
    expect(rowsOf(activity)).toEqual([[10, 0, 1, 0]])
  })

  test('a long capture keeps every packet, in a bounded number of rows', () => {
    const timeline = new Timeline()
    const packets = 300_000
    for (let i = 0; i < packets; i++) add(timeline, i % 3, i * 100_000, i & 1, 7)
    // An older packet than all, far into the file: the timeline begins earlier, by whole ticks.
    add(timeline, 0, -5_000_000_000, 0, 7)
    const activity = sortActivity(timeline.release())
    const rows = rowsOf(activity)
    expect(activity.ticks).toBeLessThanOrEqual(1000)
    expect(activity.order.length).toBeLessThanOrEqual(3000)
    expect(rows.reduce((sum, row) => sum + row[2] + row[3], 0)).toBe(packets + 1)
    expect(rows.every((row, i) => i === 0 || row[0] > rows[i - 1][0] || (row[0] === rows[i - 1][0] && row[1] > rows[i - 1][1]))).toBe(true)
    expect(rows[0]).toEqual([0, 0, 1, 0])
    expect(rows.every((row) => row[0] >= 0 && row[0] < activity.ticks)).toBe(true)
    expect(activity.firstUs).toBeLessThanOrEqual(-5_000_000_000)
  })

  test('too many rows make the ticks wider', () => {
    const timeline = new Timeline()
    const flows = 5000
    for (let second = 0; second < 900; second++) for (let flow = 0; flow < flows; flow++) add(timeline, flow, second * 1e6, 0, 1)
    const activity = sortActivity(timeline.release())
    expect(activity.order.length).toBeLessThanOrEqual(1_000_000)
    expect(rowsOf(activity).reduce((packets, row) => packets + row[2], 0)).toBe(900 * flows)
  })
})
