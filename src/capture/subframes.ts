// An aggregated 802.11 frame (A-MSDU) -> the IP packets in it, decoded one after the other into the view.
import { decodePacket, decodeSubframe } from '../decode/index.ts'
import type { PacketView } from '../decode/packet.ts'
import { DECODED } from '../decode/status.ts'
import type { CapturedPacket } from './packet.ts'

/**
 * Calls onPacket with the bytes of each packet: from the end of the packet before to its own end, so that their sum is the frame's length.
 * @param status of decoding the first subframe, which is in the view
 * @param bytes length of the frame on the wire
 * @returns the number of packets
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
