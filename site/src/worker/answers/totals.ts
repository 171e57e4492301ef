// Totals and rankings of the sidebar: over the whole capture or at a position, under a filter.
import { quote } from '../../../../src/filter/syntax.ts'
import { placeName } from '../../model/report.ts'
import type { Ranked, Ranking, Share, Span, Tally } from '../../protocol/answers.ts'
import type { ReportRows } from '../data/row-types.ts'
import { add, eachFlow, Sums } from './counting.ts'

const TOP = 8

const empty = (): Share => ({ bytes: 0, packets: 0, flows: 0 })

export function* tally(rows: ReportRows, span: Span, mask: Uint8Array): Generator<void, Tally> {
  const { flows, hosts, places, applications } = rows
  const shares = { total: empty(), located: empty(), local: empty(), unlocated: empty() }
  const codes = [...new Set(places.map((place) => place.countryCode))].filter((code) => code !== null).sort()
  // Number of a place's country; -1 without one, and for the origin, which was set and not located.
  const countryOf = Int32Array.from(places, (place) => (place.precision === 'origin' ? -1 : codes.indexOf(place.countryCode!)))
  const isOrigin = places.map((place) => place.precision === 'origin')
  const byCountry = new Sums(codes.length)
  const byPlace = new Sums(places.length)
  const byHost = new Sums(hosts.count)
  const byApplication = new Sums(applications.length)
  yield* eachFlow(rows, span, mask, (flow, bytes, packets) => {
    const source = flows.sourcePlace[flow]
    const target = flows.targetPlace[flow]
    const isSourceRemote = source >= 0 && !isOrigin[source]
    const isTargetRemote = target >= 0 && target !== source && !isOrigin[target]
    add(shares.total, bytes, packets)
    if (source < 0 || target < 0) add(shares.unlocated, bytes, packets)
    else add(isSourceRemote || isTargetRemote ? shares.located : shares.local, bytes, packets)
    if (isSourceRemote) byPlace.add(source, bytes, packets)
    if (isTargetRemote) byPlace.add(target, bytes, packets)
    const from = isSourceRemote ? countryOf[source] : -1
    const to = isTargetRemote ? countryOf[target] : -1
    if (from >= 0) byCountry.add(from, bytes, packets)
    if (to >= 0 && to !== from) byCountry.add(to, bytes, packets)
    const client = flows.clientHost[flow]
    const server = flows.serverHost[flow]
    byHost.add(client, bytes, packets)
    if (server !== client) byHost.add(server, bytes, packets)
    byApplication.add(flows.application[flow], bytes, packets)
  })
  const seen = byHost.keys()
  const publicHosts = seen.filter((host) => hosts.scope[host] === 'public')
  return {
    ...shares,
    hosts: seen.length,
    publicHosts: publicHosts.length,
    locatedHosts: publicHosts.filter((host) => hosts.place[host] >= 0).length,
    countries: rank(byCountry, (country) => ({
      key: codes[country],
      label: codes[country],
      detail: '',
      term: `country:${quote(codes[country])}`,
    })),
    places: rank(byPlace, (place) => ({
      key: place,
      label: placeName(places[place]),
      detail: places[place].precision === 'country' ? 'country centre' : '',
      term: `place:${quote(placeName(places[place]))}`,
    })),
    rankedHosts: rank(byHost, (host) => ({
      key: host,
      label: hosts.name[host] || hosts.ip[host],
      detail: hosts.name[host] ? hosts.ip[host] : hosts.scope[host],
      term: `ip:${hosts.ip[host]}`,
    })),
    applications: rank(byApplication, (application) => ({
      key: application,
      label: applications[application],
      detail: '',
      term: `app:${quote(applications[application])}`,
    })),
  }
}

function rank(sums: Sums, describe: (at: number) => Pick<Ranked, 'key' | 'label' | 'detail' | 'term'>): Ranking {
  const top = sums.ranked('bytes', TOP).map((at) => ({ ...sums.share(at), ...describe(at) }))
  return { total: sums.keys().length, top }
}
