// A complete conversation -> which end opened it.
import { Protocol, TcpFlag } from '../decode/codes.ts'
import type { HostTable } from './hosts.ts'
import { portRank } from './services.ts'
import type { FlowTable } from './table.ts'

/** ICMP types of replies: their sender is the server. Echo, timestamp and address mask reply; ICMPv6 echo reply, neighbour advertisement. */
const ICMP_REPLIES = new Set([0, 14, 18])
const ICMPV6_REPLIES = new Set([129, 136])

/** True if the end seen first is the client: it sent the SYN or is the originator of a flow record, else has the less well-known port, else came first. */
export function isFirstClient(flows: FlowTable, flow: number, hosts: HostTable): boolean {
  if (flows.isAggregate(flow)) return true
  if (flows.openedBy(flow) !== 0) return flows.openedBy(flow) === 1
  const protocol = flows.protocol(flow)
  if (protocol === Protocol.tcp) {
    // Only a SYN+ACK was seen: its sender is the server.
    if ((flows.forwardFlags(flow) & TcpFlag.syn) !== 0) return false
    if ((flows.backwardFlags(flow) & TcpFlag.syn) !== 0) return true
  }
  if (protocol === Protocol.icmp) return !ICMP_REPLIES.has(flows.icmpType(flow))
  if (protocol === Protocol.icmpv6) return !ICMPV6_REPLIES.has(flows.icmpType(flow))
  if (hosts.isGroup(flows.otherHost(flow))) return true
  if (flows.firstPort(flow) < 0) return true
  return portRank(flows.firstPort(flow)) >= portRank(flows.otherPort(flow))
}
