// A reassembled datagram -> PacketView with its transport header and payload, as if it had not been fragmented.
import { Layer } from './codes.ts'
import { followProtocol } from './ip.ts'
import type { Decoder, PacketView } from './packet.ts'
import { decodeIcmp, decodePorts, decodeTcp, decodeUdp } from './transport.ts'

const TRANSPORT = new Map<number, Decoder>([
  [Layer.tcp, decodeTcp],
  [Layer.udp, decodeUdp],
  [Layer.icmp, decodeIcmp],
  [Layer.ports, decodePorts],
])

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
  const decode = TRANSPORT.get(out.next)
  if (decode === undefined) out.payloadAt = out.end
  else decode(bytes, at, out)
}
