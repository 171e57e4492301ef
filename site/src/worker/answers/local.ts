// The hosts and flows of a report -> the local network as nodes and routes, laid out, with what passes the filter (model/local-map.ts).
import type { ArcSource } from '../../model/build-arc-slices.ts'
import { buildArcSlices } from '../../model/build-arc-slices.ts'
import { divideGroup, type GroupedHosts, groupHosts, type HostGroup, MOST_NODES } from '../../model/local-groups.ts'
import { type LayoutGroup, layOut } from '../../model/local-layout.ts'
import type { LocalGroup, LocalMap, LocalNode, LocalSums } from '../../model/local-map.ts'
import { joinFlows, LANE_SEVERITIES } from '../../model/routes.ts'
import type { Questions } from '../../protocol/messages.ts'
import { gravestAlerts } from '../data/alert-rows.ts'
import type { OpenReport } from '../data/report-state.ts'
import type { ReportRows } from '../data/row-types.ts'
import { addStationLines, type Placed, placeStations } from './local-stations.ts'

/** Groups open by themselves as long as no more hosts than this are shown one by one. */
const MOST_AT_FIRST = 300

/** A network with more hosts than this is opened by itself only if it is the only one. */
const MANY = 100

/** Radius of a node with the fewest bytes, and what the busiest has more; a closed group is larger. */
const RADIUS = { least: 4, more: 9, group: 8 }

/** The smallest node stands for this many powers of ten fewer bytes than the largest. */
const DECADES = 5

export function* drawLocal(
  open: OpenReport,
  { filterText, toggled, isTall, ...options }: Questions['local']['question'],
): Generator<void, LocalMap> {
  const { rows, report, matches } = open
  const { flows } = rows
  const hostBytes = new Float64Array(rows.hosts.count)
  for (let flow = 0; flow < flows.count; flow++) {
    hostBytes[flows.clientHost[flow]] += flows.bytes[flow]
    if (flows.serverHost[flow] !== flows.clientHost[flow]) hostBytes[flows.serverHost[flow]] += flows.bytes[flow]
  }
  yield
  const placed = place(rows, hostBytes, new Set(toggled))
  const nodeOfStation = placeStations(open, placed, new Set(toggled))
  const { groups, nodes, nodeOfHost, layout } = placed
  const bounds = layOut(layout, isTall)
  applyLayout(groups, nodes, layout)
  yield
  const sourcePlace = flows.clientHost.slice(0, flows.count).map((host) => nodeOfHost[host])
  const targetPlace = flows.serverHost.slice(0, flows.count).map((host) => nodeOfHost[host])
  const between = { ...flows, sourcePlace, targetPlace }
  const { routes, routeOfFlow } = joinFlows(between, nodes.length, gravestAlerts(rows.alerts, flows.count))
  yield
  const mask = filterText === '' ? null : matches.mask(filterText)
  const source: ArcSource = {
    ...{ flows: between, activity: rows.activity, routeOfFlow, timeline: report.timeline },
    ...{ routes: { ...routes, geometry: new Float32Array(0) }, hostPlace: nodeOfHost, origin: -1 },
  }
  const slices = yield* buildArcSlices(source, mask, options)
  const sums = sumUp(rows, mask, between, routeOfFlow, nodes.length, routes.count)
  const withStations = addStationLines(open, { routes, ...sums }, nodeOfStation, mask !== null)
  return {
    ...{ nodes, groups, nodeOfHost, bounds, slices, ...withStations, total: sums.total },
    routes: { ...withStations.routes, rank: rankRoutes(withStations.routes, nodes.length) },
  }
}

/** Which circles there are, and which hosts stand in them. */
function place(rows: ReportRows, hostBytes: Float64Array, toggled: ReadonlySet<string>): Placed {
  const { hosts } = rows
  const grouped: GroupedHosts = {
    ...{ count: hosts.count, key: hosts.key, scope: hosts.scope },
    country(host) {
      const { countryCode: code, country: name } = rows.places[hosts.place[host]] ?? {}
      return code ? { code, name: name ?? code } : null
    },
  }
  const all = groupHosts(grouped)
  const isOpenAtFirst = openAtFirst(all, rows, hostBytes)
  const severity = hostSeverities(rows)
  const most = Math.log10(hostBytes.reduce((max, bytes) => Math.max(max, bytes), 10))
  const placed: Placed = { groups: [], nodes: [], nodeOfHost: new Int32Array(hosts.count).fill(-1), layout: [] }

  const addNode = (group: HostGroup, within: number, members: number[], isGroup: boolean): LayoutGroup['members'][number] => {
    const bytes = members.reduce((sum, host) => sum + hostBytes[host], 0)
    const weight = Math.min(1, Math.max(0, 1 - (most - Math.log10(Math.max(1, bytes))) / DECADES))
    const radius = RADIUS.least + RADIUS.more * weight ** 1.5 + (isGroup ? RADIUS.group : 0)
    const [host] = members
    const one = {
      id: hosts.ip[host],
      label: hosts.name[host] || hosts.ip[host],
      detail: hosts.name[host] === hosts.ip[host] || !hosts.name[host] ? '' : hosts.ip[host],
    }
    const rest = within >= 0 && isGroup
    const names = isGroup ? { id: rest ? `${group.id}/rest` : group.id, label: rest ? 'the others' : group.label, detail: '' } : one
    const node = placed.nodes.push({
      ...names,
      ...{ kind: group.kind, isGroup, group: within, hosts: members.length, host: isGroup ? -1 : host, radius, x: 0, y: 0 },
      term: isGroup ? (rest ? '' : group.term) : `ip:${hosts.ip[host]}`,
      end: isGroup ? (rest ? '' : group.end) : hosts.ip[host],
      severity: members.reduce((gravest, member) => Math.max(gravest, severity[member]), 0),
    })
    for (const member of members) placed.nodeOfHost[member] = node - 1
    return { x: 0, y: 0, r: radius }
  }

  const addGroup = (group: HostGroup, isOpen: boolean, block: number): LayoutGroup => {
    const index = placed.groups.length
    const { id, label, kind, term } = group
    const circle: LayoutGroup = { x: 0, y: 0, r: 0, block, members: [], parts: [] }
    placed.groups.push({ id, label, kind, term, isOpen, hosts: group.hosts.length, x: 0, y: 0, radius: 0 })
    if (!isOpen) circle.members.push(addNode(group, -1, group.hosts, true))
    else {
      const parts = divideGroup(grouped, group)
      circle.parts = parts.map((part) => addGroup(part, toggled.has(part.id), block))
      if (parts.length === 0) circle.members = addHosts(group, index)
    }
    return circle
  }

  const addHosts = (group: HostGroup, index: number) => {
    if (group.hosts.length <= MOST_NODES) return group.hosts.map((host) => addNode(group, index, [host], false))
    const busiest = [...group.hosts].sort((a, b) => hostBytes[b] - hostBytes[a] || a - b)
    const shown = busiest.slice(0, MOST_NODES - 1).map((host) => addNode(group, index, [host], false))
    return [...shown, addNode(group, index, busiest.slice(MOST_NODES - 1), true)]
  }

  placed.layout = all.map((group) => {
    const block = group.kind === 'internet' ? 2 : group.kind === 'subnet' ? 1 : 0
    return addGroup(group, isOpenAtFirst.has(group.id) !== toggled.has(group.id), block)
  })
  return placed
}

/** The busiest networks, as long as not too many hosts are shown; the internet only where most traffic is between its hosts. */
function openAtFirst(groups: HostGroup[], { flows, hosts }: ReportRows, hostBytes: Float64Array): Set<string> {
  let [all, abroad] = [0, 0]
  for (let flow = 0; flow < flows.count; flow++) {
    all += flows.bytes[flow]
    const isAbroad = hosts.scope[flows.clientHost[flow]] === 'public' && hosts.scope[flows.serverHost[flow]] === 'public'
    if (isAbroad) abroad += flows.bytes[flow]
  }
  const bytesOf = (group: HostGroup) => group.hosts.reduce((sum, host) => sum + hostBytes[host], 0)
  const open = new Set<string>()
  const networks = groups.filter(({ kind }) => kind === 'subnet').length
  let shown = 0
  const busiest = groups
    .filter(({ kind }) => kind !== 'internet' || abroad > all / 2)
    .map((group) => ({ group, bytes: bytesOf(group) }))
    .sort((a, b) => b.bytes - a.bytes)
  for (const { group } of busiest) {
    const own = Math.min(MOST_NODES, group.hosts.length)
    if (shown + own > MOST_AT_FIRST || (own > MANY && networks > 1)) continue
    shown += own
    open.add(group.id)
  }
  return open
}

/** By host: the highest severity of the alerts that name it. */
function hostSeverities({ alerts, hosts }: ReportRows): Uint8Array {
  const severity = new Uint8Array(hosts.count)
  for (const alert of alerts) {
    const own = Math.max(0, (LANE_SEVERITIES as readonly string[]).indexOf(alert.severity))
    for (const host of [alert.sourceHost, alert.targetHost]) if (host >= 0) severity[host] = Math.max(severity[host], own)
  }
  return severity
}

/** The positions of the layout, in the order in which groups and nodes were added. */
function applyLayout(groups: LocalGroup[], nodes: LocalNode[], layout: LayoutGroup[]): void {
  let group = 0
  let node = 0
  const apply = ({ x, y, r, members, parts }: LayoutGroup) => {
    Object.assign(groups[group++], { x, y, radius: r })
    for (const member of members) Object.assign(nodes[node++], { x: member.x, y: member.y })
    for (const part of parts) apply(part)
  }
  for (const top of layout) apply(top)
}

function rankRoutes(routes: { count: number; source: Int32Array; target: Int32Array }, nodes: number): Uint16Array {
  const rank = new Uint16Array(routes.count)
  const known = new Map<number, number>()
  for (let route = 0; route < routes.count; route++) {
    const pair = routes.source[route] * nodes + routes.target[route]
    rank[route] = known.get(pair) ?? 0
    known.set(pair, rank[route] + 1)
  }
  return rank
}

const noSums = (count: number): LocalSums => ({
  bytes: new Float64Array(count),
  packets: new Float64Array(count),
  flows: new Float64Array(count),
})

function sumUp(
  { flows, details }: ReportRows,
  mask: Uint8Array | null,
  { sourcePlace, targetPlace }: ReportRows['flows'],
  routeOfFlow: Int32Array,
  nodes: number,
  routes: number,
): Pick<LocalMap, 'ofNode' | 'ofRoute' | 'total'> {
  const ofNode = { ...noSums(nodes), sent: new Float64Array(nodes), received: new Float64Array(nodes) }
  const ofRoute = noSums(routes)
  const total = { bytes: 0, packets: 0, flows: 0 }
  const add = (sums: LocalSums, index: number, flow: number) => {
    sums.bytes[index] += flows.bytes[flow]
    sums.packets[index] += flows.packets[flow]
    sums.flows[index]++
  }
  for (let flow = 0; flow < flows.count; flow++) {
    if (mask && !mask[flow]) continue
    total.bytes += flows.bytes[flow]
    total.packets += flows.packets[flow]
    total.flows++
    const [source, target] = [sourcePlace[flow], targetPlace[flow]]
    add(ofRoute, routeOfFlow[flow], flow)
    add(ofNode, source, flow)
    if (target !== source) add(ofNode, target, flow)
    const byClient = details.clientBytes[flow]
    const byServer = flows.bytes[flow] - byClient
    ofNode.sent[source] += byClient
    ofNode.received[target] += byClient
    ofNode.sent[target] += byServer
    ofNode.received[source] += byServer
  }
  return { ofNode, ofRoute, total }
}
