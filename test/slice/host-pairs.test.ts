// A slice that looks only at packets between the hosts of selected conversations has the bytes of one that looks at all packets.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CopyOptions } from '../../src/slice/copy.ts'
import { slice } from '../../src/slice/index.ts'
import { type PairFlows, select } from '../../src/slice/select.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { analyzeBytes, sourceOf } from '../support/analysis.ts'
import { ethernet, ipv4, ipv4Fragments, ipv6, join, tcp, udp } from '../support/build.ts'
import { type ByteOrder, pcap, pcapng } from '../support/capture-files.ts'

const DEMO = readFileSync(fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url)))
const OPTIONS: CopyOptions = { format: 'pcapng', comments: [], application: '', captureComments: [''], keepsSecrets: false }

let report: SqlDatabase
beforeAll(async () => {
  report = await analyzeBytes(DEMO)
})
afterAll(() => report.close())

/** @returns the file, the number of conversations that differ from the report, and how often the capture was read */
async function sliceOf(
  bytes: Uint8Array,
  database: SqlDatabase,
  filter: string,
  change: (pairs: PairFlows) => PairFlows | null,
  { format = OPTIONS.format, chunkBytes, packetLimits }: { format?: 'pcap' | 'pcapng'; chunkBytes?: number; packetLimits?: number[] } = {},
) {
  let pieces: Uint8Array[] = []
  let passes = 0
  const host = {
    open: async () => {
      passes++
      return [sourceOf(bytes, chunkBytes)]
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
  const wanted = { ...selection, pairs: change(selection.pairs), maxFlows: Number.POSITIVE_INFINITY, deduplicate: false, packetLimits }
  const { differing, packets } = await slice(host, wanted, { ...OPTIONS, format })
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

const START_US = 1_760_000_000_000_000

/** Of 60 packets, eleven between 10.0.0.1 and 192.0.2.1: every sixth from the first, and the last. */
const frames = Array.from({ length: 60 }, (_, i) => {
  const [source, target] = i % 6 === 0 || i === 59 ? ['10.0.0.1', '192.0.2.1'] : [`10.1.0.${i}`, '192.0.2.4']
  return { atUs: START_US + i * 1000, nanos: 500, bytes: ethernet(ipv4(source, target, tcp(1000 + i, 443, 'S', 'x'.repeat(i)))) }
})

const plain = (order: ByteOrder): Uint8Array => {
  const write = pcapng(order)
  return join(write.section(), write.interface(), ...frames.map((frame) => write.packet(frame)))
}

/** Simple and obsolete packet blocks, options, another section, an interface with finer times that comes late. */
const varied = (order: ByteOrder): Uint8Array => {
  const [first, second] = [pcapng(order), pcapng(order)]
  const comment = first.option(1, join('seen'))
  const blocks = frames.slice(0, 40).map((frame, i) => {
    if (i % 7 === 3) return first.simple(frame.bytes)
    return i % 5 === 2 ? first.obsolete(frame) : i % 4 === 1 ? first.packet(frame, 0, comment) : first.packet(frame)
  })
  const names = first.names({ address: Uint8Array.of(192, 0, 2, 1), names: ['server.example'] })
  const later = [second.section(), second.interface({ timeResolution: 9 }), ...frames.slice(40).map((frame) => second.packet(frame))]
  return join(first.section(), first.interface({ snaplen: 100 }), ...blocks.slice(0, 20), names, ...blocks.slice(20), ...later)
}

/** The length of a record in the middle is more than any packet has. */
const damaged = (): Uint8Array => {
  const bytes = pcap(frames)
  const at = frames.slice(0, 45).reduce((sum, frame) => sum + 16 + frame.bytes.length, 24)
  new DataView(bytes.buffer).setUint32(at + 8, 0x7fffffff, true)
  return bytes
}

test.each<[string, Uint8Array, number]>([
  ['pcap', pcap(frames), 11],
  ['pcap, big-endian, nanoseconds', pcap(frames, { order: 'big', resolution: 'nano' }), 11],
  ['pcapng', plain('little'), 11],
  ['pcapng, big-endian', plain('big'), 11],
  ['pcapng, all kinds of blocks', varied('little'), 11],
  ['pcapng, all kinds of blocks, big-endian', varied('big'), 11],
  ['joined captures', join(pcap(frames.slice(0, 31)), plain('little').subarray(0, -4)), 6 + 10],
  ['damaged', damaged(), 8],
  ['cut off', pcap(frames).subarray(0, -3), 10],
])('packets that are passed over, in chunks of any size: %s', async (_name, bytes, packets) => {
  const database = await analyzeBytes(bytes)
  for (const format of ['pcapng', 'pcap'] as const) {
    const all = await sliceOf(bytes, database, 'ip:192.0.2.1', none, { format })
    expect(all).toMatchObject({ packets, differing: 0 })
    for (const chunkBytes of [1, 17, 500, 4096, bytes.length]) {
      expect(await sliceOf(bytes, database, 'ip:192.0.2.1', same, { format, chunkBytes }), `${format}, ${chunkBytes}`).toEqual(all)
    }
  }
  database.close()
})

test('reading ends after as many packets as the analysis read, passed over or not', async () => {
  const bytes = pcap(frames)
  for (const [limit, packets] of [
    [6, 1],
    [29, 5],
    [30, 5],
    [31, 6],
    [59, 10],
    [60, 11],
  ] as const) {
    const database = await analyzeBytes(bytes, undefined, { packetLimits: [limit] })
    const some = await sliceOf(bytes, database, 'ip:192.0.2.1', same, { packetLimits: [limit] })
    expect(some, String(limit)).toMatchObject({ packets, differing: 0 })
    database.close()
  }
})

test('a pcap file is written in one pass, unless finer times come late', async () => {
  for (const [bytes, passes] of [
    [plain('little'), 1],
    [varied('little'), 2],
  ] as const) {
    const database = await analyzeBytes(bytes)
    expect(await sliceOf(bytes, database, 'ip:192.0.2.1', same, { format: 'pcap' })).toMatchObject({ packets: 11, passes })
    database.close()
  }
})

test('where the captures have other packets between these hosts, all packets are looked at', async () => {
  const wrong = (pairs: PairFlows) => ({ ...pairs, packets: pairs.packets.map((count) => count + 1) })
  const some = await sliceOf(DEMO, report, 'port:22', wrong)
  expect(some).toEqual({ ...(await sliceOf(DEMO, report, 'port:22', none)), passes: 2 })
})

test('a report of which most packets are selected names no pairs', () => {
  expect(select(report, { filter: 'port:443', alerts: [], flows: [] }).pairs).toBeNull()
})
