// Conversations -> hosts that are members of a peer-to-peer network.
import { Protocol } from '../../decode/codes.ts'
import type { Context } from '../engine/finding.ts'

/** Hosts, and ports of them, that a member speaks to from one port of its own. */
const PEERS = 20
const PEER_PORTS = 10

/**
 * Members among these sources: from one UDP port they exchange datagrams with many hosts on many ports (BitTorrent's DHT, games,
 * gossip), or they speak BitTorrent. Many of the peers they try are gone.
 */
export function peerHosts({ flows, names }: Context, sources: ReadonlySet<number>): Set<number> {
  const peers = new Set<number>()
  const spoken = new Map<number, { hosts: Set<number>; ports: Set<number> }>()
  for (let flow = 0; flow < flows.count && sources.size > 0; flow++) {
    const client = flows.client(flow)
    if (!sources.has(client) || peers.has(client) || flows.serverPackets(flow) === 0 || flows.clientPackets(flow) === 0) continue
    if (flows.protocol(flow) === Protocol.udp) {
      const key = client * 65_536 + Math.max(0, flows.clientPort(flow))
      const own = spoken.get(key) ?? { hosts: new Set(), ports: new Set() }
      spoken.set(key, own)
      own.hosts.add(flows.server(flow))
      own.ports.add(flows.serverPort(flow))
      if (own.hosts.size >= PEERS && own.ports.size >= PEER_PORTS) peers.add(client)
    }
    if (names.ofFlow(flow).application === 'bittorrent') peers.add(client)
  }
  return peers
}
