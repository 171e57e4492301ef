// The health of TCP conversations: single cases by hand, and random conversations against tshark's TCP analysis.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { compareWithTshark, shareOf } from './tshark-agreement.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-health-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const DEMO = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))
const START_US = 1_760_000_000_000_000
const CLIENT = '10.0.0.1'
const SERVER = '192.0.2.9'
/** Window scale 7, in a SYN. */
const SCALED = Uint8Array.of(1, 3, 3, 7)

interface Segment {
  us: number
  from: 'client' | 'server'
  flags: string
  sequence: number
  ack: number
  length?: number
  window?: number
  port?: number
}

/** Sequence numbers are relative: the client's begin at 1000, the server's at 5000. */
function capture(segments: Segment[]): Uint8Array {
  return pcap(
    segments.map(({ us, from, flags, sequence, ack, length = 0, window = 1000, port = 40_000 }) => {
      const more = {
        sequence: (from === 'client' ? 1000 : 5000) + sequence,
        acknowledgment: flags.includes('A') ? (from === 'client' ? 5000 : 1000) + ack : 0,
        window,
        ...(flags.includes('S') && { options: SCALED }),
      }
      const payload = new Uint8Array(length).fill(0x2e)
      const isClient = from === 'client'
      const segment = tcp(isClient ? port : 80, isClient ? 80 : port, flags, payload, more)
      return { atUs: START_US + us, bytes: ethernet(ipv4(isClient ? CLIENT : SERVER, isClient ? SERVER : CLIENT, segment)) }
    }),
  )
}

const HANDSHAKE: Segment[] = [
  { us: 0, from: 'client', flags: 'S', sequence: 0, ack: 0 },
  { us: 30_000, from: 'server', flags: 'SA', sequence: 0, ack: 1 },
  { us: 31_000, from: 'client', flags: 'A', sequence: 1, ack: 1 },
]
const data = (us: number, from: Segment['from'], sequence: number, ack: number, length = 100, more: Partial<Segment> = {}): Segment => ({
  ...{ us, from, flags: 'PA', sequence, ack, length },
  ...more,
})
const acks = (us: number, from: Segment['from'], sequence: number, ack: number, window?: number): Segment => ({
  ...{ us, from, flags: 'A', sequence, ack },
  ...(window !== undefined && { window }),
})

/** What the table has of the only conversation, without columns that are 0. */
async function healthOf(segments: Segment[]): Promise<Record<string, unknown>> {
  const database = await analyzeBytes(capture([...HANDSHAKE, ...segments]))
  const names = rows(database, ['name'], "FROM pragma_table_info('tcp')").map(({ name }) => String(name))
  const [row] = rows(database, names, 'FROM tcp')
  database.close()
  return Object.fromEntries(Object.entries(row).filter(([name, value]) => name !== 'flow_id' && value !== 0 && value !== null))
}

const QUIET = { handshake_us: 31_000, syn_ack_us: 30_000 }

describe('a conversation', () => {
  test('that goes well has its times: handshake, data to ACK at both ends, request to answer', async () => {
    const found = await healthOf([
      data(40_000, 'client', 1, 1),
      acks(70_000, 'server', 1, 101),
      data(90_000, 'server', 1, 101, 500),
      acks(91_000, 'client', 101, 501),
      data(100_000, 'client', 101, 501),
      acks(120_000, 'server', 501, 201),
    ])
    expect(found).toEqual({
      ...{ ...QUIET, response_us: 50_000, client_segments: 2, server_segments: 1 },
      ...{ client_rtt_us: 20_000, client_median_rtt_us: 25_000, server_rtt_us: 1000, server_median_rtt_us: 1000 },
    })
  })

  test('repeats what was lost: after duplicate ACKs, after a time-out, for nothing', async () => {
    const found = await healthOf([
      data(40_000, 'client', 1, 1),
      data(41_000, 'client', 201, 1), // 101 to 200 was not captured
      acks(70_000, 'server', 1, 101),
      acks(70_500, 'server', 1, 101),
      acks(71_000, 'server', 1, 101),
      data(72_000, 'client', 101, 1), // asked for twice
      acks(100_000, 'server', 1, 301),
      data(101_000, 'client', 301, 1),
      data(401_000, 'client', 301, 1), // its ACK did not come
      acks(430_000, 'server', 1, 401),
      data(431_000, 'client', 301, 1), // it was acknowledged already
    ])
    expect(found).toMatchObject({
      ...{ client_segments: 6, client_retransmissions: 3, client_fast_retransmissions: 1, client_spurious_retransmissions: 1 },
      ...{ client_lost_segments: 1, server_duplicate_acks: 2 },
    })
  })

  test('has what it repeats where it did so on the timeline', async () => {
    const segments = [
      data(40_000, 'client', 1, 1),
      data(300_000, 'client', 1, 1),
      data(900_000, 'client', 1, 1),
      acks(930_000, 'server', 1, 101),
      data(940_000, 'server', 1, 101, 500),
      data(1_240_000, 'server', 1, 101, 500),
      acks(1_250_000, 'client', 101, 501),
    ]
    const database = await analyzeBytes(capture([...HANDSHAKE, ...segments]))
    const [{ tick_us }] = rows(database, ['tick_us'], "FROM (SELECT value + 0 AS tick_us FROM meta WHERE key = 'tick_us')")
    const tickOf = (us: number) => Math.floor(us / (tick_us as number))
    expect(rows(database, ['tick', 'flow_id', 'client_retransmissions', 'server_retransmissions'], 'FROM retransmissions')).toEqual([
      { tick: tickOf(300_000), flow_id: 1, client_retransmissions: 1, server_retransmissions: 0 },
      { tick: tickOf(900_000), flow_id: 1, client_retransmissions: 1, server_retransmissions: 0 },
      { tick: tickOf(1_240_000), flow_id: 1, client_retransmissions: 0, server_retransmissions: 1 },
    ])
    database.close()
  })

  test('whose segments overtake each other is no worse than that', async () => {
    const found = await healthOf([data(40_000, 'client', 101, 1), data(40_400, 'client', 1, 1), acks(70_000, 'server', 1, 201)])
    expect(found).toMatchObject({ client_out_of_order: 1, client_lost_segments: 1 })
    expect(found).not.toHaveProperty('client_retransmissions')
  })

  test('with a receiver without room: window full, zero windows, how long it was closed', async () => {
    const found = await healthOf([
      acks(40_000, 'server', 1, 1, 2), // 2 << 7 bytes
      data(41_000, 'client', 1, 1, 256),
      acks(42_000, 'server', 1, 257, 0),
      data(242_000, 'client', 257, 1, 1), // asks whether there is room
      acks(243_000, 'server', 1, 257, 0),
      acks(442_000, 'server', 1, 257, 100),
    ])
    expect(found).toMatchObject({ client_window_full: 1, server_zero_windows: 2, server_zero_window_us: 400_000 })
    expect(found).not.toHaveProperty('client_retransmissions')
  })

  test('whose data the capture lost, not the network, and one that only asks whether the peer is there', async () => {
    const found = await healthOf([
      acks(40_000, 'server', 1, 501), // of 500 bytes that are not in the capture
      acks(50_000, 'client', 501, 1),
      { us: 60_000_000, from: 'client', flags: 'A', sequence: 500, ack: 1 },
      acks(60_030_000, 'server', 1, 501),
    ])
    expect(found).toMatchObject({ server_unseen_segments: 1, client_keep_alives: 1 })
    expect(found).not.toHaveProperty('server_duplicate_acks')
  })

  test('of which the capture has one end alone has the time of its handshake', async () => {
    const database = await analyzeBytes(capture([HANDSHAKE[0], HANDSHAKE[2], data(40_000, 'client', 1, 1)]))
    expect(rows(database, ['handshake_us', 'syn_ack_us'], 'FROM tcp')).toEqual([{ handshake_us: 31_000, syn_ack_us: null }])
    database.close()
  })

  test('of a SYN and a reset has no row', async () => {
    const database = await analyzeBytes(capture([HANDSHAKE[0], { us: 30_000, from: 'server', flags: 'RA', sequence: 0, ack: 1 }]))
    expect(rows(database, ['count(*)'], 'FROM tcp')[0]['count(*)']).toBe(0)
    database.close()
  })
})

/** Numerical Recipes' generator: the same conversations every time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** A transfer with segments that are lost before or behind the capture, repeated, late, and acknowledged late. */
function transfer(port: number, next: () => number): Segment[] {
  const segments: Segment[] = HANDSHAKE.map((segment) => ({ ...segment, port }))
  let us = 40_000
  let sent = 1
  let acked = 1
  for (let step = 0; step < 40; step++) {
    us += Math.floor(next() * 8000)
    const length = 100 + Math.floor(next() * 1000)
    const chance = next()
    const segment = data(us, 'client', sent, 1, length, { port })
    sent += length
    const isLate = chance > 0.86 && chance < 0.93
    if (chance > 0.08) segments.push(isLate ? { ...segment, us: us + 2000 + Math.floor(next() * 12_000) } : segment)
    if (chance > 0.93) segments.push({ ...segment, us: us + 300_000 })
    if (next() > 0.4) {
      if (next() > 0.25) acked = sent
      segments.push({ ...acks(us + 30_000, 'server', 1, acked), port })
      if (next() < 0.2) for (const later of [31_000, 32_000]) segments.push({ ...acks(us + later, 'server', 1, acked), port })
    }
  }
  return segments.sort((a, b) => a.us - b.us)
}

test('300 random transfers have the counts and times that tshark has, but for one in 200', async () => {
  const next = random(17)
  const transfers = Array.from({ length: 300 }, (_, i) => transfer(10_000 + i, next)).flat()
  const file = join(folder, 'transfers.pcap')
  writeFileSync(file, capture(transfers.sort((a, b) => a.us - b.us)))
  const { conversations, active, differences } = await compareWithTshark(file)
  expect(conversations).toBe(300)
  const figures = ['retransmissions', 'spurious_retransmissions', 'out_of_order', 'duplicate_acks', 'lost_segments', 'initial_rtt']
  for (const figure of figures) expect(active.get(figure), figure).toBeGreaterThan(10)
  for (const figure of figures) expect(shareOf({ conversations, differences }, figure), figure).toBeGreaterThanOrEqual(0.995)
})

test('the conversations of the demo have the figures that tshark has, all of them', async () => {
  const { conversations, unmatched, active, differences } = await compareWithTshark(DEMO)
  expect(conversations).toBeGreaterThan(1000)
  expect(unmatched).toBe(0)
  expect(active.get('initial_rtt')).toBeGreaterThan(700)
  expect(differences).toEqual([])
})

test('the table has a column for each figure, of both ends where these have their own', async () => {
  const database = await analyzeBytes(capture(HANDSHAKE))
  const columns = rows(database, ['name'], "FROM pragma_table_info('tcp') ORDER BY cid").map(({ name }) => name)
  database.close()
  const ofEnds = [
    ...['rtt_us', 'median_rtt_us', 'segments', 'retransmissions', 'fast_retransmissions', 'spurious_retransmissions', 'out_of_order'],
    ...['duplicate_acks', 'lost_segments', 'unseen_segments', 'zero_windows', 'window_full', 'keep_alives', 'zero_window_us'],
  ].flatMap((name) => [`client_${name}`, `server_${name}`])
  expect(columns).toEqual(['flow_id', 'handshake_us', 'syn_ack_us', 'response_us', ...ofEnds, 'tls_handshake_us'])
})
