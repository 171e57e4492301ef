import { describe, expect, test } from 'vitest'
import { bytesOnWire } from '../../src/capture/wire.ts'
import { frameBytes, Tally, whyNotRecounted } from '../../src/verify/recount.ts'
import { formatMicroseconds } from '../../src/verify/time.ts'
import { pcapHeader } from '../support/capture-files.ts'

describe('frame lengths', () => {
  // Expected by hand from the link types' own pages: what stands before the frame and is counted in.
  test.each([
    ['Ethernet', 1, 1514, 1514],
    ['ERF', 197, 100, 84],
    ['PPP with direction', 204, 41, 40],
    ['SunATM', 123, 60, 56],
    ['shorter than its own header', 197, 10, 0],
    ['longer than any frame', 1, 0xffffffff, 0x7fffffff],
  ])('%s', (_, linkType, said, counted) => expect(frameBytes(said, linkType)).toBe(counted))

  test('written down twice, by analysis and recount, and the same for every link type', () => {
    for (let linkType = 0; linkType < 400; linkType++)
      expect([linkType, frameBytes(1000, linkType)]).toEqual([linkType, bytesOnWire(1000, linkType)])
  })
})

describe('which files are recounted', () => {
  test.each([
    ['little-endian microseconds', pcapHeader({ order: 'little' }), ''],
    ['big-endian microseconds', pcapHeader({ order: 'big' }), ''],
    ['nanoseconds', pcapHeader({ resolution: 'nano' }), 'nanoseconds'],
    ['pcapng', Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a, ...new Uint8Array(24)]), 'pcapng'],
    ['text', new TextEncoder().encode('no capture at all, but text'), 'not a pcap'],
    ['nothing', new Uint8Array(0), 'inside its header'],
  ])('%s', (_, head, why) => (why === '' ? expect(whyNotRecounted(head)).toBe('') : expect(whyNotRecounted(head)).toContain(why)))

  test('an old version, whose lengths may be swapped', () => {
    const head = pcapHeader()
    head[6] = 3
    expect(whyNotRecounted(head)).toContain('version 2.3')
  })
})

test('a tally of records in any order', () => {
  const tally = new Tally(0x1000_00c5)
  const record = (timestampSeconds: number, originalLength: number) => ({
    timestampSeconds,
    timestampMicroseconds: 7,
    capturedLength: 20,
    originalLength,
  })
  tally.add(record(20, 116), 20)
  tally.add(record(10, 66), 20)
  expect(tally.recount).toEqual({
    packets: 2,
    bytes: 150,
    capturedBytes: 40,
    firstUs: 10_000_007,
    lastUs: 20_000_007,
    linkType: 197,
    ownBytes: 32,
    note: '',
  })
})

test.each([
  [1_789_732_801_000_001, '2026-09-18 12:00:01.000001 UTC'],
  [0, '1970-01-01 00:00:00.000000 UTC'],
  [null, 'none'],
  [Number.NaN, 'no time'],
  [9e18, '9000000000000000000 µs'],
])('time %s', (us, text) => expect(formatMicroseconds(us)).toBe(text))
