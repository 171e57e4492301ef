// Messages of at most 55 bytes -> SHA-1: what RFC 3174 and NIST state, and what Node computes.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { shortSha1 } from '../../src/flows/short-sha1.ts'
import { randomOf } from '../support/random.ts'

/** Messages and digests in hexadecimal: "abc" is test 1 of RFC 3174 (7.3), the others are of SHA1ShortMsg.rsp of NIST's CAVP. */
const STATED: [string, string][] = [
  ['616263', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['36', 'c1dfd96eea8cc2b62785275bca38ac261256e278'],
  ['195a', '0a1c2d555bbe431ad6288af5a54f93e0449c9232'],
  ['df4bd2', 'bf36ed5d74727dfd5d7854ec6b1d49468d8ee8aa'],
  ['549e959e', 'b78bae6d14338ffccfd5d5b5674a275f6ef9c717'],
  ['f7fb1be205', '60b7d5bb560a1acf6fa45721bd0abb419a841a89'],
  ['c0e5abeaea63', 'a6d338459780c08363090fd8fc7d28dc80e8e01f'],
  ['63bfc1ed7f78ab', '860328d80509500c1783169ebf0ba0c4b94da5e5'],
  ['7e3d7b3eada98866', '24a2c34b976305277ce58c2f42d5092031572520'],
]

it.each(STATED)('of "%s" is %s', (message, digest) => {
  expect(sha1(Buffer.from(message, 'hex'))).toBe(digest)
})

it('is that of Node for 100,000 messages of 0 to 55 bytes', () => {
  const random = randomOf(3174)
  const wrong: string[] = []
  for (let n = 0; n < 100_000; n++) {
    const message = Uint8Array.from({ length: n % 56 }, () => random(256))
    if (sha1(message) !== createHash('sha1').update(message).digest('hex')) wrong.push(Buffer.from(message).toString('hex'))
  }
  expect(wrong).toEqual([])
})

function sha1(message: Uint8Array): string {
  const block = new Uint8Array(64)
  block.set(message)
  const words = new Int32Array(5)
  shortSha1(new DataView(block.buffer), message.length, words)
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
