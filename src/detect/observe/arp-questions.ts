// ARP requests (RFC 826) -> how many addresses each sender asked for within a minute.
import { formatAddress, formatMac } from '../../decode/address.ts'
import { be16, be32 } from '../../decode/bytes.ts'
import { Bounded } from './bounded.ts'
import type { ArpQuestions, FramePlace } from './observations.ts'

const MAX_SENDERS = 4096
const MAX_TARGETS = 1024
const WINDOW_US = 60_000_000

interface Asker {
  row: ArpQuestions
  /** Since this time, and frame; the set is emptied after a minute. */
  sinceUs: number
  frame: number
  capture: number
  targets: Set<number>
}

export class ArpQuestionObserver {
  readonly list = new Bounded<ArpQuestions>(MAX_SENDERS)
  private readonly askers = new Map<number, Asker>()

  /** A request whose hardware type begins at `at`; its length was checked. */
  inspect(bytes: Uint8Array, at: number, timeUs: number, place: FramePlace): void {
    const key = be16(bytes, at + 8) * 2 ** 32 + be32(bytes, at + 10)
    const asker = this.askers.get(key) ?? this.begin(key, bytes, at, timeUs, place)
    if (asker === null) return
    if (timeUs - asker.sinceUs > WINDOW_US) {
      asker.targets.clear()
      asker.sinceUs = timeUs
      asker.frame = place.frame
      asker.capture = place.capture
    }
    if (asker.targets.size < MAX_TARGETS) asker.targets.add(be32(bytes, at + 24))
    const { row } = asker
    if (asker.targets.size <= row.addresses) return
    row.addresses = asker.targets.size
    row.firstUs = asker.sinceUs
    row.lastUs = timeUs
    row.frame = asker.frame
    row.capture = asker.capture
  }

  private begin(key: number, bytes: Uint8Array, at: number, timeUs: number, { frame, capture }: FramePlace): Asker | null {
    const ip = be32(bytes, at + 14) === 0 ? '' : formatAddress(bytes, at + 14, 4)
    const row = this.list.add({
      mac: formatMac(bytes, at + 8),
      ip,
      addresses: 0,
      firstUs: timeUs,
      lastUs: timeUs,
      frame,
      capture,
      isRouter: false,
    })
    if (row === null) return null
    const asker: Asker = { row, sinceUs: timeUs, frame, capture, targets: new Set() }
    this.askers.set(key, asker)
    return asker
  }
}
