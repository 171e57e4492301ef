// ICMP errors (RFC 792, RFC 4443 3) -> position of a DNS message in the quoted datagram. The quote is not a conversation.
import { Protocol } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
const ERRORS_4 = [3, 4, 5, 11, 12]
/** Destination unreachable, packet too big, time exceeded, parameter problem. */
const ERRORS_6 = [1, 2, 3, 4]
const DNS_PORTS = [53, 5353, 5355]
/** Bytes after type, code and checksum: unused, an MTU, a pointer or a gateway. */
const REST = 4

/** [begin, end) of the DNS message quoted, null for none. */
export function quotedDns({ bytes, payloadAt, end, family, icmpType }: PacketView): [number, number] | null {
  if (!(family === 4 ? ERRORS_4 : ERRORS_6).includes(icmpType)) return null
  const at = payloadAt + REST
  const isUdp = end - at >= 48 && (family === 4 ? bytes[at + 9] : bytes[at + 6]) === Protocol.udp
  if (!isUdp || bytes[at] >> 4 !== family || (family === 4 && (((bytes[at + 6] & 31) << 8) | bytes[at + 7]) !== 0)) return null
  const udpAt = at + (family === 4 ? (bytes[at] & 15) << 2 : 40)
  const ports = [(bytes[udpAt] << 8) | bytes[udpAt + 1], (bytes[udpAt + 2] << 8) | bytes[udpAt + 3]]
  if (!ports.some((port) => DNS_PORTS.includes(port))) return null
  return [udpAt + 8, Math.min(end, udpAt + ((bytes[udpAt + 4] << 8) | bytes[udpAt + 5]))]
}
