// Headers of capturing hardware and remote sniffers (Endace ERF, TZSP) -> the frame inside.
import { be16 } from './bytes.ts'
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const ERF_HEADER_BYTES = 16
const ERF_MORE = 0x80
/** More extension headers than this are an attack, not a packet. */
const ERF_MAX_EXTENSIONS = 16

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
  switch (type) {
    case 1: // HDLC over SONET, also with a colour
    case 10:
    case 15:
    case 17:
      out.next = Layer.ciscoHdlc
      return next
    case 2: // Ethernet after an offset and a padding byte, also with a colour
    case 11:
    case 16:
    case 20:
      out.next = Layer.ethernet
      return next + 2
    case 22:
      out.next = Layer.ipv4
      return next
    case 23:
      out.next = Layer.ipv6
      return next
    case 21:
    case 25:
      out.next = Layer.infiniband
      return next
    default:
      return skip(Skip.notIpErf, type)
  }
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
