// A report -> events of the Open Cybersecurity Schema Framework 1.3: class 4001, Network Activity, one conversation a line (schema.ocsf.io).
import { type ExportFormat, jsonLine } from './format.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportFlow, ExportHost } from './rows.ts'
import { zeekUid } from './uid.ts'

/** Activity 6, Traffic: a report of a flow. */
const CLASS = {
  category_uid: 4,
  category_name: 'Network Activity',
  class_uid: 4001,
  class_name: 'Network Activity',
  activity_id: 6,
  activity_name: 'Traffic',
  type_uid: 400_106,
  type_name: 'Network Activity: Traffic',
  severity_id: 1,
  severity: 'Informational',
}

const INBOUND = { direction_id: 1, direction: 'Inbound' }
const OUTBOUND = { direction_id: 2, direction: 'Outbound' }
const LATERAL = { direction_id: 3, direction: 'Lateral' }
const UNKNOWN = { direction_id: 0, direction: 'Unknown' }

function directionOf({ client, server }: ExportFlow): { direction_id: number; direction: string } {
  if (client.isLocal && server.isLocal) return LATERAL
  if (client.isLocal && server.scope === 'public') return OUTBOUND
  return client.scope === 'public' && server.isLocal ? INBOUND : UNKNOWN
}

function endpoint(host: ExportHost, port: number | null, name: string | null): Record<string, unknown> {
  const { place, asn, asName } = host
  return {
    ip: host.address,
    port,
    hostname: name,
    location:
      place === null || place.precision === 'origin'
        ? null
        : {
            lat: place.latitudeDeg,
            long: place.longitudeDeg,
            city: place.city,
            region: place.region,
            country: place.countryCode,
            continent: place.continentCode,
          },
    autonomous_system: asn === null ? null : { number: asn, name: asName },
  }
}

function event(flow: ExportFlow, programVersion: string): string {
  const isIpv6 = flow.client.ip.includes(':')
  const startMs = Math.floor(flow.firstUs / 1000)
  const endMs = Math.floor(flow.lastUs / 1000)
  return jsonLine({
    ...CLASS,
    time: startMs,
    start_time: startMs,
    end_time: endMs,
    duration: endMs - startMs,
    metadata: {
      version: '1.3.0',
      uid: zeekUid(flow.uid),
      correlation_uid: flow.communityId,
      product: { name: 'rtnvis', vendor_name: 'rtnvis', version: programVersion },
    },
    src_endpoint: endpoint(flow.client, flow.clientPort, flow.client.name),
    dst_endpoint: endpoint(flow.server, flow.serverPort, flow.serverName ?? flow.server.name),
    connection_info: {
      uid: zeekUid(flow.uid),
      protocol_num: flow.protocol,
      protocol_name: flow.transport,
      protocol_ver_id: isIpv6 ? 6 : 4,
      protocol_ver: isIpv6 ? 'Internet Protocol version 6 (IPv6)' : 'Internet Protocol version 4 (IPv4)',
      tcp_flags: flow.transport === 'tcp' ? flow.clientFlags | flow.serverFlags : null,
      ...directionOf(flow),
    },
    traffic: {
      bytes: flow.clientBytes + flow.serverBytes,
      bytes_out: flow.clientBytes,
      bytes_in: flow.serverBytes,
      packets: flow.clientPackets + flow.serverPackets,
      packets_out: flow.clientPackets,
      packets_in: flow.serverPackets,
    },
    app_name: flow.application,
    unmapped: { conn_state: flow.state, ja4: flow.ja4, tunnel: flow.tunnel, application_source: flow.applicationSource },
  })
}

export const OCSF: ExportFormat = {
  files: [{ name: 'network_activity.ndjson' }],
  write(report: ReportRows, add) {
    for (const flow of report.flows()) add(0, event(flow, report.programVersion))
  },
}
