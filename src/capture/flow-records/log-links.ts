// Frames without IP that a lake counts by their hardware addresses -> checked, in a bounded list.
import { bytes, copyOf, packets } from './values.ts'

/** A row of link_traffic without what the analysis finds out itself. */
export interface LogLink {
  sourceMac: string
  /** '' where the frames did not say. */
  destinationMac: string
  protocol: string
  packets: number
  bytes: number
  firstUs: number
  lastUs: number
  /** Its line. */
  frame: number
  /** IPv4 addresses that the sender gives as its own, with ", " between; '' for none. */
  sourceAddresses: string
}

const MAX_ROWS = 100_000
const MAX_PROTOCOLS = 1_000
const MAX_LENGTH = 255
/** Longest list of addresses, in characters; a longer one is left out. */
const MAX_ADDRESSES_LENGTH = 4096
const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/

export class LogLinks {
  readonly list: LogLink[] = []
  /** Equal texts share one string. */
  private readonly protocols = new Map<string, string>()

  /** @returns null, or why the line is left out */
  add(link: Omit<LogLink, 'firstUs' | 'lastUs'> & { firstUs: number | null; lastUs: number | null }): string | null {
    const { sourceMac, destinationMac, protocol, firstUs, lastUs } = link
    if (!MAC.test(sourceMac) || !(destinationMac === '' || MAC.test(destinationMac))) return 'its hardware addresses are not two'
    if (firstUs === null || lastUs === null || lastUs < firstUs) return 'its time is not one'
    if (!packets(link.packets) || bytes(link.bytes) === null) return 'a number of packets or bytes is negative, too large or no number'
    if (protocol === '' || protocol.length > MAX_LENGTH) return 'its protocol is not one'
    if (this.list.length >= MAX_ROWS) return `more than ${MAX_ROWS} pairs of hardware addresses are in the log`
    if (!this.protocols.has(protocol)) {
      if (this.protocols.size >= MAX_PROTOCOLS) return `more than ${MAX_PROTOCOLS} protocols without IP are in the log`
      const copy = copyOf(protocol)
      this.protocols.set(copy, copy)
    }
    const texts = {
      sourceMac: copyOf(sourceMac),
      destinationMac: copyOf(destinationMac),
      protocol: this.protocols.get(protocol)!,
      sourceAddresses: link.sourceAddresses.length > MAX_ADDRESSES_LENGTH ? '' : copyOf(link.sourceAddresses),
    }
    this.list.push({ ...link, ...texts, firstUs, lastUs })
    return null
  }
}
