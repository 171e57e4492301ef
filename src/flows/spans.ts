// Packet times -> spans with packets, separated by silences of a day or more, and which of these silences are jumps of a clock.

export interface Span {
  fromUs: number
  toUs: number
}

/** A span with its number of packets. */
export interface Part extends Span {
  packets: number
}

const DAY_US = 86_400_000_000
/** With more spans, the two closest are joined. */
const MAX_SPANS = 64
/** A jump is this many times longer than all remaining time together: regular traffic with long pauses has no such silence. */
const TIMES = 20
/** More of these silences are regular traffic, not a wrong clock. */
const MAX_JUMPS = 8
/** Jumps from this length on divide the timeline; playback shows its main part. Captures of two successive days stay together. */
const APART_US = 7 * DAY_US
/** Smallest share of all packets for the main part of the timeline. */
const MAIN_SHARE = 0.25

export class Spans {
  /** Ordered by time of creation; indices change when reach() or apart() returns true. */
  list: Span[] = []
  /** Shorter silences do not separate spans. */
  private silenceUs = DAY_US
  private latest = 0

  /** Adds a packet time. @returns true if spans were joined, so that their indices have changed */
  reach(timeUs: number): boolean {
    const span = this.list[this.latest]
    if (span !== undefined && timeUs >= span.fromUs && timeUs <= span.toUs) return false
    let index = this.list.findIndex(({ fromUs, toUs }) => timeUs > fromUs - this.silenceUs && timeUs < toUs + this.silenceUs)
    if (index < 0) index = this.list.push({ fromUs: timeUs, toUs: timeUs }) - 1
    this.latest = index
    const reached = this.list[index]
    if (timeUs < reached.fromUs) reached.fromUs = timeUs
    if (timeUs > reached.toUs) reached.toUs = timeUs
    return this.list.length > 1 && this.join()
  }

  /** From now on only longer silences separate spans. @returns as reach() */
  apart(silenceUs: number): boolean {
    if (silenceUs <= this.silenceUs) return false
    this.silenceUs = silenceUs
    return this.list.length > 1 && this.join()
  }

  /** Index of the span of a tick, which may begin slightly before the span. */
  indexAt(tickEndUs: number): number {
    let found = 0
    for (let i = 1; i < this.list.length; i++) {
      const { fromUs } = this.list[i]
      const best = this.list[found].fromUs
      if (fromUs < tickEndUs && (fromUs > best || best >= tickEndUs)) found = i
    }
    return found
  }

  /** Sum of the lengths of all spans. */
  get lengthUs(): number {
    return this.list.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0)
  }

  /** Silences that are jumps of a clock, in order of time. @param leastUs shortest length of a jump */
  jumps(leastUs = DAY_US): Span[] {
    const spans = this.inOrder()
    const gaps = spans.slice(1).map(({ fromUs }, i) => ({ fromUs: spans[i].toUs, toUs: fromUs }))
    gaps.sort((a, b) => lengthOf(b) - lengthOf(a))
    let restUs = spans.length > 0 ? spans.at(-1)!.toUs - spans[0].fromUs : 0
    let count = 0
    for (const [i, gap] of gaps.slice(0, MAX_JUMPS).entries()) {
      restUs -= lengthOf(gap)
      if (lengthOf(gap) >= leastUs && lengthOf(gap) > TIMES * restUs) count = i + 1
    }
    return gaps.slice(0, count).sort((a, b) => a.fromUs - b.fromUs)
  }

  /** Parts between long jumps, in order of time; a single one without such jumps. @param packets number of packets by span index */
  parts(packets: ArrayLike<number>): Part[] {
    const jumps = this.jumps(APART_US)
    const parts = [Number.NEGATIVE_INFINITY, ...jumps.map(({ toUs }) => toUs)].map((fromUs) => ({
      beginUs: fromUs,
      fromUs: Number.POSITIVE_INFINITY,
      toUs: Number.NEGATIVE_INFINITY,
      packets: 0,
    }))
    for (const [i, { fromUs, toUs }] of this.list.entries()) {
      const part = parts.findLast(({ beginUs }) => fromUs >= beginUs)!
      part.fromUs = Math.min(part.fromUs, fromUs)
      part.toUs = Math.max(part.toUs, toUs)
      part.packets += packets[i]
    }
    return parts.map(({ fromUs, toUs, packets: count }) => ({ fromUs, toUs, packets: count }))
  }

  /**
   * The part between long jumps with most packets; null without such jumps, or if no part has enough.
   * @param packets number of packets by span index
   */
  main(packets: Float64Array): Span | null {
    const parts = this.parts(packets)
    if (parts.length === 1) return null
    // For equal counts the later part: a clock is corrected from wrong to right.
    const most = parts.reduce((best, part) => (part.packets >= best.packets ? part : best))
    const all = parts.reduce((sum, part) => sum + part.packets, 0)
    return most.toUs > most.fromUs && most.packets >= MAIN_SHARE * all ? { fromUs: most.fromUs, toUs: most.toUs } : null
  }

  copy(): Spans {
    const copy = new Spans()
    copy.list = this.list.map((span) => ({ ...span }))
    copy.silenceUs = this.silenceUs
    return copy
  }

  private inOrder(): Span[] {
    return [...this.list].sort((a, b) => a.fromUs - b.fromUs)
  }

  private join(): boolean {
    const spans = this.inOrder()
    const joined: Span[] = []
    for (const span of spans) {
      const before = joined.at(-1)
      if (before !== undefined && span.fromUs - before.toUs < this.silenceUs) before.toUs = Math.max(before.toUs, span.toUs)
      else joined.push(span)
    }
    while (joined.length > MAX_SPANS) {
      let closest = 1
      for (let i = 2; i < joined.length; i++) {
        if (joined[i].fromUs - joined[i - 1].toUs < joined[closest].fromUs - joined[closest - 1].toUs) closest = i
      }
      joined[closest - 1].toUs = joined[closest].toUs
      joined.splice(closest, 1)
    }
    if (joined.length === this.list.length) return false
    this.list = joined
    this.latest = 0
    return true
  }
}

/** A period -> its length without jumps. */
export function withoutJumps(fromUs: number, toUs: number, jumps: readonly Span[]): number {
  let us = toUs - fromUs
  for (const jump of jumps) us -= Math.max(0, Math.min(toUs, jump.toUs) - Math.max(fromUs, jump.fromUs))
  return us
}

function lengthOf({ fromUs, toUs }: Span): number {
  return toUs - fromUs
}
