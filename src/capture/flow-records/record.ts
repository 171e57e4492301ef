// What a log of another program says, as the reader passes it on: one reused record for flows, and the names of ends.
import { NO_BYTES } from '../../decode/bytes.ts'

/** Added to the name of a format in `captures`, so that everyone can tell flow records from packets. */
const MARK = 'flow records: '

/** One conversation, or one direction of it, as another program has counted it. "Source" is the end that this program calls so. */
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
  /** In place of type and code: the Community ID that was made from them, '' for none. */
  icmpId = ''
  /** Sent by the source; at least one packet of both together. */
  sourcePackets = 0
  targetPackets = 0
  sourceBytes = 0
  targetBytes = 0
  /** TCP flags that each end sent, 0 unless TCP. */
  sourceFlags = 0
  targetFlags = 0
  /** Which end reset the open connection: 1 the source, 2 the target, 0 none. */
  resetBy: 0 | 1 | 2 = 0
  /** Of a part: which end opened the conversation, 0 if the program does not say so. */
  openedBy: 0 | 1 | 2 = 0
  /** True: a part of a conversation (one direction, a span of time), which is joined with the others of the same ends. */
  isPart = false
  /** Of a part: where it was counted, '' if there is one such place. */
  observer = ''
  /** Application that the program recognised, '' for none. */
  application = ''
  /** Name of the target that the program knew, and where it was read, as in names.source; '' for none. */
  serverName = ''
  serverNameSource = ''
  /** Of the source's TLS client, '' for none. */
  ja4 = ''
  /** As in flows.tunnel, '' for none. */
  tunnel = ''
  /** Line in the file, or number of the record in it, from 1. */
  line = 0
}

/** Both ends of a conversation in a log; addresses are canonical text. */
export interface LogEnds {
  client: string
  clientPort: number
  server: string
  serverPort: number
  /** IANA number. */
  protocol: number
  /** True: the conversation has no ports, whatever its protocol. */
  isPortless?: boolean
}

/** A name that a log has for an address. */
export interface LogName {
  /** '' where only the fingerprint is known. */
  name: string
  /** Of the client, '' for none. */
  ja4: string
  /** As in names.source. */
  source: 'tls' | 'quic' | 'http' | 'dns'
  atUs: number
  address: string
  /** The conversation that used the name; null for an answer of DNS. */
  ends: LogEnds | null
}

/** As in names.source. */
export const HOST_NAME_SOURCES = [
  ...(['tls', 'quic', 'dtls', 'http', 'http-proxy', 'http2', 'ssdp', 'rtsp', 'dns', 'dns-ptr', 'mdns', 'llmnr'] as const),
  ...(['nbns', 'netbios', 'dhcp', 'smtp', 'ftp', 'pcapng'] as const),
] as const

/** A name that a lake has for a host, whatever its conversations. */
export interface LogHostName {
  address: string
  name: string
  source: (typeof HOST_NAME_SOURCES)[number]
  firstUs: number
  /** How often it was seen. */
  count: number
}

/** A message of DNS in a log. */
export interface LogMessage {
  /** In either order. */
  ends: LogEnds
  atUs: number
  /** -1 if the log does not have it. */
  id: number
  isResponse: boolean
  name: string
  type: string
  /** '' in a question. */
  responseCode: string
  answers: readonly string[]
  /** True: an answer by which conversations with its addresses are named, too: they may be in other captures. */
  namesHosts?: boolean
  /** False: the log says of the conversation itself what its application is. */
  tellsApplication: boolean
}

export function formatOfRecords(name: string): string {
  return MARK + name
}

/** @param format of a row of `captures` */
export function isOfFlowRecords(format: string): boolean {
  return format.startsWith(MARK)
}
