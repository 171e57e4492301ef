// pcap-parser, a reader by other people, recounts every fixture it can read: classic pcap with microseconds, not compressed.
import { Readable } from 'node:stream'
import pcapParser from 'pcap-parser'
import { describe, expect, it } from 'vitest'
import { analyzeBytes, rows } from './support/analysis.ts'
import { FIXTURES } from './support/fixtures.ts'

interface Counts {
  packets: number
  bytes: number
  captured_bytes: number
  first_us: number | null
  last_us: number | null
}

/** It ends without a word on a cut record, and waits for bytes that never come on a broken length: both leave the packets before. */
function recount(bytes: Uint8Array): Promise<Counts> {
  const counts: Counts = { packets: 0, bytes: 0, captured_bytes: 0, first_us: null, last_us: null }
  return new Promise((resolve, reject) => {
    const parser = pcapParser.parse(Readable.from([Buffer.from(bytes)]))
    parser.on('packet', ({ header, data }) => {
      const atUs = header.timestampSeconds * 1_000_000 + header.timestampMicroseconds
      counts.packets++
      counts.bytes += header.originalLength
      counts.captured_bytes += data.length
      counts.first_us = Math.min(counts.first_us ?? atUs, atUs)
      counts.last_us = Math.max(counts.last_us ?? atUs, atUs)
    })
    parser.on('error', reject)
    parser.on('end', () => resolve(counts))
  })
}

const isClassicMicro = (bytes: Uint8Array): boolean => {
  const magic = bytes.length >= 24 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0
  return magic === 0xa1b2c3d4 || magic === 0xd4c3b2a1
}
/** Variants of the format that carry its magic number and that pcap-parser does not know: what they hold is held against tshark (fixtures/README.md). */
const VARIANTS = [
  'ends-zeros',
  'format-joined',
  'format-pcap-aix',
  'format-pcap-nano-as-micro',
  'format-pcap-nokia',
  'format-pcap-old-lengths',
]
const classic = FIXTURES.filter(({ name, bytes }) => isClassicMicro(bytes) && !VARIANTS.includes(name))

describe('pcap-parser counts the same', () => {
  it('has enough to count', () => expect(classic.length).toBeGreaterThan(30))

  it.each(classic)('$name', async ({ bytes }) => {
    const columns = ['packets', 'bytes', 'captured_bytes', 'first_us', 'last_us'] as const
    const [capture] = rows(await analyzeBytes(bytes), [...columns], 'FROM captures')
    expect(capture).toEqual(await recount(bytes))
  })
})
