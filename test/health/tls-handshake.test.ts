// How long TLS handshakes took: record headers by hand, as TLS 1.2 and 1.3 send them, in one segment and in several, and with gaps.
import { expect, test } from 'vitest'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { ethernet, ipv4, tcp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'

const START_US = 1_760_000_000_000_000

/** A record whose content begins with a byte: the type of a handshake message where it is plain. */
const record = (type: number, first: number, length: number): number[] => [
  ...[type, 3, 3, length >> 8, length & 255, first],
  ...new Array<number>(length - 1).fill(0x2e),
]
const CLIENT_HELLO = record(22, 1, 200)
const SERVER_HELLO = record(22, 2, 90)
const CHANGE_CIPHER_SPEC = record(20, 1, 1)
const ENCRYPTED = record(23, 0x80, 1500)

type Sent = [us: number, from: 'client' | 'server', sequence: number, ack: number, payload: number[]]

async function handshakeUs(...sent: Sent[]): Promise<unknown> {
  const packets = sent.map(([us, from, sequence, ack, payload]) => {
    const ports: [number, number] = from === 'client' ? [40_000, 443] : [443, 40_000]
    const ends: [string, string] = from === 'client' ? ['10.0.0.1', '192.0.2.9'] : ['192.0.2.9', '10.0.0.1']
    const segment = tcp(...ports, 'PA', Uint8Array.from(payload), { sequence: sequence >>> 0, acknowledgment: ack >>> 0, window: 1000 })
    return { atUs: START_US + us, bytes: ethernet(ipv4(...ends, segment)) }
  })
  const database = await analyzeBytes(pcap(packets))
  const found = rows(database, ['tls_handshake_us'], 'FROM tcp')
  database.close()
  expect(found).toHaveLength(1)
  return found[0].tls_handshake_us
}

const hello: Sent = [0, 'client', 1000, 5000, CLIENT_HELLO]
const TLS13 = [...SERVER_HELLO, ...CHANGE_CIPHER_SPEC, ...ENCRYPTED]

test('TLS 1.3: until the first encrypted record is complete', async () => {
  expect(await handshakeUs(hello, [20_000, 'server', 5000, 1205, TLS13])).toBe(20_000)
  expect(
    await handshakeUs(
      hello,
      [20_000, 'server', 5000, 1205, TLS13.slice(0, 700)],
      [21_000, 'server', 5700, 1205, TLS13.slice(700, 1400)],
      [22_000, 'server', 6400, 1205, TLS13.slice(1400)],
    ),
  ).toBe(22_000)
})

test('a HelloRetryRequest is followed by another ServerHello, not by the Finished', async () => {
  const again = SERVER_HELLO.length + CHANGE_CIPHER_SPEC.length
  const first: Sent = [20_000, 'server', 5000, 1205, [...SERVER_HELLO, ...CHANGE_CIPHER_SPEC]]
  const second: Sent = [21_000, 'client', 1205, 5000 + again, CLIENT_HELLO]
  expect(await handshakeUs(hello, first, second, [44_000, 'server', 5000 + again, 1410, TLS13])).toBe(44_000)
})

test('TLS 1.2: until the record after ChangeCipherSpec, not the data that comes later', async () => {
  const flight = [...SERVER_HELLO, ...record(22, 11, 2000)]
  const finished = [...record(22, 4, 180), ...CHANGE_CIPHER_SPEC, ...record(22, 0, 40)]
  const at = 5000 + flight.length
  expect(
    await handshakeUs(
      hello,
      [20_000, 'server', 5000, 1205, flight.slice(0, 1460)],
      [20_500, 'server', 6460, 1205, flight.slice(1460)],
      [22_000, 'client', 1205, at, [...record(22, 16, 66), ...CHANGE_CIPHER_SPEC, ...record(22, 0, 40)]],
      [42_000, 'server', at, 1327, finished],
      [900_000, 'server', at + finished.length, 1327, ENCRYPTED],
    ),
  ).toBe(42_000)
})

test('a segment that is lost is waited for, and sequence numbers wrap', async () => {
  const start = 0xffffff00
  const early: Sent = [0, 'client', 1000, start, CLIENT_HELLO]
  expect(await handshakeUs(early, [21_000, 'server', start + 700, 1205, TLS13.slice(700)], [80_000, 'server', start, 1205, TLS13])).toBe(
    80_000,
  )
})

test('null where it did not end, or is not TLS', async () => {
  expect(await handshakeUs(hello, [20_000, 'server', 5000, 1205, record(21, 2, 2)])).toBe(null)
  expect(await handshakeUs(hello, [20_000, 'server', 5000, 1205, [...'HTTP/1.1 400 Bad Request'].map((c) => c.charCodeAt(0))])).toBe(null)
  expect(
    await handshakeUs(hello, [20_000, 'server', 5000, 1205, SERVER_HELLO], [21_000, 'server', 5095, 1205, ENCRYPTED.slice(0, 1400)]),
  ).toBe(null)
  expect(await handshakeUs([0, 'client', 1000, 5000, [22, 3, 1]], [1000, 'server', 5000, 1003, ENCRYPTED])).toBe(null)
})
