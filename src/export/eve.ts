// A report -> Suricata's EVE JSON: events flow, dns, tls, quic, http and alert (docs.suricata.io, Eve JSON Format; DNS in version 2).
import { isoTime } from '../iso-time.ts'
import { ownValue } from '../own-value.ts'
import { type ExportFormat, jsonLine } from './format.ts'
import { icmpMessage } from './icmp.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportAlert, ExportFlow, ExportQuestion } from './rows.ts'
import { numericUid } from './uid.ts'

/** Suricata's time: microseconds, and the offset without a colon. */
const timestamp = (us: number): string => isoTime(us).replace('Z', '+0000')

/** Severities of Suricata: 1 is the gravest. */
const SEVERITIES: Record<string, number> = { high: 1, medium: 2, low: 3, info: 4 }

/** As Suricata writes it; other names are those of IANA in capital letters, and numbers have three digits, as there. */
const PROTOCOLS: Record<string, string> = { icmpv6: 'IPv6-ICMP' }

/** In the order of the bits, lowest first: RFC 9293, 3.1. */
const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr']

function tuple(flow: ExportFlow): Record<string, unknown> {
  const icmp = icmpMessage(flow)
  return {
    src_ip: flow.client.address,
    src_port: flow.clientPort,
    dest_ip: flow.server.address,
    dest_port: flow.serverPort,
    proto:
      ownValue(PROTOCOLS, flow.transport) ??
      flow.transport.replace(/^ip-(\d+)$/, (_, number: string) => number.padStart(3, '0')).toUpperCase(),
    icmp_type: icmp?.type ?? null,
    icmp_code: icmp?.code ?? null,
    community_id: flow.communityId,
  }
}

function begin(us: number, flow: ExportFlow, type: string): Record<string, unknown> {
  return { timestamp: timestamp(us), flow_id: numericUid(flow.uid), event_type: type, ...tuple(flow) }
}

function counters(flow: ExportFlow): Record<string, number> {
  return {
    pkts_toserver: flow.clientPackets,
    pkts_toclient: flow.serverPackets,
    bytes_toserver: flow.clientBytes,
    bytes_toclient: flow.serverBytes,
  }
}

const recognised = ({ application, applicationSource }: ExportFlow): string | null => (applicationSource === 'content' ? application : null)

function flowEvent(flow: ExportFlow, hasAlert: boolean): string {
  const flags = flow.clientFlags | flow.serverFlags
  const hex = (value: number) => value.toString(16).padStart(2, '0')
  return jsonLine({
    ...begin(flow.lastUs, flow, 'flow'),
    app_proto: recognised(flow),
    flow: {
      ...counters(flow),
      start: timestamp(flow.firstUs),
      end: timestamp(flow.lastUs),
      age: Math.floor((flow.lastUs - flow.firstUs) / 1e6),
      state: stateOf(flow),
      alerted: hasAlert,
    },
    tcp:
      flow.transport === 'tcp'
        ? {
            tcp_flags: hex(flags),
            tcp_flags_ts: hex(flow.clientFlags),
            tcp_flags_tc: hex(flow.serverFlags),
            ...Object.fromEntries(FLAGS.filter((_, bit) => flags & (1 << bit)).map((name) => [name, true])),
          }
        : null,
  })
}

/** Of Zeek's conn_state: closed by FIN or RST; new without an answer. */
function stateOf({ state, serverPackets }: ExportFlow): string {
  if (/^(SF|REJ|RST)/.test(state)) return 'closed'
  return serverPackets === 0 ? 'new' : 'established'
}

/** As Suricata: an event for the question and one for the answer, each at its time, if it was seen. */
function* dnsEvents({ flow, atUs, name, type, responseCode, answers, answerUs }: ExportQuestion): Generator<string> {
  const asked = { rrname: name, rrtype: type }
  if (responseCode === null || answerUs !== null) yield jsonLine({ ...begin(atUs, flow, 'dns'), dns: { type: 'query', ...asked } })
  if (responseCode === null) return
  const byType = new Map<string, string[]>()
  for (const answer of answers ?? []) {
    const kind = typeOfAnswer(answer, type)
    byType.set(kind, [...(byType.get(kind) ?? []), answer])
  }
  const dns = { version: 2, type: 'answer', ...asked, rcode: responseCode, grouped: Object.fromEntries(byType) }
  yield jsonLine({ ...begin(atUs + (answerUs ?? 0), flow, 'dns'), dns })
}

/** An address says its type; a name is what was asked for, or, of a question for an address, an alias. */
function typeOfAnswer(answer: string, asked: string): string {
  if (answer.includes(':')) return 'AAAA'
  if (/^\d+\.\d+\.\d+\.\d+$/.test(answer)) return 'A'
  return asked === 'A' || asked === 'AAAA' ? 'CNAME' : asked
}

/** What the client asked for, as an event of its protocol: of HTTP its first request, of TLS also what began in another protocol (STARTTLS). */
function requestEvent(flow: ExportFlow, userAgent: string | undefined): string | null {
  const { ja4, serverName: name, serverNameSource: source } = flow
  if (recognised(flow) === null) return null
  if (source === 'http' || source === 'http2')
    return jsonLine({ ...begin(flow.firstUs, flow, 'http'), http: { hostname: name, http_user_agent: userAgent } })
  const isQuic = flow.application === 'quic'
  const sni = source === (isQuic ? 'quic' : 'tls') ? name : null
  if ((sni === null && ja4 === null) || (flow.transport !== 'tcp' && !isQuic)) return null
  const type = isQuic ? 'quic' : 'tls'
  return jsonLine({ ...begin(flow.firstUs, flow, type), [type]: { sni, ja4 } })
}

function alertEvent(alert: ExportAlert): string | null {
  const { firstFlow: flow, source, target, technique } = alert
  if (flow === null && (source === null || target === null)) return null
  return jsonLine({
    ...(flow === null
      ? { timestamp: timestamp(alert.firstUs), event_type: 'alert', src_ip: source?.address, dest_ip: target?.address }
      : begin(alert.firstUs, flow, 'alert')),
    app_proto: flow && recognised(flow),
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: signatureId(alert.rule),
      rev: alert.ruleVersion,
      signature: alert.title,
      category: alert.rule,
      severity: ownValue(SEVERITIES, alert.severity) ?? 4,
      metadata: {
        rtnvis_rule: [alert.rule],
        rtnvis_severity: [alert.severity],
        rtnvis_source: source && [source.ip],
        rtnvis_target: target && [target.ip],
        rtnvis_flows: [String(alert.flows)],
        mitre_technique_id: technique === null ? null : [technique],
      },
    },
    flow: flow && { ...counters(flow), start: timestamp(flow.firstUs) },
  })
}

/** A number of its own for each rule, in Suricata's range for local rules: FNV-1a of its id. */
export function signatureId(rule: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < rule.length; i++) hash = Math.imul(hash ^ rule.charCodeAt(i), 0x01000193)
  return 1_000_000 + ((hash >>> 0) % 1_000_000)
}

export const EVE: ExportFormat = {
  files: [{ name: 'eve.json' }],
  write(report: ReportRows, add) {
    const alerted = report.flowsWithAlerts()
    const agents = report.userAgents()
    for (const flow of report.flows()) {
      add(0, flowEvent(flow, alerted.has(flow.id)))
      const request = requestEvent(flow, agents.get(flow.client.id))
      if (request !== null) add(0, request)
    }
    for (const question of report.questions()) for (const event of dnsEvents(question)) add(0, event)
    for (const alert of report.alerts()) {
      const event = alertEvent(alert)
      if (event !== null) add(0, event)
    }
  },
}
