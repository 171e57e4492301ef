// Findings of scans and beacons -> their marks on the picture: ports tried, hosts pinged, and beats, each at its time in the database.
import type { EffectFinding, EffectMarks, Effects } from '../../model/effects.ts'
import { angleOf, angleOfOrder, MOST_MARKS, MOST_PERIODS } from '../../model/effects.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import type { ReportRows } from '../data/row-types.ts'
import { beatsOf } from './beats.ts'
import { beaconFlows, scannedFlows } from './scanned-flows.ts'

const SCANS = new Set(['port-scan', 'sweep'])
const BEACON = 'beacon'

/** Flows visited between two checks for other messages. */
const SLICE = 100_000

/** What a mark is made of. */
interface Mark {
  us: number
  untilUs: number
  host: number
  flow: number
  /** -1: none. */
  port: number
  /** -1: a beat. */
  angle: number
  finding: number
}

/** Findings that are only told (info) have no effects. */
export function* findEffects(open: OpenReport, { filterText, span, isWhole }: Questions['effects']['question']): Generator<void, Effects> {
  const { rows, matches } = open
  const { alerts, details } = rows
  const firstUs = Number(rows.meta.first_us) || 0
  const mask = filterText === '' ? null : matches.mask(filterText)
  const passes = (flow: number, us: number) =>
    (mask === null || mask[flow] === 1) && (span === null || (us - firstUs >= span.fromUs && us - firstUs <= span.toUs))
  const graver = alerts.filter(({ severity }) => severity !== 'info')
  const scans = graver.filter(({ rule }) => SCANS.has(rule))
  const beacons = graver.filter(({ rule }) => rule === BEACON)
  const has = { scan: false, ping: false, beacon: false }
  const findings: EffectFinding[] = []
  const sparks: Mark[] = []
  const beats: Mark[] = []
  const named = (host: number) => rows.hosts.ip[host] ?? null

  const flowsOf = scannedFlows(rows, scans)
  for (const [index, scan] of scans.entries()) {
    yield
    const finding = findings.length
    const all = flowsOf[index]
    const isPing = all.every((flow) => farEnd(rows, scan.sourceHost, flow).port < 0)
    const order = isPing ? addressOrder(rows, all, scan.sourceHost) : null
    const ports = new Set<number>()
    const hosts = new Set<number>()
    const seen = new Set<number>()
    let second = -1
    const before = sparks.length
    let visited = 0
    for (const flow of all.sort((a, b) => details.firstUs[a] - details.firstUs[b] || a - b)) {
      if (++visited % SLICE === 0) yield
      const { host, port } = farEnd(rows, scan.sourceHost, flow)
      if (port < 0 && !isPing) continue
      has[isPing ? 'ping' : 'scan'] = true
      const us = details.firstUs[flow]
      if (!passes(flow, us)) continue
      ports.add(port)
      hosts.add(host)
      // The same port of the same host within a second is one spark.
      const now = Math.floor((us - firstUs) / 1e6)
      if (now !== second) seen.clear()
      second = now
      const key = (host * 65_537 + port + 1) * 2 + isUdp(rows, flow)
      if (seen.has(key)) continue
      seen.add(key)
      const angle = order ? angleOfOrder(order.get(host)!, order.size) : angleOf(port)
      sparks.push({ us, untilUs: scan.lastUs, host, flow, port, angle, finding })
    }
    const total = sparks.length - before
    if (total === 0) continue
    const inOrder = order ? [...order.keys()] : []
    findings.push({
      ...{ id: scan.id, kind: isPing ? 'ping' : 'scan', source: named(scan.sourceHost), target: named(scan.targetHost) },
      range: isPing ? [rows.hosts.ip[inOrder[0]], rows.hosts.ip[inOrder[inOrder.length - 1]]] : null,
      ...{ ports: isPing ? 0 : ports.size, hosts: hosts.size, total, drawn: 0, known: 0, counted: 0, periodSeconds: 0 },
    })
  }

  const flowsOfBeacon = beaconFlows(rows, beacons)
  for (const [index, beacon] of beacons.entries()) {
    yield
    const { beats: all, counted } = beatsOf(open, beacon, flowsOfBeacon[index])
    if (all.length === 0) continue
    has.beacon = true
    const own = all.filter(({ flow, us }) => passes(flow, us))
    if (own.length === 0) continue
    const finding = findings.length
    const gaps = all.slice(1).map(({ us }, at) => us - all[at].us)
    const periodUs = gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0
    const hosts = new Set<number>()
    for (const [at, { us, flow }] of own.entries()) {
      const { host } = farEnd(rows, beacon.sourceHost, flow)
      // In a picture of the whole period the beats of a host are one ring.
      if (!isWhole || !hosts.has(host)) {
        const nextUs = own[at + 1]?.us ?? us + periodUs
        beats.push({ us, untilUs: Math.min(nextUs, us + MOST_PERIODS * periodUs), host, flow, port: -1, angle: -1, finding })
      }
      hosts.add(host)
    }
    findings.push({
      ...{ id: beacon.id, kind: 'beacon', source: named(beacon.sourceHost), target: named(beacon.targetHost) },
      range: null,
      ...{ ports: 0, hosts: hosts.size, total: own.length, drawn: 0, known: all.length, counted, periodSeconds: periodUs / 1e6 },
    })
  }
  yield
  const marks = [...evenly(sparks), ...evenly(beats)].sort((a, b) => a.us - b.us || a.flow - b.flow)
  for (const { finding } of marks) findings[finding].drawn++
  return { marks: columnsOf(open, marks, firstUs), findings, has, isWhole }
}

/** The end of a conversation that is not the finding's source, with its port, or -1. */
function farEnd({ flows, details }: ReportRows, source: number, flow: number): { host: number; port: number } {
  return flows.clientHost[flow] === source
    ? { host: flows.serverHost[flow], port: details.serverPort[flow] }
    : { host: flows.clientHost[flow], port: details.clientPort[flow] }
}

/** The hosts that were pinged, ascending by address, with their number. */
function addressOrder(rows: ReportRows, flows: readonly number[], source: number): Map<number, number> {
  const { key } = rows.hosts
  const hosts = new Set(flows.map((flow) => farEnd(rows, source, flow).host))
  return new Map([...hosts].sort((a, b) => (key[a] < key[b] ? -1 : 1)).map((host, order) => [host, order]))
}

const isUdp = ({ flows, transports }: ReportRows, flow: number): number => (transports[flows.transport[flow]] === 'udp' ? 1 : 0)

/** At most MOST_MARKS, evenly spaced. */
function evenly(marks: Mark[]): Mark[] {
  if (marks.length <= MOST_MARKS) return marks
  return Array.from({ length: MOST_MARKS }, (_, index) => marks[Math.floor((index * marks.length) / MOST_MARKS)])
}

function columnsOf({ rows, routeOfFlow }: OpenReport, marks: Mark[], firstUs: number): EffectMarks {
  return {
    count: marks.length,
    seconds: Float64Array.from(marks, ({ us }) => (us - firstUs) / 1e6),
    until: Float64Array.from(marks, ({ untilUs }) => (untilUs - firstUs) / 1e6),
    place: Int32Array.from(marks, ({ host }) => rows.hosts.place[host]),
    host: Int32Array.from(marks, ({ host }) => host),
    route: Int32Array.from(marks, ({ flow }) => routeOfFlow[flow]),
    port: Int32Array.from(marks, ({ port }) => port),
    angle: Float32Array.from(marks, ({ angle }) => angle),
    isUdp: Uint8Array.from(marks, ({ flow }) => isUdp(rows, flow)),
    finding: Int32Array.from(marks, ({ finding }) => finding),
  }
}
