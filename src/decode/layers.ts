// Layer number -> decoder, for layers off the hot path.

import { decodeCapwap, decodeL2tp, decodeL2tpv3, decodeLwapp, decodeLwappHeader } from './access-tunnels.ts'
import { decodeArcnetBsd, decodeArcnetLinux } from './arcnet.ts'
import { decodeClip, decodeSunAtm } from './atm.ts'
import { decodeAx25 } from './ax25.ts'
import { Layer } from './codes.ts'
import { decodeEnc, decodeIpnet, decodeNflog, decodePflog, decodePktap, decodeSymantec } from './cooked.ts'
import { decodeDocsis } from './docsis.ts'
import { decodeEtherTypeField } from './ethernet.ts'
import { decodeFrameRelay, decodeMultilinkFrameRelay } from './frame-relay.ts'
import { decodeEtherIp, decodeGre, decodePim } from './gre.ts'
import { decodeInfiniband, decodeIpoib } from './infiniband.ts'
import * as juniper from './juniper.ts'
import { decodeNlpid } from './llc.ts'
import { decodeMpls, decodeNsh } from './mpls.ts'
import type { PacketView } from './packet.ts'
import * as ppp from './ppp.ts'
import { decodeErf, decodeTzsp } from './probes.ts'
import * as tags from './tags.ts'
import { decodeFddi, decodeTokenRing } from './token-ring.ts'
import * as udp from './udp-tunnels.ts'
import * as wlan from './wlan.ts'

/** Decodes the layer at `at`. Returns the offset of the next layer (out.next), or a negative status. */
export type Decoder = (bytes: Uint8Array, at: number, out: PacketView) => number

const BY_LAYER: readonly (readonly [number, Decoder])[] = [
  [Layer.wlan, wlan.decodeWlan],
  [Layer.radiotap, wlan.decodeRadiotap],
  [Layer.prism, wlan.decodePrism],
  [Layer.avs, wlan.decodeAvs],
  [Layer.ppi, wlan.decodePpi],
  [Layer.swappedWlan, wlan.decodeSwappedWlan],
  [Layer.ppp, ppp.decodePpp],
  [Layer.pppoe, ppp.decodePppoe],
  [Layer.ciscoHdlc, ppp.decodeCiscoHdlc],
  [Layer.vjUncompressed, ppp.decodeVjUncompressed],
  [Layer.bridgedPpp, ppp.decodeBridgedPpp],
  [Layer.multilinkPpp, ppp.decodeMultilinkPpp],
  [Layer.pppdDirection, ppp.decodePppdDirection],
  [Layer.frameRelay, decodeFrameRelay],
  [Layer.multilinkFrameRelay, decodeMultilinkFrameRelay],
  [Layer.nlpid, decodeNlpid],
  [Layer.sunAtm, decodeSunAtm],
  [Layer.clip, decodeClip],
  [Layer.fddi, decodeFddi],
  [Layer.tokenRing, decodeTokenRing],
  [Layer.arcnetBsd, decodeArcnetBsd],
  [Layer.arcnetLinux, decodeArcnetLinux],
  [Layer.etherTypeField, decodeEtherTypeField],
  [Layer.ipoib, decodeIpoib],
  [Layer.infiniband, decodeInfiniband],
  [Layer.docsis, decodeDocsis],
  [Layer.ax25, decodeAx25],
  [Layer.pflog, decodePflog],
  [Layer.enc, decodeEnc],
  [Layer.nflog, decodeNflog],
  [Layer.pktap, decodePktap],
  [Layer.ipnet, decodeIpnet],
  [Layer.symantec, decodeSymantec],
  [Layer.erf, decodeErf],
  [Layer.tzsp, decodeTzsp],
  [Layer.juniperEthernet, juniper.decodeJuniperEthernet],
  [Layer.juniperPpp, juniper.decodeJuniperPpp],
  [Layer.juniperFrameRelay, juniper.decodeJuniperFrameRelay],
  [Layer.juniperHdlc, juniper.decodeJuniperHdlc],
  [Layer.juniperAtm1, juniper.decodeJuniperAtm1],
  [Layer.juniperAtm2, juniper.decodeJuniperAtm2],
  [Layer.juniperMlppp, juniper.decodeJuniperMlppp],
  [Layer.juniperMlfr, juniper.decodeJuniperMlfr],
  [Layer.juniperMfr, juniper.decodeJuniperMfr],
  [Layer.juniperEtherType, juniper.decodeJuniperEtherType],
  [Layer.juniperGgsn, juniper.decodeJuniperGgsn],
  [Layer.juniperServices, juniper.decodeJuniperServices],
  [Layer.juniperVoice, juniper.decodeJuniperVoice],
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
  [Layer.dsa, tags.decodeDsa],
  [Layer.extendedDsa, tags.decodeExtendedDsa],
  [Layer.broadcomDsa, tags.decodeBroadcomDsa],
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
for (const [layer, decoder] of BY_LAYER) DECODERS[layer] = decoder

export function decodeRareLayer(layer: number, bytes: Uint8Array, at: number, out: PacketView): number {
  return DECODERS[layer](bytes, at, out)
}
