// Times of packets -> the spans in which packets are, told apart by silences of a day and more; which of these silences are jumps of a clock.

export interface Span {
  fromUs: number
  toUs: number
}

const DAY_US = 86_400_000_000
/** More spans than this become fewer: the two that are closest are joined. */
const MAX_SPANS = 64
/** A jump is so many times longer than all time in which there are packets: regular traffic with long pauses has no such silence. */
const TIMES = 20
/** More such silences than this are a habit, and no clock that was wrong. */
const MAX_JUMPS = 8
/** A silence from which on playback leaves out what lies beyond it: captures of two days next to each other stay on one timeline. */
const APART_US = 7 * DAY_US
/** Share of all packets that the part on the timeline must have. */
const MAIN_SHARE = 0.25

export class Spans {
  /** In the order they began to be known; their numbers change when reach() or apart() answers true. */
  list: Span[] = []
  /** A shorter silence does not divide. */
  private silenceUs = DAY_US
  private latest = 0

  /** @returns true when spans were joined, so that they have other numbers than before */
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

  /** From now on only longer silences divide. @returns as reach() */
  apart(silenceUs: number): boolean {
    if (silenceUs <= this.silenceUs) return false
    this.silenceUs = silenceUs
    return this.list.length > 1 && this.join()
  }

  /** Number of the span that a tick belongs to, which may begin a little before it. */
  indexAt(tickEndUs: number): number {
    let found = 0
    for (let i = 1; i < this.list.length; i++) {
      const { fromUs } = this.list[i]
      const best = this.list[found].fromUs
      if (fromUs < tickEndUs && (fromUs > best || best >= tickEndUs)) found = i
    }
    return found
  }

  /** Time in which there are packets. */
  get lengthUs(): number {
    return this.list.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0)
  }

  /** Silences that are jumps of a clock, in order of time. @param leastUs shorter ones are none */
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

  /**
   * Of the parts between long jumps, the one with most packets; null where there are no such jumps, or no part stands out.
   * @param packets by number of span
   */
  main(packets: Float64Array): Span | null {
    const jumps = this.jumps(APART_US)
    if (jumps.length === 0) return null
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
    // Of equals the later one: a clock that is set goes from wrong to right.
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

/** What of a stretch of time is not inside jumps. */
export function withoutJumps(fromUs: number, toUs: number, jumps: readonly Span[]): number {
  let us = toUs - fromUs
  for (const jump of jumps) us -= Math.max(0, Math.min(toUs, jump.toUs) - Math.max(fromUs, jump.fromUs))
  return us
}

function lengthOf({ fromUs, toUs }: Span): number {
  return toUs - fromUs
}
