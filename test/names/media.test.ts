// Calls: RTP and RTCP that a session description announces, or that their headers prove; who calls whom; CAPWAP, OpenFlow.
import { describe, expect, it } from 'vitest'
import { hex, join, type Part, u16, u32 } from '../support/build.ts'
import { Observer } from './observer.ts'

const ALICE = '192.0.2.1'
const BOB = '198.51.100.1'

const rtp = (sequence: number, source = 0x1234abcd, timestamp = sequence * 160): Part =>
  join(hex('80 00'), u16(sequence), u32(timestamp), u32(source), new Uint8Array(160))
/** A receiver's report without blocks, and a description with a CNAME. */
const rtcp = join(hex('80 c9 0001'), u32(7), hex('81 ca 0003'), u32(7), hex('01 04'), 'user', hex('00 00'))

function invite(media: string): string {
  const lines = [
    ...['INVITE sip:bob@example.com SIP/2.0', 'From: "Alice" <sip:alice@Example.com;user=phone>;tag=1', 't: <sip:bob@example.com>', ''],
    ...['v=0', `c=IN IP4 ${ALICE}`, 't=0 0', ...media.split('|'), ''],
  ]
  return lines.join('\r\n')
}

/** Application of the second conversation, after a call on the first one. */
const afterCall = (media: string, from: string, to: string, payload: Part) =>
  new Observer().udp(`${ALICE}:5060`, `${BOB}:5060`, invite(media)).udp(from, to, payload).flow(1).application

describe('media that a session description announces', () => {
  it.each<[string, string, string, string, Part, string | null]>([
    ['at the port of its m-line', 'm=audio 49170 RTP/AVP 0', `${BOB}:30000`, `${ALICE}:49170`, rtp(1), 'rtp'],
    ['from there', 'm=audio 49170 RTP/AVP 0', `${ALICE}:49170`, `${BOB}:30000`, rtp(1), 'rtp'],
    ['at its own address', 'm=video 49172 RTP/SAVPF 96|c=IN IP4 192.0.2.9', `${BOB}:30000`, '192.0.2.9:49172', rtp(1), 'rtp'],
    ['with control on the next port', 'm=audio 49170 RTP/AVP 0', `${BOB}:30001`, `${ALICE}:49171`, rtcp, 'rtcp'],
    ['with control where it says', 'm=audio 49170 RTP/AVP 0|a=rtcp:53020', `${BOB}:30001`, `${ALICE}:53020`, rtcp, 'rtcp'],
    ['not at another port', 'm=audio 49170 RTP/AVP 0', `${BOB}:30000`, `${ALICE}:49180`, rtp(1), null],
    ['not where media are no RTP', 'm=image 49170 udptl t38', `${BOB}:30000`, `${ALICE}:49170`, rtp(1), null],
    [
      'not what is no RTP',
      'm=audio 49170 RTP/AVP 0',
      `${BOB}:30000`,
      `${ALICE}:49170`,
      hex('00 01 02 03 04 05 06 07 08 09 0a 0b 0c'),
      null,
    ],
  ])('is RTP %s', (_what, media, from, to, payload, application) => {
    expect(afterCall(media, from, to, payload)).toBe(application)
  })
})

describe('media that nobody announced', () => {
  const sent = (...packets: Part[]) => {
    const observer = new Observer()
    for (const packet of packets) observer.udp(`${ALICE}:20002`, `${BOB}:30000`, packet)
    return observer.flow().application
  }

  it('is RTP after four packets of one source with successive numbers, over their wrap, too', () => {
    expect(sent(rtp(10), rtp(11), rtp(12))).toBe(null)
    expect(sent(rtp(10), rtp(11), rtp(12), rtp(13))).toBe('rtp')
    expect(sent(rtp(65_534), rtp(65_535), rtp(0, 0x1234abcd, 65_536 * 160), rtp(1, 0x1234abcd, 65_537 * 160))).toBe('rtp')
    expect(sent(rtp(10), rtp(20), rtp(21), rtp(22), rtp(23))).toBe('rtp')
  })

  it('is not RTP where number, source, type or time are not those of a stream', () => {
    expect(sent(rtp(10), rtp(12), rtp(14), rtp(16), rtp(18))).toBe(null)
    expect(sent(rtp(10, 1), rtp(11, 2), rtp(12, 3), rtp(13, 4))).toBe(null)
    expect(sent(rtp(10, 0), rtp(11, 0), rtp(12, 0), rtp(13, 0))).toBe(null)
    expect(sent(rtp(10, 1, 9e6), rtp(11, 1, 5e6), rtp(12, 1, 2e6), rtp(13, 1, 1e6))).toBe(null)
  })

  it('is RTCP where reports and a description fill the datagram', () => {
    expect(sent(rtcp)).toBe('rtcp')
    expect(sent(join(rtcp, hex('00')))).toBe(null)
    expect(sent(join(hex('80 c9 0001'), u32(7)))).toBe(null)
  })
})

it('who calls whom, and who registers, is said of the hosts', () => {
  const observer = new Observer()
    .udp(
      `${ALICE}:5060`,
      `${BOB}:5060`,
      'REGISTER sip:example.com SIP/2.0\r\nFrom: sip:alice@example.com;tag=9\r\nTo: sip:alice@example.com\r\n\r\n',
    )
    .udp(`${ALICE}:5060`, `${BOB}:5060`, invite('m=audio 49170 RTP/AVP 0'))
    .udp(
      `${BOB}:5060`,
      `${ALICE}:5060`,
      'INVITE sip:alice@example.com SIP/2.0\r\nFrom: <sip:bob@example.com>;tag=2\r\nTo: <sip:alice@example.com>;tag=1\r\n\r\n',
    )
    .udp(`${BOB}:5060`, `${ALICE}:5060`, 'SIP/2.0 200 OK\r\nFrom: sip:mallory@example.com\r\nTo: sip:eve@example.com\r\n\r\n')
  const results = observer.finish()
  const said = [0, 1].map((host) => results.identitiesOf(host).map(({ kind, value, source }) => `${kind} ${value} ${source}`))
  expect(said).toEqual([
    ['account alice@example.com sip: registers', 'account alice@example.com sip: calls'],
    ['account bob@example.com sip: is called'],
  ])
})

describe('other protocols of networks', () => {
  it.each<[string, number, Part]>([
    // Discovery request: header of eight bytes, IETF's message type 1.
    ['capwap', 5246, join(hex('00 10 02 00 00000000'), u32(1), hex('00 0015 00'), new Uint8Array(20))],
    ['capwap', 5246, join(hex('01 000000'), hex('17 fefd 0001 000000000001 0004 01020304'))],
  ])('%s over UDP port %i', (application, port, payload) => {
    expect(new Observer().udp(`${ALICE}:40000`, `${BOB}:${port}`, payload).flow()).toMatchObject({
      application,
      applicationSource: 'content',
    })
  })

  it('OpenFlow by its HELLO, on its ports', () => {
    const hello = hex('04 00 0010 00000001 0001 0008 00000010')
    const on = (port: number) => new Observer().tcp(`${ALICE}:40000`, `${BOB}:${port}`, hello).flow().application
    expect([on(6653), on(6633), on(6634)]).toEqual(['openflow', 'openflow', null])
  })

  it('those with a port over UDP alone are not what uses it over TCP', () => {
    const payload = hex('0102030405060708')
    expect(new Observer().udp(`${ALICE}:40000`, `${BOB}:3784`, payload).flow()).toMatchObject({
      application: 'bfd',
      applicationSource: 'port',
    })
    expect(new Observer().tcp(`${ALICE}:40000`, `${BOB}:3784`, payload).flow().application).toBe(null)
  })
})
