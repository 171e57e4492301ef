import { beforeAll, describe, expect, test } from 'vitest'
import { readAlerts } from '../../src/store/read-alerts.ts'
import { readHosts } from '../../src/store/read-hosts.ts'
import { readCaptures, readMeta } from '../../src/store/read-meta.ts'
import { readTimeline, readTraffic } from '../../src/store/read-traffic.ts'
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

  test('the unlocated ones: public, without a place', () => {
    expect(readHosts(db, 20, 'unlocated').map(({ ip }) => ip)).toEqual(['2a00::5'])
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
