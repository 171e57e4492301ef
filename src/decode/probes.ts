// Headers of capturing hardware and remote sniffers (Endace ERF, TZSP) -> the frame inside.
import { be16 } from './bytes.ts'
import { Layer } from './codes.ts'
import { followTable } from './next-layer.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const ERF_HEADER_BYTES = 16
const ERF_MORE = 0x80
/** More extension headers than this are an attack, not a packet. */
const ERF_MAX_EXTENSIONS = 16

/** Record types with Ethernet and with HDLC over SONET, also with a colour. */
const ERF_ETHERNET = [2, 11, 16, 20]
const ERF_HDLC = [1, 10, 15, 17]
const ERF_LAYERS = new Map<number, number>([
  ...ERF_HDLC.map((type): [number, number] => [type, Layer.ciscoHdlc]),
  ...ERF_ETHERNET.map((type): [number, number] => [type, Layer.ethernet]),
  [21, Layer.infiniband],
  [22, Layer.ipv4],
  [23, Layer.ipv6],
  [25, Layer.infiniband],
])

/** Endace Extensible Record Format (LINKTYPE_ERF): 16 bytes, extension headers of eight bytes each, then the frame by record type. */
export function decodeErf(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < ERF_HEADER_BYTES) return skip(Skip.truncatedLink, 0)
  const type = bytes[at + 8] & 0x7f
  let next = at + ERF_HEADER_BYTES
  let hasMore = (bytes[at + 8] & ERF_MORE) !== 0
  for (let count = 0; hasMore; count++) {
    if (count === ERF_MAX_EXTENSIONS) return skip(Skip.malformedLink, 0)
    if (out.end - next < 8) return skip(Skip.truncatedLink, 0)
    hasMore = (bytes[next] & ERF_MORE) !== 0
    next += 8
  }
  // Ethernet follows an offset and a padding byte.
  return followTable(ERF_LAYERS, type, ERF_ETHERNET.includes(type) ? next + 2 : next, Skip.notIpErf, out)
}

const TZSP_DATA = [0, 1]
const TZSP_TAG_PADDING = 0
const TZSP_TAG_END = 1
const TZSP_MAX_TAGS = 64

/** TaZmen Sniffer Protocol (LINKTYPE_TZSP): version 1, type, protocol, then tagged fields up to the end tag. */
export function decodeTzsp(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 5) return skip(Skip.truncatedLink, 0)
  if (bytes[at] !== 1 || !TZSP_DATA.includes(bytes[at + 1])) return skip(Skip.linkControl, 0)
  let next = at + 4
  for (let count = 0; count < TZSP_MAX_TAGS; count++) {
    if (out.end - next < 1) return skip(Skip.truncatedLink, 0)
    const tag = bytes[next++]
    if (tag === TZSP_TAG_END) return followTzsp(be16(bytes, at + 2), next, out)
    if (tag === TZSP_TAG_PADDING) continue
    if (out.end - next < 1) return skip(Skip.truncatedLink, 0)
    next += 1 + bytes[next]
  }
  return skip(Skip.malformedLink, 0)
}

function followTzsp(protocol: number, at: number, out: PacketView): number {
  if (protocol === 1) out.next = Layer.ethernet
  else if (protocol === 18) out.next = Layer.wlan
  else if (protocol === 119) out.next = Layer.prism
  else if (protocol === 127) out.next = Layer.avs
  else return skip(Skip.linkControl, 0)
  return at
}
