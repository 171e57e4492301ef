import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../src/decode/address.ts'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { DECODED, describeSkip } from '../../src/decode/status.ts'
import { describeTunnel } from '../../src/decode/tunnel.ts'
import { LINKS, SKIPPED } from './samples/links.ts'
import type { Sample } from './samples/sample.ts'
import { NO_TUNNELS, TUNNELS } from './samples/tunnels.ts'

/** The packet in the middle of other bytes, as it stands in a capture: nothing before and behind it may matter. */
function decode(sample: Sample): { status: number; view: PacketView } {
  const bytes = new Uint8Array(sample.bytes.length + 64).fill(0x45)
  bytes.set(sample.bytes, 32)
  const view = new PacketView()
  return { status: decodePacket(bytes, 32, 32 + sample.bytes.length, sample.linkType, view), view }
}

function flowOf(view: PacketView): string {
  const length = view.family === 4 ? 4 : 16
  const source = formatAddress(view.bytes, view.sourceAt, length)
  const target = formatAddress(view.bytes, view.targetAt, length)
  return `${source}:${view.sourcePort} > ${target}:${view.targetPort} ${view.protocol}`
}

function payloadOf(view: PacketView): string {
  return new TextDecoder().decode(view.bytes.subarray(view.payloadAt, view.payloadAt + 7))
}

describe.each([
  ['link types', LINKS],
  ['tunnels', TUNNELS],
])('%s', (_, samples) => {
  it.each(samples)('$name ($linkType)', (sample) => {
    const { status, view } = decode(sample)
    expect(status < DECODED ? describeSkip(status) : '').toBe('')
    expect(flowOf(view)).toBe(sample.flow)
    expect(describeTunnel(view.tunnel)).toBe(sample.tunnel)
    expect(payloadOf(view)).toBe('payload')
  })
})

describe('no tunnels', () => {
  it.each(NO_TUNNELS)('$name', (sample) => {
    const { status, view } = decode(sample)
    expect(status).toBe(DECODED)
    expect(flowOf(view)).toBe(sample.flow)
    expect(describeTunnel(view.tunnel)).toBe(null)
    expect(view.end).toBe(32 + sample.bytes.length)
  })
})

it.each(SKIPPED)('link type $linkType: $reason', ({ linkType, bytes, reason }) => {
  expect(describeSkip(decodePacket(bytes, 0, bytes.length, linkType, new PacketView()))).toBe(reason)
})
