// Fields of a line of Zeek's conn.log -> a flow record. Fields: https://docs.zeek.org/en/current/logs/conn.html
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import { fillRecord } from './fill.ts'
import type { FlowRecord } from './record.ts'
import { decimal, microseconds, timeOf } from './values.ts'

const PROTOCOLS = new Map<string, number>([
  ['tcp', Protocol.tcp],
  ['udp', Protocol.udp],
  ['icmp', Protocol.icmp],
])
const { syn: SYN, ack: ACK, fin: FIN, rst: RST } = TcpFlag
/** By conn_state: flags of the originator and of the responder, and who reset. FlowRows.state() makes the same state of them. */
const STATES = new Map<string, [source: number, target: number, resetBy: 0 | 1 | 2]>([
  ['S0', [SYN, 0, 0]],
  ['S1', [SYN | ACK, SYN | ACK, 0]],
  ['SF', [SYN | ACK | FIN, SYN | ACK | FIN, 0]],
  ['REJ', [SYN, RST | ACK, 2]],
  ['S2', [SYN | ACK | FIN, SYN | ACK, 0]],
  ['S3', [SYN | ACK, SYN | ACK | FIN, 0]],
  ['RSTO', [SYN | ACK | RST, SYN | ACK, 1]],
  ['RSTR', [SYN | ACK, SYN | ACK | RST, 2]],
  ['RSTOS0', [SYN | RST, 0, 1]],
  ['RSTRH', [0, SYN | ACK | RST, 2]],
  ['SH', [SYN | FIN, 0, 0]],
  ['SHR', [0, SYN | ACK | FIN, 0]],
  ['OTH', [ACK, ACK, 0]],
])
/** Zeek's services that have another name here. */
const SERVICES = new Map([
  ['ssl', 'tls'],
  ['krb', 'kerberos'],
  ['dce_rpc', 'dcerpc'],
])

/** The texts of a line by field; undefined for one that is unset. */
export type Field = (name: string) => string | undefined
/** The values of a set or vector; none for one that is unset. */
export type FieldList = (name: string) => string[]

/** @returns '' or why the line is left out */
export function readConnection(field: Field, record: FlowRecord): string {
  const startUs = zeekTime(field('ts'))
  const lengthUs = microseconds(decimal(field('duration') ?? '0'))
  // Since Zeek 7.1 the number of a protocol that has no name there.
  const named = PROTOCOLS.get(field('proto') ?? '')
  const number = decimal(field('ip_proto') ?? '')
  const protocol = named ?? (number >= 0 && number <= 255 ? number : undefined)
  if (protocol === undefined) return 'its protocol is not tcp, udp or icmp: Zeek does not say which it is'
  // Zeek has the type and code of ICMP in place of the ports.
  const sourcePort = decimal(field('id.orig_p') ?? '')
  const targetPort = decimal(field('id.resp_p') ?? '')
  const problem = fillRecord(record, {
    ...{ startUs, endUs: startUs === null || lengthUs === null ? null : startUs + lengthUs, protocol },
    ...{ source: field('id.orig_h') ?? '', target: field('id.resp_h') ?? '', sourcePort, targetPort },
    ...{ icmpType: sourcePort, icmpCode: targetPort },
    sourcePackets: decimal(field('orig_pkts') ?? '0'),
    targetPackets: decimal(field('resp_pkts') ?? '0'),
    sourceBytes: decimal(field('orig_ip_bytes') ?? '0'),
    targetBytes: decimal(field('resp_ip_bytes') ?? '0'),
  })
  if (problem !== '') return problem
  const state = (protocol === Protocol.tcp && STATES.get(field('conn_state') ?? 'OTH')) || [0, 0, 0]
  record.sourceFlags = state[0]
  record.targetFlags = state[1]
  record.resetBy = state[2]
  // QUIC is listed with the TLS in it.
  const services = (field('service') ?? '').split(',')
  const service = services.includes('quic') ? 'quic' : services[0]
  record.application = SERVICES.get(service) ?? service
  return ''
}

/** Seconds since the epoch, or ISO 8601 (LogAscii::json_timestamps), as microseconds. */
export function zeekTime(text: string | undefined): number | null {
  return timeOf(text) ?? microseconds(decimal(text ?? ''))
}
