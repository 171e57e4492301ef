// Captures made to cost as much as they can a packet: tables that fill, state that waits, headers without end.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { random } from '../../fixtures/generate/random.ts'
import { analyze } from '../../src/analyze.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import type { CaptureSource } from '../../src/types.ts'
import { ethernet, extension, hex, ipv4, ipv6, join, type Layer, raw, tcp, u16, u32, udp, vlan } from '../support/build.ts'
import { pcapHeader } from '../support/capture-files.ts'
import { viewOf } from './capture-model.ts'

/** One frame, and the places in it that are new in every packet; chance fills them. */
export interface Flood {
  frame: Uint8Array
  /** Offset and length of each; lengths are whole bytes. */
  varied: [at: number, bytes: number][]
}

/** Offsets in Ethernet frames with IPv4 without options. */
const ID = 18
const SOURCE = 26
const TARGET = 30
const PORT = 34
const UDP_PAYLOAD = 42
const TCP_SEQUENCE = 38
const TCP_PAYLOAD = 54

const four = (inner: Layer, more = {}): Uint8Array => ethernet(ipv4('10.0.0.1', '192.0.2.1', inner, more))
const nested = (inner: Layer, depth: number, wrap: (inner: Layer) => Layer): Layer =>
  depth === 0 ? inner : wrap(nested(inner, depth - 1, wrap))
const CLIENT_HELLO = hex('16 03 01 40 00 01 00 3f fc 03 03')
const PAYLOAD = new Uint8Array(1200).fill(0x41)

/** A DNS answer whose names all point to the one before. */
function pointerChain(): Uint8Array {
  const records: Uint8Array[] = [join(u16(1), u16(0x8180), u16(1), u16(90), u32(0), hex('01 61 00'), u16(1), u16(1))]
  for (let n = 0; n < 90; n++)
    records.push(
      join(
        u16(0xc000 | (n === 0 ? 12 : 19 + (n - 1) * 14)),
        u16(5),
        u16(1),
        u32(60),
        u16(2),
        u16(0xc000 | (n === 0 ? 12 : 19 + (n - 1) * 14)),
      ),
    )
  return join(...records)
}

export const FLOODS: Record<string, Flood> = {
  'one conversation': { frame: four(udp(5000, 9, PAYLOAD)), varied: [] },
  'half-open connections': {
    frame: four(tcp(5000, 443, 'S')),
    varied: [
      [SOURCE, 4],
      [PORT, 2],
    ],
  },
  'new IPv6 hosts': { frame: ethernet(ipv6('2001:db8::1', '2001:db8::2', udp(5000, 9, ''))), varied: [[22, 16]] },
  'fragments without a first one': {
    frame: four(raw(17, PAYLOAD), { fragmentOffset: 1480 }),
    varied: [
      [ID, 2],
      [SOURCE, 4],
    ],
  },
  'first fragments without a rest': {
    frame: four(udp(5000, 9, PAYLOAD), { moreFragments: true }),
    varied: [
      [ID, 2],
      [SOURCE, 4],
    ],
  },
  'extension headers': {
    frame: ethernet(
      ipv6(
        '2001:db8::1',
        '2001:db8::2',
        nested(udp(5000, 9, ''), 180, (inner) => extension(60, inner)),
      ),
    ),
    varied: [],
  },
  'IP in IP': { frame: four(nested(udp(5000, 9, ''), 70, (inner) => ipv4('10.0.0.1', '192.0.2.1', inner))), varied: [[SOURCE, 4]] },
  'VLAN tags': { frame: ethernet(nested(ipv4('10.0.0.1', '192.0.2.1', udp(5000, 9, '')), 350, (inner) => vlan(5, inner))), varied: [] },
  'new DNS questions': {
    frame: four(
      udp(
        5000,
        53,
        join(u16(1), u16(0x0100), u16(1), u16(0), u32(0), hex('08'), 'aaaaaaaa', hex('07'), 'example', hex('00'), u16(1), u16(1)),
      ),
    ),
    varied: [
      [UDP_PAYLOAD, 2],
      [UDP_PAYLOAD + 13, 8],
      [SOURCE, 2],
    ],
  },
  'DNS pointers in a chain': {
    frame: four(udp(53, 5000, pointerChain())),
    varied: [
      [UDP_PAYLOAD, 2],
      [TARGET, 4],
    ],
  },
  'ClientHellos that never end': {
    frame: four(tcp(5000, 443, 'PA', join(CLIENT_HELLO, PAYLOAD))),
    varied: [
      [SOURCE, 4],
      [PORT, 2],
    ],
  },
  'ClientHello in pieces out of order': {
    frame: four(tcp(5000, 443, 'PA', join(CLIENT_HELLO, PAYLOAD))),
    varied: [
      [TCP_SEQUENCE + 2, 2],
      [PORT, 1],
    ],
  },
  'HTTP headers that never end': {
    frame: four(tcp(5000, 80, 'PA', join('GET / HTTP/1.1\r\nX: ', PAYLOAD))),
    varied: [
      [SOURCE, 4],
      [TCP_PAYLOAD + 20, 4],
    ],
  },
  'QUIC Initials': {
    frame: four(udp(5000, 443, join(hex('c3 00 00 00 01 08'), new Uint8Array(8), hex('00 00 44 90'), PAYLOAD.subarray(0, 1170)))),
    varied: [
      [UDP_PAYLOAD + 6, 8],
      [SOURCE, 4],
      [PORT, 2],
    ],
  },
}

export interface FloodResult {
  /** Of the analysis alone, database included. */
  microsecondsPerPacket: number
  /** Most that was in use at once, above what was in use before. */
  peakBytes: number
}

const CHUNK_PACKETS = 2000
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

export async function runFlood(flood: Flood, packets: number): Promise<FloodResult> {
  collectGarbage()
  const before = inUse()
  let peak = before
  const source = sourceOf(flood, packets, () => {
    peak = Math.max(peak, inUse())
  })
  const openDatabase = loadSqlite()
  const startedMs = performance.now()
  await analyze(
    [source],
    { geoip: Promise.resolve(null), openDatabase },
    {
      reportName: 'flood',
      programVersion: '0.0.0',
      origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' },
      maxPackets: 0,
    },
  )
  return { microsecondsPerPacket: ((performance.now() - startedMs) * 1000) / packets, peakBytes: Math.max(0, peak - before) }
}

function sourceOf(flood: Flood, packets: number, onChunk: () => void): CaptureSource {
  return {
    file: 'flood',
    totalBytes: null,
    compression: '',
    chunks: chunksOf(flood, packets, onChunk),
    bytesRead: () => 0,
    finish: async () => ({ sha256: null, problem: '' }),
    close: async () => {},
  }
}

async function* chunksOf({ frame, varied }: Flood, packets: number, onChunk: () => void): AsyncGenerator<Uint8Array> {
  yield pcapHeader()
  const chance = random(1)
  const recordBytes = 16 + frame.length
  for (let done = 0; done < packets; done += CHUNK_PACKETS) {
    const count = Math.min(CHUNK_PACKETS, packets - done)
    const chunk = new Uint8Array(count * recordBytes)
    const view = viewOf(chunk)
    for (let n = 0; n < count; n++) {
      const at = n * recordBytes
      const us = (done + n) * 10
      view.setUint32(at, 1_789_000_000 + Math.floor(us / 1e6), true)
      view.setUint32(at + 4, us % 1e6, true)
      view.setUint32(at + 8, frame.length, true)
      view.setUint32(at + 12, frame.length, true)
      chunk.set(frame, at + 16)
      for (const [from, bytes] of varied) for (let i = 0; i < bytes; i++) chunk[at + 16 + from + i] = Math.floor(chance() * 256)
    }
    onChunk()
    yield chunk
  }
}

/** With what is not collected yet: an upper bound. */
function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
