// The texts and numbers of a log's line -> a checked flow record, or why the line is left out.
import { parseAddress } from '../../decode/address.ts'
import { Protocol } from '../../decode/codes.ts'
import type { FlowRecord } from './record.ts'
import { bytes, packets, port } from './values.ts'

/** TCP, UDP, DCCP, SCTP, UDP-Lite: those that have ports here (decode/transport.ts). */
export const WITH_PORTS: ReadonlySet<number> = new Set<number>([6, 17, 33, 132, 136])

/** A flow as a log has it; numbers are NaN if they are missing or none. */
export interface LoggedFlow {
  startUs: number | null
  endUs: number | null
  /** As text, or as parseAddress() reads it. */
  source: string | Uint8Array | null
  target: string | Uint8Array | null
  sourcePort: number
  targetPort: number
  /** True: the log says that there are no ports, as of later fragments without their first one. */
  isPortless?: boolean
  /** IANA number. */
  protocol: number
  icmpType?: number
  icmpCode?: number
  sourcePackets: number
  sourceBytes: number
  targetPackets?: number
  targetBytes?: number
}

/** Fills all fields of the record: those that `flow` has not get their defaults. @returns '' or the problem, in the words of a warning */
export function fillRecord(record: FlowRecord, flow: LoggedFlow): string {
  const { startUs, endUs, protocol } = flow
  if (startUs === null || endUs === null) return 'its time or duration is not one'
  const source = typeof flow.source === 'string' ? parseAddress(flow.source) : flow.source
  const target = typeof flow.target === 'string' ? parseAddress(flow.target) : flow.target
  if (source === null || target === null || source.length !== target.length) return 'its addresses are not two of one family'
  if (!Number.isInteger(protocol) || protocol < 0 || protocol > 255) return 'its protocol is not one'
  const hasPorts = WITH_PORTS.has(protocol) && flow.isPortless !== true
  const sourcePort = hasPorts ? port(flow.sourcePort) : -1
  const targetPort = hasPorts ? port(flow.targetPort) : -1
  if (sourcePort === null || targetPort === null) return 'a port is not a number from 0 to 65535'
  const sourcePackets = packets(flow.sourcePackets)
  const targetPackets = packets(flow.targetPackets ?? 0)
  const sourceBytes = bytes(flow.sourceBytes)
  const targetBytes = bytes(flow.targetBytes ?? 0)
  if (sourcePackets === null || targetPackets === null || sourceBytes === null || targetBytes === null)
    return 'a number of packets or bytes is negative, too large or no number'
  if (sourcePackets + targetPackets === 0) return 'it counts no packet'
  if ((sourcePackets === 0 && sourceBytes > 0) || (targetPackets === 0 && targetBytes > 0)) return 'it counts bytes without packets'
  const isIcmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6
  const icmpType = isIcmp ? (flow.icmpType ?? Number.NaN) : Number.NaN
  record.startUs = startUs
  // Programs that round the two times on their own may have the end first.
  record.endUs = Math.max(startUs, endUs)
  record.source = source
  record.target = target
  record.sourcePort = sourcePort
  record.targetPort = targetPort
  record.protocol = protocol === Protocol.icmp && source.length === 16 ? Protocol.icmpv6 : protocol
  record.icmpType = icmpType >= 0 ? icmpType & 255 : -1
  record.icmpCode = (flow.icmpCode ?? 0) & 255
  record.sourcePackets = sourcePackets
  record.targetPackets = targetPackets
  record.sourceBytes = sourceBytes
  record.targetBytes = targetBytes
  record.sourceFlags = 0
  record.targetFlags = 0
  record.resetBy = 0
  record.openedBy = 0
  record.isPart = false
  record.observer = ''
  record.application = ''
  record.serverName = ''
  record.serverNameSource = ''
  record.ja4 = ''
  record.tunnel = ''
  record.icmpId = ''
  return ''
}
