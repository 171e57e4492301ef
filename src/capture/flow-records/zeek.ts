// Lines of Zeek's conn.log, tab-separated or JSON -> flow records. Fields: https://docs.zeek.org/en/current/logs/conn.html
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import { fillRecord } from './fill.ts'
import { type FlowFormat, IP_BYTES } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { decimal, microseconds, parseObject, timeOf } from './values.ts'

const PROTOCOLS = new Map<string, number>([
  ['tcp', Protocol.tcp],
  ['udp', Protocol.udp],
  ['icmp', Protocol.icmp],
])
const { syn: SYN, ack: ACK, fin: FIN, rst: RST } = TcpFlag
/** By conn_state: flags of the originator and of the responder, and who reset. Flows.state() makes the same state of them. */
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
type Field = (name: string) => string | undefined

/** Tab-separated, with the header that names separator and fields; a further header in the file replaces it. */
export class ZeekTsv implements FlowFormat {
  readonly name = 'Zeek conn.log (TSV)'
  readonly units = 'lines'
  readonly remarks = [IP_BYTES]
  private separator = '\t'
  private unset = '-'
  private columns = new Map<string, number>()

  read(line: string, record: FlowRecord): string | null {
    if (line === '') return null
    if (line.startsWith('#')) return this.readHeader(line)
    const cells = line.split(this.separator)
    if (cells.length !== this.columns.size) return `it has not the ${this.columns.size} fields of the header`
    return fill(record, (name) => {
      const cell = cells[this.columns.get(name) ?? -1]
      return cell === this.unset ? undefined : cell
    })
  }

  private readHeader(line: string): null {
    const separator = /^#separator \\x([0-9a-fA-F]{2})/.exec(line)
    if (separator !== null) this.separator = String.fromCharCode(Number.parseInt(separator[1], 16))
    const [key, ...values] = line.split(this.separator)
    if (key === '#unset_field') this.unset = values[0] ?? '-'
    if (key === '#fields') this.columns = new Map(values.map((name, i) => [name, i]))
    return null
  }
}

/** One JSON object a line, as LogAscii::use_json writes them. */
export class ZeekJson implements FlowFormat {
  readonly name = 'Zeek conn.log (JSON)'
  readonly units = 'lines'
  readonly remarks = [IP_BYTES]

  read(line: string, record: FlowRecord): string | null {
    if (line.trim() === '') return null
    const values = parseObject(line)
    if (values === null) return 'it is not a JSON object'
    return fill(record, (name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      return typeof value === 'number' ? decimalText(value) : typeof value === 'string' ? value : undefined
    })
  }
}

/** Whether the beginning of a file is that of a conn.log; null: it is not. @param text the first bytes, latin1 */
export function zeekFormat(text: string): FlowFormat | null {
  if (text.startsWith('#separator ')) {
    const fields = /^#fields(.*)$/m.exec(text)
    return fields?.[1].includes('id.orig_h') && /^#path[^\n]conn\r?$/m.test(text) ? new ZeekTsv() : null
  }
  const line = text.split('\n', 1)[0]
  return line.startsWith('{') && /"id\.orig_h"\s*:/.test(line) && /"proto"\s*:/.test(line) && /"conn_state"\s*:/.test(line)
    ? new ZeekJson()
    : null
}

function fill(record: FlowRecord, field: Field): string {
  const startUs = zeekTime(field('ts'))
  const lengthUs = microseconds(decimal(field('duration') ?? '0'))
  const protocol = PROTOCOLS.get(field('proto') ?? '')
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
  const service = (field('service') ?? '').split(',', 1)[0]
  record.application = SERVICES.get(service) ?? service
  return ''
}

/** Seconds since the epoch, or ISO 8601 (LogAscii::json_timestamps), as microseconds. */
function zeekTime(text: string | undefined): number | null {
  return timeOf(text) ?? microseconds(decimal(text ?? ''))
}

/** The number without an exponent, which JSON may have. */
function decimalText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(6)
}
