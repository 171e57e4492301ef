// The local network as a picture: hosts and closed groups as nodes, and what they exchange. Made in the worker (answers/local.ts), drawn
// by stage/local. Sizes and positions are in the layout's own units; the y axis points down.
import { formatCounted } from '../ui/format.ts'
import type { ArcSlices } from './arc-slices.ts'
import type { Routes } from './report.ts'

/** What kind of addresses a group has: a network, the internet, receivers of multicast or broadcast, or hosts known only by their MAC. */
export type GroupKind = 'subnet' | 'internet' | 'multicast' | 'broadcast' | 'none' | 'link'

/** What its circles count, in words. */
export function countOf(kind: GroupKind, count: number): string {
  return formatCounted(count, kind === 'link' ? 'address' : 'host', kind === 'link' ? 'addresses' : undefined)
}

/** A circle around hosts, or around smaller groups. */
export interface LocalGroup {
  /** What the link carries to open or close it: "192.168.1.0/24", "internet". */
  id: string
  label: string
  kind: GroupKind
  /** A closed one is a single node. */
  isOpen: boolean
  /** Number of hosts in the capture, whatever the filter. */
  hosts: number
  /** The filter term for it; "" for none. */
  term: string
  x: number
  y: number
  radius: number
}

export interface LocalNode {
  /** Address of a host, or the id of a closed group. */
  id: string
  label: string
  /** Second line: the address of a named host. */
  detail: string
  kind: GroupKind
  /** A closed group, or the hosts of an open one that are not shown one by one. */
  isGroup: boolean
  /** Index in LocalMap.groups of the circle that it is in, or -1. */
  group: number
  hosts: number
  /** Row number of a single host in the database's order, or -1. */
  host: number
  /** The filter term for flows with an end in it, and what `from:` and `to:` take for it; "" for none. */
  term: string
  end: string
  /** Highest severity of an alert that names it, as in Routes.severity. */
  severity: number
  x: number
  y: number
  radius: number
}

/** Whether a line without IP has frames at a moment: between its first and its last. */
export function isLinkPresent(links: LinkLines, line: number, seconds: number): boolean {
  return seconds >= links.fromSeconds[line] && seconds <= links.toSeconds[line]
}

/** Routes between nodes; `source` and `target` are indexes in LocalMap.nodes. */
interface LocalRoutes extends Omit<Routes, 'geometry'> {
  /** Number of earlier routes between the same two nodes: each is bent more. */
  rank: Uint16Array
}

/** Lines of frames without IP: the last of the routes. */
export interface LinkLines {
  /** Index in LocalMap.routes of the first of them. */
  first: number
  /** By line: index in `protocols`, and between which times its frames are, seconds since the timeline's start. */
  protocol: Int32Array
  fromSeconds: Float64Array
  toSeconds: Float64Array
  protocols: string[]
}

/** Sums of what passes the filter, by node or by route. */
export interface LocalSums {
  bytes: Float64Array
  packets: Float64Array
  flows: Float64Array
}

export interface LocalMap {
  nodes: LocalNode[]
  groups: LocalGroup[]
  /** Index in `nodes` by row number of the host. */
  nodeOfHost: Int32Array
  routes: LocalRoutes
  /** As for the globe, with nodes in the place of places. */
  slices: ArcSlices
  /** Under the filter. A flow counts once for each of its two nodes, once where they are the same; within a closed group its bytes are both sent and received. */
  ofNode: LocalSums & { sent: Float64Array; received: Float64Array }
  ofRoute: LocalSums
  links: LinkLines
  /** Of all flows that pass. */
  total: { bytes: number; packets: number; flows: number }
  bounds: { left: number; top: number; right: number; bottom: number }
}

/** Part of the bytes from which on the globe is the first picture: below, most traffic has no two places. */
export const LEAST_LOCATED = 0.1

/** Part of all bytes that goes between two located places. */
export function locatedShare(routes: Pick<Routes, 'count' | 'source' | 'target' | 'bytes'>, origin: number, bytes: number): number {
  let located = 0
  for (let route = 0; route < routes.count; route++)
    if (routes.source[route] !== origin || routes.target[route] !== origin) located += routes.bytes[route]
  return bytes > 0 ? located / bytes : 0
}
