// A report -> documents of the Elastic Common Schema 8.11, one a line: conversations, DNS questions, findings (elastic.co/guide/en/ecs).
import { isoTime } from '../iso-time.ts'
import { ownValue } from '../own-value.ts'
import { type ExportFormat, jsonLine } from './format.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportAlert, ExportFlow, ExportHost, ExportQuestion } from './rows.ts'
import { zeekUid } from './uid.ts'

const VERSION = { version: '8.11.0' }

/** Elastic's own scale of severities. */
const SEVERITIES: Record<string, number> = { high: 73, medium: 47, low: 21, info: 1 }

function endpoint(host: ExportHost, port: number | null, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { place, asn, asName } = host
  return {
    address: host.address,
    ip: host.address,
    port,
    domain: host.name,
    geo:
      place === null || place.precision === 'origin'
        ? null
        : {
            location: { lat: place.latitudeDeg, lon: place.longitudeDeg },
            city_name: place.city,
            region_name: place.region,
            country_iso_code: place.countryCode,
            country_name: place.country,
            continent_code: place.continentCode,
            timezone: place.timeZone,
          },
    as: asn === null ? null : { number: asn, organization: asName === null ? null : { name: asName } },
    ...more,
  }
}

function network(flow: ExportFlow): Record<string, unknown> {
  return {
    type: flow.client.ip.includes(':') ? 'ipv6' : 'ipv4',
    transport: flow.transport === 'icmpv6' ? 'ipv6-icmp' : flow.transport,
    iana_number: String(flow.protocol),
    protocol: flow.application,
    direction: directionOf(flow),
    community_id: flow.communityId,
  }
}

function directionOf({ client, server }: ExportFlow): string | null {
  if (client.isLocal && server.isLocal) return 'internal'
  if (client.isLocal && server.scope === 'public') return 'outbound'
  if (client.scope === 'public' && server.isLocal) return 'inbound'
  return client.scope === 'public' && server.scope === 'public' ? 'external' : null
}

function flowDocument(flow: ExportFlow): string {
  const bytes = flow.clientBytes + flow.serverBytes
  const packets = flow.clientPackets + flow.serverPackets
  const isTls = flow.serverNameSource === 'tls' || flow.serverNameSource === 'quic'
  return jsonLine({
    '@timestamp': isoTime(flow.firstUs),
    ecs: VERSION,
    event: {
      id: zeekUid(flow.uid),
      kind: 'event',
      category: ['network'],
      type: ['connection'],
      dataset: 'rtnvis.flow',
      module: 'rtnvis',
      start: isoTime(flow.firstUs),
      end: isoTime(flow.lastUs),
      duration: (flow.lastUs - flow.firstUs) * 1000, // nanoseconds
    },
    network: { ...network(flow), bytes, packets },
    source: endpoint(flow.client, flow.clientPort, { bytes: flow.clientBytes, packets: flow.clientPackets }),
    destination: endpoint(flow.server, flow.serverPort, {
      domain: flow.serverName ?? flow.server.name,
      bytes: flow.serverBytes,
      packets: flow.serverPackets,
    }),
    tls: isTls ? { client: { server_name: flow.serverName } } : null,
    related: { ip: [flow.client.address, flow.server.address] },
    rtnvis: { conn_state: flow.state, ja4: flow.ja4, tunnel: flow.tunnel, application_source: flow.applicationSource },
  })
}

function dnsDocument({ flow, atUs, name, type, responseCode, answers }: ExportQuestion): string {
  const addresses = (answers ?? []).filter((answer) => answer.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(answer))
  return jsonLine({
    '@timestamp': isoTime(atUs),
    ecs: VERSION,
    event: { kind: 'event', category: ['network'], type: ['protocol'], dataset: 'rtnvis.dns', module: 'rtnvis' },
    network: network(flow),
    source: endpoint(flow.client, flow.clientPort),
    destination: endpoint(flow.server, flow.serverPort),
    dns: {
      type: responseCode === null ? 'query' : 'answer',
      question: { name, type },
      response_code: responseCode,
      answers: answers?.map((data) => ({ data })),
      resolved_ip: addresses.length === 0 ? null : addresses,
    },
    related: { ip: [flow.client.address, flow.server.address], hosts: [name] },
  })
}

function alertDocument(alert: ExportAlert): string {
  const { source, target, technique } = alert
  return jsonLine({
    '@timestamp': isoTime(alert.firstUs),
    ecs: VERSION,
    message: alert.title,
    event: {
      kind: 'alert',
      category: ['intrusion_detection'],
      type: ['info'],
      dataset: 'rtnvis.alert',
      module: 'rtnvis',
      start: isoTime(alert.firstUs),
      end: isoTime(alert.lastUs),
      severity: ownValue(SEVERITIES, alert.severity) ?? 0,
      reason: alert.severityReason,
    },
    rule: { id: alert.rule, name: alert.rule, version: String(alert.ruleVersion) },
    threat: technique === null ? null : { framework: 'MITRE ATT&CK', technique: { id: [technique] } },
    source: source && endpoint(source, null),
    destination: target && endpoint(target, null),
    related: { ip: [source, target].flatMap((host) => (host === null ? [] : [host.address])) },
    rtnvis: { severity: alert.severity, next_step: alert.nextStep, flows: alert.flows },
  })
}

export const ECS: ExportFormat = {
  files: [{ name: 'ecs.ndjson' }],
  write(report: ReportRows, add) {
    for (const flow of report.flows()) add(0, flowDocument(flow))
    for (const question of report.questions()) add(0, dnsDocument(question))
    for (const alert of report.alerts()) add(0, alertDocument(alert))
  },
}
