// Packets that were captured twice: told, and left out on demand, exactly those of editcap -d where whole frames are the same.
import { expect, test } from 'vitest'
import { analyzeBytes, numberOf, rows } from '../support/analysis.ts'
import { ethernet, ipv4, join, type Layer, tcp, u16, udp } from '../support/build.ts'
import { type Packet, pcap } from '../support/capture-files.ts'

const INPUTS = { name: null, origin: null, maxPackets: 1000, pages: 'none' as const, rules: null, blocklists: [], baseline: null }
const datagram = (id: number): Layer => ipv4('192.0.2.1', '192.0.2.2', udp(1000 + id, 53, `question ${id}`))

/** Each packet, and what else is captured of it a few microseconds later. */
function doubled(count: number, again: (id: number) => Uint8Array | null, afterUs = 5): Uint8Array {
  const packets: Packet[] = []
  for (let id = 0; id < count; id++) {
    packets.push({ atUs: id * 100_000, bytes: ethernet(datagram(id)) })
    const second = again(id)
    if (second !== null) packets.push({ atUs: id * 100_000 + afterUs, bytes: second })
  }
  return pcap(packets)
}

/** The same frame in VLAN 7. */
function tagged(id: number): Uint8Array {
  const frame = ethernet(datagram(id))
  return join(frame.subarray(0, 12), u16(0x8100), u16(7), frame.subarray(12))
}

async function counted(bytes: Uint8Array, deduplicate: boolean) {
  const database = await analyzeBytes(bytes, 100, deduplicate ? { inputs: { ...INPUTS, deduplicate } } : {})
  const [{ packets, ip_packets, warnings }] = rows(database, ['packets', 'ip_packets', 'warnings'], 'FROM captures')
  const inFlows = numberOf(database, 'SELECT sum(client_packets + server_packets) FROM flows')
  const skipped = rows(database, ['reason', 'packets'], 'FROM skipped')
  database.close()
  return { packets, ip_packets, warnings, inFlows, skipped }
}

test.each([
  ['the same frame', (id: number) => ethernet(datagram(id))],
  ['the same packet in a VLAN', tagged],
])('%s twice: reported, and left out on request', async (_, again) => {
  const bytes = doubled(10, again)
  const told = await counted(bytes, false)
  expect(told).toMatchObject({ packets: 20, ip_packets: 20, inFlows: 20 })
  expect(told.warnings).toContain('10 of 20 packets (50.0 %) look like one of the 4 before them within 10 ms')
  const left = await counted(bytes, true)
  expect(left).toMatchObject({ packets: 20, ip_packets: 10, inFlows: 10, warnings: '' })
  expect(left.skipped).toEqual([{ reason: 'repeated: the same bytes as one of the four packets before it', packets: 10 }])
})

test.each([
  ['later than 10 ms', (id: number) => ethernet(datagram(id)), 10_001],
  [
    'with one byte changed in the middle of the payload',
    (id: number) => ethernet(ipv4('192.0.2.1', '192.0.2.2', udp(1000 + id, 53, `quest1on ${id}`))),
    5,
  ],
  ['to another port', (id: number) => ethernet(ipv4('192.0.2.1', '192.0.2.2', udp(1000 + id, 54, `question ${id}`))), 5],
  ['passed on by a router', (id: number) => ethernet(ipv4('192.0.2.1', '192.0.2.2', udp(1000 + id, 53, `question ${id}`), { ttl: 63 })), 5],
  [
    'an acknowledgment of more',
    (id: number) => ethernet(ipv4('192.0.2.1', '192.0.2.2', tcp(1000, 80, 'A', '', { acknowledgment: id }))),
    5,
  ],
])('no repeat: %s', async (_, again, afterUs) => {
  const left = await counted(doubled(10, again, afterUs), true)
  expect(left).toMatchObject({ packets: 20, inFlows: 20, skipped: [] })
})

test('a few repeats are not worth a word', async () => {
  const { warnings } = await counted(
    doubled(500, (id) => (id < 3 ? ethernet(datagram(id)) : null)),
    false,
  )
  expect(warnings).toBe('')
})
