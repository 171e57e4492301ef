// Places and round-trip times: no right place is struck out, and no wrong one is missed where the time allows to know it.
import { describe, expect, test } from 'vitest'
import { analyze } from '../../src/analyze.ts'
import type { Geolocator } from '../../src/geo/index.ts'
import { HostLocator, lookUp } from '../../src/geo/index.ts'
import { checkPlace } from '../../src/geo/light.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import type { Origin, Place } from '../../src/types.ts'
import { sourceOf } from '../support/analysis.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { randomOf } from '../support/random.ts'

const START_US = 1_760_000_000_000_000
const ORIGIN: Origin = { name: 'Berlin', latitudeDeg: 52.52, longitudeDeg: 13.405, source: 'option' }

function placeAt(latitudeDeg: number, longitudeDeg: number, accuracyKm: number | null = 20): Place {
  const none = { city: null, region: null, countryCode: null, country: null, continentCode: null, timeZone: null }
  return { ...none, latitudeDeg, longitudeDeg, accuracyKm, precision: 'city' }
}

/** Spherical law of cosines, not the formula under test. */
function kilometres(a: { latitudeDeg: number; longitudeDeg: number }, b: typeof a): number {
  const [x, y, z] = [a.latitudeDeg, b.latitudeDeg, b.longitudeDeg - a.longitudeDeg].map((degrees) => (degrees / 180) * Math.PI)
  return 6371 * Math.acos(Math.min(1, Math.sin(x) * Math.sin(y) + Math.cos(x) * Math.cos(y) * Math.cos(z)))
}

test.each([
  ['New York from Berlin in 4.2 ms', 40.71, -74.01, 4200, 'impossible'],
  ['New York from Berlin in 80 ms', 40.71, -74.01, 80_000, 'possible'],
  ['Paris from Berlin in 8.5 ms', 48.857, 2.352, 8500, 'impossible'],
  ['Paris from Berlin in 9 ms', 48.857, 2.352, 9000, 'possible'],
])('%s: %s', (_, latitudeDeg, longitudeDeg, rttUs, expected) => {
  expect(checkPlace(placeAt(latitudeDeg, longitudeDeg), ORIGIN, rttUs)).toBe(expected)
})

test('nothing is said without a time, without a place, and of a centre of a country', () => {
  expect(checkPlace(null, ORIGIN, 1000)).toBeNull()
  expect(checkPlace(placeAt(40, -74), ORIGIN, -1)).toBeNull()
  expect(checkPlace({ ...placeAt(40, -74), precision: 'country' }, ORIGIN, 1000)).toBeNull()
})

/** A server where it is, where the database says it is, and how long its answers take. */
interface Made {
  ip: string
  told: Place
  isMoved: boolean
  rttUs: number
  errorKm: number
}

function servers(count: number): Made[] {
  const random = randomOf(41)
  const degrees = (most: number) => random(2 * most * 1000) / 1000 - most
  return Array.from({ length: count }, (_, i) => {
    const real = placeAt(degrees(80), degrees(180))
    const isMoved = random(2) === 0
    const told = isMoved ? placeAt(degrees(80), degrees(180)) : real
    // Cables are longer than great circles, and routers and servers take their time.
    const rttUs = Math.ceil((kilometres(ORIGIN, real) * (1.05 + random(100) / 100)) / 0.1) + 200 + random(3000)
    return { ip: `8.${i >> 8}.${i & 255}.1`, told, isMoved, rttUs, errorKm: kilometres(real, told) }
  })
}

/** For each server: a handshake as it is seen at the client, then 100 bytes that are acknowledged; every fifth has a repeated SYN. */
function captureOf(made: Made[]): Uint8Array {
  const packets = made.flatMap(({ ip, rttUs }, i) => {
    const at = START_US + i * 10_000_000
    const port = 20_000 + i
    const out = (flags: string, seq: number, ack: number, data = '') =>
      ethernet(ipv4('192.168.1.2', ip, tcp(port, 443, flags, data, { sequence: seq, acknowledgment: ack })))
    const back = (flags: string, seq: number, ack: number) =>
      ethernet(ipv4(ip, '192.168.1.2', tcp(443, port, flags, '', { sequence: seq, acknowledgment: ack })))
    const repeated = i % 5 === 4 ? [{ atUs: at + rttUs - 50, bytes: out('S', 99, 0) }] : []
    return [
      { atUs: at, bytes: out('S', 99, 0) },
      ...repeated,
      { atUs: at + rttUs, bytes: back('SA', 499, 100) },
      { atUs: at + rttUs + 10, bytes: out('A', 100, 500) },
      { atUs: at + rttUs + 20, bytes: out('PA', 100, 500, 'x'.repeat(100)) },
      { atUs: at + 2 * rttUs + 40, bytes: back('A', 500, 200) },
    ]
  })
  return pcap(packets)
}

async function analyzed(made: Made[], origin: Origin) {
  const places = new Map(made.map(({ ip, told }) => [ip, told]))
  const lookup = (ip: string) => ({ place: places.get(ip) ?? null, asn: null, asName: null })
  const source = { database: 'made', buildDate: null, attribution: '', asnDatabase: null, asnBuildDate: null }
  const geolocator: Geolocator = {
    source,
    follow() {},
    lookUpSome: () => false,
    lookUp: (hosts) => lookUp(hosts, new HostLocator(lookup)),
  }
  const sqlite = loadSqlite()
  const options = { reportName: 'x', programVersion: '0', origin, maxPackets: 0 }
  const file = await analyze([sourceOf(captureOf(made))], { geoip: Promise.resolve(geolocator), openDatabase: sqlite }, options)
  return (await sqlite)(file)
}

describe('300 servers at known places, half of them told to be elsewhere', async () => {
  const made = servers(300)
  const database = await analyzed(made, ORIGIN)
  const rows = new Map(rowsOf(database, 'SELECT ip, rtt_us, place_check FROM hosts').map(([ip, rtt, check]) => [ip, { rtt, check }]))

  test('the shortest time is that of the answer, and none where a repeated SYN leaves it open', () => {
    for (const [i, { ip, rttUs }] of made.entries()) expect(rows.get(ip)?.rtt, ip).toBe(i % 5 === 4 ? null : rttUs)
  })

  test('no right place is struck out', () => {
    const right = made.filter(({ isMoved, ip }) => !isMoved && rows.get(ip)!.rtt !== null)
    expect(right.length).toBeGreaterThan(80)
    expect(right.filter(({ ip }) => rows.get(ip)!.check !== 'possible')).toEqual([])
  })

  test('no place wrong by 1,000 km is missed where the time allows to know it', () => {
    const wrong = made.filter(
      ({ isMoved, ip, errorKm, told, rttUs }) =>
        isMoved && rows.get(ip)!.rtt !== null && errorKm > 1000 && kilometres(ORIGIN, told) - 20 > (rttUs / 1000) * 100 + 0.001,
    )
    expect(wrong.length).toBeGreaterThan(20)
    expect(wrong.filter(({ ip }) => rows.get(ip)!.check !== 'impossible')).toEqual([])
  })
})

test('an origin that is only assumed strikes out nothing', async () => {
  const made = servers(20)
  const database = await analyzed(made, { ...ORIGIN, source: 'default' })
  expect(rowsOf(database, 'SELECT count(rtt_us) > 0, count(place_check) FROM hosts')).toEqual([[1, 0]])
})
