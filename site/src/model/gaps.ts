// Times of the flows -> the long pauses in which nothing was captured. Pure.
import type { TimeSpan } from './selection.ts'

/** A shorter pause is no gap: microseconds, and as a share of the capture. */
const LEAST = { us: 10 * 60e6, share: 0.04 }

/**
 * Flows in the order they began: microseconds since the epoch. Returns at most 25 gaps, microseconds since the first packet of the timeline; one that
 * ends after it is none (a clock that jumped).
 */
export function findGaps(firstUs: Float64Array, lastUs: Float64Array, clock: { firstUs: number; durationUs: number }): TimeSpan[] {
  const least = Math.max(LEAST.us, LEAST.share * clock.durationUs)
  const gaps: TimeSpan[] = []
  let until = clock.firstUs
  for (let flow = 0; flow < firstUs.length; flow++) {
    if (firstUs[flow] > clock.firstUs + clock.durationUs) break
    if (firstUs[flow] - until >= least) gaps.push({ fromUs: until - clock.firstUs, toUs: firstUs[flow] - clock.firstUs })
    until = Math.max(until, lastUs[flow])
  }
  return gaps
}
