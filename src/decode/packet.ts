// PacketView, the result of decode and input of flows: one reused record with offsets into the capture's bytes. Hot path.
import { NO_BYTES } from './bytes.ts'

/** Filled by decodePacket(); valid until the next call. All offsets are into `bytes`. */
export class PacketView {
  bytes: Uint8Array = NO_BYTES
  /** End of the innermost layer decoded so far: trailers and padding are cut off when a header states the length. */
  end = 0
  /** The next layer (Layer in codes.ts), set by each layer for the loop in decodePacket. */
  next = 0
  /** Link type of what follows, if `next` is Layer.linkType. */
  linkType = 0

  /** Innermost IP header: 4 or 6, 0 for none yet. Addresses are 4 or 16 bytes at these offsets. */
  family = 0
  sourceAt = 0
  targetAt = 0
  /** IANA protocol number of the innermost IP payload, after IPv6 extension headers. */
  protocol = 0

  /** -1 without ports. */
  sourcePort = -1
  targetPort = -1
  /** The eight flag bits of RFC 9293 3.1, 0 unless TCP. */
  tcpFlags = 0
  tcpSequence = 0
  /** Offset of a TCP header of which 20 bytes or more were captured, else -1. */
  tcpAt = -1
  /** End of the innermost IP packet as its header says: behind `end` where the packet was cut. */
  wireEnd = 0
  /** ICMP or ICMPv6 type, else -1. */
  icmpType = -1
  /** ICMP or ICMPv6 code; valid only with a type. */
  icmpCode = 0

  /** Transport payload: bytes[payloadAt..end); empty if none of it was captured. */
  payloadAt = 0

  /** IPv4 or IPv6 fragment identification; valid only if isFragment. */
  fragmentId = 0
  /** In bytes; above 0 for every fragment but the first. */
  fragmentOffset = 0
  isFragment = false
  /** Valid only if isFragment, as the next three: IANA protocol number of the fragmented part's first header. */
  fragmentProtocol = 0
  hasMoreFragments = false
  /** This fragment's part of the datagram: bytes[fragmentAt..fragmentEnd). */
  fragmentAt = 0
  fragmentEnd = 0

  /** Id of the path of tunnels around the innermost header (tunnel.ts), 0 for none. */
  tunnel = 0
  /** Path of the tunnels decoded so far; becomes `tunnel` when an IP header is found inside. */
  path = 0
  /** `end` of the innermost IP header's payload, stored when a tunnel begins in it. */
  outerEnd = 0
  /** Offset of the second subframe of an aggregated 802.11 frame (A-MSDU), and end of the subframes; -1 for none. */
  nextSubframe = -1
  subframesEnd = 0
  /** The 802.11 header is padded to 32 bits, according to radiotap. */
  isWlanPadded = false

  /** Resets the record for the next packet. */
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

  /** Resets the transport fields when a new, inner IP header begins. */
  clearTransport(): void {
    this.sourcePort = -1
    this.targetPort = -1
    this.tcpFlags = 0
    this.tcpSequence = 0
    this.tcpAt = -1
    this.icmpType = -1
    this.payloadAt = this.end
    this.fragmentId = 0
    this.fragmentOffset = 0
    this.isFragment = false
  }
}

/** Decodes the layer at `at`. Returns the offset of the next layer (out.next), or a negative status. */
export type Decoder = (bytes: Uint8Array, at: number, out: PacketView) => number
