import { beforeAll, describe, expect, test } from 'vitest'
import { readAlerts } from '../../src/store/read-alerts.ts'
import { readHealth, readHosts } from '../../src/store/read-hosts.ts'
import { readCaptures, readMeta } from '../../src/store/read-meta.ts'
import { readNotableFlows } from '../../src/store/read-notable-flows.ts'
import { readLargestFlow, readTimeline, readTraffic } from '../../src/store/read-traffic.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { FIRST_US, makeDatabase, makeEmpty, makeOffice } from '../support/database.ts'

let db: SqlDatabase
beforeAll(async () => {
  db = (await makeOffice()) as SqlDatabase
})

test('meta: numbers are numbers, what is unknown is null', () => {
  const meta = readMeta(db)
  expect(meta).toMatchObject({ reportName: 'office', packets: 110, firstUs: FIRST_US, ticks: 10, publicHosts: 4, locatedHosts: 3 })
  expect(meta.origin).toEqual({ name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' })
  expect(meta.geo).toMatchObject({ database: 'GeoLite2-City', buildDate: '2026-09-01', asnDatabase: null, asnBuildDate: null })
})

test('meta of an empty capture without a database', async () => {
  expect(readMeta((await makeEmpty()) as SqlDatabase)).toMatchObject({ packets: 0, firstUs: null, lastUs: null, geo: null })
})

test('captures with what was skipped, most first, and one warning a line', () => {
  const [capture] = readCaptures(db)
  expect(capture.skipped).toEqual([
    { reason: 'not IP: ARP', packets: 9 },
    { reason: 'truncated', packets: 1 },
  ])
  expect(capture.warnings).toEqual(['time goes backwards 2 times', '3 packets were cut by the snapshot length'])
  expect(capture).toMatchObject({ file: 'office.pcap', packets: 110, ipPackets: 100, endedBy: 'a record cut short at byte 91234' })
})

describe('traffic', () => {
  test('by country: a conversation counts once for each row it has an end in', () => {
    expect(readTraffic(db).countries).toEqual([
      { kind: 'origin', countryCode: null, country: null, hosts: 1, flows: 4, packets: 90, bytes: 92000 },
      { kind: 'country', countryCode: 'FR', country: 'France', hosts: 1, flows: 1, packets: 50, bytes: 59000 },
      { kind: 'unlocated', countryCode: null, country: null, hosts: 1, flows: 1, packets: 30, bytes: 30000 },
      { kind: 'country', countryCode: 'DE', country: 'Germany', hosts: 2, flows: 2, packets: 15, bytes: 9000 },
      { kind: 'none', countryCode: null, country: null, hosts: 1, flows: 1, packets: 5, bytes: 2000 },
    ])
  })

  test('by application and by transport', () => {
    const { applications, transports } = readTraffic(db)
    expect(applications).toEqual([
      { name: 'tls', flows: 2, packets: 55, bytes: 60000 },
      { name: 'http', flows: 1, packets: 30, bytes: 30000 },
      { name: null, flows: 2, packets: 15, bytes: 10000 },
    ])
    expect(transports).toEqual([
      { name: 'tcp', flows: 4, packets: 95, bytes: 98000 },
      { name: 'udp', flows: 1, packets: 5, bytes: 2000 },
    ])
  })
})

describe('hosts', () => {
  test('by bytes, each with its name and its place', () => {
    const hosts = readHosts(db, 3)
    expect(hosts.map(({ ip, name }) => [ip, name])).toEqual([
      ['10.0.0.1', null],
      ['92.1.1.1', 'www.example.fr'],
      ['2a00::5', 'lost.example'],
    ])
    expect(hosts[1]).toMatchObject({
      city: 'Paris',
      country: 'France',
      precision: 'city',
      packets: 50,
      bytes: 59000,
      sentBytes: 50000,
      receivedBytes: 9000,
    })
  })

  test('what a host sent to itself counts once', async () => {
    const counts = { sent_packets: 7, received_packets: 7, sent_bytes: 500, received_bytes: 500 }
    const hosts = [{ id: 1, ip: '127.0.0.1', scope: 'loopback', ...counts }]
    const flow = { client_host_id: 1, server_host_id: 1, client_packets: 4, server_packets: 3, client_bytes: 400, server_bytes: 100 }
    const own = await makeDatabase({ hosts, flows: [flow] }, {})
    expect(readHosts(own as SqlDatabase, 1)).toMatchObject([{ packets: 7, bytes: 500, sentBytes: 500, receivedBytes: 500 }])
  })

  test("a host that talked most to itself takes nobody's place", async () => {
    const counts = (bytes: number) => ({ sent_packets: 2, received_packets: 2, sent_bytes: bytes, received_bytes: bytes })
    const hosts = [900, 500, 499, 400].map((bytes, i) => ({ id: i + 1, ip: `10.0.0.${i + 1}`, scope: 'private', ...counts(bytes) }))
    const own = [1, 1, 2].map((id) => ({ client_host_id: id, server_host_id: id, client_packets: 1, client_bytes: 300, server_bytes: 150 }))
    const database = (await makeDatabase({ hosts, flows: own }, {})) as SqlDatabase
    expect(readHosts(database, 3).map(({ ip, bytes, packets }) => [ip, bytes, packets])).toEqual([
      ['10.0.0.3', 998, 4],
      ['10.0.0.1', 900, 2],
      ['10.0.0.4', 800, 4],
    ])
  })

  test('the unlocated ones: public, without a place', () => {
    expect(readHosts(db, 20, 'unlocated').map(({ ip }) => ip)).toEqual(['2a00::5'])
  })
})

describe('the largest conversation', () => {
  const hosts = [1, 2].map((id) => ({ id, ip: `10.0.0.${id}`, scope: 'private' }))
  const withBytes = async (bytes: number[]) => {
    const flows = bytes.map((client_bytes) => ({ client_host_id: 1, server_host_id: 2, client_bytes, server_bytes: 1 }))
    return (await makeDatabase({ hosts, flows }, {})) as SqlDatabase
  }
  const rising = Array.from({ length: 1500 }, (_, i) => i)

  test.each([
    ['the last of many', rising, 1500],
    ['the first of many', [...rising].reverse(), 1],
    ['of several the first', [...rising, 1499, 3000, 5, 3000], 1502],
    ['of none with bytes the first', [0, 0], 1],
  ])('%s', async (_, bytes, id) => {
    const database = await withBytes(bytes)
    expect(readLargestFlow(database, readNotableFlows(database).largestId)).toMatchObject({
      id,
      client: '10.0.0.1',
      clientBytes: bytes[id - 1],
    })
  })

  test('none without conversations', async () => {
    const database = await withBytes([])
    expect(readLargestFlow(database, readNotableFlows(database).largestId)).toBeNull()
  })
})

describe('health of servers', () => {
  const COUNTERS = [
    'segments',
    'retransmissions',
    'fast_retransmissions',
    'spurious_retransmissions',
    'out_of_order',
    'duplicate_acks',
    'lost_segments',
    'unseen_segments',
    'zero_windows',
    'window_full',
    'keep_alives',
    'zero_window_us',
  ]
  const none = Object.fromEntries(COUNTERS.flatMap((name) => [`client_${name}`, `server_${name}`].map((column) => [column, 0])))
  const hosts = [1, 2, 3, 4, 5].map((id) => ({ id, ip: `10.0.0.${id}`, scope: 'private', name: id === 3 ? 'three.example' : null }))
  /** Of each conversation: its server, and what is not 0 in `tcp`. */
  const withTcp = async (...all: [number, Record<string, number | null>][]) =>
    (await makeDatabase(
      {
        hosts,
        flows: all.map(([server_host_id]) => ({ client_host_id: 1, server_host_id })),
        tcp: all.map(([, counts], i) => ({ flow_id: i + 1, ...none, ...counts })),
      },
      {},
    )) as SqlDatabase

  test('is that of all their conversations', async () => {
    const database = await withTcp(
      [
        3,
        { handshake_us: 40, response_us: null, client_segments: 5, server_segments: 2, client_retransmissions: 1, server_lost_segments: 4 },
      ],
      [2, {}],
      [
        3,
        {
          handshake_us: 30,
          response_us: 7,
          server_segments: 1,
          server_retransmissions: 2,
          client_lost_segments: 1,
          client_zero_windows: 6,
        },
      ],
      [3, { handshake_us: null, response_us: 9, server_zero_windows: 1 }],
    )
    expect(readHealth(database, 2)).toEqual([
      {
        server: '10.0.0.3',
        name: 'three.example',
        host: 3,
        conversations: 3,
        handshakeUs: 30,
        responseUs: 9,
        segments: 8,
        repeated: 3,
        lost: 5,
        zeroWindows: 7,
      },
      {
        server: '10.0.0.2',
        name: null,
        host: 2,
        conversations: 1,
        handshakeUs: null,
        responseUs: null,
        segments: 0,
        repeated: 0,
        lost: 0,
        zeroWindows: 0,
      },
    ])
  })

  test('the most repeated segments first, then the slowest to answer, then the lower id', async () => {
    const database = await withTcp(
      [5, { response_us: 0 }],
      [4, {}],
      [3, { response_us: 8 }],
      [2, { response_us: 8 }],
      [1, { client_retransmissions: 1 }],
    )
    const order = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.5', '10.0.0.4']
    for (const limit of [1, 3, 5, 9]) expect(readHealth(database, limit).map(({ server }) => server)).toEqual(order.slice(0, limit))
  })

  test('an id that is no number, in a database that somebody else made, changes no other object', async () => {
    const database = await withTcp([2, { response_us: 8 }], [3, {}])
    database.run("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'flows'")
    database.run('PRAGMA writable_schema = RESET')
    database.run("UPDATE flows SET server_host_id = '__proto__' WHERE id = 2")
    expect(readHealth(database, 9).map(({ server }) => server)).toEqual(['10.0.0.2'])
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

test('alerts: incident by incident, the most severe first', () => {
  const alerts = readAlerts(db)
  expect(alerts.map(({ title, source, target }) => [title, source, target])).toEqual([
    ['Earlier scan', '91.1.1.2', null],
    ['Regular connections', '10.0.0.1', '92.1.1.1'],
    ['Port scan', '91.1.1.1', null],
  ])
  expect(alerts[1]).toMatchObject({ id: 3, storyId: 1, flows: 12, nextStep: 'Find the program' })
  expect(alerts[1].observed).toEqual([{ name: 'contacts', value: 12, unit: '1/h', threshold: 6 }])
})

test('timeline: the last span may be shorter', () => {
  expect(readTimeline(db, 0, 10, 1)).toEqual([30000, 0, 0, 0, 0, 0, 0, 0, 0, 30000])
  expect(readTimeline(db, 0, 10, 4)).toEqual([30000, 0, 30000])
})
