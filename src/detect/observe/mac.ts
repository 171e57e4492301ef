// A frame -> the hardware address of its sender.
import type { CapturedPacket } from '../../capture/packet.ts'
import { formatMac } from '../../decode/address.ts'
import type { PacketView } from '../../decode/packet.ts'

const LINKTYPE_ETHERNET = 1
const LINKTYPE_LINUX_SLL = 113
/** The same in both. */
const SENDER_AT = 6

/** Offset of the sender's address in the frame that begins at `start`; -1 where the link layer has none. */
export function senderMacAt(start: number, end: number, linkType: number): number {
  const isKnown = linkType === LINKTYPE_ETHERNET || linkType === LINKTYPE_LINUX_SLL
  return isKnown && end - start >= 12 ? start + SENDER_AT : -1
}

/** Who sent the frame that begins at `start`, '' where the link layer does not say. */
function senderMac(bytes: Uint8Array, start: number, end: number, linkType: number): string {
  const at = senderMacAt(start, end, linkType)
  return at < 0 ? '' : formatMac(bytes, at)
}

/** Inside a tunnel, the frame's sender is the tunnel's end and not the packet's sender. */
export function senderOf(packet: CapturedPacket | null, view: PacketView): string {
  return packet !== null && view.tunnel === 0 ? senderMac(packet.bytes, packet.start, packet.end, packet.linkType) : ''
}
