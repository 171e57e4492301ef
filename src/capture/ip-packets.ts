// A captured packet -> the IP packets in it: decoded, or skipped with a reason; repeated packets left out on demand; aggregated 802.11 frames taken apart. Hot path.
import { decodePacket } from '../decode/index.ts'
import { PacketView } from '../decode/packet.ts'
import { DECODED, REPEATED } from '../decode/status.ts'
import type { Coverage } from './coverage.ts'
import type { CapturedPacket } from './packet.ts'
import { Repeats } from './repeats.ts'
import { eachSubframe } from './subframes.ts'
import { bytesOnWire } from './wire.ts'

/** Leaves packets out (choice/packet-choice.ts). Statuses are DECODED, or the reason why a packet is left out. */
export interface PacketChooser {
  /** False: filterStatus() need not be called. */
  readonly hasFilter: boolean
  timeStatus(timeUs: number): number
  filterStatus(view: PacketView, timeUs: number): number
}

/** Result of read() for a packet that the user's choice leaves out; the coverage has the reason. */
export const LEFT_OUT = 1

export class IpPackets {
  /** The IP packet during a call of onPacket; the last one after read(). */
  readonly view = new PacketView()
  /** Packets beyond the first in aggregated frames: each counts as a packet of its conversation, with its part of the frame's bytes. */
  subframes = 0
  /** Why the last packet for which read() returned LEFT_OUT was left out. */
  leftOutStatus = DECODED
  private readonly repeats: Repeats | null
  private readonly deduplicates: boolean
  private readonly chooser: PacketChooser | null
  private readonly onPacket: (packet: CapturedPacket, bytes: number) => void

  /**
   * @param deduplicates leaves repeated packets out; null: does not even count them
   * @param onPacket is called with the captured packet and the length on the wire, once for each IP packet
   * @param chooser null: no packet is left out by choice
   */
  constructor(
    deduplicates: boolean | null,
    onPacket: (packet: CapturedPacket, bytes: number) => void,
    chooser: PacketChooser | null = null,
  ) {
    this.deduplicates = deduplicates === true
    this.repeats = deduplicates === null ? null : new Repeats(deduplicates)
    this.chooser = chooser
    this.onPacket = onPacket
  }

  /**
   * Counts the captured packet in the coverage.
   * @returns DECODED if there was an IP packet, otherwise the reason (decode/status.ts); LEFT_OUT if the user's choice leaves it out
   */
  read(packet: CapturedPacket, coverage: Coverage): number {
    const { view, chooser } = this
    const bytes = bytesOnWire(packet.originalBytes, packet.linkType)
    coverage.add(packet, bytes)
    if (chooser !== null) {
      const outside = chooser.timeStatus(packet.timeUs)
      if (outside !== DECODED) return this.leaveOut(outside, coverage)
    }
    const status = decodePacket(packet.bytes, packet.start, packet.end, packet.linkType, view)
    const isAggregated = view.nextSubframe >= 0
    if (chooser?.hasFilter && !isAggregated) {
      const unwanted = status === DECODED ? chooser.filterStatus(view, packet.timeUs) : status
      if (unwanted !== DECODED) return this.leaveOut(unwanted, coverage)
    }
    if (this.repeats?.isRepeat(packet, status === DECODED && !isAggregated ? view : null)) {
      coverage.repeat(this.deduplicates)
      if (this.deduplicates) return REPEATED
    }
    if (isAggregated) return this.readAggregated(packet, coverage, status, bytes)
    if (status === DECODED) this.onPacket(packet, bytes)
    else coverage.skip(status)
    return status
  }

  private readAggregated(packet: CapturedPacket, coverage: Coverage, status: number, bytes: number): number {
    const { chooser, view } = this
    let packets = 0
    let unwanted = DECODED
    eachSubframe(packet, view, status, bytes, (part) => {
      const wanted = chooser?.hasFilter ? chooser.filterStatus(view, packet.timeUs) : DECODED
      if (wanted === DECODED) {
        packets++
        this.onPacket(packet, part)
      } else unwanted = wanted
    })
    if (packets === 0 && chooser?.hasFilter) return this.leaveOut(unwanted === DECODED ? status : unwanted, coverage)
    if (packets === 0) {
      coverage.skip(status)
      return status
    }
    this.subframes += packets - 1
    return DECODED
  }

  private leaveOut(status: number, coverage: Coverage): number {
    coverage.skip(status)
    this.leftOutStatus = status
    return LEFT_OUT
  }
}
