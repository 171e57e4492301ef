// Neighbor Discovery (RFC 4861 4.3, 4.4) -> the hardware address that a host gives for its own IPv6 address.
import { formatAddress, formatMac } from '../../decode/address.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { IdentityLog } from '../../names/identity-log.ts'

const SOLICITATION = 135
const ADVERTISEMENT = 136
const Option = { sourceAddress: 1, targetAddress: 2 } as const
/** Flags and target follow the checksum. */
const TARGET_AT = 4
const OPTIONS_AT = 20
/** A packet that was forwarded has less (RFC 4861 7.1). */
const HOP_LIMIT_ON_LINK = 255

/** An ICMPv6 packet: a solicitation names the sender's address by an option, an advertisement its target by another. */
export function inspectNeighbor(log: IdentityLog, flow: number, view: PacketView, timeUs: number): void {
  const { bytes, payloadAt: at, end, icmpType } = view
  if ((icmpType !== SOLICITATION && icmpType !== ADVERTISEMENT) || view.family !== 6 || bytes[view.sourceAt - 1] !== HOP_LIMIT_ON_LINK)
    return
  const wanted = icmpType === SOLICITATION ? Option.sourceAddress : Option.targetAddress
  const addressAt = icmpType === SOLICITATION ? view.sourceAt : at + TARGET_AT
  for (let next = at + OPTIONS_AT; end - next >= 8 && bytes[next + 1] !== 0; next += bytes[next + 1] * 8) {
    if (bytes[next] !== wanted || (bytes[next + 2] & 1) !== 0) continue
    log.add(formatAddress(bytes, addressAt, 16), 'mac', formatMac(bytes, next + 2), 'ndp', timeUs, flow)
    return
  }
}
