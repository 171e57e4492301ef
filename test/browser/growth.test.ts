// What the growing picture of a capture is told while it is read, held against a capture that is made here.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { analyze } from '../../src/analyze.ts'
import { Growth } from '../../src/browser/growth.ts'
import type { LiveTcpRow } from '../../src/contract/live-feed.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { rowsOf } from '../../src/sqlite/query.ts'
import { TCP_COLUMNS } from '../../src/store/tcp-columns.ts'
import { sourceOf } from '../support/analysis.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const DEMO = readFileSync(fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url)))
const [CLIENT, SERVER] = ['10.0.0.1', '192.0.2.9']
const SEGMENT = new Uint8Array(100).fill(0x2e)
const OPTIONS = { reportName: 'x', programVersion: '0', maxPackets: 0 } as const
const ORIGIN = { name: 'x', latitudeDeg: 0, longitudeDeg: 0, source: 'default' } as const
/** Reading has hardly begun. */
const PROGRESS = { bytes: 1, totalBytes: 1e12, packets: 1 }

/** A segment of the client, then again at each of these seconds; the server repeats its own once. */
function conversation(port: number, seconds: number[]) {
  const packets = [
    ...seconds.map((second) => ({
      second,
      layer: tcp(port, 80, 'PA', SEGMENT, { sequence: 1, acknowledgment: 1, window: 1000 }),
      isClient: true,
    })),
    ...[1, 2].map((second) => ({
      second,
      layer: tcp(80, port, 'PA', SEGMENT, { sequence: 1, acknowledgment: 101, window: 1000 }),
      isClient: false,
    })),
  ]
  return packets.map(({ second, layer, isClient }) => ({
    atUs: 1_760_000_000_000_000 + second * 1e6,
    bytes: ethernet(isClient ? ipv4(CLIENT, SERVER, layer) : ipv4(SERVER, CLIENT, layer)),
  }))
}

it('has the repeated segments of both ends, as sums so far, only of conversations that repeated more', async () => {
  const bytes = pcap([...conversation(40_000, [0, 0.4, 0.8, 9]), ...conversation(40_001, [0.1])].sort((a, b) => a.atUs - b.atUs))
  const growth = new Growth('x', ORIGIN, new Uint8Array(0))
  growth.locateWith(null)
  const told: unknown[] = []
  let packets = 0
  const host = {
    geoip: Promise.resolve(null),
    openDatabase: loadSqlite(),
    follow: (analysis: Parameters<Growth['follow']>[0]) => {
      const onPacket = growth.follow(analysis)
      return (...packet: Parameters<typeof onPacket>) => {
        onPacket(...packet)
        packets++
        told.push(growth.next(PROGRESS)?.change.retransmissions)
      }
    },
  }
  await analyze([sourceOf(bytes)], host, { ...OPTIONS, origin: ORIGIN })
  expect(packets).toBe(9)
  expect(told).toEqual([
    [], // 0 s
    [], // 0.1 s, the other conversation
    [{ flowId: 1, client: 1, server: 0 }], // 0.4 s
    [{ flowId: 1, client: 2, server: 0 }], // 0.8 s
    [], // 1 s, the server's
    [], // 1 s, the server's in the other
    [{ flowId: 1, client: 2, server: 1 }], // 2 s
    [{ flowId: 2, client: 0, server: 1 }],
    [{ flowId: 1, client: 3, server: 1 }], // 9 s
  ])
})

it('has the totals and the rows of tcp that the report has in the end', async () => {
  const growth = new Growth('x', ORIGIN, new Uint8Array(0))
  growth.locateWith(null)
  const rows = new Map<number | null, LiveTcpRow>()
  let packets = 0
  let totals: number[] = []
  const take = () => {
    const change = growth.next(PROGRESS)?.change
    if (change === undefined) return
    totals = [change.totals.packets, change.totals.ipPackets]
    for (const row of change.tcp) rows.set(row[0], row)
  }
  const sqlite = loadSqlite()
  const follow = (analysis: Parameters<Growth['follow']>[0]) => {
    const onPacket = growth.follow(analysis)
    return (...packet: Parameters<typeof onPacket>) => {
      onPacket(...packet)
      if (++packets % 100 === 0) take()
    }
  }
  const file = await analyze(
    [sourceOf(DEMO)],
    { geoip: Promise.resolve(null), openDatabase: sqlite, follow },
    { ...OPTIONS, origin: ORIGIN },
  )
  take()
  const database = (await sqlite)(file)
  const columns = ['flow_id', ...TCP_COLUMNS.map(({ name }) => name)].join()
  expect([...rows.values()].sort((a, b) => a[0]! - b[0]!)).toEqual(rowsOf(database, `SELECT ${columns} FROM tcp ORDER BY flow_id`))
  expect(rows.size).toBeGreaterThan(100)
  expect(totals).toEqual([18_325, 18_313]) // as tshark: 12 packets are ARP
  database.close()
})
