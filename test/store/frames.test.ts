// Frame numbers of packets and conversations -> those of tshark; with several captures, each in its own file.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { analyze } from '../../src/analyze.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, sourceOf } from '../support/analysis.ts'
import { ethernet, ipv4, ipv4Fragments, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const START_US = 1_760_000_000_000_000

let database: SqlDatabase
/** By frame number: time in microseconds, source and target. */
const frames = new Map<number, { atUs: number; source: string; target: string }>()

beforeAll(async () => {
  database = await analyzeBytes(readFileSync(DEMO), undefined, { maxPackets: Number.POSITIVE_INFINITY })
  const fields = ['frame.number', 'frame.time_epoch', 'ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst'].flatMap((field) => ['-e', field])
  const text = execFileSync('tshark', ['-n', '-r', DEMO, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for (const line of text.trimEnd().split('\n')) {
    const [number, time, source4, target4, source6, target6] = line.split('\t')
    const [seconds, fraction] = time.split('.')
    frames.set(Number(number), {
      atUs: Number(seconds) * 1e6 + Number(fraction.slice(0, 6)),
      source: (source4 || source6).split(',')[0], // in an ICMP error, the quoted packet's come after it
      target: (target4 || target6).split(',')[0],
    })
  }
})

test('every packet has the number of the frame with its time and addresses', () => {
  const packets = rowsOf(
    database,
    `SELECT p.frame, p.capture_id, p.at_us, iif(from_client, c.ip, s.ip), iif(from_client, s.ip, c.ip)
     FROM packets p JOIN flows f ON f.id = p.flow_id JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id ORDER BY p.id`,
  )
  expect(packets.length).toBeGreaterThan(15_000)
  for (const [frame, capture, atUs, source, target] of packets) {
    expect(capture).toBe(1)
    expect({ atUs, source, target }).toEqual(frames.get(Number(frame)))
  }
})

test('a conversation has the numbers of its first and last packet', () => {
  const wrong = rowsOf(
    database,
    `SELECT f.id FROM flows f JOIN (SELECT flow_id, min(frame) AS first, max(frame) AS last FROM packets GROUP BY flow_id) p ON p.flow_id = f.id
     WHERE f.first_frame <> p.first OR f.last_frame <> p.last OR f.first_capture_id <> 1 OR f.last_capture_id <> 1`,
  )
  expect(wrong).toEqual([])
})

test('several captures number their own frames, and fragments that wait keep theirs', async () => {
  const pieces = ipv4Fragments('10.0.0.1', '192.0.2.9', udp(4000, 9, 'x'.repeat(3000)), 77, 1400).map((layer) => ethernet(layer))
  const other = ethernet(ipv4('10.0.0.1', '192.0.2.8', udp(1, 2)))
  const one = pcap([other, ...pieces.reverse()].map((bytes, i) => ({ atUs: START_US + 10 * i, bytes })))
  const two = pcap([1, 2].map((i) => ({ atUs: START_US + 10 * i + 5, bytes: ethernet(ipv4('192.0.2.9', '10.0.0.1', udp(9, 4000))) })))
  const sqlite = loadSqlite()
  const origin = { name: 'x', latitudeDeg: 0, longitudeDeg: 0, source: 'default' } as const
  const file = await analyze(
    [sourceOf(one, undefined, 'one'), sourceOf(two, undefined, 'two')],
    { geoip: Promise.resolve(null), openDatabase: sqlite },
    { reportName: 'test', programVersion: '0', origin, maxPackets: 100 },
  )
  const merged = (await sqlite)(file)
  expect(rowsOf(merged, 'SELECT first_capture_id, first_frame, last_capture_id, last_frame FROM flows ORDER BY id')).toEqual([
    [1, 1, 1, 1],
    [1, 2, 1, 4],
  ])
  expect(rowsOf(merged, 'SELECT capture_id, frame FROM packets WHERE flow_id = 2 ORDER BY at_us')).toEqual([
    [1, 2],
    [2, 1],
    [1, 3],
    [2, 2],
    [1, 4],
  ])
})
