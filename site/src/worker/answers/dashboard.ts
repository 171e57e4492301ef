// The numbers of the dashboard for the flows that pass the filter within the span: hosts, places, applications, ports, outcomes.
import { quote } from '../../../../src/filter/syntax.ts'
import { ticksOf } from '../../model/timeline.ts'
import type { Breakdown, Dashboard, Entry, Share } from '../../protocol/answers.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'
import { add, eachFlow } from './counting.ts'
import { readPacketSizes } from './packet-sizes.ts'

/** Most rows of a table of the dashboard. */
const TOP = 100

type Counter<Key> = Map<Key, Share & { application: Map<number, number> | null }>

function count<Key>(counter: Counter<Key>, key: Key, bytes: number, packets: number, application = -1): void {
  let share = counter.get(key)
  if (!share) {
    share = { bytes: 0, packets: 0, flows: 0, application: application < 0 ? null : new Map() }
    counter.set(key, share)
  }
  add(share, bytes, packets)
  share.application?.set(application, (share.application.get(application) ?? 0) + bytes)
}

/** If `describe` gives no application, the entry gets the application with most of its bytes. */
function rank<Key>(
  counter: Counter<Key>,
  by: keyof Share,
  describe: (key: Key) => Pick<Entry, 'label' | 'term'> & Partial<Entry>,
): Breakdown {
  const sorted = [...counter].sort(([, a], [, b]) => b[by] - a[by] || b.bytes - a.bytes || b.flows - a.flows)
  return {
    total: counter.size,
    entries: sorted.slice(0, TOP).map(([key, { bytes, packets, flows, application }]) => {
      const main = application ? [...application].sort(([, a], [, b]) => b - a)[0][0] : -1
      return { bytes, packets, flows, detail: '', application: main, ...describe(key) }
    }),
  }
}

export function* readDashboard(open: OpenReport, { by, ...scope }: Questions['dashboard']['question']): Generator<void, Dashboard> {
  const { rows, matches } = open
  const { flows, details, hosts, places, applications, transports } = rows
  const total: Share = { bytes: 0, packets: 0, flows: 0 }
  const talkers: Counter<number> = new Map()
  const countries: Counter<string> = new Map()
  const networks: Counter<number> = new Map()
  const ports: Counter<number> = new Map()
  const byApplication: Counter<number> = new Map()
  const outcomes: Counter<number> = new Map()
  const asNames = new Map<number, string>()
  const tcp = transports.indexOf('tcp')
  const countryOf = (host: number) => {
    const place = places[hosts.place[host]]
    return place && place.precision !== 'origin' ? place.countryCode : null
  }
  const span = ticksOf(scope.span, open.report.timeline)
  yield* eachFlow(rows, span, matches.mask(scope.filterText), (flow, bytes, packets) => {
    add(total, bytes, packets)
    const [client, server] = [flows.clientHost[flow], flows.serverHost[flow]]
    const ends = client === server ? [client] : [client, server]
    for (const host of ends) count(talkers, host, bytes, packets)
    for (const country of new Set(ends.map(countryOf))) if (country) count(countries, country, bytes, packets)
    for (const asn of new Set(ends.map((host) => hosts.asn[host]!))) if (asn !== null) count(networks, asn, bytes, packets)
    if (details.serverPort[flow] >= 0) count(ports, details.serverPort[flow], bytes, packets, flows.application[flow])
    count(byApplication, flows.application[flow], bytes, packets)
    if (flows.transport[flow] === tcp) count(outcomes, details.state.code[flow], bytes, packets)
  })
  yield
  hosts.asn.forEach((asn, host) => {
    if (asn !== null && networks.has(asn) && !asNames.get(asn)) asNames.set(asn, hosts.asName[host])
  })
  return {
    total,
    talkers: rank(talkers, by, (host) => ({
      label: hosts.name[host] || hosts.ip[host],
      detail: hosts.name[host] ? hosts.ip[host] : hosts.scope[host],
      term: `ip:${hosts.ip[host]}`,
    })),
    countries: rank(countries, by, (code) => ({ label: code, term: `country:${quote(code)}` })),
    networks: rank(networks, by, (asn) => ({ label: asNames.get(asn) || `AS${asn}`, detail: `AS${asn}`, term: `asn:${asn}` })),
    ports: rank(ports, by, (port) => ({ label: String(port), term: `port:${port}` })),
    applications: rank(byApplication, by, (application) => ({
      label: applications[application],
      term: `app:${quote(applications[application])}`,
      application,
    })),
    outcomes: rank(outcomes, by, (code) => {
      const state = details.state.texts[code] ?? 'OTH'
      return { label: state, term: `state:${state}` }
    }),
    sizes: yield* readPacketSizes(open, scope),
  }
}
