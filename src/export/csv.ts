// A report -> CSV tables of flows, hosts, names and alerts (RFC 4180), safe to open in a spreadsheet.
import { type Cell, formatCsv } from '../csv.ts'
import { isoTime } from '../iso-time.ts'
import type { Incident } from '../report/incident.ts'
import { defang } from '../report/incident-summary.ts'
import type { Indicator } from '../report/indicators.ts'
import type { ExportFile, ExportFormat } from './format.ts'
import { stepOf } from './incident-rows.ts'
import type { ReportRows } from './report-rows.ts'
import type { ExportAlert, ExportFlow, ExportHost, ExportName } from './rows.ts'
import { zeekUid } from './uid.ts'

type Columns<Row> = Record<string, (row: Row) => Cell>

const located = ({ place }: ExportHost) => (place?.precision === 'origin' ? null : place)

const FLOWS: Columns<ExportFlow> = {
  first: ({ firstUs }) => isoTime(firstUs),
  last: ({ lastUs }) => isoTime(lastUs),
  transport: ({ transport }) => transport,
  client: ({ client }) => client.ip,
  client_port: ({ clientPort }) => clientPort,
  client_name: ({ client }) => client.name,
  client_country: ({ client }) => located(client)?.countryCode ?? null,
  client_asn: ({ client }) => client.asn,
  server: ({ server }) => server.ip,
  server_port: ({ serverPort }) => serverPort,
  server_name: ({ serverName, server }) => serverName ?? server.name,
  server_country: ({ server }) => located(server)?.countryCode ?? null,
  server_city: ({ server }) => located(server)?.city ?? null,
  server_asn: ({ server }) => server.asn,
  server_as_name: ({ server }) => server.asName,
  application: ({ application }) => application,
  application_source: ({ applicationSource }) => applicationSource,
  client_packets: ({ clientPackets }) => clientPackets,
  server_packets: ({ serverPackets }) => serverPackets,
  client_bytes: ({ clientBytes }) => clientBytes,
  server_bytes: ({ serverBytes }) => serverBytes,
  conn_state: ({ state }) => state,
  ja4: ({ ja4 }) => ja4,
  tunnel: ({ tunnel }) => tunnel,
  community_id: ({ communityId }) => communityId,
  uid: ({ uid }) => zeekUid(uid),
}

const HOSTS: Columns<ExportHost> = {
  ip: ({ ip }) => ip,
  scope: ({ scope }) => scope,
  name: ({ name }) => name,
  first: ({ firstUs }) => isoTime(firstUs),
  last: ({ lastUs }) => isoTime(lastUs),
  sent_packets: ({ sentPackets }) => sentPackets,
  received_packets: ({ receivedPackets }) => receivedPackets,
  sent_bytes: ({ sentBytes }) => sentBytes,
  received_bytes: ({ receivedBytes }) => receivedBytes,
  city: (host) => located(host)?.city ?? null,
  region: (host) => located(host)?.region ?? null,
  country_code: (host) => located(host)?.countryCode ?? null,
  country: (host) => located(host)?.country ?? null,
  latitude: (host) => located(host)?.latitudeDeg ?? null,
  longitude: (host) => located(host)?.longitudeDeg ?? null,
  asn: ({ asn }) => asn,
  as_name: ({ asName }) => asName,
}

const NAMES: Columns<ExportName> = {
  ip: ({ host }) => host.ip,
  name: ({ name }) => name,
  source: ({ source }) => source,
  first: ({ firstUs }) => isoTime(firstUs),
  count: ({ count }) => count,
}

const ALERTS: Columns<ExportAlert> = {
  first: ({ firstUs }) => isoTime(firstUs),
  last: ({ lastUs }) => isoTime(lastUs),
  severity: ({ severity }) => severity,
  rule: ({ rule }) => rule,
  title: ({ title }) => title,
  source: ({ source }) => source?.ip ?? null,
  target: ({ target }) => target?.ip ?? null,
  technique: ({ technique }) => technique,
  flows: ({ flows }) => flows,
  severity_reason: ({ severityReason }) => severityReason,
  next_step: ({ nextStep }) => nextStep,
}

const INDICATORS: Columns<{ incident: Incident; indicator: Indicator }> = {
  incident: ({ incident }) => incident.id,
  kind: ({ indicator }) => indicator.kind,
  value: ({ indicator }) => indicator.value,
  defanged: ({ indicator }) => defang(indicator),
  strength: ({ indicator }) => indicator.strength,
  alert: ({ indicator }) => indicator.alertId,
  technique: ({ incident, indicator }) => stepOf(incident, indicator)?.technique ?? null,
  frame: ({ indicator }) => indicator.frame,
  capture: ({ indicator }) => indicator.frameFile,
}

function fileOf<Row>(name: string, columns: Columns<Row>): ExportFile {
  return { name, head: () => formatCsv(Object.keys(columns), []) }
}

function rowOf<Row>(columns: Columns<Row>, row: Row): string {
  return formatCsv(null, [Object.values(columns).map((value) => value(row))])
}

export const CSV: ExportFormat = {
  files: [
    fileOf('flows.csv', FLOWS),
    fileOf('hosts.csv', HOSTS),
    fileOf('names.csv', NAMES),
    fileOf('alerts.csv', ALERTS),
    fileOf('indicators.csv', INDICATORS),
  ],
  write(report: ReportRows, add) {
    for (const flow of report.flows()) add(0, rowOf(FLOWS, flow))
    for (const host of report.hosts.values()) add(1, rowOf(HOSTS, host))
    for (const name of report.names()) add(2, rowOf(NAMES, name))
    for (const alert of report.alerts()) add(3, rowOf(ALERTS, alert))
    for (const incident of report.incidents())
      for (const indicator of incident.indicators) add(4, rowOf(INDICATORS, { incident, indicator }))
  },
}
