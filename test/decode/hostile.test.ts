// Whatever the bytes say: no throw, no read beyond the packet, no value that is not a number, an end after a bounded number of layers.

import { describe, expect, it } from 'vitest'
import { random } from '../../fixtures/generate/random.ts'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { describeSkip } from '../../src/decode/skip-reasons.ts'
import { DECODED } from '../../src/decode/status.ts'
import { describeTunnel } from '../../src/decode/tunnel.ts'
import { ethernet, hex, ipv4, join, raw } from '../support/build.ts'
import { LINKS } from './samples/links.ts'
import { NO_TUNNELS, TUNNELS } from './samples/tunnels.ts'

const SAMPLES = [...LINKS, ...TUNNELS, ...NO_TUNNELS]
const LINK_TYPES = [...new Set(SAMPLES.map((sample) => sample.linkType))]

/** The same bytes in every run. */
function randomBytes(seed: number): () => number {
  const next = random(seed)
  return () => Math.floor(next() * 256)
}

const view = new PacketView()

/** Decodes a packet that ends where its buffer ends, and once more with other bytes behind it: both must give the same. */
function check(packet: Uint8Array, linkType: number): void {
  const first = run(packet, packet.length, linkType)
  const longer = new Uint8Array(packet.length + 256).fill(0xa5)
  longer.set(packet)
  const second = run(longer, packet.length, linkType)
  if (first !== second) expect.fail(`bytes behind the packet change ${first} to ${second}, link type ${linkType}: ${packet}`)
}

/** All fields as text; plain conditions, for a million calls of expect() take a minute. */
function run(bytes: Uint8Array, end: number, linkType: number): string {
  const status = decodePacket(bytes, 0, end, linkType, view)
  if (status !== DECODED) {
    if (!(status < 0) || /NaN|undefined|unknown/.test(describeSkip(status)))
      expect.fail(`status ${status}, link type ${linkType}: ${bytes}`)
    return String(status)
  }
  const addressBytes = view.family === 4 ? 4 : 16
  const numbers = [view.family, view.sourceAt, view.targetAt, view.protocol, view.sourcePort, view.targetPort, view.tcpFlags]
  numbers.push(view.tcpSequence, view.icmpType, view.payloadAt, view.end, view.fragmentId, view.fragmentOffset, view.tunnel)
  const isInside =
    view.sourceAt + addressBytes <= end && view.targetAt + addressBytes <= end && view.end <= end && view.payloadAt <= view.end
  if (!isInside || !numbers.every(Number.isInteger)) expect.fail(`${numbers}, link type ${linkType}: ${bytes}`)
  return `${numbers} ${describeTunnel(view.tunnel)}`
}

it('every sample cut at every byte', () => {
  for (const sample of SAMPLES) for (let end = 0; end < sample.bytes.length; end++) check(sample.bytes.slice(0, end), sample.linkType)
})

it('every sample with every byte of its headers set to extremes', () => {
  for (const sample of SAMPLES) {
    for (let at = 0; at < Math.min(sample.bytes.length, 100); at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const packet = sample.bytes.slice()
        packet[at] = value
        check(packet, sample.linkType)
      }
    }
  }
})

describe('random bytes', () => {
  it.each(LINK_TYPES)('link type %i', (linkType) => {
    const next = randomBytes(linkType + 1)
    for (let count = 0; count < 2000; count++) check(Uint8Array.from({ length: next() >> 1 }, next), linkType)
  })

  it.each([...TUNNELS])('behind the headers of $name', ({ bytes, linkType }) => {
    const next = randomBytes(7)
    for (let count = 0; count < 300; count++) {
      const from = 34 + (next() % 24)
      check(
        Uint8Array.from(bytes, (byte, at) => (at < from ? byte : next())),
        linkType,
      )
    }
  })
})

it('ends after a bounded number of layers, and keeps the outermost path', () => {
  let packet = ipv4('192.0.2.1', '192.0.2.2', raw(17, hex('0001 0002 0008 0000')))
  for (let depth = 0; depth < 200; depth++) packet = ipv4('192.0.2.3', '192.0.2.4', raw(4, packet.bytes))
  const bytes = ethernet(packet)
  expect(decodePacket(bytes, 0, bytes.length, 1, view)).toBe(DECODED)
  expect(view.protocol).toBe(4)
  expect(describeTunnel(view.tunnel)?.split('/').length).toBeLessThanOrEqual(8)
})

it('thousands of labels, tags and extension headers end', () => {
  const labels = join(hex('020000000001 020000000002 8847'), new Uint8Array(60_000))
  const tags = join(hex('020000000001 020000000002'), ...Array.from({ length: 10_000 }, () => hex('8100 0001')))
  const options = join(hex('60000000 ea60 00 40'), new Uint8Array(60_000))
  for (const bytes of [labels, tags]) expect(decodePacket(bytes, 0, bytes.length, 1, view)).toBeLessThan(0)
  expect(decodePacket(options, 0, options.length, 101, view)).toBe(DECODED)
})

it('allocates nothing once it is warm', () => {
  const rounds = (count: number) => {
    for (let round = 0; round < count; round++)
      for (const { bytes, linkType } of SAMPLES) decodePacket(bytes, 0, bytes.length, linkType, view)
  }
  rounds(1000)
  const before = process.memoryUsage().heapUsed
  rounds(1000)
  // 200,000 packets: one object of 16 bytes each would be 3 MB. The margin is the test runner's own.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000)
})
