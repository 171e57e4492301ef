// ARCNET (RFC 1051, RFC 1201) -> IP.
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** ARCNET as captured on BSD: source, destination, then the protocol. */
export function decodeArcnetBsd(bytes: Uint8Array, at: number, out: PacketView): number {
  return decodeArcnetProtocol(bytes, at + 2, out)
}

/** ARCNET as captured on Linux: two bytes of offset come first. */
export function decodeArcnetLinux(bytes: Uint8Array, at: number, out: PacketView): number {
  return decodeArcnetProtocol(bytes, at + 4, out)
}

const ARCNET_EXCEPTION = 0xff

/** RFC 1051: IP follows the protocol id. RFC 1201: a split flag and a sequence number are in between, twice in exception packets. */
function decodeArcnetProtocol(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const protocol = bytes[at]
  if (protocol === 240) {
    out.next = Layer.ipv4
    return at + 1
  }
  if (protocol === 212) out.next = Layer.ipv4
  else if (protocol === 196) out.next = Layer.ipv6
  else return skip(Skip.notIpArcnet, protocol)
  const flag = bytes[at + 1] === ARCNET_EXCEPTION ? at + 5 : at + 1
  if (out.end - flag < 3) return skip(Skip.truncatedLink, 0)
  // RFC 1201 3: 0 is a whole packet, an odd flag the first of several fragments.
  if (bytes[flag] !== 0 && (bytes[flag] & 1) === 0) return skip(Skip.linkFragment, 0)
  return flag + 3
}
