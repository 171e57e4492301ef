// Data of the pages of a host and a flow, and the list of alerts.
import { IDENTITY_KINDS, type IdentityKind } from '../../../../src/names/identity-log.ts'
import { isCount, isTime, textOf } from '../../model/sound.ts'
import { rowsOfTick } from '../../model/timeline.ts'
import type { AlertRow } from '../../protocol/answers.ts'
import type { AlertDetail, FlowDetail, HostDetail, PartyName, Questions } from '../../protocol/messages.ts'
import { forEachRow, numberOf } from '../data/database.ts'
import { describeFrame, framesOfAlerts } from '../data/frames.ts'
import type { OpenReport } from '../data/report-state.ts'
import { boundOf } from './place-bounds.ts'

/** Most peers and ports on a host's page; the tables have all. */
const SHOWN = 40
const IDENTITIES = 200
/** Bars of an activity strip. */
const BARS = 120
/** Most packets in a flow's ladder diagram. */
const PACKETS = 500

function nameHost({ rows: { hosts } }: OpenReport, host: number): PartyName {
  return { ip: hosts.ip[host], name: hosts.name[host] }
}

function describeAlert(report: OpenReport, alert: AlertRow): AlertDetail {
  const { flows, sourceHost, targetHost, ...rest } = alert
  return {
    ...rest,
    keptFlows: flows.length,
    frame: framesOfAlerts(report).get(alert.id) ?? null,
    source: sourceHost < 0 ? null : nameHost(report, sourceHost),
    target: targetHost < 0 ? null : nameHost(report, targetHost),
  }
}

/** Alerts with a flow that passes; without filter and span also the alerts that have no flow. */
export function listAlerts(report: OpenReport, scope: Questions['alerts']['question']): AlertDetail[] {
  const mask = report.matches.within(scope)
  const isAll = scope.filterText === '' && scope.span === null
  return report.rows.alerts
    .filter(({ flows }) => isAll || flows.some((flow) => mask[flow] === 1))
    .map((alert) => describeAlert(report, alert))
}

export function describeHost(report: OpenReport, { ip }: { ip: string }): HostDetail | null {
  const { flows, details, hosts, places, names, activity, alerts } = report.rows
  const host = hosts.ip.indexOf(ip)
  if (host < 0) return null
  const peers = new Map<number, { flows: number; sent: number; received: number }>()
  const ports = new Map<string, HostDetail['ports'][number]>()
  const isMine = new Uint8Array(flows.count)
  let count = 0
  for (let flow = 0; flow < flows.count; flow++) {
    const isClient = flows.clientHost[flow] === host
    const isServer = flows.serverHost[flow] === host
    if (!isClient && !isServer) continue
    count++
    isMine[flow] = isClient ? 1 : 2
    const clientBytes = details.clientBytes[flow]
    const serverBytes = flows.bytes[flow] - clientBytes
    const peer = isClient ? flows.serverHost[flow] : flows.clientHost[flow]
    const share = peers.get(peer) ?? { flows: 0, sent: 0, received: 0 }
    peers.set(peer, share)
    share.flows++
    share.sent += isClient ? clientBytes : serverBytes
    share.received += isClient ? serverBytes : clientBytes
    const port = details.serverPort[flow] < 0 ? null : details.serverPort[flow]
    const transport = report.rows.transports[flows.transport[flow]]
    const application = report.rows.applications[flows.application[flow]]
    const key = `${isServer} ${port} ${transport} ${application}`
    const row = ports.get(key) ?? { isServed: isServer, port, transport, application, flows: 0, bytes: 0 }
    ports.set(key, row)
    row.flows++
    row.bytes += flows.bytes[flow]
  }
  const ticks = activity.tickStart.length - 1
  const bars = Math.max(1, Math.min(BARS, ticks))
  const sent = new Float64Array(bars)
  const received = new Float64Array(bars)
  for (let tick = 0; tick < ticks; tick++) {
    const bar = Math.floor((tick * bars) / ticks)
    const { from, to } = rowsOfTick(activity, tick)
    for (let row = from; row < to; row++) {
      const side = isMine[activity.flow[row]]
      if (side === 0) continue
      const fromClient = activity.clientBytes[row]
      const fromServer = activity.bytes[row] - fromClient
      sent[bar] += side === 1 ? fromClient : fromServer
      received[bar] += side === 1 ? fromServer : fromClient
    }
  }
  const place = hosts.place[host]
  let totals: number[] = []
  forEachRow(
    report.database,
    'SELECT h.first_us, h.last_us, sent_packets, received_packets, sent_bytes, received_bytes, accuracy_km FROM hosts h LEFT JOIN places p ON p.id = place_id WHERE h.id = ?',
    (row) => {
      totals = row.get().map((value) => (isTime(value) ? value : -1))
    },
    [hosts.id[host]],
  )
  const [firstUs = 0, lastUs = 0, sentPackets = 0, receivedPackets = 0, sentBytes = 0, receivedBytes = 0, accuracyKm = -1] = totals
  return {
    ...nameHost(report, host),
    scope: hosts.scope[host],
    place: places[place] ?? null,
    accuracyKm: accuracyKm < 0 ? null : accuracyKm,
    bound: boundOf(report, host),
    asn: hosts.asn[host] ?? null,
    asName: hosts.asName[host],
    ...{ firstUs, lastUs, sentPackets, receivedPackets, sentBytes, receivedBytes },
    flows: count,
    names: names.texts
      .map((name, index) => ({ name, index }))
      .filter(({ index }) => names.host[index] === host)
      .map(({ name, index }) => ({ name, source: names.source[index], firstUs: names.firstUs[index], count: names.count[index] })),
    identities: readIdentities(report, hosts.id[host]),
    peers: [...peers]
      .sort(([a, x], [b, y]) => y.sent + y.received - x.sent - x.received || a - b)
      .slice(0, SHOWN)
      .map(([peer, share]) => ({ ...nameHost(report, peer), ...share, place: places[hosts.place[peer]] ?? null })),
    peerCount: peers.size,
    ports: [...ports.values()].sort((a, b) => b.bytes - a.bytes).slice(0, SHOWN),
    portCount: ports.size,
    sent,
    received,
    alerts: alerts
      .filter(({ sourceHost, targetHost }) => sourceHost === host || targetHost === host)
      .map((alert) => describeAlert(report, alert)),
  }
}

function readIdentities(report: OpenReport, hostId: number): HostDetail['identities'] {
  const identities: HostDetail['identities'] = []
  forEachRow(
    report.database,
    'SELECT kind, value, source, first_us, flow_id, frame, capture_id FROM identities WHERE host_id = ? ORDER BY first_us LIMIT ?',
    (row) => {
      const [kind, value, source, firstUs, flowId, frame, capture] = row.get()
      if (!isTime(firstUs)) return
      identities.push({
        kind: textOf(kind),
        value: textOf(value),
        source: textOf(source),
        firstUs,
        flowId: isCount(flowId) ? flowId : null,
        frame: describeFrame(report, frame, capture),
      })
    },
    [hostId, IDENTITIES],
  )
  return identities.sort((a, b) => IDENTITY_KINDS.indexOf(a.kind as IdentityKind) - IDENTITY_KINDS.indexOf(b.kind as IdentityKind))
}

export function describeFlow(report: OpenReport, { id }: { id: number }): FlowDetail | null {
  const { rows, database } = report
  const { flows, details, alerts } = rows
  const row = rows.rowOfFlow(id)
  if (flows.id[row] !== id) return null
  let values: Record<string, unknown> = {}
  forEachRow(
    database,
    'SELECT * FROM flows WHERE id = ?',
    (found) => {
      values = found.getAsObject()
    },
    [id],
  )
  const packets: FlowDetail['packets'] = []
  forEachRow(
    database,
    'SELECT at_us, from_client, bytes, tcp_flags, frame, capture_id FROM packets WHERE flow_id = ? ORDER BY at_us, id LIMIT ?',
    (found) => {
      const [atUs, fromClient, bytes, tcpFlags, frame, capture] = found.get()
      if (!isTime(atUs) || !isCount(bytes)) return
      packets.push({
        atUs,
        isFromClient: fromClient === 1,
        bytes,
        tcpFlags: isCount(tcpFlags) ? tcpFlags : null,
        frame: describeFrame(report, frame, capture),
      })
    },
    [id, PACKETS],
  )
  const text = (value: unknown) => textOf(value) || null
  const port = (value: number) => (value < 0 ? null : value)
  const questions: FlowDetail['questions'] = []
  forEachRow(
    database,
    'SELECT at_us, name, type, response_code, answers, answer_us FROM dns_queries WHERE flow_id = ? ORDER BY id LIMIT 50',
    (found) => {
      const [atUs, name, type, code, answers, answerUs] = found.get()
      if (!isTime(atUs)) return
      const answered = { code: text(code), answers: text(answers), answerUs: isCount(answerUs) ? answerUs : null }
      questions.push({ atUs, name: textOf(name), type: textOf(type), ...answered })
    },
    [id],
  )
  let tcp: FlowDetail['tcp'] = null
  forEachRow(
    database,
    'SELECT * FROM tcp WHERE flow_id = ?',
    (found) => {
      tcp = Object.fromEntries(Object.entries(found.getAsObject()).map(([name, value]) => [name, isCount(value) ? value : null]))
    },
    [id],
  )
  const client = flows.clientHost[row]
  const server = flows.serverHost[row]
  return {
    id,
    tcp,
    client: nameHost(report, client),
    server: nameHost(report, server),
    clientPlace: rows.places[rows.hosts.place[client]] ?? null,
    serverPlace: rows.places[rows.hosts.place[server]] ?? null,
    clientPort: port(details.clientPort[row]),
    serverPort: port(details.serverPort[row]),
    transport: textOf(values.transport),
    application: text(values.application),
    applicationSource: text(values.application_source),
    serverName: text(values.server_name),
    serverNameSource: text(values.server_name_source),
    ja4: text(values.ja4),
    tunnel: text(values.tunnel),
    communityId: text(values.community_id),
    state: textOf(values.state),
    firstUs: details.firstUs[row],
    lastUs: details.lastUs[row],
    clientPackets: Number(values.client_packets),
    serverPackets: Number(values.server_packets),
    clientBytes: details.clientBytes[row],
    serverBytes: flows.bytes[row] - details.clientBytes[row],
    firstFrame: describeFrame(report, values.first_frame, values.first_capture_id),
    lastFrame: describeFrame(report, values.last_frame, values.last_capture_id),
    packets,
    packetsKept: numberOf(database, `SELECT count(*) FROM packets WHERE flow_id = ${id}`),
    questions,
    alerts: alerts.filter((alert) => alert.flows.includes(row)).map((alert) => describeAlert(report, alert)),
  }
}
