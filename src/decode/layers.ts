// Layer number -> decoder, for layers off the hot path.

import { decodeCapwap, decodeL2tp, decodeL2tpv3, decodeLwapp, decodeLwappHeader } from './access-tunnels.ts'
import { decodeAx25 } from './ax25.ts'
import { Layer } from './codes.ts'
import { decodeEtherTypeField } from './ethernet.ts'
import { decodeFrameRelay, decodeMultilinkFrameRelay } from './frame-relay.ts'
import { decodeEtherIp, decodeGre, decodePim } from './gre.ts'
import { decodeInfiniband } from './infiniband.ts'
import { followLinkType, LINK_DECODERS } from './link-types.ts'
import { decodeNlpid } from './llc.ts'
import { decodeMpls, decodeNsh } from './mpls.ts'
import type { Decoder, PacketView } from './packet.ts'
import * as ppp from './ppp.ts'
import * as tags from './tags.ts'
import { decodeFddi, decodeTokenRing } from './token-ring.ts'
import * as udp from './udp-tunnels.ts'
import * as wlan from './wlan.ts'

const BY_LAYER: readonly (readonly [number, Decoder])[] = [
  [Layer.linkType, (_, at, out) => followLinkType(out.linkType, at, out)],
  [Layer.wlan, wlan.decodeWlan],
  [Layer.radiotap, wlan.decodeRadiotap],
  [Layer.prism, wlan.decodePrism],
  [Layer.avs, wlan.decodeAvs],
  [Layer.swappedWlan, wlan.decodeSwappedWlan],
  [Layer.ppp, ppp.decodePpp],
  [Layer.pppoe, ppp.decodePppoe],
  [Layer.ciscoHdlc, ppp.decodeCiscoHdlc],
  [Layer.vjUncompressed, ppp.decodeVjUncompressed],
  [Layer.bridgedPpp, ppp.decodeBridgedPpp],
  [Layer.multilinkPpp, ppp.decodeMultilinkPpp],
  [Layer.frameRelay, decodeFrameRelay],
  [Layer.multilinkFrameRelay, decodeMultilinkFrameRelay],
  [Layer.nlpid, decodeNlpid],
  [Layer.fddi, decodeFddi],
  [Layer.tokenRing, decodeTokenRing],
  [Layer.etherTypeField, decodeEtherTypeField],
  [Layer.infiniband, decodeInfiniband],
  [Layer.ax25, decodeAx25],
  [Layer.mpls, decodeMpls],
  [Layer.nsh, decodeNsh],
  [Layer.macsec, tags.decodeMacsec],
  [Layer.serviceInstance, tags.decodeServiceInstance],
  [Layer.trill, tags.decodeTrill],
  [Layer.vnTag, tags.decodeVnTag],
  [Layer.bridgePortTag, tags.decodeBridgePortTag],
  [Layer.ciscoMetadata, tags.decodeCiscoMetadata],
  [Layer.redundancyTag, tags.decodeRedundancyTag],
  [Layer.broadcomTag, tags.decodeBroadcomTag],
  [Layer.fabricPath, tags.decodeFabricPath],
  [Layer.aristaTimestamp, tags.decodeAristaTimestamp],
  [Layer.batmanAdvanced, tags.decodeBatmanAdvanced],
  [Layer.gre, decodeGre],
  [Layer.etherIp, decodeEtherIp],
  [Layer.pim, decodePim],
  [Layer.l2tpv3, decodeL2tpv3],
  [Layer.l2tp, decodeL2tp],
  [Layer.capwap, decodeCapwap],
  [Layer.lwapp, decodeLwapp],
  [Layer.lwappFrame, decodeLwappHeader],
  [Layer.vxlan, udp.decodeVxlan],
  [Layer.vxlanLinux, udp.decodeVxlanLinux],
  [Layer.vxlanGpe, udp.decodeVxlanGpe],
  [Layer.geneve, udp.decodeGeneve],
  [Layer.gtp, udp.decodeGtp],
  [Layer.gtpV0, udp.decodeGtpV0],
  [Layer.ayiya, udp.decodeAyiya],
  [Layer.teredo, udp.decodeTeredo],
  [Layer.lisp, udp.decodeLisp],
  [Layer.mplsInUdp, udp.decodeMplsInUdp],
  [Layer.amt, udp.decodeAmt],
  [Layer.tzspInUdp, udp.decodeTzspInUdp],
]

const DECODERS: Decoder[] = []
for (const [layer, decoder] of [...BY_LAYER, ...LINK_DECODERS]) DECODERS[layer] = decoder

export function decodeRareLayer(layer: number, bytes: Uint8Array, at: number, out: PacketView): number {
  return DECODERS[layer](bytes, at, out)
}
