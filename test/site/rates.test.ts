// Bars of the timeline: every packet is in one, and none lies beyond the end of the capture.
import { describe, expect, it } from 'vitest'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { readRates } from '../../site/src/worker/answers/rates.ts'
import { useOpenReport } from '../support/open-report.ts'
import { DURATION_US, FIRST_US, makeSampleDatabase } from '../support/sample-database.ts'

/** The last conversation is at the minute's very end, where tick 60 of a second begins. */
const opened = useOpenReport(() =>
  makeSampleDatabase((database) =>
    database.run(`UPDATE activity SET tick = 60 WHERE flow_id = 7; UPDATE flows SET first_us = first_us + 1000000, last_us = last_us + 1000000 WHERE id = 7;
      UPDATE meta SET value = '61' WHERE key = 'ticks'`),
  ),
)

describe('a last packet exactly where a tick begins', () => {
  it.each([
    [null, 480],
    [null, 7],
    [{ fromUs: DURATION_US / 2, toUs: DURATION_US }, 480],
  ])('is in the last bar, which ends with the capture: span %o, at most %i bars', (span, bins) => {
    const rates = atOnce(readRates(opened.report, { filterText: '', span, bins, by: 'application' }))
    const lastBegins = rates.startUs + (rates.bins - 1) * rates.binUs
    expect(lastBegins).toBeLessThan(FIRST_US + DURATION_US)
    const fromTick = span ? span.fromUs / 1e6 : 0
    const [packets] = opened.ask(`SELECT sum(client_packets + server_packets) FROM activity WHERE tick >= ${fromTick}`)
    expect(rates.packets.reduce((sum, count) => sum + count, 0)).toBe(packets)
    const [begun] = opened.ask(`SELECT count(*) FROM flows WHERE first_us >= ${FIRST_US + fromTick * 1e6}`)
    expect(rates.newFlows.reduce((sum, count) => sum + count, 0)).toBe(begun)
  })

  it('is beside the others where it is zoomed to', () => {
    const rates = atOnce(
      readRates(opened.report, { filterText: '', span: { fromUs: 59_500_000, toUs: DURATION_US }, bins: 480, by: 'application' }),
    )
    expect([rates.startUs - FIRST_US, rates.bins, rates.binUs]).toEqual([59_000_000, 1, 1_000_000])
  })
})
