// What a line of another program's flow log says, as the reader passes it to flows: one reused record.

const NO_BYTES = new Uint8Array(0)

/** Added to the name of a format in `captures`, so that everyone can tell flow records from packets. */
const MARK = 'flow records: '

/** One conversation as another program has counted it. "Source" is the end that this program calls the originator. */
export class FlowRecord {
  /** Integer microseconds since the epoch, UTC. */
  startUs = 0.5
  endUs = 0.5
  /** 4 or 16 bytes each, of the same family. */
  source: Uint8Array = NO_BYTES
  target: Uint8Array = NO_BYTES
  /** -1 without ports. */
  sourcePort = -1
  targetPort = -1
  /** IANA protocol number. */
  protocol = 0
  /** ICMP or ICMPv6, else -1. */
  icmpType = -1
  icmpCode = 0
  /** Sent by the source; at least one packet of both together. */
  sourcePackets = 0
  targetPackets = 0
  /** Of IP packets. */
  sourceBytes = 0
  targetBytes = 0
  /** TCP flags that each end sent, 0 unless TCP. */
  sourceFlags = 0
  targetFlags = 0
  /** Which end reset the open connection: 1 the source, 2 the target, 0 none. */
  resetBy: 0 | 1 | 2 = 0
  /** Application that the program recognised, '' for none. */
  application = ''
  /** Line in the file, from 1. */
  line = 0
}

export function formatOfRecords(name: string): string {
  return MARK + name
}

/** @param format of a row of `captures` */
export function isOfFlowRecords(format: string): boolean {
  return format.startsWith(MARK)
}
