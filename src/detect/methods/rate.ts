// How many packets a second conversations make together, and when that is too many. Conversations keep no clock of their packets, so each is taken as
// even over its life; a life shorter than a second counts as one, or a burst of three packets would be a flood.
import type { Conversations } from '../engine/conversations.ts'

const SECOND_US = 1_000_000
/** Crossings closer than this belong together. */
const PAUSE_US = 10 * SECOND_US

export interface Surge {
  firstUs: number
  lastUs: number
  /** Packets a second at the highest point. */
  peak: number
}

/**
 * The times during which the conversations together have at least `least` packets a second.
 * @param ids in the order they began
 * @param packetsOf packets of a conversation that count
 */
export function surges(flows: Conversations, ids: Int32Array, packetsOf: (flow: number) => number, least: number): Surge[] {
  // Most hosts get few packets in all, and need no order.
  let packets = 0
  for (const flow of ids) packets += packetsOf(flow)
  if (packets < least) return []
  // Every conversation raises the rate where it begins and lowers it where it ends: a sweep over both. Ids are in the order of begins already.
  const endUs = (flow: number): number => Math.max(flows.endUs(flow), flows.startUs(flow) + SECOND_US)
  const rateOf = (flow: number): number => (packetsOf(flow) * 1e6) / (endUs(flow) - flows.startUs(flow))
  // In a flood of single packets they also end in the order they began: a million need no sorting then.
  const isInOrder = ids.every((flow, i) => i === 0 || endUs(flow) >= endUs(ids[i - 1]))
  const ends = isInOrder ? ids : ids.slice().sort((a, b) => endUs(a) - endUs(b) || a - b)
  const found: Surge[] = []
  let rate = 0
  let ended = 0
  for (const flow of ids) {
    const nowUs = flows.startUs(flow)
    while (ended < ends.length && endUs(ends[ended]) <= nowUs) rate -= rateOf(ends[ended++])
    rate += rateOf(flow)
    if (rate < least) continue
    const last = found.at(-1)
    if (last !== undefined && nowUs - last.lastUs <= PAUSE_US) {
      last.lastUs = Math.max(last.lastUs, flows.endUs(flow))
      last.peak = Math.max(last.peak, rate)
    } else found.push({ firstUs: nowUs, lastUs: flows.endUs(flow), peak: rate })
  }
  return found
}
