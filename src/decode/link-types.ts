// Link type -> first layer and its offset (https://www.tcpdump.org/linktypes.html).
import { Layer } from './codes.ts'
import type { PacketView } from './packet.ts'
import { Skip, skip } from './status.ts'

/** [link type, layer, length of a fixed pseudo header before it that is skipped]. */
const LINK_TYPES: readonly (readonly [number, number, number])[] = [
  [0, Layer.bsdNull, 0],
  [1, Layer.ethernet, 0],
  [3, Layer.ax25, 0],
  [6, Layer.tokenRing, 0],
  [7, Layer.arcnetBsd, 0],
  [8, Layer.rawIp, 16], // SLIP: direction and the compressed header, then the uncompressed packet
  [9, Layer.ppp, 0],
  [10, Layer.fddi, 0],
  [12, Layer.rawIp, 0], // DLT_RAW on most systems
  [14, Layer.rawIp, 0], // DLT_RAW on OpenBSD
  [50, Layer.ppp, 0],
  [51, Layer.pppoe, 0],
  [99, Layer.symantec, 0],
  [100, Layer.llc, 0], // RFC 2684 LLC multiplexing
  [101, Layer.rawIp, 0],
  [104, Layer.ciscoHdlc, 0],
  [105, Layer.wlan, 0],
  [106, Layer.clip, 0],
  [107, Layer.frameRelay, 0],
  [108, Layer.bsdNull, 0],
  [109, Layer.enc, 0],
  [110, Layer.ethernet, 2], // LAN emulation: the client's id
  [113, Layer.linuxSll, 0],
  [117, Layer.pflog, 0],
  [119, Layer.prism, 0],
  [122, Layer.llc, 16], // RFC 2625: network header with both N_Port names
  [123, Layer.sunAtm, 0],
  [127, Layer.radiotap, 0],
  [128, Layer.tzsp, 0],
  [129, Layer.arcnetLinux, 0],
  [130, Layer.juniperMlppp, 0],
  [131, Layer.juniperMlfr, 0],
  [133, Layer.juniperGgsn, 0],
  [134, Layer.juniperMfr, 0],
  [135, Layer.juniperAtm2, 0],
  [136, Layer.juniperServices, 0],
  [137, Layer.juniperAtm1, 0],
  [138, Layer.etherTypeField, 16], // IEEE 1394 on macOS: both EUI-64
  [143, Layer.docsis, 0],
  [149, Layer.pktap, 0], // LINKTYPE_USER2, used for PKTAP by older macOS
  [163, Layer.avs, 0],
  [166, Layer.pppdDirection, 0],
  [167, Layer.juniperEthernet, 0],
  [168, Layer.juniperEtherType, 0], // PPPoE over ATM
  [178, Layer.juniperEthernet, 0],
  [179, Layer.juniperPpp, 0],
  [180, Layer.juniperFrameRelay, 0],
  [181, Layer.juniperHdlc, 0],
  [182, Layer.multilinkFrameRelay, 0],
  [183, Layer.juniperVoice, 0],
  [192, Layer.ppi, 0],
  [197, Layer.erf, 0],
  [202, Layer.ax25, 1], // KISS command
  [204, Layer.ppp, 1], // direction
  [205, Layer.ciscoHdlc, 1],
  [206, Layer.frameRelay, 1],
  [226, Layer.ipnet, 0],
  [228, Layer.rawIp, 0],
  [229, Layer.ipv6, 0],
  [239, Layer.nflog, 0],
  [240, Layer.ethernet, 4], // netANALYZER
  [241, Layer.ethernet, 12], // netANALYZER with the preamble
  [242, Layer.ipoib, 0],
  [247, Layer.infiniband, 0],
  [258, Layer.pktap, 0],
  [259, Layer.ethernet, 8], // EPON preamble with the logical link id
  [274, Layer.ethernet, 8], // IEEE 802.3br preamble and start delimiter
  [276, Layer.linuxSll2, 0],
  [281, Layer.broadcomDsa, 0],
  [282, Layer.ethernet, 4], // Broadcom switch tag before the frame
  [284, Layer.dsa, 0],
  [285, Layer.extendedDsa, 0],
]

const KNOWN = 1 + Math.max(...LINK_TYPES.map(([linkType]) => linkType))
const LAYERS = new Uint8Array(KNOWN)
const OFFSETS = new Uint8Array(KNOWN)
for (const [linkType, layer, offset] of LINK_TYPES) {
  LAYERS[linkType] = layer
  OFFSETS[linkType] = offset
}

/** Sets the first layer of a link type and returns its offset, or a negative status. Hot path. */
export function followLinkType(linkType: number, at: number, out: PacketView): number {
  out.next = linkType < KNOWN ? LAYERS[linkType] : Layer.none
  if (out.next === Layer.none) return skip(Skip.unknownLinkType, Math.min(linkType, 65_535))
  return at + OFFSETS[linkType]
}
