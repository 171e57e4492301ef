// TCP conversations -> the shortest round-trip time between the capture and each host.
import type { Flows } from '../flows/index.ts'
import { counter, type TcpFacts } from './tcp-records.ts'

const AMBIGUOUS = [counter('retransmissions'), counter('outOfOrder')]

/**
 * Only conversations without repeated or late segments count: after a repetition nobody knows which of both an answer means (RFC 6298 3), and only
 * those that lie in one capture, because the clocks of two may differ.
 * @returns by host, microseconds; -1 where none is known
 */
export function leastRttByHost(flows: Flows, tcp: TcpFacts, isFirstClient: Uint8Array): Float64Array {
  const { table, hosts } = flows
  const least = new Float64Array(hosts.count).fill(-1)
  const note = (host: number, us: number): void => {
    if (us > 0 && (least[host] < 0 || us < least[host])) least[host] = us
  }
  for (let flow = 0; flow < table.count; flow++) {
    if (!tcp.has(flow) || table.isAggregate(flow) || isAmbiguous(tcp, flow) || table.firstCapture(flow) !== table.lastCapture(flow))
      continue
    const client = isFirstClient[flow] === 1 ? 0 : 1
    const [clientHost, serverHost] =
      client === 0 ? [table.firstHost(flow), table.otherHost(flow)] : [table.otherHost(flow), table.firstHost(flow)]
    const [synAckUs, handshakeUs] = [tcp.synAckUs(flow), tcp.handshakeUs(flow)]
    note(serverHost, synAckUs)
    note(serverHost, tcp.leastRttUs(flow, client))
    if (synAckUs >= 0) note(clientHost, handshakeUs - synAckUs)
    note(clientHost, tcp.leastRttUs(flow, 1 - client))
  }
  return least
}

function isAmbiguous(tcp: TcpFacts, flow: number): boolean {
  return AMBIGUOUS.some((offset) => tcp.counted(flow, 0, offset) + tcp.counted(flow, 1, offset) > 0)
}
