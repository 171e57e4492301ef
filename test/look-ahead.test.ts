// Reading ahead finds the packets that come next, and changes nothing: every fixture, whole and damaged with a fixed seed, is read with and without it.
import { expect, test } from 'vitest'
import { Analysis } from '../src/analysis.ts'
import { Coverage } from '../src/capture/coverage.ts'
import { CaptureReader, END_OF_FILE } from '../src/capture/index.ts'
import { CaptureError } from '../src/errors.ts'
import { LookAhead } from '../src/look-ahead.ts'
import { chunked } from './support/analysis.ts'
import { FIXTURES } from './support/fixtures.ts'
import { randomOf } from './support/random.ts'

const CHUNK_BYTES = 20_000
const CAPTURES = FIXTURES.filter(({ bytes }) => bytes.length < 1_000_000)

/** What an analysis knows of the conversations, as text; null for what is no capture of packets. */
async function conversationsOf(bytes: Uint8Array, isAhead: boolean): Promise<string[] | null> {
  const reader = await CaptureReader.open(chunked(bytes, CHUNK_BYTES), 'input').catch((error: unknown) => {
    if (error instanceof CaptureError) return null
    throw error
  })
  if (reader === null || reader.flow !== null) return null
  const analysis = new Analysis(1000)
  const { flows, tcp, names, observer } = analysis
  const lookAhead = new LookAhead(flows, tcp.records, names, observer, isAhead ? 0 : Number.POSITIVE_INFINITY)
  const coverage = new Coverage(0)
  do {
    while (reader.next()) {
      lookAhead.follow(reader)
      analysis.add(reader.packet, coverage)
    }
  } while (await reader.fill())
  analysis.finish()
  const { table, hosts } = flows
  return Array.from({ length: table.count }, (_, flow) =>
    [
      ...[hosts.ip(table.firstHost(flow)), table.firstPort(flow), hosts.ip(table.otherHost(flow)), table.otherPort(flow)],
      ...[table.protocol(flow), table.forwardPackets(flow), table.backwardPackets(flow), table.forwardBytes(flow)],
      ...[table.startUs(flow), table.endUs(flow), tcp.records.has(flow), names.applicationOf(flow)],
    ].join(' '),
  )
}

test('the packets found ahead are those that are read next', async () => {
  const found = new Map<string, number>()
  for (const { name, bytes } of CAPTURES) {
    const reader = await CaptureReader.open(chunked(bytes, CHUNK_BYTES), 'input').catch(() => null)
    if (reader === null || reader.flow !== null) continue
    const expected: number[] = []
    const read: number[] = []
    let due = 0
    do {
      while (reader.next()) {
        if (due > 0) read.push(reader.packet.start, reader.packet.end)
        if (--due > 0) continue
        const ranges = new Int32Array(10)
        due = reader.upcoming(ranges)
        expected.push(...ranges.subarray(0, 2 * due))
      }
    } while (await reader.fill())
    // Where a capture is damaged, or another one follows, what looks like a record may be none.
    if (reader.endedBy !== END_OF_FILE || reader.warnings.length > 0) continue
    expect(read, name).toEqual(expected)
    const format = reader.format.replace(/,.*/, '')
    found.set(format, (found.get(format) ?? 0) + read.length / 2)
  }
  expect(found.get('pcap')).toBeGreaterThan(50)
  expect(found.get('pcapng')).toBeGreaterThan(50)
})

test('conversations are the same with and without it', async () => {
  const random = randomOf(19)
  let conversations = 0
  for (const { name, bytes } of CAPTURES) {
    const damaged = bytes.slice()
    for (let i = 0; i < 8; i++) damaged[24 + random(damaged.length - 24)] ^= 1 << random(8)
    for (const input of [bytes, damaged]) {
      const ahead = await conversationsOf(input, true)
      expect(ahead, name).toEqual(await conversationsOf(input, false))
      conversations += ahead?.length ?? 0
    }
  }
  expect(conversations).toBeGreaterThan(400)
})
