// Who announces itself as IPv6 router (RFC 4861 4.2), with which prefixes and name servers.
import { formatAddress } from '../../decode/address.ts'
import { be16 } from '../../decode/bytes.ts'
import type { PacketView } from '../../decode/packet.ts'
import { BoundedByKey } from './bounded.ts'
import type { Ipv6Router } from './observations.ts'

const MAX_ROUTERS = 16_384
const MAX_LISTED = 8
const ROUTER_ADVERTISEMENT = 134
/** Hop limit, flags, lifetime and two timers follow the checksum. */
const FIXED_BYTES = 12
const Option = { prefix: 3, dnsServers: 25 } as const
/** RFC 4191 2.1: two bits of the flags, signed; 10 is reserved and read as medium. */
const PREFERENCES = ['medium', 'high', 'medium', 'low']
/** Hop limit of a packet that was never forwarded (RFC 4861 6.1.2): the router is on the link. */
const HOP_LIMIT_ON_LINK = 255

export class Ipv6RouterObserver {
  readonly list = new BoundedByKey<string, Ipv6Router>(MAX_ROUTERS)

  /** An ICMPv6 packet; `mac` is the frame's sender. */
  inspect(flow: number, view: PacketView, mac: string, timeUs: number): void {
    const { bytes, payloadAt: at, end } = view
    if (view.icmpType !== ROUTER_ADVERTISEMENT || view.family !== 6 || end - at < FIXED_BYTES) return
    if (bytes[view.sourceAt - 1] !== HOP_LIMIT_ON_LINK) return
    const ip = formatAddress(bytes, view.sourceAt, 16)
    const router = this.list.rowOf(`${ip} ${mac}`, () => {
      const lists = { prefixes: [], dnsServers: [] }
      return { flow, ip, mac, firstUs: timeUs, lastUs: timeUs, packets: 0, lifetimeS: 0, preference: 'medium', ...lists }
    })
    if (router === null) return
    router.packets++
    router.firstUs = Math.min(router.firstUs, timeUs)
    router.lastUs = Math.max(router.lastUs, timeUs)
    router.lifetimeS = be16(bytes, at + 2)
    router.preference = PREFERENCES[(bytes[at + 1] >> 3) & 3]
    readOptions(bytes, at + FIXED_BYTES, end, router)
  }
}

function readOptions(bytes: Uint8Array, at: number, end: number, router: Ipv6Router): void {
  let next = at
  while (end - next >= 8) {
    const length = bytes[next + 1] * 8
    if (length === 0 || next + length > end) return
    if (bytes[next] === Option.prefix && length >= 32) list(router.prefixes, `${formatAddress(bytes, next + 16, 16)}/${bytes[next + 2]}`)
    if (bytes[next] === Option.dnsServers) {
      for (let server = next + 8; server + 16 <= next + length; server += 16) list(router.dnsServers, formatAddress(bytes, server, 16))
    }
    next += length
  }
}

function list(texts: string[], text: string): void {
  if (texts.length < MAX_LISTED && !texts.includes(text)) texts.push(text)
}
