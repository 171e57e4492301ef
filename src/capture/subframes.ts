// An aggregated 802.11 frame (A-MSDU) -> the IP packets in it, one after the other in the view.
import { decodePacket, decodeSubframe } from '../decode/index.ts'
import type { PacketView } from '../decode/packet.ts'
import { DECODED } from '../decode/status.ts'
import type { CapturedPacket } from './packet.ts'

/**
 * The bytes of each packet reach from the end of the one before it to its own end, so that they make the frame's together.
 * @param status of the first subframe, which is in the view
 * @param bytes of the frame
 * @returns how many packets there were
 */
export function eachSubframe(
  packet: CapturedPacket,
  view: PacketView,
  status: number,
  bytes: number,
  onPacket: (bytes: number) => void,
): number {
  const end = view.subframesEnd
  let last = status === DECODED ? packet.start : -1
  for (let at = view.nextSubframe; at >= 0; at = view.nextSubframe) {
    if (decodeSubframe(packet.bytes, at, end, view) === DECODED) last = at
  }
  let packets = 0
  let counted = 0
  let decoded = decodePacket(packet.bytes, packet.start, packet.end, packet.linkType, view)
  for (let at = packet.start; at <= last; ) {
    const next = view.nextSubframe
    if (decoded === DECODED) {
      const upTo = at === last ? bytes : Math.min(bytes, next - packet.start)
      onPacket(upTo - counted)
      counted = upTo
      packets++
    }
    if (at === last) break
    at = next
    decoded = decodeSubframe(packet.bytes, at, end, view)
  }
  return packets
}
