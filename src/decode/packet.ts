// The record on the arrow decode -> flows: one reused PacketView, offsets into the capture's bytes instead of copies. Hot path.

const NO_BYTES = new Uint8Array(0)

/** Filled by decodePacket(); valid until the next call. All offsets are into `bytes`. */
export class PacketView {
  bytes: Uint8Array = NO_BYTES
  /** End of what belongs to the innermost layer decoded so far: trailers and padding are cut off as lengths become known. */
  end = 0
  /** Which layer follows (codes.ts, Layer); set by each layer for the loop in decodePacket. */
  next = 0

  /** Innermost IP header: 4, 6, or 0 while none was found. Addresses are 4 or 16 bytes at these offsets. */
  family = 0
  sourceAt = 0
  targetAt = 0
  /** IANA protocol number of what the innermost IP header carries, behind IPv6 extension headers. */
  protocol = 0

  /** -1 where there are none. */
  sourcePort = -1
  targetPort = -1
  /** The eight flag bits of RFC 9293 3.1, 0 unless TCP. */
  tcpFlags = 0
  tcpSequence = 0
  /** ICMP or ICMPv6 type, -1 for others. */
  icmpType = -1

  /** Transport payload: bytes[payloadAt..end); empty when nothing was captured of it. */
  payloadAt = 0

  /** IPv4 identification or IPv6 fragment identification; only of meaning when isFragment. */
  fragmentId = 0
  /** In bytes; more than 0 for every fragment but the first. */
  fragmentOffset = 0
  isFragment = false
  /** These four are of meaning only when isFragment. What the fragmented part begins with: an IANA protocol number. */
  fragmentProtocol = 0
  hasMoreFragments = false
  /** This fragment's part of the datagram: bytes[fragmentAt..fragmentEnd). */
  fragmentAt = 0
  fragmentEnd = 0

  /** Id of the path of tunnels around the innermost header (tunnel.ts), 0 for none. */
  tunnel = 0
  /** The same of the layers read so far; becomes `tunnel` when an IP header is found in them. */
  path = 0
  /** `end` of the innermost IP header's payload, noted when a tunnel in it begins. */
  outerEnd = 0
  /** Where an aggregated 802.11 frame (A-MSDU) has its second subframe, and where its subframes end; -1 without one. */
  nextSubframe = -1
  subframesEnd = 0
  /** The 802.11 header is padded to 32 bits (radiotap says so). */
  isWlanPadded = false

  /** Empties the record for the next packet. */
  clear(bytes: Uint8Array, end: number): void {
    this.bytes = bytes
    this.end = end
    this.next = 0
    this.family = 0
    this.tunnel = 0
    this.path = 0
    this.isWlanPadded = false
    this.nextSubframe = -1
    this.clearTransport()
  }

  /** A new IP header begins: what was known of an outer one's transport no longer counts. */
  clearTransport(): void {
    this.sourcePort = -1
    this.targetPort = -1
    this.tcpFlags = 0
    this.tcpSequence = 0
    this.icmpType = -1
    this.payloadAt = this.end
    this.fragmentId = 0
    this.fragmentOffset = 0
    this.isFragment = false
  }
}
