// --from, --to, --only and -f -> which packets an analysis reads; the others are counted by reason. Hot path.
import type { PacketChooser } from '../capture/ip-packets.ts'
import type { PacketView } from '../decode/packet.ts'
import { DECODED, LEFT_OUT_BY_CAPTURE_FILTER, LEFT_OUT_BY_ONLY, OUTSIDE_TIME } from '../decode/status.ts'
import { UsageError } from '../errors.ts'
import { FilterError } from '../filter/syntax.ts'
import type { ChosenPackets } from '../types.ts'
import { captureFilter } from './capture-filter.ts'
import { conversationFilter } from './conversation-filter.ts'
import { FragmentDecisions } from './fragment-decisions.ts'
import { type Instant, readInstant } from './instant.ts'
import type { PacketTest } from './packet-test.ts'

export class PacketChoice implements PacketChooser {
  readonly hasFilter: boolean
  /** Time of the last packet that was read, for the report; -Infinity before. */
  lastUs = Number.NEGATIVE_INFINITY
  private readonly from: Instant | null
  private readonly to: Instant | null
  private readonly only: PacketTest | null
  private readonly captureFilter: PacketTest | null
  private readonly fragments = new FragmentDecisions()
  private hasBegun = false
  private fromUs = Number.NEGATIVE_INFINITY
  private toUs = Number.POSITIVE_INFINITY

  /** @throws UsageError for a text that is wrong */
  constructor({ from, to, only, captureFilter: bpf }: ChosenPackets) {
    this.from = from === undefined ? null : readInstant('--from', from)
    this.to = to === undefined ? null : readInstant('--to', to)
    if (this.from !== null && this.from.isRelative === this.to?.isRelative && this.from.fromUs > this.to.toUs)
      throw new UsageError('--from is later than --to')
    this.only = only === undefined ? null : named('--only', only, conversationFilter)
    this.captureFilter = bpf === undefined ? null : named('-f', bpf, captureFilter)
    this.hasFilter = this.only !== null || this.captureFilter !== null
  }

  /** The first call sets where relative times begin. */
  timeStatus(timeUs: number): number {
    if (!this.hasBegun) this.begin(timeUs)
    if (timeUs < this.fromUs || timeUs > this.toUs) return OUTSIDE_TIME
    if (!this.hasFilter && timeUs > this.lastUs) this.lastUs = timeUs
    return DECODED
  }

  filterStatus(view: PacketView, timeUs: number): number {
    const status = view.isFragment ? this.fragments.decide(view, timeUs, () => this.test(view)) : this.test(view)
    if (status === DECODED && timeUs > this.lastUs) this.lastUs = timeUs
    return status
  }

  private test(view: PacketView): number {
    if (this.captureFilter !== null && !this.captureFilter(view)) return LEFT_OUT_BY_CAPTURE_FILTER
    return this.only === null || this.only(view) ? DECODED : LEFT_OUT_BY_ONLY
  }

  private begin(firstUs: number): void {
    const { from, to } = this
    this.hasBegun = true
    if (from !== null) this.fromUs = from.fromUs + (from.isRelative ? firstUs : 0)
    if (to !== null) this.toUs = to.toUs + (to.isRelative ? firstUs : 0)
  }
}

/** @returns null when all packets are read @throws UsageError */
export function packetChoice(chosen: ChosenPackets | undefined): PacketChoice | null {
  return chosen === undefined ? null : new PacketChoice(chosen)
}

function named(option: string, text: string, read: (text: string) => PacketTest): PacketTest {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`${option}: ${error.message} (character ${error.start + 1} of "${text}")`)
    throw error
  }
}
