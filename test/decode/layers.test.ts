import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../src/decode/address.ts'
import { decodePacket } from '../../src/decode/index.ts'
import { PacketView } from '../../src/decode/packet.ts'
import { describeSkip } from '../../src/decode/skip-reasons.ts'
import { DECODED } from '../../src/decode/status.ts'
import { describeTunnel } from '../../src/decode/tunnel.ts'
import { ethernet, hex, ipv4, udp } from '../support/build.ts'
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

const ROUTE_A = '0a0a0a0a'
const ROUTE_B = '0b0b0b0b'
it.each([
  ['a loose source route', `83 0b 04 ${ROUTE_A} ${ROUTE_B} 00`, '11.11.11.11'],
  ['a strict one, half used', `89 0b 08 ${ROUTE_A} ${ROUTE_B} 00`, '11.11.11.11'],
  ['one behind another option', `01 83 07 04 ${ROUTE_A}`, '10.10.10.10'],
  ['one used up', `83 0b 0c ${ROUTE_A} ${ROUTE_B} 00`, '198.51.100.2'],
  ['a recorded route', `07 0b 04 ${ROUTE_A} ${ROUTE_B} 00`, '198.51.100.2'],
  ['a pointer between addresses', `83 07 05 ${ROUTE_A} 00`, '198.51.100.2'],
  ['a route behind the end of options', `00 83 07 04 ${ROUTE_A}`, '198.51.100.2'],
  ['a route longer than the header', `83 ff 04 ${ROUTE_A} 00`, '198.51.100.2'],
])('IPv4 options: %s leads to the final destination', (_, options, target) => {
  const bytes = ethernet(ipv4('192.0.2.1', '198.51.100.2', udp(5000, 5001, 'payload'), { options: hex(options) }))
  const { view } = decode({ name: '', linkType: 1, bytes, flow: '', tunnel: null })
  expect(flowOf(view)).toBe(`192.0.2.1:5000 > ${target}:5001 17`)
})

it.each(SKIPPED)('link type $linkType: $reason', ({ linkType, bytes, reason }) => {
  expect(describeSkip(decodePacket(bytes, 0, bytes.length, linkType, new PacketView()))).toBe(reason)
})
