// A TCP conversation's records -> how many segments with data both ends sent, and how many of them again.
import { counter, type TcpFacts } from '../../health/tcp-records.ts'

export interface SegmentCount {
  sent: number
  /** Without those that had arrived already: the network did not lose them. */
  repeated: number
}

const SENT = counter('dataSegments')
const REPEATED = counter('retransmissions')
const SPURIOUS = counter('spuriousRetransmissions')

/** @param flow has a record */
export function repeatedSegments(tcp: TcpFacts, flow: number): SegmentCount {
  const both = (offset: number): number => tcp.counted(flow, 0, offset) + tcp.counted(flow, 1, offset)
  return { sent: both(SENT), repeated: both(REPEATED) - both(SPURIOUS) }
}
