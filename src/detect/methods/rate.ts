// Packets per second of several conversations together, and when they exceed a limit. Packet times are not stored, so packets are taken as
// evenly spread over a conversation. One shorter than a second counts as one second; otherwise three packets at once would be a flood.
import type { Conversations } from '../engine/conversations.ts'

const SECOND_US = 1_000_000
/** Times above the limit that are closer than this are joined. */
const PAUSE_US = 10 * SECOND_US

export interface Surge {
  firstUs: number
  lastUs: number
  /** Highest rate, packets per second. */
  peak: number
}

/**
 * The times during which the conversations together have at least `least` packets per second.
 * @param ids by start time
 * @param packetsOf the packets of a conversation that count
 */
export function surges(flows: Conversations, ids: Int32Array, packetsOf: (flow: number) => number, least: number): Surge[] {
  // Most hosts get few packets in all; they need no sorting.
  let packets = 0
  for (const flow of ids) packets += packetsOf(flow)
  if (packets < least) return []
  // A sweep over starts and ends: a start adds a conversation's rate, an end subtracts it. Ids are already sorted by start.
  const endUs = (flow: number): number => Math.max(flows.endUs(flow), flows.startUs(flow) + SECOND_US)
  const rateOf = (flow: number): number => (packetsOf(flow) * 1e6) / (endUs(flow) - flows.startUs(flow))
  // In a flood of single packets the ends are in the order of the starts, so a million need no sorting.
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
