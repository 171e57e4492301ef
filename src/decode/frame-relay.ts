// Frame Relay (RFC 2427) and FRF.16 -> an NLPID or an EtherType.
import { be16 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followEtherType } from './ethertype.ts'
import { decodeSnap, followNlpid } from './llc.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** Q.922 3.2: the last address byte has its lowest bit set. */
const MAX_ADDRESS_BYTES = 4
const UNNUMBERED_INFORMATION = 0x03

/** An address of two to four bytes, then a control byte and an NLPID, or (Cisco's encapsulation) an EtherType. */
export function decodeFrameRelay(bytes: Uint8Array, at: number, out: PacketView): number {
  const have = out.end - at
  let addressBytes = 1
  while (addressBytes < MAX_ADDRESS_BYTES && addressBytes < have && (bytes[at + addressBytes - 1] & 1) === 0) addressBytes++
  if (have < addressBytes + 2) return skip(Skip.truncatedLink, 0)
  if (addressBytes === 1 || (bytes[at + addressBytes - 1] & 1) === 0) return skip(Skip.malformedLink, 0)
  const control = at + addressBytes
  if (bytes[control] !== UNNUMBERED_INFORMATION) return followEtherType(be16(bytes, control), control + 2, out)
  // RFC 2427 4.1: one zero byte may pad before the NLPID.
  const protocol = bytes[control + 1] === 0 ? control + 2 : control + 1
  if (out.end - protocol < 1) return skip(Skip.truncatedLink, 0)
  if (bytes[protocol] === NLPID_SNAP) return decodeSnap(bytes, protocol + 1, 0, out)
  return followNlpid(bytes[protocol], protocol + 1, out)
}

const FRF16_BEGIN_END = 0xc0
const FRF16_CONTROL = 0x20

/** Multilink Frame Relay (FRF.16): begin, end and control bits and a sequence number before a Frame Relay frame; only unfragmented frames are read. */
export function decodeMultilinkFrameRelay(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  if ((bytes[at] & FRF16_CONTROL) !== 0) return skip(Skip.linkControl, 0)
  if ((bytes[at] & FRF16_BEGIN_END) !== FRF16_BEGIN_END) return skip(Skip.linkFragment, 0)
  out.next = Layer.frameRelay
  return at + 2
}

const NLPID_SNAP = 0x80
