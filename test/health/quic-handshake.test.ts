// The times of QUIC handshakes: single cases by hand, in the columns that TCP handshakes have.
import { expect, test } from 'vitest'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { ethernet, ipv4, join, u32, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const START_US = 1_760_000_000_000_000
const [CLIENT, SERVER] = ['10.0.0.1', '192.0.2.9']
const [VERSION_1, VERSION_2] = [1, 0x6b3343cf]
/** First bytes: the types of RFC 9000 17.2, and of RFC 9369 3.2. */
const [INITIAL, HANDSHAKE, RETRY] = [0xc3, 0xe3, 0xf0]
const [INITIAL_2, HANDSHAKE_2] = [0xd3, 0xf3]

interface Sent {
  us: number
  from: 'client' | 'server'
  first: number
  version?: number
  bytes?: number
}

async function timesOf(packets: Sent[]): Promise<unknown[]> {
  const frames = packets.map(({ us, from, first, version = VERSION_1, bytes = 1200 }) => {
    const payload = join(first, u32(version), 8, new Uint8Array(bytes - 6))
    const [source, target] = from === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT]
    const datagram = from === 'client' ? udp(50_000, 443, payload) : udp(443, 50_000, payload)
    return { atUs: START_US + us, bytes: ethernet(ipv4(source, target, datagram)) }
  })
  const database = await analyzeBytes(pcap(frames))
  const found = rows(database, ['handshake_us', 'syn_ack_us'], 'FROM tcp').map(Object.values)
  const [{ rtt_us }] = rows(database, ['rtt_us'], `FROM hosts WHERE ip = '${SERVER}'`)
  database.close()
  return [...found, rtt_us]
}

const client = (us: number, first = INITIAL, more: Partial<Sent> = {}): Sent => ({ us, from: 'client', first, ...more })
const server = (us: number, first = INITIAL, more: Partial<Sent> = {}): Sent => ({ us, from: 'server', first, ...more })

test('from Initial to Initial, and to the answer of the client', async () => {
  expect(await timesOf([client(0), server(30_000), server(30_100, HANDSHAKE), client(31_000, HANDSHAKE), client(90_000)])).toEqual([
    [31_000, 30_000],
    30_000,
  ])
})

test('a ClientHello in two datagrams; a Retry; version 2, whose types have other numbers', async () => {
  expect(await timesOf([client(0), client(300), server(30_000), client(31_000)])).toEqual([[31_000, 30_000], 30_000])
  expect(await timesOf([client(0), server(20_000, RETRY), client(21_000), server(50_000)])).toEqual([[21_000, 20_000], 20_000])
  const two = { version: VERSION_2 }
  const packets = [client(0, INITIAL_2, two), server(5000, HANDSHAKE_2, two), server(9000, INITIAL_2, two), client(9500, HANDSHAKE_2, two)]
  expect(await timesOf(packets)).toEqual([[9500, 9000], 9000])
})

test('an answer with the fixed bit cleared', async () => {
  expect(await timesOf([client(0), server(30_000, 0x89), client(31_000, 0xa9)])).toEqual([[31_000, 30_000], 30_000])
})

test('after a repeated Initial nobody knows which of both was answered', async () => {
  expect(await timesOf([client(0), client(300_000), server(330_000), client(331_000)])).toEqual([[null, null], null])
})

test('a handshake whose beginning is not in the capture, other versions and small datagrams have no row', async () => {
  expect(await timesOf([client(0, 0x43), server(10, HANDSHAKE)])).toEqual([null])
  expect(await timesOf([client(0, INITIAL, { version: 0x1a2a3a4a }), server(10)])).toEqual([null])
  expect(await timesOf([client(0, INITIAL, { bytes: 100 }), server(10, INITIAL, { bytes: 100 })])).toEqual([null])
})
