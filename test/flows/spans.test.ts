import { describe, expect, test } from 'vitest'
import { INTS, PACKETS, sortActivity, TICK } from '../../src/flows/activity.ts'
import type { PacketSample } from '../../src/flows/packet-sample.ts'
import { Spans, withoutJumps } from '../../src/flows/spans.ts'
import { Timeline } from '../../src/flows/timeline.ts'

const DAY = 86_400_000_000
const spansOf = (times: number[]): Spans => {
  const spans = new Spans()
  for (const time of times) spans.reach(time)
  return spans
}

describe('jumps of a clock', () => {
  test('are silences much longer than all time with packets, on either side of it', () => {
    const minutes = [0, 1, 2, 3].map((i) => 20_000 * DAY + i * 60e6)
    expect(spansOf([0, ...minutes, 31_000 * DAY]).jumps()).toEqual([
      { fromUs: 0, toUs: minutes[0] },
      { fromUs: minutes[3], toUs: 31_000 * DAY },
    ])
  })

  test('a capture with pauses of days has none', () => {
    // Two hours on each of ten days.
    const times = Array.from({ length: 10 }, (_, day) => [day * 3 * DAY, day * 3 * DAY + 7200e6]).flat()
    expect(spansOf(times).jumps()).toEqual([])
    expect(spansOf([0, DAY / 2, DAY, 3 * DAY]).jumps()).toEqual([])
  })

  test('what is between two spans joins them', () => {
    const spans = spansOf([0, 1.5 * DAY])
    expect(spans.list).toHaveLength(2)
    expect(spans.reach(0.8 * DAY)).toBe(true)
    expect(spans.list).toEqual([{ fromUs: 0, toUs: 1.5 * DAY }])
  })

  test('do not count in the duration of a connection', () => {
    expect(withoutJumps(10, 1000, [{ fromUs: 100, toUs: 900 }])).toBe(190)
    expect(withoutJumps(200, 300, [{ fromUs: 100, toUs: 900 }])).toBe(0)
  })
})

test('ticks of a timeline over jumps are floor((time - first) / tick), and fine where the packets are', () => {
  const begin = 20_000 * DAY
  const times = [5e6, 6e6, ...Array.from({ length: 20_000 }, (_, i) => begin + i * 1000), 31_000 * DAY, begin + 10e6]
  const timeline = new Timeline()
  for (const timeUs of times) timeline.add(0, 0, { timeUs, bytes: 1, packets: 1, tcpFlags: 0 } as PacketSample)
  for (const activity of [timeline.snapshot(), timeline.release()].map(sortActivity)) {
    expect([activity.firstUs, activity.tickUs, activity.main!.fromUs]).toEqual([5e6, 100_000, begin])
    expect(Math.floor(activity.main!.toUs / 100_000)).toBe(Math.floor((begin + 19_999_000) / 100_000))
    const expected = new Map<number, number>()
    for (const time of times) {
      const tick = Math.floor((time - 5e6) / 100_000)
      expected.set(tick, (expected.get(tick) ?? 0) + 1)
    }
    const found = Array.from(activity.order, (row) => [
      activity.numbers![activity.ints[row * INTS + TICK]],
      activity.ints[row * INTS + PACKETS],
    ])
    expect(found).toEqual([...expected].sort(([a], [b]) => a - b))
  }
})
