// Sequence numbers of one direction that were not seen: two gaps [from, to) in four integers, empty when both ends are equal. Hot path.

export const GAPS_INTS = 4
const GAP_INTS = 2

/** a is after b, modulo 2^32 (RFC 9293 3.4). */
export const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0

/** A gap above all others; if both places are used, the lower gap is forgotten. @param at of the first gap */
export function addGap(ints: Int32Array, at: number, from: number, to: number): void {
  const second = at + GAP_INTS
  if (ints[second] !== ints[second + 1]) {
    ints[at] = ints[second]
    ints[at + 1] = ints[second + 1]
  }
  const free = ints[at] === ints[at + 1] ? at : second
  ints[free] = from
  ints[free + 1] = to
}

/** A segment [from, to) came late. What is left below it of a gap that it cuts in two is forgotten. */
export function fillGaps(ints: Int32Array, first: number, from: number, to: number): void {
  for (let at = first; at < first + GAPS_INTS; at += GAP_INTS) {
    const end = ints[at + 1]
    if (ints[at] === end || !isAfter(end, from) || !isAfter(to, ints[at])) continue
    if (isAfter(end, to)) ints[at] = to
    else if (isAfter(from, ints[at])) ints[at + 1] = from
    else ints[at] = end
  }
}

/** Whether a part of [from, to) is in a gap; of an empty segment, its place. */
export function isInGap(ints: Int32Array, first: number, from: number, to: number): boolean {
  for (let at = first; at < first + GAPS_INTS; at += GAP_INTS)
    if (ints[at] !== ints[at + 1] && isAfter(ints[at + 1], from) && (isAfter(to, ints[at]) || from === ints[at])) return true
  return false
}

export function hasGapAbove(ints: Int32Array, first: number, sequence: number): boolean {
  for (let at = first; at < first + GAPS_INTS; at += GAP_INTS) if (ints[at] !== ints[at + 1] && isAfter(ints[at + 1], sequence)) return true
  return false
}
