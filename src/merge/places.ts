// Places of the hosts of several reports, and their origins -> the places of all.

import { compare } from '../compare.ts'
import type { Flows } from '../flows/index.ts'
import { HostLocator, type LocatedHosts, routedAddress } from '../geo/index.ts'
import type { GeoSource, Location, Origin, Place } from '../types.ts'
import type { MergedCaptures } from './captures.ts'
import { type Cell, cellOf, rowOf } from './cell-table.ts'
import { found } from './pieces.ts'
import { HOST } from './report-rows.ts'

const PRECISIONS = ['city', 'region', 'country']

export function mergePlaces({ reports }: MergedCaptures, { hosts }: Flows): LocatedHosts {
  const known = new Map<string, Location>()
  // Equal locations are one object: comparing their texts took a tenth of the time of a merge.
  const distinct = new Map<string, Location>()
  const share = (location: Location): Location => {
    const text = JSON.stringify(location)
    if (!distinct.has(text)) distinct.set(text, location)
    return distinct.get(text)!
  }
  for (const { rows } of reports) {
    const places = Array.from({ length: rows.places.count }, (_, row) => placeOf(rowOf(rows.places, row)))
    const locations = new Map<string, Location>()
    for (let row = 0; row < rows.hosts.count; row++) {
      const placeId = cellOf(rows.hosts, row, HOST.place_id)
      const asn = cellOf(rows.hosts, row, HOST.asn)
      const asName = cellOf(rows.hosts, row, HOST.as_name)
      const place = placeId === null ? null : found(places, placeId, 'place')
      if (place?.precision === 'origin' || (place === null && asn === null)) continue
      const key = `${placeId} ${asn} ${asName}`
      const location = locations.get(key) ?? share({ place, asn, asName } as Location)
      locations.set(key, location)
      const address = routedAddress(cellOf(rows.hosts, row, HOST.ip) as string)
      const other = known.get(address)
      known.set(address, other === undefined ? location : best(other, location))
    }
  }
  const addresses = { count: hosts.count, ip: (id: number) => hosts.ip(id), scope: (id: number) => hosts.scope(id), clientBytes: () => 0 }
  return new HostLocator((ip) => known.get(ip) ?? null).locate(addresses, mergeOrigin(reports.map(({ rows }) => rows.meta.origin)))
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
