// Token Ring and FDDI: headers -> LLC.
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** FDDI (ISO 9314-2): frame control, addresses, LLC. Asynchronous and synchronous LLC frames have x101xxxx. */
export function decodeFddi(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 13) return skip(Skip.truncatedLink, 0)
  if ((bytes[at] & 0x70) !== 0x50) return skip(Skip.linkControl, 0)
  out.next = Layer.llc
  return at + 13
}

const SOURCE_ROUTED = 0x80

/** Token Ring (IEEE 802.5 3.2): access and frame control, addresses, a routing field if the source's first bit is set, LLC. */
export function decodeTokenRing(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 16) return skip(Skip.truncatedLink, 0)
  if (bytes[at + 1] >> 6 !== 1) return skip(Skip.linkControl, 0)
  out.next = Layer.llc
  return (bytes[at + 8] & SOURCE_ROUTED) !== 0 ? at + 14 + (bytes[at + 14] & 31) : at + 14
}
