// A frame without IP -> the hardware addresses it goes from and to, as offsets. Runs only for frames that are in no conversation; allocates nothing.
import { Layer } from './codes.ts'
import { decodeRareLayer } from './layers.ts'
import { followLinkType, LINK_DECODERS } from './link-types.ts'
import { PacketView } from './packet.ts'

/** Headers of the capturing system before the frame: radiotap, and a link type inside another. */
const MAX_HEADERS = 6
const ADDRESS_BYTES = 6
const TYPE_MANAGEMENT = 0
const TYPE_CONTROL = 1
const TYPE_DATA = 2
/** Control frames with the address of their sender: block acknowledgments, PS-Poll, RTS, CF-End (IEEE 802.11 9.3.1). */
const CONTROL_WITH_SENDER = new Set([8, 9, 10, 11, 14, 15])
const TO_DS = 0x01
const FROM_DS = 0x02

/** Filled by read(); offsets are into the frame's bytes. */
export class LinkAddresses {
  sourceAt = -1
  /** -1: the header has none (Linux cooked captures). */
  destinationAt = -1
  private readonly view = new PacketView()

  /** @returns false if the frame does not say who sent it: no Ethernet, 802.11 or Linux cooked header, or one that is cut off */
  read(bytes: Uint8Array, start: number, end: number, linkType: number): boolean {
    const { view } = this
    view.clear(bytes, end)
    let at = followLinkType(linkType, start, view)
    for (let header = 0; header < MAX_HEADERS && at >= 0; header++) {
      switch (view.next) {
        case Layer.ethernet:
          return this.found(at + 6, at, end)
        case Layer.linuxSll:
          return end - at >= 16 && isAddress((bytes[at + 4] << 8) | bytes[at + 5]) && this.found(at + 6, -1, end)
        case Layer.linuxSll2:
          return end - at >= 20 && isAddress(bytes[at + 11]) && this.found(at + 12, -1, end)
        case Layer.wlan:
          return end - at >= 2 && this.readWlan(bytes[at], bytes[at + 1], at, end)
        case Layer.radiotap:
        case Layer.prism:
        case Layer.avs:
        case Layer.linkType:
          break
        default:
          if (!LINK_DECODERS.has(view.next)) return false
      }
      at = decodeRareLayer(view.next, bytes, at, view)
    }
    return false
  }

  /** IEEE 802.11 9.3.2.1, table 9-30: which addresses are sender and receiver; the access point between them is left out. */
  private readWlan(control: number, flags: number, at: number, end: number): boolean {
    const type = (control >> 2) & 3
    const first = at + 4
    const second = at + 10
    const third = at + 16
    const fourth = at + 24
    if (type === TYPE_MANAGEMENT) return this.found(second, first, end)
    if (type === TYPE_CONTROL) return CONTROL_WITH_SENDER.has(control >> 4) && this.found(second, first, end)
    if (type !== TYPE_DATA) return false
    switch (flags & (TO_DS | FROM_DS)) {
      case TO_DS:
        return this.found(second, third, end)
      case FROM_DS:
        return this.found(third, first, end)
      case TO_DS | FROM_DS:
        return this.found(fourth, third, end)
      default:
        return this.found(second, first, end)
    }
  }

  private found(sourceAt: number, destinationAt: number, end: number): boolean {
    this.sourceAt = sourceAt
    this.destinationAt = destinationAt
    return Math.max(sourceAt, destinationAt) + ADDRESS_BYTES <= end
  }
}

function isAddress(length: number): boolean {
  return length === ADDRESS_BYTES
}
