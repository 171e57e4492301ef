// InfiniBand and IP over InfiniBand (RFC 4391) -> the EtherType after their headers.
import { be16 } from './bytes.ts'
import { followEtherType } from './ethertype.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const GRH_BYTES = 40

/** IP over InfiniBand (LINKTYPE_IPOIB): a Global Routing Header, then an EtherType and two bytes of zero (RFC 4391 6). */
export function decodeIpoib(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < GRH_BYTES + 4) return skip(Skip.truncatedLink, 0)
  return followEtherType(be16(bytes, at + GRH_BYTES), at + GRH_BYTES + 4, out)
}

const UNRELIABLE_DATAGRAM_SEND = 0x64

/** InfiniBand (LINKTYPE_INFINIBAND): local route header, an optional global one, base transport header; IPoIB uses unreliable datagrams. */
export function decodeInfiniband(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  const following = bytes[at + 1] & 3
  if (following < 2) return skip(Skip.notIpInfiniband, 0)
  const transport = following === 3 ? at + 8 + GRH_BYTES : at + 8
  if (out.end - transport < 24) return skip(Skip.truncatedLink, 0)
  const payload = transport + 20
  const isIpoib = bytes[transport] === UNRELIABLE_DATAGRAM_SEND && be16(bytes, payload + 2) === 0
  return isIpoib ? followEtherType(be16(bytes, payload), payload + 4, out) : skip(Skip.notIpInfiniband, 0)
}
