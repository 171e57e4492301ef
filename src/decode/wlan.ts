// IEEE 802.11 and the headers that receivers write before it (radiotap, Prism, AVS, PPI) -> LLC.
import { be16, be24, be32, le16, le32 } from './bytes.ts'
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

const RADIOTAP_FLAG_DATA_PAD = 0x20

/** Radiotap (radiotap.org): length, a chain of presence words, and fields aligned to their size; only Flags is used here. */
export function decodeRadiotap(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  const headerBytes = le16(bytes, at + 2)
  if (headerBytes < 8) return skip(Skip.malformedLink, 0)
  if (out.end - at < headerBytes) return skip(Skip.truncatedLink, 0)
  const frame = at + headerBytes
  out.isWlanPadded = false
  out.next = Layer.wlan
  const present = bytes[at + 4]
  if ((present & 2) === 0) return frame
  let field = at + 8
  while ((bytes[field - 1] & 0x80) !== 0 && field + 4 <= frame) field += 4
  // TSFT, if present, is eight bytes aligned to eight; Flags is one byte.
  if ((present & 1) !== 0) field = at + ((field - at + 7) & ~7) + 8
  if (field < frame) out.isWlanPadded = (bytes[field] & RADIOTAP_FLAG_DATA_PAD) !== 0
  return frame
}

const AVS_MAGIC = 0x80211000
const PRISM_HEADER_BYTES = 144

/** Prism II monitor header: message code and length in the capturing machine's byte order; some drivers write AVS under this link type. */
export function decodePrism(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  if ((be32(bytes, at) & 0xfffff000) >>> 0 === AVS_MAGIC) return decodeAvs(bytes, at, out)
  const little = le32(bytes, at + 4)
  const big = be32(bytes, at + 4)
  const headerBytes = Math.min(little, big) >= 24 ? Math.min(little, big) : PRISM_HEADER_BYTES
  return followHeader(at, headerBytes, Layer.wlan, out)
}

/** AVS capture header: version and length, big-endian. */
export function decodeAvs(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  return followHeader(at, be32(bytes, at + 4), Layer.wlan, out)
}

/** Per-Packet Information (PPI 1.0.7): version, flags, length, link type, fields. */
export function decodePpi(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 8) return skip(Skip.truncatedLink, 0)
  out.linkType = le32(bytes, at + 4)
  return followHeader(at, le16(bytes, at + 2), Layer.linkType, out)
}

/** @param headerBytes of a capture header with at least eight bytes; what follows it is not padded */
function followHeader(at: number, headerBytes: number, layer: number, out: PacketView): number {
  if (headerBytes < 8) return skip(Skip.malformedLink, 0)
  if (out.end - at < headerBytes) return skip(Skip.truncatedLink, 0)
  out.isWlanPadded = false
  out.next = layer
  return at + headerBytes
}

const FrameType = { management: 0, control: 1, data: 2 } as const
const Subtype = { noData: 4, qos: 8 } as const
const FrameFlag = { toDs: 0x01, fromDs: 0x02, protected: 0x40, order: 0x80 } as const
const QOS_AMSDU = 0x80

/** IEEE 802.11 9.2.3: frame control, addresses, options by type, then LLC. */
export function decodeWlan(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  return decodeFrame(bytes, at, bytes[at], bytes[at + 1], out)
}

/** Frame control bytes swapped, as Cisco's controllers send them; the version bits show when they are not. */
export function decodeSwappedWlan(bytes: Uint8Array, at: number, out: PacketView): number {
  if (out.end - at < 2) return skip(Skip.truncatedLink, 0)
  out.isWlanPadded = false
  const isSwapped = (bytes[at + 1] & 3) === 0
  return isSwapped ? decodeFrame(bytes, at, bytes[at + 1], bytes[at], out) : decodeFrame(bytes, at, bytes[at], bytes[at + 1], out)
}

function decodeFrame(bytes: Uint8Array, at: number, control: number, flags: number, out: PacketView): number {
  const type = (control >> 2) & 3
  const subtype = control >> 4
  if ((control & 3) !== 0) return skip(Skip.notIpWlanVersion, control & 3)
  if (type === FrameType.management) return skip(Skip.wlanManagement, 0)
  if (type === FrameType.control) return skip(Skip.wlanControl, 0)
  if (type !== FrameType.data) return skip(Skip.wlanExtension, 0)
  if ((subtype & Subtype.noData) !== 0) return skip(Skip.wlanNoData, 0)
  if ((flags & FrameFlag.protected) !== 0) return skip(Skip.wlanProtected, 0)
  const isQos = (subtype & Subtype.qos) !== 0
  const isFourAddress = (flags & (FrameFlag.toDs | FrameFlag.fromDs)) === (FrameFlag.toDs | FrameFlag.fromDs)
  const plainBytes = 24 + (isFourAddress ? 6 : 0)
  const headerBytes = plainBytes + (isQos ? 2 : 0) + (isQos && (flags & FrameFlag.order) !== 0 ? 4 : 0)
  if (out.end - at < headerBytes) return skip(Skip.truncatedLink, 0)
  let next = at + headerBytes
  if (out.isWlanPadded) next = at + ((headerBytes + 3) & ~3)
  out.next = Layer.llc
  if (isQos) {
    const isFromDs = (flags & FrameFlag.fromDs) !== 0
    next = skipMesh(bytes, next, isFromDs && (bytes[at + plainBytes + 1] & 1) !== 0, out)
    if ((bytes[at + plainBytes] & QOS_AMSDU) !== 0) return enterSubframe(bytes, next, out.end, out)
  }
  // Some One Laptop per Child firmware puts two zero bytes here.
  if (out.end - next >= 5 && be16(bytes, next) === 0 && be16(bytes, next + 2) === 0xaaaa) next += 2
  // Some senders misuse the fragment number; a real later fragment does not begin with LLC and SNAP.
  if ((bytes[at + 22] & 15) !== 0 && !isSnap(bytes, next, out.end)) return skip(Skip.wlanFragment, 0)
  return next
}

const SUBFRAME_HEADER_BYTES = 14

/** A subframe of an aggregated frame (9.3.2.2.2): two addresses, a length and LLC; padded to a multiple of four bytes, except the last. */
export function enterSubframe(bytes: Uint8Array, at: number, end: number, out: PacketView): number {
  if (end - at < SUBFRAME_HEADER_BYTES) return skip(Skip.truncatedLink, 0)
  const subframeBytes = SUBFRAME_HEADER_BYTES + be16(bytes, at + 12)
  const next = at + ((subframeBytes + 3) & ~3)
  // In a tunnel, only the first subframe is decoded.
  out.nextSubframe = out.family !== 0 || end - next < SUBFRAME_HEADER_BYTES ? -1 : next
  out.subframesEnd = end
  out.end = Math.min(end, at + subframeBytes)
  out.next = Layer.llc
  return at + SUBFRAME_HEADER_BYTES
}

function isSnap(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 8 && be24(bytes, at) === 0xaaaa03
}

/** Mesh Control (9.2.4.8.3). The QoS bit announces it only in mesh networks: accepted if the flags are valid as nothing else. */
function skipMesh(bytes: Uint8Array, at: number, isAnnounced: boolean, out: PacketView): number {
  if (!isAnnounced || out.end - at < 6) return at
  const flags = bytes[at]
  return flags < 3 ? at + 6 + flags * 6 : at
}
