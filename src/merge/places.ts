// Places of the hosts of several reports, and their origins -> the places of all.

import { compare } from '../compare.ts'
import { embeddedIpv4 } from '../decode/address.ts'
import type { Flows } from '../flows/index.ts'
import { HostLocator, type LocatedHosts } from '../geo/index.ts'
import { LocationTable } from '../geo/location-table.ts'
import type { GeoSource, Location, Origin, Place } from '../types.ts'
import type { MergedCaptures } from './captures.ts'
import { type Cell, cellOf, rowOf } from './cell-table.ts'
import type { HostOf } from './flows.ts'
import { found } from './pieces.ts'
import { HOST } from './report-rows.ts'

const PRECISIONS = ['city', 'region', 'country']

export function mergePlaces({ reports }: MergedCaptures, hostOf: HostOf, { hosts }: Flows): LocatedHosts {
  const routed = routedHosts(hosts)
  const table = new LocationTable([])
  /** By the first host of those routed alike: index of the location + 1, 0 for none. */
  const known = new Int32Array(hosts.count)
  for (const [report, { rows }] of reports.entries()) {
    const places = Array.from({ length: rows.places.count }, (_, row) => placeOf(rowOf(rows.places, row)))
    const locations = new Map<string, number>()
    for (let row = 0; row < rows.hosts.count; row++) {
      const placeId = cellOf(rows.hosts, row, HOST.place_id)
      const asn = cellOf(rows.hosts, row, HOST.asn)
      const asName = cellOf(rows.hosts, row, HOST.as_name)
      const place = placeId === null ? null : found(places, placeId, 'place')
      if (place?.precision === 'origin' || (place === null && asn === null)) continue
      const key = `${placeId} ${asn} ${asName}`
      const location = locations.get(key) ?? table.intern({ place, asn, asName } as Location)
      locations.set(key, location)
      const host = routed[hostOf(report, row + 1)]
      const other = known[host] - 1
      if (other < 0 || best(table.locations[other], table.locations[location]) !== table.locations[other]) known[host] = location + 1
    }
  }
  const indexes = new Int32Array(hosts.count)
  let looked = 0
  for (let host = 0; host < hosts.count; host++) {
    if (hosts.scope(host) !== 'public') continue
    looked++
    indexes[host] = known[routed[host]]
  }
  const located = new HostLocator(null, { hosts: hosts.count, looked, locations: table.locations, indexes })
  const addresses = { count: hosts.count, ip: (id: number) => hosts.ip(id), scope: (id: number) => hosts.scope(id), clientBytes: () => 0 }
  return located.locate(addresses, mergeOrigin(reports.map(({ rows }) => rows.meta.origin)))
}

/** By host: the first of those that packets to its address are routed to (as routedAddress()), which have one location. */
function routedHosts(hosts: Flows['hosts']): Int32Array {
  const routed = new Int32Array(hosts.count)
  const alike = new Map<string, number>()
  for (let host = 0; host < hosts.count; host++) {
    routed[host] = host
    const ipv4 = hosts.addressLength(host) === 4 ? null : embeddedIpv4(hosts.address(host), 0)
    if (ipv4 === null) continue
    const first = hosts.find(ipv4, 0, 4)
    const text = ipv4.join('.')
    if (!alike.has(text)) alike.set(text, first < 0 ? host : first)
    routed[host] = alike.get(text)!
  }
  return routed
}

function placeOf([
  ,
  latitudeDeg,
  longitudeDeg,
  accuracyKm,
  city,
  region,
  countryCode,
  country,
  continentCode,
  timeZone,
  precision,
]: Cell[]): Place {
  return { latitudeDeg, longitudeDeg, accuracyKm, city, region, countryCode, country, continentCode, timeZone, precision } as Place
}

/** Where two reports place an address differently (databases of other months): the more precise place; of equal ones, the first as text. */
function best(a: Location, b: Location): Location {
  if (a === b) return a
  const rank = ({ place }: Location) => (place === null ? PRECISIONS.length : PRECISIONS.indexOf(place.precision))
  return (rank(a) - rank(b) || compare(JSON.stringify(a), JSON.stringify(b))) <= 0 ? a : b
}

/** An origin that somebody chose before an assumed one; of several, the first as text. */
function mergeOrigin(origins: Origin[]): Origin {
  const rank = ({ source }: Origin) => (source === 'default' ? 1 : 0)
  return origins.reduce((a, b) => ((rank(a) - rank(b) || compare(JSON.stringify(a), JSON.stringify(b))) <= 0 ? a : b))
}

/** The newest of the location databases; of equal ones, the first as text. */
export function mergeGeo({ reports }: MergedCaptures): GeoSource | null {
  const sources = reports.flatMap(({ rows }) => rows.meta.geo ?? [])
  const isAfter = (a: GeoSource, b: GeoSource) =>
    (compare(b.buildDate ?? '', a.buildDate ?? '') || compare(JSON.stringify(a), JSON.stringify(b))) <= 0
  return sources.length === 0 ? null : sources.reduce((a, b) => (isAfter(a, b) ? a : b))
}
