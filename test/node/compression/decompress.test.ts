// gzip and zstd data, whole and damaged: what comes out is what the zstd program gives, or what was put in up to the damage.
import { spawnSync } from 'node:child_process'
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { compressionOf, MAX_LAYERS } from '../../../src/compression/decompress.ts'
import { decompress } from '../../../src/node/compression/decompress.ts'
import { Chance } from '../../fuzz/chance.ts'
import { chunked } from '../../support/analysis.ts'
import { zstd } from '../../support/capture-files.ts'
import { blockHeader, frame, rawBlock, rleBlock, skippable } from '../../support/zstd-frames.ts'

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

interface Read {
  content: Buffer
  problem: string
}

async function read(bytes: Uint8Array, chunkBytes = bytes.length): Promise<Read> {
  const pieces: Buffer[] = []
  let problem = ''
  const onProblem = (text: string): void => {
    problem = text
  }
  for await (const piece of decompress(compressionOf(bytes), chunked(bytes, chunkBytes), onProblem)) pieces.push(Buffer.from(piece))
  return { content: Buffer.concat(pieces), problem }
}

/** Not toEqual: it takes minutes to say how megabytes differ. */
function expectContent({ content }: Read, expected: Uint8Array): void {
  expect(content.length).toBe(expected.length)
  expect(Buffer.compare(content, expected)).toBe(0)
}

/** Text that compresses, with noise in it. */
function sample(length: number, seed: number): Buffer {
  const chance = new Chance(seed)
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    const from = chance.is(0.7) && at > 0 ? chance.below(at) : -1
    for (let count = 1 + chance.below(200); count > 0 && at < length; count--, at++)
      bytes[at] = from < 0 ? chance.below(256) : bytes[from + (at % 50)]
  }
  return bytes
}

function zstdProgram(args: string[], input: Uint8Array): { content: Buffer; isFine: boolean } {
  const run = spawnSync('zstd', ['-q', '-c', ...args], { input, maxBuffer: 1 << 28 })
  return { content: run.stdout, isFine: run.status === 0 }
}

const compressed = (input: Uint8Array, ...args: string[]): Uint8Array => new Uint8Array(zstdProgram(args, input).content)

describe('zstd', () => {
  test('offsets of matches that take more than 25 bits: content repeated 40 MB later', async () => {
    const noise = sample(1 << 20, 1)
    const content = join(noise, new Uint8Array(40 << 20), noise)
    const stored = compressed(content, '-1', '--long=27')
    // The second copy costs next to nothing, so it is such a match.
    expect(stored.length).toBeLessThan(compressed(noise, '-1').length * 1.5)
    const result = await read(stored, 1 << 20)
    expect(result.problem).toBe('')
    expectContent(result, content)
  })

  const plain = sample(300_000, 2)
  const KINDS: [string, Uint8Array][] = [
    ['level 1 without checksum', compressed(plain, '-1', '--no-check')],
    ['level 19', compressed(plain, '-19')],
    ['fast', compressed(plain, '--fast=5')],
    ['small blocks, long window', compressed(plain.subarray(0, 40_000), '-3', '--long=27')],
    ['a size in the header', compressed(plain.subarray(0, 60_000), '--stream-size=60000')],
    [
      'frames, an empty one and skippable ones',
      join(skippable(sample(20, 3)), zstd(plain.subarray(0, 9000)), skippable(new Uint8Array(0)), zstd(new Uint8Array(0)), zstd(plain)),
    ],
  ]

  test.each(KINDS)('%s, whole and spoilt: as the zstd program reads it, in any pieces', async (_, stored) => {
    const chance = new Chance(20260917)
    for (let round = 0; round < 10; round++) {
      const spoilt = stored.slice(0, round % 3 === 1 ? 5 + chance.below(stored.length - 5) : stored.length)
      // The first magic number stays: without it this is no zstd data.
      if (round % 3 === 2) spoilt[4 + chance.below(round === 2 ? 12 : spoilt.length - 4)] ^= 1 << chance.below(8)
      const ours = await read(spoilt)
      const theirs = zstdProgram(['-d'], spoilt)
      expect(ours.problem === '', ours.problem).toBe(theirs.isFine)
      expect(ours.problem).toMatch(/^(zstd data .* byte \d+[ :][\x20-\x7e]{10,300})?$/)
      // The program may drop the block before the one that is damaged.
      expect(Buffer.compare(ours.content.subarray(0, theirs.content.length), theirs.content)).toBe(0)
      expect(ours.content.length - theirs.content.length).toBeLessThanOrEqual(theirs.isFine ? 0 : 128 << 10)
      for (const size of [61, 4096]) {
        const other = await read(spoilt, size)
        expect(other.problem).toBe(ours.problem)
        expectContent(other, ours.content)
      }
    }
  })

  test('a wrong checksum gives a warning, and its data are still read', async () => {
    const stored = zstd(plain)
    stored[stored.length - 1] ^= 1
    const result = await read(stored)
    expect(result.problem).toMatch(/^zstd data has a wrong checksum at byte \d+: /)
    expectContent(result, plain)
  })

  test('a block is kept when the header behind it is damaged', async () => {
    const result = await read(frame(17, rawBlock(plain.subarray(0, 1000), false), blockHeader(5, 3, true)))
    expect(result.problem).toBe('zstd data at byte 1009 is damaged: no block has that type')
    expectContent(result, plain.subarray(0, 1000))
  })

  test.each([
    [28, 'zstd data at byte 0 needs a window of 268435456 bytes; the limit is 134217728: use "zstd -dc --long=31 FILE | rtnvis analyze -"'],
    [
      41,
      'zstd data at byte 0 needs a window of 2199023255552 bytes; the limit is 134217728: no zstd program reads it, the header is damaged',
    ],
  ])('a window of 2^%i bytes is refused', async (windowLog, problem) => {
    expect(await read(frame(windowLog, rleBlock(0, 10)))).toEqual({ content: Buffer.alloc(0), problem })
  })

  test('a frame that needs a dictionary says so', async () => {
    const stored = join(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x38, 7), rleBlock(0, 10))
    expect((await read(stored)).problem).toContain('zstd data at byte 0 needs dictionary 7: use "zstd -dc -D DICTIONARY FILE')
  })
})

describe('gzip', () => {
  const content = sample(300_000, 4)
  const stored = new Uint8Array(gzipSync(content))
  const zeros = new Uint8Array(70_000)
  const flipped = (at: number): Uint8Array => stored.map((byte, index) => (index === at ? byte ^ 1 : byte))
  const behind = (count: number): string =>
    `gzip data ends at byte ${stored.length}: the ${count} bytes behind it are no part of it and not read`

  test.each([
    ['whole', stored, 1, ''],
    ['a tail of zeros', join(stored, zeros), 1, ''],
    ['members, an empty one and zeros between them', join(stored, new Uint8Array(gzipSync('')), zeros, stored), 2, ''],
    ['other bytes behind it', join(stored, new TextEncoder().encode('no gzip data')), 1, behind(12)],
    ['half a magic number behind it', join(stored, Uint8Array.of(0x1f, 0x8c)), 1, behind(2)],
    ['a wrong CRC-32', flipped(stored.length - 5), 1, /^gzip data is damaged at byte \d+: nothing after it is read$/],
    ['a wrong length', flipped(stored.length - 1), 1, /^gzip data is damaged at byte \d+: /],
    [
      'a second member that is damaged at once',
      join(stored, Uint8Array.of(0x1f, 0x8b, 7, 0, 0, 0, 0)),
      1,
      /^gzip data is damaged at byte \d+: /,
    ],
    [
      'a second member that is cut off',
      join(stored, stored.subarray(0, 10)),
      1,
      `gzip data is cut off at byte ${stored.length + 10}: the file is not whole, copy it again`,
    ],
  ])('%s: all that comes before is read, in any pieces', async (_, bytes, times, problem) => {
    for (const size of [61, 4096, bytes.length]) {
      const result = await read(bytes, size)
      if (typeof problem === 'string') expect(result.problem).toBe(problem)
      else expect(result.problem).toMatch(problem)
      expectContent(result, Buffer.concat(Array.from({ length: times }, () => content)))
    }
  })

  test('damage in the middle: to the byte', async () => {
    // Two stored blocks, then one of the type that does not exist (RFC 1951 3.2.3).
    const block = new Uint8Array(deflateRawSync(content.subarray(0, 1000), { level: 0 }))
    block[0] &= 0xfe
    const header = stored.subarray(0, 10)
    const result = await read(join(header, block, block, Uint8Array.of(0x07), zeros))
    expect(result.problem).toMatch(/^gzip data is damaged at byte \d+: /)
    expectContent(result, join(content.subarray(0, 1000), content.subarray(0, 1000)))
  })

  test('cut anywhere: what is left of it, as node:zlib finds it', async () => {
    const chance = new Chance(5)
    for (let round = 0; round < 10; round++) {
      const cut = stored.subarray(0, 2 + chance.below(stored.length - 2))
      const result = await read(cut, 1 + chance.below(5000))
      expect(result.problem).toBe(`gzip data is cut off at byte ${cut.length}: the file is not whole, copy it again`)
      expectContent(result, gunzipSync(cut, { finishFlush: 2 }))
    }
  })

  test('100,000 members do not take more memory than one', async () => {
    const member = gzipSync('')
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => member))
    const before = process.memoryUsage().rss
    expect((await read(many)).problem).toBe('')
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
  })
})

describe('compressed more than once', () => {
  const content = sample(50_000, 6)
  const layered = (layers: number): Uint8Array => {
    let bytes = new Uint8Array(content)
    for (let layer = 0; layer < layers; layer++) bytes = new Uint8Array(layer % 2 === 0 ? gzipSync(bytes) : zstd(bytes))
    return bytes
  }

  test.each([2, 3, MAX_LAYERS])('%i times, in any pieces', async (layers) => {
    for (const size of [3, 1000, 1 << 20]) {
      const result = await read(layered(layers), size)
      expect(result.problem).toBe('')
      expectContent(result, content)
    }
  })

  test('one time too often', async () => {
    const { content: nothing, problem } = await read(layered(MAX_LAYERS + 1))
    expect(nothing).toHaveLength(0)
    expect(problem).toMatch(
      /^zstd data inside gzip data .* holds gzip data: more than 4 layers of compression are not read, decompress it first$/,
    )
  })

  test('damage names the layer', async () => {
    const inner = new Uint8Array(gzipSync(content)).subarray(0, 2000)
    const result = await read(zstd(inner))
    expect(result.problem).toBe('gzip data inside zstd data is cut off at byte 2000: the file is not whole, copy it again')
  })
})
