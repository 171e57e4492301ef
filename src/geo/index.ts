// Hosts -> places. Only unique public addresses are looked up, in batches, so that the event loop can run in between.

import { doubled, FIRST_ROWS } from '../column.ts'
import { embeddedIpv4, formatAddress, parseAddress } from '../decode/address.ts'
import type { HostTable } from '../flows/hosts.ts'
import { type GeoSource, LOCAL_SCOPES, type Location, type Lookup, type Origin, type Place, type Scope } from '../types.ts'
import { isSamePlace, LocationTable } from './location-table.ts'
import { inferOrigin, type OriginRegion } from './multilateration.ts'
import { DEFAULT_ORIGIN, nameOfPlace } from './origin.ts'

/** Addresses to look up; host numbers are 0 .. count - 1. */
export interface Addresses {
  readonly count: number
  /** Canonical text. */
  ip(host: number): string
  scope(host: number): Scope
}

/** The parts of the host table that locate() needs. */
export interface Hosts extends Addresses {
  /** Bytes, both directions, of the conversations that this host opened. Only called for the origin 'auto'. */
  clientBytes(host: number): number
  /** Shortest round-trip time between capture and host, microseconds; -1 where it is not known. Only called where nobody said where the capture was made. */
  rttUs?(host: number): number
}

export interface LocatedHosts {
  /** Distinct places; first the origin, then the others in the order of their first hosts. */
  places: Place[]
  /** Index into places by host, -1 if unknown or not applicable. */
  placeOfHost: Int32Array
  /** Autonomous system number by host, 0 if unknown. */
  asnOfHost: Uint32Array
  asNameOfHost: (string | null)[]
  publicHosts: number
  /** Public hosts with a place. */
  locatedHosts: number
  origin: Origin
  /** Where nobody said where the capture was made: where round-trip times allow it to be. */
  region: OriginRegion | null
}

/** Results for hosts 0 .. hosts - 1. Plain data, so that another thread can compute it. */
export interface Lookups {
  hosts: number
  /** Number of public hosts among them. */
  looked: number
  locations: Location[]
  /** By host: index into locations + 1, 0 for no location. */
  indexes: Int32Array
}

/** Location databases, in this thread or in another. */
export interface Geolocator {
  source: GeoSource
  /** Called between chunks of packets: new hosts may be looked up while reading continues. */
  follow(hosts: HostTable): void
  /** Called while no packets arrive. @returns false if nothing is left to do */
  lookUpSome(hosts: HostTable): boolean
  /** Looks up all hosts. */
  lookUp(hosts: HostTable): Promise<Lookups>
}

/** Lookups between two yields to the event loop: about 10 ms. */
const BATCH = 2048

/** Whether hosts of this scope are at the place of the capture. */
export function isAtOrigin(scope: Scope): boolean {
  return LOCAL_SCOPES.has(scope)
}

/** Finds the place of every host. `lookup` is null without a database: public hosts then have no place. */
export async function locate(hosts: Hosts, lookup: Lookup | null, origin: Origin | 'auto'): Promise<LocatedHosts> {
  return new HostLocator(null, await lookUp(hosts, new HostLocator(lookup))).locate(hosts, origin)
}

/** Looks up in batches and yields between them. @param locator may have started; must not be used afterwards */
export async function lookUp(addresses: Addresses, locator: HostLocator): Promise<Lookups> {
  for (let isFirst = true; !locator.isComplete(addresses); isFirst = false) {
    if (!isFirst) await new Promise((resolve) => setTimeout(resolve, 0))
    locator.advance(addresses, BATCH)
  }
  return locator.lookups()
}

/** Finds places step by step, while hosts are still being added; each host is looked up once. */
export class HostLocator {
  private looked: number
  private readonly table: LocationTable
  /** As in Lookups. */
  private indexes: Int32Array
  private readonly lookup: Lookup | null
  private next: number

  /** @param done results from another thread */
  constructor(lookup: Lookup | null, done: Lookups = { hosts: 0, looked: 0, locations: [], indexes: new Int32Array(FIRST_ROWS) }) {
    this.lookup = lookup
    this.looked = done.looked
    this.table = new LocationTable(done.locations)
    this.indexes = done.indexes
    this.next = done.hosts
  }

  isComplete(hosts: Addresses): boolean {
    return this.next >= hosts.count
  }

  /** The results so far; the locator must not be used afterwards. */
  lookups(): Lookups {
    return { hosts: this.next, looked: this.looked, locations: this.table.locations, indexes: this.indexes }
  }

  /** Looks up hosts until `limit` public ones are done, or all. */
  advance(hosts: Addresses, limit: number): void {
    for (let left = limit; left > 0 && this.next < hosts.count; this.next++) {
      const host = this.next
      if (host === this.indexes.length) this.indexes = doubled(this.indexes)
      if (hosts.scope(host) !== 'public') continue
      left--
      this.looked++
      const location = this.lookup?.(routedAddress(hosts.ip(host))) ?? null
      if (location !== null) this.indexes[host] = this.table.intern(location) + 1
    }
  }

  /** Location of a host that was looked up; null if unknown. */
  locationOf(host: number): Location | null {
    return this.table.locations[this.indexes[host] - 1] ?? null
  }

  /** The places of all present hosts; the locator may continue afterwards. */
  locate(hosts: Hosts, origin: Origin | 'auto'): LocatedHosts {
    this.advance(hosts, Number.POSITIVE_INFINITY)
    const isAsked = origin !== 'auto' && origin.source !== 'default'
    const located = this.assign(hosts, origin === 'auto' ? DEFAULT_ORIGIN : origin)
    if (isAsked) return located
    const region = hosts.rttUs === undefined ? null : inferOrigin(located.places, located.placeOfHost, (host) => hosts.rttUs!(host))
    if (origin !== 'auto') return { ...located, region }
    const found: Origin = region === null ? this.busiestClientPlace(hosts) : originOfRegion(region)
    return { ...located, region, origin: found, places: [originPlace(found), ...located.places.slice(1)] }
  }

  private assign(hosts: Hosts, origin: Origin): LocatedHosts {
    const places: Place[] = [originPlace(origin)]
    const placeOf = this.placesOfLocations(hosts.count, places)
    const placeOfHost = new Int32Array(hosts.count).fill(-1)
    const asnOfHost = new Uint32Array(hosts.count)
    const asNameOfHost: (string | null)[] = new Array(hosts.count).fill(null)
    let locatedHosts = 0
    for (let host = 0; host < hosts.count; host++) {
      const location = this.locationOf(host)
      if (location === null) {
        if (isAtOrigin(hosts.scope(host))) placeOfHost[host] = 0
        continue
      }
      asnOfHost[host] = location.asn ?? 0
      asNameOfHost[host] = location.asName
      if (location.place === null) continue
      placeOfHost[host] = placeOf[this.indexes[host] - 1]
      locatedHosts++
    }
    return { places, placeOfHost, asnOfHost, asNameOfHost, publicHosts: this.looked, locatedHosts, origin, region: null }
  }

  /** By location: the index of its place. New places are added to `places`, in the order of the hosts. */
  private placesOfLocations(hosts: number, places: Place[]): Int32Array {
    const { locations } = this.table
    const placeOf = new Int32Array(locations.length)
    // Key: a number that differs for nearly all places; places with equal keys are compared.
    const indexes = new Map<number, number[]>()
    for (let host = 0; host < hosts; host++) {
      const location = this.indexes[host] - 1
      const place = locations[location]?.place ?? null
      if (place === null || placeOf[location] !== 0) continue
      const key = place.latitudeDeg * 1000 + place.longitudeDeg
      const alike = indexes.get(key) ?? []
      if (alike.length === 0) indexes.set(key, alike)
      let index = alike.find((other) => isSamePlace(places[other], place))
      if (index === undefined) {
        index = places.push({ ...place }) - 1
        alike.push(index)
      } else places[index].accuracyKm = widest(places[index].accuracyKm, place.accuracyKm)
      placeOf[location] = index
    }
    return placeOf
  }

  /** Origin 'auto' without a region: the place of the public host whose opened conversations have most bytes (useful for a capture at a server). */
  private busiestClientPlace(hosts: Hosts): Origin {
    let most = 0
    let origin = DEFAULT_ORIGIN
    for (let host = 0; host < hosts.count; host++) {
      const place = this.locationOf(host)?.place
      if (!place || hosts.clientBytes(host) <= most) continue
      most = hosts.clientBytes(host)
      const { latitudeDeg, longitudeDeg } = place
      origin = { name: nameOfPlace(place), latitudeDeg, longitudeDeg, source: 'auto' }
    }
    return origin
  }
}

/** Private addresses are drawn in the middle of what is possible. */
function originOfRegion({ name, latitudeDeg, longitudeDeg }: OriginRegion): Origin {
  return { name: `near ${name}`, latitudeDeg, longitudeDeg, source: 'auto' }
}

/** The IPv4 address inside a NAT64, 6to4 or Teredo address, else the address itself: packets are routed there, and databases contain it. */
export function routedAddress(ip: string): string {
  const bytes = ip.includes(':') ? parseAddress(ip) : null
  const ipv4 = bytes === null ? null : embeddedIpv4(bytes, 0)
  return ipv4 === null ? ip : formatAddress(ipv4, 0, 4)
}

/** Databases have one radius per network; the place keeps the widest. */
function widest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

/** The place of hosts at the origin. */
export function originPlace({ name, latitudeDeg, longitudeDeg }: Origin): Place {
  const unknown = { accuracyKm: null, region: null, countryCode: null, country: null, continentCode: null, timeZone: null }
  return { latitudeDeg, longitudeDeg, city: name, ...unknown, precision: 'origin' }
}
