// A captured packet -> the IP packets in it: decoded, or skipped with a reason; repeated packets left out on demand; aggregated 802.11 frames taken apart. Hot path.
import { decodePacket } from '../decode/index.ts'
import { PacketView } from '../decode/packet.ts'
import { DECODED, REPEATED } from '../decode/status.ts'
import type { Coverage } from './coverage.ts'
import type { CapturedPacket } from './packet.ts'
import { Repeats } from './repeats.ts'
import { eachSubframe } from './subframes.ts'
import { bytesOnWire } from './wire.ts'

export class IpPackets {
  /** The IP packet during a call of onPacket; the last one after read(). */
  readonly view = new PacketView()
  /** Packets beyond the first in aggregated frames: each counts as a packet of its conversation, with its part of the frame's bytes. */
  subframes = 0
  private readonly repeats: Repeats
  private readonly deduplicates: boolean
  private readonly onPacket: (packet: CapturedPacket, bytes: number) => void

  /**
   * @param deduplicates leaves repeated packets out
   * @param onPacket is called with the captured packet and the length on the wire, once for each IP packet
   */
  constructor(deduplicates: boolean, onPacket: (packet: CapturedPacket, bytes: number) => void) {
    this.deduplicates = deduplicates
    this.repeats = new Repeats(deduplicates)
    this.onPacket = onPacket
  }

  /** Counts the captured packet in the coverage. @returns DECODED if there was an IP packet, otherwise the reason (decode/status.ts) */
  read(packet: CapturedPacket, coverage: Coverage): number {
    const { view } = this
    const bytes = bytesOnWire(packet.originalBytes, packet.linkType)
    coverage.add(packet, bytes)
    const status = decodePacket(packet.bytes, packet.start, packet.end, packet.linkType, view)
    const isAggregated = view.nextSubframe >= 0
    if (this.repeats.isRepeat(packet, status === DECODED && !isAggregated ? view : null)) {
      coverage.repeat(this.deduplicates)
      if (this.deduplicates) return REPEATED
    }
    if (isAggregated) return this.readAggregated(packet, coverage, status, bytes)
    if (status === DECODED) this.onPacket(packet, bytes)
    else coverage.skip(status)
    return status
  }

  private readAggregated(packet: CapturedPacket, coverage: Coverage, status: number, bytes: number): number {
    const packets = eachSubframe(packet, this.view, status, bytes, (part) => this.onPacket(packet, part))
    if (packets === 0) {
      coverage.skip(status)
      return status
    }
    this.subframes += packets - 1
    return DECODED
  }
}
