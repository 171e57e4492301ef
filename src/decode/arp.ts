// An Ethernet or Linux cooked frame -> where ARP for IPv4 (RFC 826) begins in it, behind VLAN tags. Allocates nothing.
import { be16 } from './bytes.ts'

const LINKTYPE_ETHERNET = 1
const LINKTYPE_LINUX_SLL = 113
const ETHERTYPE_ARP = 0x0806
const ETHERTYPE_VLAN = 0x8100
const ETHERTYPE_SERVICE_VLAN = 0x88a8

/** Filled by read(). */
export class ArpFrame {
  /** Offset of the hardware type; then come protocol type, the two lengths, operation, sender and target. */
  at = -1
  /** Numbers of up to two tags, 0 for none. */
  vlan = 0

  /** @returns whether it is one, and whole */
  read(bytes: Uint8Array, start: number, end: number, linkType: number): boolean {
    let typeAt = linkType === LINKTYPE_ETHERNET ? start + 12 : linkType === LINKTYPE_LINUX_SLL ? start + 14 : -1
    if (typeAt < 0) return false
    this.vlan = 0
    while (end - typeAt >= 4 && (be16(bytes, typeAt) === ETHERTYPE_VLAN || be16(bytes, typeAt) === ETHERTYPE_SERVICE_VLAN)) {
      this.vlan = ((this.vlan << 12) | (be16(bytes, typeAt + 2) & 0xfff)) & 0xfffff
      typeAt += 4
    }
    this.at = typeAt + 2
    if (end - this.at < 28 || be16(bytes, typeAt) !== ETHERTYPE_ARP || be16(bytes, this.at + 2) !== 0x0800) return false
    return bytes[this.at + 4] === 6 && bytes[this.at + 5] === 4
  }
}
