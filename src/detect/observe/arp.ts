// Who says, in ARP (RFC 826), that an address is its own.
import { formatAddress } from '../../decode/address.ts'
import { be16 } from '../../decode/bytes.ts'
import { Bounded } from './bounded.ts'
import { formatMac } from './mac.ts'
import type { ArpClaim, ArpClaims } from './observations.ts'

const MAX_ADDRESSES = 16_384
const MAX_CLAIMS = 8
const MAX_CHANGES = 32
const LINKTYPE_ETHERNET = 1
const LINKTYPE_LINUX_SLL = 113
const ETHERTYPE_ARP = 0x0806
const ETHERTYPE_VLAN = 0x8100
const ETHERTYPE_SERVICE_VLAN = 0x88a8
const REPLY = 2

interface Entry {
  row: ArpClaims
  current: ArpClaim
  /** The two parts of the current claim's hardware address, to compare without making texts. */
  high: number
  low: number
}

export class ArpObserver {
  private readonly list = new Bounded<ArpClaims>(MAX_ADDRESSES)
  /** By VLAN and address. */
  private readonly entries = new Map<number, Entry>()
  private dropped = 0

  finish(): { rows: ArpClaims[]; leftOut: number } {
    return { rows: this.list.rows, leftOut: this.list.leftOut + this.dropped }
  }

  /** The frame bytes[start..end) is ARP, or was taken for it by the decoder. */
  inspect(bytes: Uint8Array, start: number, end: number, linkType: number, timeUs: number): void {
    let typeAt = linkType === LINKTYPE_ETHERNET ? start + 12 : linkType === LINKTYPE_LINUX_SLL ? start + 14 : -1
    if (typeAt < 0) return
    let vlan = 0
    while (end - typeAt >= 4 && (be16(bytes, typeAt) === ETHERTYPE_VLAN || be16(bytes, typeAt) === ETHERTYPE_SERVICE_VLAN)) {
      vlan = ((vlan << 12) | (be16(bytes, typeAt + 2) & 0xfff)) & 0xfffff
      typeAt += 4
    }
    const at = typeAt + 2
    // Hardware type, protocol type, the two lengths, operation, then sender and target.
    if (end - at < 28 || be16(bytes, typeAt) !== ETHERTYPE_ARP || be16(bytes, at + 2) !== 0x0800) return
    if (bytes[at + 4] !== 6 || bytes[at + 5] !== 4) return
    const ip = bytes[at + 14] * 0x1000000 + ((bytes[at + 15] << 16) | (bytes[at + 16] << 8) | bytes[at + 17])
    // A probe (RFC 5227 2.1.1) claims nothing.
    if (ip === 0) return
    this.claim(vlan * 0x100000000 + ip, bytes, at, timeUs)
  }

  private claim(key: number, bytes: Uint8Array, at: number, timeUs: number): void {
    const macAt = at + 8
    const high = be16(bytes, macAt)
    const low = ((bytes[macAt + 2] << 24) | (bytes[macAt + 3] << 16) | be16(bytes, macAt + 4)) >>> 0
    let entry = this.entries.get(key)
    if (entry === undefined) {
      const first = beginClaim(formatMac(bytes, macAt), timeUs)
      const row = this.list.add({ ip: formatAddress(bytes, at + 14, 4), claims: [first] })
      if (row === null) return
      entry = { row, current: first, high, low }
      this.entries.set(key, entry)
    } else if (entry.high !== high || entry.low !== low) {
      if (!this.change(entry, formatMac(bytes, macAt), timeUs)) return
      entry.high = high
      entry.low = low
    }
    const { current } = entry
    current.packets++
    if (be16(bytes, at + 6) === REPLY) current.replies++
    current.lastUs = Math.max(current.lastUs, timeUs)
  }

  /** Another hardware address claims the entry's address. @returns false when there are too many of them */
  private change(entry: Entry, mac: string, timeUs: number): boolean {
    const { claims } = entry.row
    const known = claims.find((claim) => claim.mac === mac)
    if (known !== undefined) {
      if (known.changesUs.length < MAX_CHANGES) known.changesUs.push(timeUs)
      entry.current = known
      return true
    }
    if (claims.length >= MAX_CLAIMS) {
      this.dropped++
      return false
    }
    entry.current = beginClaim(mac, timeUs)
    claims.push(entry.current)
    return true
  }
}

function beginClaim(mac: string, timeUs: number): ArpClaim {
  return { mac, firstUs: timeUs, lastUs: timeUs, packets: 0, replies: 0, changesUs: [] }
}
