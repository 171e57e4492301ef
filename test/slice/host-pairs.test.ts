// A slice that looks only at packets between the hosts of selected conversations has the bytes of one that looks at all packets.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CopyOptions } from '../../src/slice/copy.ts'
import { slice } from '../../src/slice/index.ts'
import { type PairFlows, select } from '../../src/slice/select.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, sourceOf } from '../support/analysis.ts'
import { ethernet, ipv4, ipv4Fragments, ipv6, tcp, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const DEMO = readFileSync(fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url)))
const OPTIONS: CopyOptions = { format: 'pcapng', comments: [], application: '', captureComments: [''], keepsSecrets: false }

let report: SqlDatabase
beforeAll(async () => {
  report = await analyzeBytes(DEMO)
})
afterAll(() => report.close())

/** @returns the file, the number of conversations that differ from the report, and how often the capture was read */
async function sliceOf(bytes: Uint8Array, database: SqlDatabase, filter: string, change: (pairs: PairFlows) => PairFlows | null) {
  let pieces: Uint8Array[] = []
  let passes = 0
  const host = {
    open: async () => {
      passes++
      return [sourceOf(bytes)]
    },
    begin: () => {
      pieces = []
      return (piece: Uint8Array) => void pieces.push(piece.slice())
    },
    canReplace: true,
    isInterrupted: () => false,
  }
  const selection = select(database, { filter, alerts: [], flows: [] })
  if (selection.pairs === null) throw new Error(`${filter} selects too much`)
  const wanted = { ...selection, pairs: change(selection.pairs), maxFlows: Number.POSITIVE_INFINITY, deduplicate: false }
  const { differing, packets } = await slice(host, wanted, OPTIONS)
  return { file: Buffer.concat(pieces), differing, packets, passes }
}

const same = (pairs: PairFlows): PairFlows => pairs
const none = (): null => null

test.each(['port:22', 'proto:icmp', 'is:ipv6', 'flow:17', 'port:53', 'app:dns', 'proto:udp -app:dns'])('%s', async (filter) => {
  const some = await sliceOf(DEMO, report, filter, same)
  expect(some).toEqual(await sliceOf(DEMO, report, filter, none))
  expect(some).toMatchObject({ differing: 0, passes: 1 })
  expect(some.packets).toBeGreaterThan(0)
})

/** Of two hosts: fragments, the first one last; a conversation in a tunnel of two others; ports used again. */
function mixed(): Uint8Array {
  const [a, b, c, d] = ['10.0.0.1', '192.0.2.1', '10.0.0.3', '192.0.2.4']
  const others = Array.from({ length: 40 }, (_, i) => ipv4(`10.1.0.${i + 1}`, d, i % 2 === 0 ? tcp(1000 + i, 443, 'S') : udp(1000 + i, 53)))
  const late = ipv4Fragments(a, b, udp(5000, 6000, new Uint8Array(64)), 7, 24).reverse()
  const again = [
    tcp(7000, 80, 'S', '', { sequence: 1 }),
    tcp(7000, 80, 'FA', '', { sequence: 2 }),
    tcp(7000, 80, 'S', '', { sequence: 9000 }),
  ]
  const ofPair = [...late, ...again.map((inner) => ipv4(a, b, inner)), ipv4(c, d, ipv4(a, b, tcp(8000, 80, 'S')))]
  const ipv6Pair = ipv6('2001:db8::1', '2001:db8::2', tcp(9000, 80, 'S'))
  const packets = [...others.slice(0, 20), ...ofPair, ipv6Pair, ...others.slice(20)]
  return pcap(packets.map((layer, i) => ({ atUs: 1_760_000_000_000_000 + i * 1000, bytes: ethernet(layer) })))
}

test('fragments, tunnels and ports used again', async () => {
  const bytes = mixed()
  const database = await analyzeBytes(bytes)
  for (const [filter, packets] of [
    ['ip:192.0.2.1', 7],
    ['is:ipv6', 1],
    ['ip:192.0.2.1 proto:udp', 3],
    ['tunnel:any', 1],
  ] as const) {
    const some = await sliceOf(bytes, database, filter, same)
    expect(some.packets, filter).toBe(packets)
    expect(some.file, filter).toEqual((await sliceOf(bytes, database, filter, none)).file)
  }
  database.close()
})

test('where the captures have other packets between these hosts, all packets are looked at', async () => {
  const wrong = (pairs: PairFlows) => ({ ...pairs, packets: pairs.packets.map((count) => count + 1) })
  const some = await sliceOf(DEMO, report, 'port:22', wrong)
  expect(some).toEqual({ ...(await sliceOf(DEMO, report, 'port:22', none)), passes: 2 })
})

test('a report of which most packets are selected names no pairs', () => {
  expect(select(report, { filter: 'port:443', alerts: [], flows: [] }).pairs).toBeNull()
})
