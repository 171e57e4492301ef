// Link type -> first layer and its offset, or the reason why it is not decoded (https://www.tcpdump.org/linktypes.html).
import { decodeArcnetBsd, decodeArcnetLinux } from './arcnet.ts'
import { decodeClip, decodeSunAtm } from './atm.ts'
import { Layer } from './codes.ts'
import { decodeEnc, decodeIpnet, decodeNflog, decodePflog, decodePktap, decodeSymantec } from './cooked.ts'
import { decodeDocsis } from './docsis.ts'
import { decodeIpoib } from './infiniband.ts'
import * as juniper from './juniper.ts'
import type { Decoder, PacketView } from './packet.ts'
import { decodePppdDirection } from './ppp.ts'
import { decodeErf, decodeTzsp } from './probes.ts'
import { Skip, skip } from './status.ts'
import { decodeBroadcomDsa, decodeDsa, decodeExtendedDsa } from './tags.ts'
import { decodePpi } from './wlan.ts'

interface HeaderBytes {
  /** Length of a fixed pseudo header before the first layer that is skipped. */
  offset?: number
  /** Length of a header that the capturing system adds and includes in the original length, although it was not on the wire. */
  uncounted?: number
}

/**
 * [link type, first layer, lengths]. The first layer is its decoder; or its number (codes.ts) if other layers lead to it, too; or the reason why
 * packets are counted and not decoded: "not IP" for networks without IP hosts, "unsupported" for link types that may carry IP.
 */
const LINK_TYPES: readonly (readonly [number, Decoder | number | string, HeaderBytes?])[] = [
  [0, Layer.bsdNull],
  [1, Layer.ethernet],
  [3, Layer.ax25],
  [6, Layer.tokenRing],
  [7, decodeArcnetBsd],
  [8, Layer.rawIp, { offset: 16 }], // SLIP: direction and the compressed header, then the uncompressed packet
  [9, Layer.ppp],
  [10, Layer.fddi],
  [12, Layer.rawIp], // DLT_RAW on most systems
  [14, Layer.rawIp], // DLT_RAW on OpenBSD
  [50, Layer.ppp],
  [51, Layer.pppoe],
  [99, decodeSymantec],
  [100, Layer.llc], // RFC 2684 LLC multiplexing
  [101, Layer.rawIp],
  [104, Layer.ciscoHdlc],
  [105, Layer.wlan],
  [106, decodeClip],
  [107, Layer.frameRelay],
  [108, Layer.bsdNull],
  [109, decodeEnc],
  [110, Layer.ethernet, { offset: 2 }], // LAN emulation: the client's id
  [113, Layer.linuxSll],
  [114, 'unsupported: LocalTalk'],
  [117, decodePflog],
  [118, 'unsupported: Cisco IOS'],
  [119, Layer.prism],
  [122, Layer.llc, { offset: 16 }], // RFC 2625: network header with both N_Port names
  [123, decodeSunAtm, { uncounted: 4 }],
  [127, Layer.radiotap],
  [128, decodeTzsp],
  [129, decodeArcnetLinux],
  [130, juniper.decodeJuniperMlppp],
  [131, juniper.decodeJuniperMlfr],
  [132, 'unsupported: Juniper encryption services'],
  [133, juniper.decodeJuniperGgsn],
  [134, juniper.decodeJuniperMfr],
  [135, juniper.decodeJuniperAtm2],
  [136, juniper.decodeJuniperServices],
  [137, juniper.decodeJuniperAtm1],
  [138, Layer.etherTypeField, { offset: 16 }], // IEEE 1394 on macOS: both EUI-64
  [139, 'not IP: SS7 MTP2', { uncounted: 4 }],
  [140, 'not IP: SS7 MTP2'],
  [141, 'not IP: SS7 MTP3'],
  [142, 'not IP: SS7 SCCP'],
  [143, decodeDocsis],
  [144, 'not IP: IrDA', { uncounted: 16 }],
  [149, decodePktap], // LINKTYPE_USER2, used for PKTAP by older macOS
  [163, Layer.avs],
  [164, 'unsupported: Juniper monitor'],
  [165, 'not IP: BACnet MS/TP'],
  [166, decodePppdDirection],
  [167, juniper.decodeJuniperEthernet],
  [168, juniper.decodeJuniperEtherType], // PPPoE over ATM
  [169, 'unsupported: GPRS LLC'],
  [174, 'unsupported: Juniper PIC peer'],
  [177, 'not IP: LAPD', { uncounted: 16 }],
  [178, juniper.decodeJuniperEthernet],
  [179, juniper.decodeJuniperPpp],
  [180, juniper.decodeJuniperFrameRelay],
  [181, juniper.decodeJuniperHdlc],
  [182, Layer.multilinkFrameRelay],
  [183, juniper.decodeJuniperVoice],
  [186, 'not IP: USB'],
  [187, 'not IP: Bluetooth HCI'],
  [189, 'not IP: USB'],
  [190, 'not IP: CAN'],
  [192, decodePpi],
  [194, 'unsupported: Juniper integrated services'],
  [195, 'unsupported: IEEE 802.15.4'],
  [196, 'unsupported: SITA', { uncounted: 5 }],
  [197, decodeErf, { uncounted: 16 }],
  [199, 'not IP: IPMB'],
  [200, 'unsupported: Juniper secure tunnel'],
  [201, 'not IP: Bluetooth HCI', { uncounted: 4 }],
  [202, Layer.ax25, { offset: 1 }], // KISS command
  [203, 'not IP: LAPD'],
  [204, Layer.ppp, { offset: 1, uncounted: 1 }], // direction
  [205, Layer.ciscoHdlc, { offset: 1 }],
  [206, Layer.frameRelay, { offset: 1 }],
  [207, 'unsupported: LAPB'],
  [209, 'not IP: I2C', { uncounted: 5 }],
  [210, 'not IP: FlexRay'],
  [212, 'not IP: LIN'],
  [215, 'unsupported: IEEE 802.15.4'],
  [220, 'not IP: USB'],
  [224, 'not IP: Fibre Channel'],
  [225, 'not IP: Fibre Channel'],
  [226, decodeIpnet],
  [227, 'not IP: CAN'],
  [228, Layer.rawIp],
  [229, Layer.ipv6],
  [230, 'unsupported: IEEE 802.15.4'],
  [231, 'not IP: D-Bus'],
  [233, 'unsupported: Juniper SRX'],
  [235, 'not IP: DVB-CI'],
  [239, decodeNflog],
  [240, Layer.ethernet, { offset: 4 }], // netANALYZER
  [241, Layer.ethernet, { offset: 12 }], // netANALYZER with the preamble
  [242, decodeIpoib],
  [243, 'unsupported: MPEG transport stream'],
  [245, 'not IP: NFC'],
  [247, Layer.infiniband],
  [249, 'not IP: USB'],
  [251, 'not IP: Bluetooth Low Energy'],
  [252, 'not IP: Wireshark upper layer'],
  [253, 'not IP: Linux Netlink'],
  [254, 'not IP: Bluetooth monitor', { uncounted: 4 }],
  [255, 'not IP: Bluetooth BR/EDR'],
  [256, 'not IP: Bluetooth Low Energy'],
  [258, decodePktap],
  [259, Layer.ethernet, { offset: 8 }], // EPON preamble with the logical link id
  [262, 'not IP: Z-Wave'],
  [264, 'not IP: ISO 14443'],
  [266, 'not IP: USB'],
  [270, 'not IP: LoRaWAN'],
  [271, 'not IP: virtual machine socket'],
  [272, 'not IP: Bluetooth Low Energy'],
  [274, Layer.ethernet, { offset: 8 }], // IEEE 802.3br preamble and start delimiter
  [276, Layer.linuxSll2],
  [281, decodeBroadcomDsa],
  [282, Layer.ethernet, { offset: 4 }], // Broadcom switch tag before the frame
  [283, 'unsupported: IEEE 802.15.4'],
  [284, decodeDsa],
  [285, decodeExtendedDsa],
  [288, 'not IP: USB'],
]

/** Number of the first layer without a number in codes.ts. */
const FIRST_OWN_LAYER = 128

/** Layer number -> decoder, for the decoders in the table. */
export const LINK_DECODERS = new Map<number, Decoder>()

const KNOWN = 1 + Math.max(...LINK_TYPES.map(([linkType]) => linkType))
const LAYERS = new Uint8Array(KNOWN)
const OFFSETS = new Uint8Array(KNOWN)
const UNCOUNTED = new Uint8Array(KNOWN)
const REASONS = new Map<number, string>()
for (const [linkType, first, { offset = 0, uncounted = 0 } = {}] of LINK_TYPES) {
  OFFSETS[linkType] = offset
  UNCOUNTED[linkType] = uncounted
  if (typeof first === 'string') REASONS.set(linkType, first)
  else LAYERS[linkType] = typeof first === 'number' ? first : ownLayer(first)
}

function ownLayer(decoder: Decoder): number {
  const layer = FIRST_OWN_LAYER + LINK_DECODERS.size
  LINK_DECODERS.set(layer, decoder)
  return layer
}

/** Sets the first layer of a link type and returns its offset, or a negative status. Hot path. */
export function followLinkType(linkType: number, at: number, out: PacketView): number {
  out.next = linkType < KNOWN ? LAYERS[linkType] : Layer.none
  if (out.next === Layer.none) return skip(Skip.unknownLinkType, Math.min(linkType, 65_535))
  return at + OFFSETS[linkType]
}

/** How many bytes of the original length were not on the wire. Hot path. */
export function uncountedBytes(linkType: number): number {
  return linkType < KNOWN ? UNCOUNTED[linkType] : 0
}

/** The text in skipped.reason for a packet of a link type that is not decoded. */
export function describeLinkType(linkType: number): string {
  const reason = REASONS.get(linkType)
  return reason === undefined ? `unsupported: link type ${linkType}` : `${reason} (link type ${linkType})`
}
