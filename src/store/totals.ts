// Conversations -> sums by application, transport and place, in one pass, so that no reader has to group half a million rows.
import { transportName } from '../decode/codes.ts'
import type { Traffic } from './traffic.ts'

/** How conversations are grouped: by application, transport or the place of their ends (see the table totals in schema.ts). */
type TotalSubject = 'application' | 'transport' | 'country' | 'origin' | 'unlocated' | 'none'

export interface Total {
  subject: TotalSubject
  /** Name of the application, transport or country; null if unknown and for the other subjects. */
  name: string | null
  /** ISO 3166-1 alpha-2; null unless a country. */
  countryCode: string | null
  /** Hosts in a place; null for applications and transports. */
  hosts: number | null
  flows: number
  packets: number
  bytes: number
}

/** In the order of first appearance. A conversation counts once for each place of its two ends. */
export function totalsOf(traffic: Traffic): Total[] {
  const { flows, names } = traffic
  const { table } = flows
  const { totals: places, totalOfHost } = placeTotals(traffic)
  const applications = new Map<string | null, Total>()
  const transports = new Map<number, Total>()
  for (let flow = 0; flow < table.count; flow++) {
    const packets = table.forwardPackets(flow) + table.backwardPackets(flow)
    const bytes = table.forwardBytes(flow) + table.backwardBytes(flow)
    const first = totalOfHost[table.firstHost(flow)]
    const other = totalOfHost[table.otherHost(flow)]
    add(places[first], packets, bytes)
    if (other !== first) add(places[other], packets, bytes)
    const { application } = names.ofFlow(flow)
    add(named(applications, application, 'application', application), packets, bytes)
    const protocol = table.protocol(flow)
    add(transports.get(protocol) ?? named(transports, protocol, 'transport', transportName(protocol)), packets, bytes)
  }
  return [...places, ...applications.values(), ...transports.values()]
}

/** All totals of places, and the index of each host's total; without traffic yet. */
function placeTotals({ flows: { hosts }, located }: Traffic): { totals: Total[]; totalOfHost: Int32Array } {
  const totals: Total[] = []
  const indexOf = new Map<string, number>()
  const totalOfHost = new Int32Array(hosts.count)
  for (let host = 0; host < hosts.count; host++) {
    const place = located.places[located.placeOfHost[host]]
    const isCountry = place !== undefined && place.precision !== 'origin'
    const subject = isCountry ? 'country' : place !== undefined ? 'origin' : hosts.scope(host) === 'public' ? 'unlocated' : 'none'
    const key = isCountry ? `country ${place.countryCode ?? place.country}` : subject
    let index = indexOf.get(key)
    if (index === undefined) {
      index = totals.push(empty(subject, isCountry ? place.country : null, isCountry ? place.countryCode : null, 0)) - 1
      indexOf.set(key, index)
    }
    totals[index].hosts!++
    totalOfHost[host] = index
  }
  return { totals, totalOfHost }
}

function named<K>(totals: Map<K, Total>, key: K, subject: TotalSubject, name: string | null): Total {
  let total = totals.get(key)
  if (total === undefined) {
    total = empty(subject, name, null, null)
    totals.set(key, total)
  }
  return total
}

function empty(subject: TotalSubject, name: string | null, countryCode: string | null, hosts: number | null): Total {
  return { subject, name, countryCode, hosts, flows: 0, packets: 0, bytes: 0 }
}

function add(total: Total, packets: number, bytes: number): void {
  total.flows++
  total.packets += packets
  total.bytes += bytes
}
