// Lines of Zeek's conn.log, tab-separated or JSON -> flow records. Fields: https://docs.zeek.org/en/current/logs/conn.html
import { parseAddress } from '../../decode/address.ts'
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import type { LineFormat } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { bytes, decimal, microseconds, packets, port } from './values.ts'

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
export class ZeekTsv implements LineFormat {
  readonly name = 'Zeek conn.log (TSV)'
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
export class ZeekJson implements LineFormat {
  readonly name = 'Zeek conn.log (JSON)'

  read(line: string, record: FlowRecord): string | null {
    if (line.trim() === '') return null
    let values: Record<string, unknown>
    try {
      values = JSON.parse(line)
    } catch {
      return 'it is not JSON'
    }
    if (typeof values !== 'object' || values === null) return 'it is not a JSON object'
    return fill(record, (name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      return typeof value === 'number' ? decimalText(value) : typeof value === 'string' ? value : undefined
    })
  }
}

/** Whether the beginning of a file is that of a conn.log; null: it is not. @param text the first bytes, latin1 */
export function zeekFormat(text: string): LineFormat | null {
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
  const startUs = timeOf(field('ts'))
  const lengthUs = microseconds(decimal(field('duration') ?? '0'))
  if (startUs === null || lengthUs === null) return 'its time or duration is not one'
  const source = parseAddress(field('id.orig_h') ?? '')
  const target = parseAddress(field('id.resp_h') ?? '')
  if (source === null || target === null || source.length !== target.length) return 'its addresses are not two of one family'
  const sourcePort = port(decimal(field('id.orig_p') ?? ''))
  const targetPort = port(decimal(field('id.resp_p') ?? ''))
  if (sourcePort === null || targetPort === null) return 'a port is not a number from 0 to 65535'
  const protocol = PROTOCOLS.get(field('proto') ?? '')
  if (protocol === undefined) return 'its protocol is not tcp, udp or icmp: Zeek does not say which it is'
  const sourcePackets = packets(decimal(field('orig_pkts') ?? '0'))
  const targetPackets = packets(decimal(field('resp_pkts') ?? '0'))
  const sourceBytes = bytes(decimal(field('orig_ip_bytes') ?? '0'))
  const targetBytes = bytes(decimal(field('resp_ip_bytes') ?? '0'))
  if (sourcePackets === null || targetPackets === null || sourceBytes === null || targetBytes === null)
    return 'a number of packets or bytes is negative, too large or no number'
  if (sourcePackets + targetPackets === 0) return 'it counts no packet (orig_pkts, resp_pkts)'
  if ((sourcePackets === 0 && sourceBytes > 0) || (targetPackets === 0 && targetBytes > 0)) return 'it counts bytes without packets'
  const isIcmp = protocol === Protocol.icmp
  const state = (protocol === Protocol.tcp && STATES.get(field('conn_state') ?? 'OTH')) || [0, 0, 0]
  record.startUs = startUs
  record.endUs = startUs + lengthUs
  record.source = source
  record.target = target
  // Zeek has the type and code of ICMP in place of the ports.
  record.sourcePort = isIcmp ? -1 : sourcePort
  record.targetPort = isIcmp ? -1 : targetPort
  record.icmpType = isIcmp ? sourcePort & 255 : -1
  record.icmpCode = isIcmp ? targetPort & 255 : 0
  record.protocol = isIcmp && source.length === 16 ? Protocol.icmpv6 : protocol
  record.sourcePackets = sourcePackets
  record.targetPackets = targetPackets
  record.sourceBytes = sourceBytes
  record.targetBytes = targetBytes
  record.sourceFlags = state[0]
  record.targetFlags = state[1]
  record.resetBy = state[2]
  const service = (field('service') ?? '').split(',', 1)[0]
  record.application = SERVICES.get(service) ?? service
  return ''
}

/** Seconds since the epoch, or ISO 8601 (LogAscii::json_timestamps), as microseconds. */
function timeOf(text: string | undefined): number | null {
  const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/.exec(text ?? '')
  if (iso === null) return microseconds(decimal(text ?? ''))
  return microseconds(Date.parse(`${iso[1]}Z`) / 1000 + Number(iso[2] ?? 0))
}

/** The number without an exponent, which JSON may have. */
function decimalText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(6)
}
