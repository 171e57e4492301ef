// EtherType -> layer. Hot path.
import { EtherType, Layer } from './codes.ts'
import { followTable } from './next-layer.ts'
import type { PacketView } from './packet.ts'
import { Skip } from './status.ts'

/** Sets the layer of an EtherType; `at` is the layer's offset. */
export function followEtherType(type: number, at: number, out: PacketView): number {
  switch (type) {
    case EtherType.ipv4:
      out.next = Layer.ipv4
      return at
    case EtherType.ipv6:
      out.next = Layer.ipv6
      return at
    case EtherType.vlan:
    case EtherType.serviceVlan:
    case EtherType.oldQinQ:
    case EtherType.oldQinQ2:
    case EtherType.oldQinQ3:
      out.next = Layer.vlan
      return at
    default:
      return followTable(RARE_ETHERTYPES, type, at, Skip.notIp, out)
  }
}

/** EtherTypes that carry IP inside a header of their own -> layer. */
const RARE_ETHERTYPES = new Map<number, number>([
  [EtherType.trill, Layer.trill],
  [EtherType.centrino, Layer.wlan], // 802.11 frames written by Intel's drivers
  [EtherType.batmanAdvanced, Layer.batmanAdvanced],
  [EtherType.bridgedEthernet, Layer.ethernet],
  [EtherType.ppp, Layer.ppp],
  [EtherType.mpls, Layer.mpls],
  [EtherType.mplsMulticast, Layer.mpls],
  [EtherType.pppoeSession, Layer.pppoe],
  [EtherType.jumboLlc, Layer.llc],
  [EtherType.broadcomTag, Layer.broadcomTag],
  [EtherType.lwapp, Layer.lwappFrame],
  [EtherType.macsec, Layer.macsec],
  [EtherType.serviceInstance, Layer.serviceInstance],
  [EtherType.fabricPath, Layer.fabricPath],
  [EtherType.ciscoMetadata, Layer.ciscoMetadata],
  [EtherType.vnTag, Layer.vnTag],
  [EtherType.hsr, Layer.redundancyTag],
  [EtherType.bridgePortTag, Layer.bridgePortTag],
  [EtherType.nsh, Layer.nsh],
  [EtherType.ciscoLwapp, Layer.lwappFrame],
  [EtherType.aristaTimestamp, Layer.aristaTimestamp],
  [EtherType.redundancyTag, Layer.redundancyTag],
])
