// Lines of Suricata's eve.json -> flow records, and the names in its events. Fields: doc/userguide/output/eve/eve-json-format.rst of Suricata
import { TcpFlag } from '../../decode/codes.ts'
import { fillRecord } from './fill.ts'
import { LogNames } from './log-names.ts'
import { protocolOf } from './protocols.ts'
import type { FlowFormat } from './reader.ts'
import type { FlowRecord, LogEnds } from './record.ts'
import { numberOf, objectOf, parseObject, textOf, timeOf } from './values.ts'

const { fin: FIN, rst: RST } = TcpFlag
/** Suricata's protocols of the application layer that have another name here. */
const APPLICATIONS = new Map([
  ['krb5', 'kerberos'],
  ['http1', 'http'],
  ['ikev2', 'ike'],
])

class Eve implements FlowFormat {
  readonly name = 'Suricata EVE'
  readonly units = 'lines'
  readonly remarks = [
    'bytes are those of whole frames',
    'of events other than flow, names and JA4 in tls and quic, names in http and dns are read, and the questions of dns; alerts and the rest are not',
  ]
  readonly names = new LogNames()

  read(line: string, record: FlowRecord): string | null {
    if (line.trim() === '') return null
    const event = parseObject(line)
    if (event === null) return 'it is not a JSON object'
    switch (event.event_type) {
      case 'flow':
        return fill(record, event)
      case 'tls':
      case 'quic': {
        const hello = objectOf(event[event.event_type])
        return this.addName(event, event.event_type, textOf(hello?.sni), textOf(hello?.ja4))
      }
      case 'http':
        return this.addName(event, 'http', textOf(objectOf(event.http)?.hostname))
      case 'dns':
        return this.addMessage(event)
      default:
        return null
    }
  }

  private addName(event: Record<string, unknown>, source: 'tls' | 'quic' | 'http', name: string, ja4 = ''): string | null {
    return this.names.addServer(source, name, timeOf(event.timestamp), endsOf(event), ja4)
  }

  /** Version 1 has one event an answer, version 2 a list of them or addresses by type, version 3 a list of questions, too. */
  private addMessage(event: Record<string, unknown>): string | null {
    const dns = objectOf(event.dns)
    if (dns === null) return null
    const isResponse = dns.type === 'answer' || dns.type === 'response'
    const [question] = Array.isArray(dns.queries) ? dns.queries.map(objectOf) : []
    const answers = (Array.isArray(dns.answers) ? dns.answers : [dns]).map((answer) => textOf(objectOf(answer)?.rdata))
    const grouped = Object.values(objectOf(dns.grouped) ?? {}).flat()
    const id = numberOf(dns.id)
    const name = textOf(dns.rrname) || textOf(question?.rrname)
    return this.names.addMessage({
      ...{ ends: endsOf(event), atUs: timeOf(event.timestamp), isResponse, name },
      id: id >= 0 && id <= 0xffff ? id : -1,
      type: textOf(question?.rrtype) || textOf(dns.rrtype),
      responseCode: isResponse ? textOf(dns.rcode) || 'NOERROR' : '',
      answers: isResponse ? [...answers, ...grouped.map(textOf)].filter((answer) => answer !== '') : [],
    })
  }
}

/** @param text the beginning of the file, latin1 */
export function eveFormat(text: string): FlowFormat | null {
  const line = text.split('\n', 1)[0]
  return line.startsWith('{') && /"event_type"\s*:\s*"[a-z0-9_]+"/.test(line) && /"timestamp"\s*:\s*"\d{4}-/.test(line) ? new Eve() : null
}

function endsOf(event: Record<string, unknown>): LogEnds {
  return {
    client: textOf(event.src_ip),
    clientPort: numberOf(event.src_port),
    server: textOf(event.dest_ip),
    serverPort: numberOf(event.dest_port),
    protocol: protocolOf(textOf(event.proto)),
  }
}

function fill(record: FlowRecord, event: Record<string, unknown>): string | null {
  const flow = objectOf(event.flow)
  if (flow === null) return 'it has no flow'
  const problem = fillRecord(record, {
    startUs: timeOf(flow.start),
    endUs: timeOf(flow.end),
    source: textOf(event.src_ip),
    target: textOf(event.dest_ip),
    sourcePort: numberOf(event.src_port),
    targetPort: numberOf(event.dest_port),
    protocol: protocolOf(textOf(event.proto)),
    icmpType: numberOf(event.icmp_type),
    icmpCode: numberOf(event.icmp_code),
    sourcePackets: numberOf(flow.pkts_toserver),
    targetPackets: numberOf(flow.pkts_toclient),
    sourceBytes: numberOf(flow.bytes_toserver),
    targetBytes: numberOf(flow.bytes_toclient),
  })
  if (problem !== '') return problem
  const tcp = objectOf(event.tcp)
  record.sourceFlags = flagsOf(tcp?.tcp_flags_ts)
  record.targetFlags = flagsOf(tcp?.tcp_flags_tc)
  // A reset after both ends have sent FIN resets nothing.
  const isClosed = (record.sourceFlags & record.targetFlags & FIN) !== 0
  if (!isClosed && (record.targetFlags & RST) !== 0) record.resetBy = 2
  else if (!isClosed && (record.sourceFlags & RST) !== 0) record.resetBy = 1
  const application = textOf(event.app_proto)
  record.application = APPLICATIONS.get(application) ?? application
  return ''
}

/** "1b" -> 0x1b */
function flagsOf(value: unknown): number {
  const text = textOf(value)
  return /^[0-9a-f]{1,2}$/i.test(text) ? Number.parseInt(text, 16) : 0
}
