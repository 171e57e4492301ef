// Conversations -> hosts that are members of a peer-to-peer network.
import { Protocol } from '../../decode/codes.ts'
import type { Context } from '../engine/finding.ts'
import { groupFlows, NO_GROUP } from './grouped-flows.ts'
import { append } from './lists.ts'

/** Hosts, and ports of them, that a member speaks to from one port of its own. */
const PEERS = 20
const PEER_PORTS = 10

/**
 * Members among these sources: from one UDP port they exchange datagrams with many hosts on many ports (BitTorrent's DHT, games,
 * gossip), or they speak BitTorrent. Many of the peers they try are gone.
 */
export function peerHosts({ flows, hosts, names }: Context, sources: ReadonlySet<number>): Set<number> {
  const peers = new Set<number>()
  if (sources.size === 0) return peers
  const keyOf = (flow: number): number => {
    const client = flows.client(flow)
    return sources.has(client) && flows.serverPackets(flow) > 0 && flows.clientPackets(flow) > 0 ? client : NO_GROUP
  }
  for (const { key: client, ids } of groupFlows(flows, hosts.count, keyOf, 1)) {
    if (ids.some((flow) => names.ofFlow(flow).application === 'bittorrent') || speaksToMany(flows, ids)) peers.add(client)
  }
  return peers
}

/** @param ids conversations of one client */
function speaksToMany(flows: Context['flows'], ids: Int32Array): boolean {
  const byPort = new Map<number, number[]>()
  for (const flow of ids) if (flows.protocol(flow) === Protocol.udp) append(byPort, flows.clientPort(flow), flow)
  for (const own of byPort.values()) {
    const isEnough = own.length >= PEERS
    if (isEnough && numberOf(own, (flow) => flows.server(flow)) >= PEERS && numberOf(own, (flow) => flows.serverPort(flow)) >= PEER_PORTS)
      return true
  }
  return false
}

function numberOf(ids: number[], key: (flow: number) => number): number {
  return new Set(ids.map(key)).size
}
