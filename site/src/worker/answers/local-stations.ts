// Frames without IP -> stations as nodes of the local network, by hardware address, and the lines between them.

import { MOST_NODES } from '../../model/local-groups.ts'
import type { LayoutGroup } from '../../model/local-layout.ts'
import type { LinkLines, LocalGroup, LocalMap, LocalNode } from '../../model/local-map.ts'
import type { OpenReport } from '../data/report-state.ts'
import { readStations, type StationTable } from '../data/station-rows.ts'

/** Circles and what stands in them, as they are placed. */
export interface Placed {
  groups: LocalGroup[]
  nodes: LocalNode[]
  nodeOfHost: Int32Array
  layout: LayoutGroup[]
}

/** Beside hosts with IP, a group with more stations than this is closed at first. */
const MANY = 40

const GROUPS = [
  { id: 'link', label: 'No IP (by MAC)', isGroup: false },
  { id: 'link-groups', label: 'Group addresses (by MAC)', isGroup: true },
]

/** Radius of a station by its packets, beside that of hosts. */
const RADIUS = { least: 4, more: 6, group: 8 }

type Lines = Pick<LocalMap, 'ofNode' | 'ofRoute'> & { routes: Omit<LocalMap['routes'], 'rank'> }

/** Adds the stations. @returns node by station, -1 for one that is not drawn */
export function placeStations(report: OpenReport, placed: Placed, toggled: ReadonlySet<string>): Int32Array {
  const table = readStations(report)
  const { stations } = table
  const nodeOf = new Int32Array(stations.length).fill(-1)
  const isDrawn = drawn(table)
  for (const { id, label, isGroup } of GROUPS) {
    const members = stations.flatMap((station, index) => (isDrawn[index] && station.host < 0 && station.isGroup === isGroup ? [index] : []))
    if (members.length === 0) continue
    const bytesOf = (index: number) => stations[index].sentBytes + stations[index].receivedBytes
    members.sort((a, b) => bytesOf(b) - bytesOf(a) || (stations[a].mac < stations[b].mac ? -1 : 1))
    const isOpen = (members.length <= MANY || report.rows.hosts.count === 0) !== toggled.has(id)
    const group = placed.groups.push({ id, label, kind: 'link', term: '', isOpen, hosts: members.length, x: 0, y: 0, radius: 0 }) - 1
    const circle: LayoutGroup = { x: 0, y: 0, r: 0, block: 0, members: [], parts: [] }
    const most = Math.log10(Math.max(10, bytesOf(members[0])))
    const add = (own: number[], names: Pick<LocalNode, 'id' | 'label' | 'detail'>, isWhole: boolean) => {
      const bytes = own.reduce((sum, index) => sum + bytesOf(index), 0)
      const weight = Math.min(1, Math.log10(Math.max(1, bytes)) / most)
      const radius = RADIUS.least + RADIUS.more * weight + (isWhole ? RADIUS.group : 0)
      const node = placed.nodes.push({
        ...names,
        ...{ kind: 'link', isGroup: isWhole, group: isOpen ? group : -1, hosts: own.length, host: -1, term: '', end: '' },
        ...{ severity: 0, x: 0, y: 0, radius },
      })
      for (const index of own) nodeOf[index] = node - 1
      circle.members.push({ x: 0, y: 0, r: radius })
    }
    const single = members.length > MOST_NODES ? MOST_NODES - 1 : members.length
    if (!isOpen) add(members, { id, label, detail: '' }, true)
    else {
      for (const index of members.slice(0, single)) add([index], nameOf(report, table, index), false)
      if (single < members.length) add(members.slice(single), { id: `${id}/rest`, label: 'the others', detail: '' }, true)
    }
    placed.layout.push(circle)
  }
  stations.forEach(({ host }, index) => {
    if (host >= 0 && isDrawn[index]) nodeOf[index] = placed.nodeOfHost[host]
  })
  return nodeOf
}

/** What hosts with IP ask by ARP is no line of its own: a row is drawn if one of its ends is a station that is no host. */
function drawn(table: StationTable): Uint8Array {
  const marks = new Uint8Array(table.stations.length)
  for (let row = 0; row < table.count; row++) {
    if (!isOfStation(table, row)) continue
    marks[table.source[row]] = 1
    if (table.destination[row] >= 0) marks[table.destination[row]] = 1
  }
  return marks
}

function isOfStation({ stations, source, destination }: StationTable, row: number): boolean {
  return [source[row], destination[row]].some((end) => end >= 0 && stations[end].host < 0 && !stations[end].isGroup)
}

function nameOf({ rows }: OpenReport, { stations }: StationTable, index: number): Pick<LocalNode, 'id' | 'label' | 'detail'> {
  const { mac, vendor, claims, hosts } = stations[index]
  const known = hosts.map((host) => rows.hosts.name[host] || rows.hosts.ip[host]).slice(0, 3)
  return { id: mac, label: vendor === '' ? mac : `${mac} ${vendor}`, detail: (known.length > 0 ? known : claims.slice(0, 3)).join(', ') }
}

/** Appends a line for each pair of nodes and protocol to the routes, and their sums under the filter, which no frame without IP passes. */
export function addStationLines(
  report: OpenReport,
  { routes, ofNode, ofRoute }: Lines,
  nodeOf: Int32Array,
  isFiltered: boolean,
): Lines & Pick<LocalMap, 'links'> {
  const table = readStations(report)
  const { applications } = report.rows
  const byKey = new Map<string, number>()
  const source: number[] = []
  const target: number[] = []
  const protocol: number[] = []
  const sums: { packets: number; bytes: number; firstUs: number; lastUs: number }[] = []
  for (let row = 0; row < table.count; row++) {
    if (!isOfStation(table, row)) continue
    const from = nodeOf[table.source[row]]
    const to = table.destination[row] < 0 ? -1 : nodeOf[table.destination[row]]
    if (from < 0) continue
    const packets = table.packets[row]
    const bytes = table.bytes[row]
    if (!isFiltered) {
      for (const node of to < 0 || to === from ? [from] : [from, to]) {
        ofNode.bytes[node] += bytes
        ofNode.packets[node] += packets
      }
      ofNode.sent[from] += bytes
      if (to >= 0) ofNode.received[to] += bytes
    }
    if (to < 0) continue
    const key = `${from} ${to} ${table.protocol[row]}`
    let line = byKey.get(key)
    if (line === undefined) {
      line = sums.push({ packets: 0, bytes: 0, firstUs: table.firstUs[row], lastUs: table.lastUs[row] }) - 1
      byKey.set(key, line)
      source.push(from)
      target.push(to)
      protocol.push(table.protocol[row])
    }
    const sum = sums[line]
    sum.packets += packets
    sum.bytes += bytes
    sum.firstUs = Math.min(sum.firstUs, table.firstUs[row])
    sum.lastUs = Math.max(sum.lastUs, table.lastUs[row])
  }
  const seconds = (us: number) => (us - report.report.timeline.firstUs) / 1e6
  const longer = <T extends Numbers>(values: T, at: (line: number) => number = () => 0) => joined(values, sums.length, at)
  const links: LinkLines = {
    ...{ first: routes.count, protocols: table.protocols, protocol: Int32Array.from(protocol) },
    fromSeconds: Float64Array.from(sums, ({ firstUs }) => seconds(firstUs)),
    toSeconds: Float64Array.from(sums, ({ lastUs }) => seconds(lastUs)),
  }
  // No application: the colour of what has none.
  const application = Math.min(0xffff, applications.length)
  const allRoutes = {
    count: routes.count + sums.length,
    source: longer(routes.source, (line) => source[line]),
    target: longer(routes.target, (line) => target[line]),
    application: longer(routes.application, () => application),
    transport: longer(routes.transport),
    severity: longer(routes.severity),
    bytes: longer(routes.bytes, (line) => sums[line].bytes),
  }
  const ofAll = {
    bytes: longer(ofRoute.bytes, (line) => (isFiltered ? 0 : sums[line].bytes)),
    packets: longer(ofRoute.packets, (line) => (isFiltered ? 0 : sums[line].packets)),
    flows: longer(ofRoute.flows),
  }
  return { links, routes: allRoutes, ofNode, ofRoute: ofAll }
}

type Numbers = Int32Array | Uint16Array | Uint8Array | Float64Array

function joined<T extends Numbers>(values: T, more: number, at: (index: number) => number): T {
  const all = new (values.constructor as new (length: number) => T)(values.length + more)
  all.set(values)
  for (let index = 0; index < more; index++) all[values.length + index] = at(index)
  return all
}
