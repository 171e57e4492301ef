// A reassembled datagram -> PacketView with its transport header and payload, as if it had not been fragmented.
import { Layer } from './codes.ts'
import { followProtocol } from './ip.ts'
import type { PacketView } from './packet.ts'
import { decodeIcmp, decodePorts, decodeTcp, decodeUdp } from './transport.ts'

/**
 * Fills `out` from source address, target address and payload. Tunnels inside are not decoded: the fragments were counted by the outer header.
 * @param protocol IANA protocol number of the payload's first header
 */
export function decodeDatagram(bytes: Uint8Array, family: number, protocol: number, tunnel: number, out: PacketView): void {
  const addressBytes = family === 4 ? 4 : 16
  out.clear(bytes, bytes.length)
  out.family = family
  out.tunnel = tunnel
  out.path = tunnel
  out.sourceAt = 0
  out.targetAt = addressBytes
  out.protocol = protocol
  const at = followProtocol(bytes, 2 * addressBytes, out)
  switch (out.next) {
    case Layer.tcp:
      decodeTcp(bytes, at, out)
      break
    case Layer.udp:
      decodeUdp(bytes, at, out)
      break
    case Layer.icmp:
      decodeIcmp(bytes, at, out)
      break
    case Layer.ports:
      decodePorts(bytes, at, out)
      break
    default:
      out.payloadAt = out.end
  }
}
