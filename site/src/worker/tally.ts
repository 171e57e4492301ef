// Totals and rankings over the whole capture or over a moment of it, under a filter: what the sidebar shows.
import { placeName } from '../player/report.ts'
import type { ReportRows } from './rows.ts'

/** Ticks [fromTick, toTick), or null for the whole capture. */
export type Span = { fromTick: number; toTick: number } | null

export interface Share {
  bytes: number
  packets: number
  flows: number
}

export interface Ranked extends Share {
  /** What a click asks for: host row, place index, country code or application index. */
  key: number | string
  label: string
  /** Second line, e.g. the address of a named host. */
  detail: string
}

export interface Ranking {
  /** The first few, most bytes first. */
  top: Ranked[]
  /** How many there are in all. */
  total: number
}

export interface Tally {
  total: Share
  /** Both ends have a place and they differ or are public: an arc or a landing on the globe. */
  located: Share
  /** Both ends stand at the origin. */
  local: Share
  /** At least one end has no place. */
  unlocated: Share
  hosts: number
  publicHosts: number
  locatedHosts: number
  countries: Ranking
  places: Ranking
  rankedHosts: Ranking
  applications: Ranking
}

const TOP = 8

const empty = (): Share => ({ bytes: 0, packets: 0, flows: 0 })

function add(share: Share, bytes: number, packets: number): void {
  share.bytes += bytes
  share.packets += packets
  share.flows++
}

/** Bytes and packets within a span of each flow with a 1 in `mask`; a flow outside is left out. */
export function selectFlows(rows: ReportRows, span: Span, mask: Uint8Array): { flow: number; bytes: number; packets: number }[] {
  const { flows, activity } = rows
  if (!span) {
    const selected = []
    for (let flow = 0; flow < flows.count; flow++)
      if (mask[flow]) selected.push({ flow, bytes: flows.bytes[flow]!, packets: flows.packets[flow]! })
    return selected
  }
  const ticks = activity.tickStart.length - 1
  const from = activity.tickStart[Math.max(0, Math.min(ticks, span.fromTick))]!
  const to = activity.tickStart[Math.max(0, Math.min(ticks, span.toTick))]!
  const byFlow = new Map<number, { flow: number; bytes: number; packets: number }>()
  for (let row = from; row < to; row++) {
    const flow = activity.flow[row]!
    if (!mask[flow]) continue
    const entry = byFlow.get(flow)
    if (entry) {
      entry.bytes += activity.bytes[row]!
      entry.packets += activity.packets[row]!
    } else byFlow.set(flow, { flow, bytes: activity.bytes[row]!, packets: activity.packets[row]! })
  }
  return [...byFlow.values()]
}

export function tally(rows: ReportRows, span: Span, mask: Uint8Array): Tally {
  const { flows, hosts, places } = rows
  const shares = { total: empty(), located: empty(), local: empty(), unlocated: empty() }
  const byCountry = new Map<string, Share>()
  const byPlace = new Map<number, Share>()
  const byHost = new Map<number, Share>()
  const byApplication = new Map<number, Share>()
  const countTo = <K>(map: Map<K, Share>, key: K, bytes: number, packets: number) => {
    const share = map.get(key) ?? empty()
    map.set(key, share)
    add(share, bytes, packets)
  }
  for (const { flow, bytes, packets } of selectFlows(rows, span, mask)) {
    const source = flows.sourcePlace[flow]!
    const target = flows.targetPlace[flow]!
    add(shares.total, bytes, packets)
    const ends = source === target ? [source] : [source, target]
    const remote = ends.filter((place) => place >= 0 && places[place]!.precision !== 'origin')
    if (source < 0 || target < 0) add(shares.unlocated, bytes, packets)
    else add(remote.length > 0 ? shares.located : shares.local, bytes, packets)
    for (const place of remote) countTo(byPlace, place, bytes, packets)
    for (const country of new Set(remote.map((place) => places[place]!.countryCode)))
      if (country) countTo(byCountry, country, bytes, packets)
    const client = flows.clientHost[flow]!
    const server = flows.serverHost[flow]!
    countTo(byHost, client, bytes, packets)
    if (server !== client) countTo(byHost, server, bytes, packets)
    countTo(byApplication, flows.application[flow]!, bytes, packets)
  }
  const publicHosts = [...byHost.keys()].filter((host) => hosts.scope[host] === 'public')
  return {
    ...shares,
    hosts: byHost.size,
    publicHosts: publicHosts.length,
    locatedHosts: publicHosts.filter((host) => hosts.place[host]! >= 0).length,
    countries: rank(byCountry, (code) => ({ label: code, detail: '' })),
    places: rank(byPlace, (place) => ({
      label: placeName(places[place]!),
      detail: places[place]!.precision === 'country' ? 'country centre' : '',
    })),
    rankedHosts: rank(byHost, (host) => ({
      label: hosts.name[host] || hosts.ip[host]!,
      detail: hosts.name[host] ? hosts.ip[host]! : hosts.scope[host]!,
    })),
    applications: rank(byApplication, (application) => ({ label: rows.applications[application]!, detail: '' })),
  }
}

function rank<K extends number | string>(shares: Map<K, Share>, describe: (key: K) => { label: string; detail: string }): Ranking {
  const sorted = [...shares].sort(([a, x], [b, y]) => y.bytes - x.bytes || (a < b ? -1 : 1))
  return { total: shares.size, top: sorted.slice(0, TOP).map(([key, share]) => ({ key, ...share, ...describe(key) })) }
}
