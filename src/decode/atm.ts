// ATM: SunATM and classical IP over ATM (RFC 2225) -> LLC, Ethernet or IP.
import { be24 } from './bytes.ts'
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const SUN_ATM_LANE = 1
const SUN_ATM_LLC = 2

/** SunATM (LINKTYPE_SUNATM): the kind of traffic in the low bits, VPI, VCI; LAN emulation puts a client id before the Ethernet frame. */
export function decodeSunAtm(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 4) return skip(Skip.truncatedLink, 0)
  const kind = bytes[at] & 15
  if (kind === SUN_ATM_LLC) {
    out.next = Layer.llc
    return at + 4
  }
  if (kind !== SUN_ATM_LANE) return skip(Skip.linkControl, 0)
  out.next = Layer.ethernet
  return at + 6
}

/** Classical IP over ATM on Linux: LLC and SNAP (RFC 2225), or IP without them. */
export function decodeClip(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 3) return skip(Skip.truncatedLink, 0)
  out.next = be24(bytes, at) === 0xaaaa03 ? Layer.llc : Layer.rawIp
  return at
}
