// AX.25 (amateur radio) -> IP.
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** AX.25 2.2 3.12: up to ten addresses of seven bytes, the last one marked; then control and protocol id. */
const AX25_MAX_ADDRESSES = 10
const AX25_IP = 0xcc

export function decodeAx25(bytes: Uint8Array, at: number, out: PacketView): number {
  for (let count = 1; count <= AX25_MAX_ADDRESSES; count++) {
    const next = at + 7 * count
    if (out.end - next < 2) return skip(Skip.truncatedLink, 0)
    if ((bytes[next - 1] & 1) === 0) continue
    const isInformation = (bytes[next] & 1) === 0 || (bytes[next] & 0xef) === 0x03
    if (!isInformation) return skip(Skip.linkControl, 0)
    if (bytes[next + 1] !== AX25_IP) return skip(Skip.notIpNlpid, bytes[next + 1])
    out.next = Layer.ipv4
    return next + 2
  }
  return skip(Skip.malformedLink, 0)
}
