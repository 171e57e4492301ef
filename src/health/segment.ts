// TCP header in the PacketView -> the numbers that the analysis needs, in one reused record. Hot path.
import type { PacketView } from '../decode/packet.ts'

/** A direction's window scale: a shift count (RFC 7323 2.2), or one of these. */
export const WindowScale = { unknown: -1, none: -2 } as const

const OPTION_END = 0
const OPTION_NOTHING = 1
const OPTION_WINDOW_SCALE = 3
/** RFC 7323 2.3. */
const MAX_SHIFT = 14

export class TcpSegment {
  timeUs = 0.5
  /** Sequence numbers are the 32 bits as a signed integer; differences are modulo 2^32. */
  sequence = 0
  ack = 0
  flags = 0
  /** As in the header, without scaling. */
  window = 0
  /** Payload bytes on the wire, even if the capture has only a part. */
  length = 0

  /** @returns whether the 20 bytes of the header were captured */
  read(view: PacketView, timeUs: number): boolean {
    const { bytes, tcpAt: at } = view
    if (at < 0) return false
    this.timeUs = timeUs
    this.sequence = view.tcpSequence | 0
    this.ack = (bytes[at + 8] << 24) | (bytes[at + 9] << 16) | (bytes[at + 10] << 8) | bytes[at + 11]
    this.flags = view.tcpFlags
    this.window = (bytes[at + 14] << 8) | bytes[at + 15]
    const headerBytes = (bytes[at + 12] >> 4) << 2
    this.length = Math.max(0, view.wireEnd - at - Math.max(headerBytes, 20))
    return true
  }
}

/** The window scale option of a SYN. @returns its shift count, or WindowScale.none */
export function windowScaleOf({ bytes, tcpAt, end }: PacketView): number {
  const to = Math.min(end, tcpAt + ((bytes[tcpAt + 12] >> 4) << 2))
  for (let at = tcpAt + 20; at < to && bytes[at] !== OPTION_END; ) {
    if (bytes[at] === OPTION_NOTHING) {
      at++
      continue
    }
    const length = at + 1 < to ? bytes[at + 1] : 0
    if (length < 2) break
    if (bytes[at] === OPTION_WINDOW_SCALE && length === 3 && at + 2 < to) return Math.min(bytes[at + 2], MAX_SHIFT)
    at += length
  }
  return WindowScale.none
}
