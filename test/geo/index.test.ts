import { describe, expect, test } from 'vitest'
import { type Hosts, locate } from '../../src/geo/index.ts'
import { DEFAULT_ORIGIN } from '../../src/geo/origin.ts'
import type { Location, Lookup, Place, Scope } from '../../src/types.ts'

function makeHosts(rows: [string, Scope, number?][]): Hosts {
  return { count: rows.length, ip: (i) => rows[i][0], scope: (i) => rows[i][1], clientBytes: (i) => rows[i][2] ?? 0 }
}

function place(city: string, latitudeDeg: number, accuracyKm: number | null = null): Place {
  const unknown = { region: null, countryCode: null, continentCode: null, timeZone: null }
  return { latitudeDeg, longitudeDeg: 10, accuracyKm, city, country: 'Land', ...unknown, precision: 'city' }
}

const at = (where: Place | null, asn: number | null = null): Location => ({
  place: where,
  asn,
  asName: asn === null ? null : `AS name ${asn}`,
})

const KNOWN: Record<string, Location> = {
  '8.8.8.8': at(place('A', 1, 5), 15169),
  '9.9.9.9': at(place('B', 2)),
  '8.8.4.4': at(place('A', 1, 50), 4200000000),
  '5.5.5.5': at(null, 7),
}
const lookup: Lookup = (ip) => KNOWN[ip] ?? null

describe('locate', () => {
  test('public hosts by lookup, hosts of the site at the origin, the rest nowhere', async () => {
    const hosts = makeHosts([
      ['9.9.9.9', 'public'],
      ['192.168.0.1', 'private'],
      ['8.8.8.8', 'public'],
      ['224.0.0.1', 'multicast'],
      ['5.5.5.5', 'public'],
      ['8.8.4.4', 'public'],
      ['1.2.3.4', 'public'],
      ['127.0.0.1', 'loopback'],
      ['169.254.0.1', 'link-local'],
      ['100.64.0.1', 'cgnat'],
      ['255.255.255.255', 'broadcast'],
      ['192.0.2.1', 'documentation'],
      ['240.0.0.1', 'reserved'],
    ])
    const located = await locate(hosts, lookup, DEFAULT_ORIGIN)
    expect(located.places.map(({ city, precision }) => [city, precision])).toEqual([
      ['Nairobi, Kenya', 'origin'],
      ['B', 'city'],
      ['A', 'city'],
    ])
    expect(located.places[0]).toMatchObject({ latitudeDeg: -1.286389, longitudeDeg: 36.817223 })
    expect([...located.placeOfHost]).toEqual([1, 0, 2, -1, -1, 2, -1, 0, 0, 0, -1, -1, -1])
    expect([...located.asnOfHost]).toEqual([0, 0, 15169, 0, 7, 4200000000, 0, 0, 0, 0, 0, 0, 0])
    expect(located.asNameOfHost[2]).toBe('AS name 15169')
    expect(located.asNameOfHost[1]).toBeNull()
    expect(located).toMatchObject({ publicHosts: 5, locatedHosts: 3, origin: DEFAULT_ORIGIN })
  })

  test('one place, however exact each network is known: the widest radius; the records stay as they were', async () => {
    const hosts = makeHosts([
      ['8.8.8.8', 'public'],
      ['8.8.4.4', 'public'],
    ])
    const located = await locate(hosts, lookup, DEFAULT_ORIGIN)
    expect(located.places).toHaveLength(2)
    expect(located.places[1].accuracyKm).toBe(50)
    expect(KNOWN['8.8.8.8'].place?.accuracyKm).toBe(5)
  })

  test('looks up only public addresses, once each, and the IPv4 address inside an IPv6 one', async () => {
    const asked: string[] = []
    const hosts = makeHosts([
      ['10.0.0.1', 'private'],
      ['2606:4700::1', 'public'],
      ['64:ff9b::808:808', 'public'],
      ['::ffff:8.8.4.4', 'public'],
      ['2002:909:909::1', 'public'],
      ['2001:db8::1', 'documentation'],
    ])
    const listen: Lookup = (ip) => {
      asked.push(ip)
      return lookup(ip)
    }
    const located = await locate(hosts, listen, DEFAULT_ORIGIN)
    expect(asked).toEqual(['2606:4700::1', '8.8.8.8', '8.8.4.4', '9.9.9.9'])
    expect([...located.placeOfHost]).toEqual([0, -1, 1, 1, 2, -1])
  })

  test('no database: nothing located, private hosts are still at the origin', async () => {
    const hosts = makeHosts([
      ['8.8.8.8', 'public'],
      ['10.0.0.1', 'private'],
    ])
    const located = await locate(hosts, null, DEFAULT_ORIGIN)
    expect([...located.placeOfHost]).toEqual([-1, 0])
    expect(located).toMatchObject({ publicHosts: 1, locatedHosts: 0 })
  })

  test('no hosts', async () => {
    expect(await locate(makeHosts([]), lookup, DEFAULT_ORIGIN)).toMatchObject({
      publicHosts: 0,
      locatedHosts: 0,
      places: [{ precision: 'origin' }],
    })
  })

  test('lets others work between batches', async () => {
    const rows = Array.from({ length: 5000 }, (_, i): [string, Scope] => [`1.1.${i >> 8}.${i & 255}`, 'public'])
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const located = await locate(makeHosts(rows), lookup, DEFAULT_ORIGIN)
    clearInterval(timer)
    expect(located.publicHosts).toBe(5000)
    expect(turns).toBeGreaterThan(0)
  })
})

describe('origin auto', () => {
  test('the place of the public client with the most bytes', async () => {
    const hosts = makeHosts([
      ['10.0.0.1', 'private', 9000],
      ['8.8.8.8', 'public', 10],
      ['9.9.9.9', 'public', 200],
      ['1.2.3.4', 'public', 5000], // not located
    ])
    const { origin, places, placeOfHost } = await locate(hosts, lookup, 'auto')
    expect(origin).toEqual({ name: 'B, Land', latitudeDeg: 2, longitudeDeg: 10, source: 'auto' })
    expect(places[0]).toMatchObject({ latitudeDeg: 2, longitudeDeg: 10, precision: 'origin' })
    expect([...placeOfHost]).toEqual([0, 1, 2, -1])
  })

  test('the default where no public host opened anything', async () => {
    const hosts = makeHosts([
      ['10.0.0.1', 'private', 9000],
      ['8.8.8.8', 'public', 0],
    ])
    expect((await locate(hosts, lookup, 'auto')).origin).toEqual(DEFAULT_ORIGIN)
  })
})
