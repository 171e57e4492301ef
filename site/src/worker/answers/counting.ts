// Counts for sidebar and dashboard: flows that pass a filter, within ticks or over the whole capture, and sums of them by number.
import { rowsOfTick } from '../../model/timeline.ts'
import type { Share, Span } from '../../protocol/answers.ts'
import type { ReportRows } from '../data/row-types.ts'

/** Flows visited between two checks for other messages. */
const SLICE = 50_000

/** Visits each flow with a 1 in `mask` and packets within the span, with its bytes and packets there. */
export function* eachFlow(
  { flows, activity }: ReportRows,
  span: Span,
  mask: Uint8Array,
  visit: (flow: number, bytes: number, packets: number) => void,
): Generator<void, void> {
  let { bytes, packets } = flows
  if (span) {
    const ticks = activity.tickStart.length - 1
    const within = (tick: number) => Math.max(0, Math.min(ticks, tick))
    const { from, to } = rowsOfTick(activity, within(span.fromTick), within(span.toTick))
    bytes = new Float64Array(flows.count)
    packets = new Float64Array(flows.count)
    for (let row = from; row < to; row++) {
      const flow = activity.flow[row]
      bytes[flow] += activity.bytes[row]
      packets[flow] += activity.packets[row]
      if ((row - from) % SLICE === SLICE - 1) yield
    }
  }
  for (let flow = 0; flow < flows.count; flow++) {
    if (mask[flow] && (!span || packets[flow] > 0)) visit(flow, bytes[flow], packets[flow])
    if (flow % SLICE === SLICE - 1) yield
  }
}

export function add(share: Share, bytes: number, packets: number): void {
  share.bytes += bytes
  share.packets += packets
  share.flows++
}

/** Sums by the number of a host, a place or an application. Columns instead of a Map, because there may be as many numbers as flows. */
export class Sums {
  readonly #bytes: Float64Array
  readonly #packets: Float64Array
  readonly #flows: Uint32Array

  constructor(count: number) {
    this.#bytes = new Float64Array(count)
    this.#packets = new Float64Array(count)
    this.#flows = new Uint32Array(count)
  }

  add(at: number, bytes: number, packets: number): void {
    this.#bytes[at] += bytes
    this.#packets[at] += packets
    this.#flows[at]++
  }

  has(at: number): boolean {
    return this.#flows[at] > 0
  }

  share(at: number): Share {
    return { bytes: this.#bytes[at], packets: this.#packets[at], flows: this.#flows[at] }
  }

  /** Numbers with at least one flow, ascending. */
  keys(): number[] {
    const keys: number[] = []
    for (let at = 0; at < this.#flows.length; at++) if (this.#flows[at] > 0) keys.push(at)
    return keys
  }

  /** The same sorted by `by`, then bytes and flows, descending, then number; at most `most`. */
  ranked(by: keyof Share, most: number): number[] {
    const values = { bytes: this.#bytes, packets: this.#packets, flows: this.#flows }
    const before = (a: number, b: number) =>
      values[by][b] - values[by][a] || this.#bytes[b] - this.#bytes[a] || this.#flows[b] - this.#flows[a] || a - b
    return this.keys().sort(before).slice(0, most)
  }
}
