import { expect, it } from 'vitest'
import { ethernet, icmp, icmpv6, ipv4, ipv6, type Layer, tcp, u32, udp } from '../support/build.ts'
import { dnsAnswer, dnsQuery } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1'
const SERVER = '198.51.100.1'
const query = ipv4(CLIENT, SERVER, udp(5000, 53, dnsQuery(1, 'www.example.com')))
const refused = (quoted: Layer): Uint8Array => ethernet(ipv4(SERVER, CLIENT, icmp(3, 3, u32(0), quoted.bytes)))
const questions = (observer: Observer): string[] => observer.finish().dnsQueries.map(({ name }) => name)

it('a question that an ICMP error quotes is a question', () => {
  const observer = new Observer().frame(refused(query))
  expect(questions(observer)).toEqual(['www.example.com'])
  expect(observer.flows.table.count).toBe(1)
  expect(observer.flow().application).not.toBe('dns')
})

it('it is one question when it was seen itself', () => {
  expect(questions(new Observer().frame(ethernet(query)).frame(refused(query)))).toEqual(['www.example.com'])
})

it('an answer quoted by ICMPv6 names its address', () => {
  const answer = dnsAnswer(1, 'www.example.com', 'A', [{ type: 'A', data: '203.0.113.9' }])
  const quoted = ipv6('2001:db8::53', '2001:db8::1', udp(53, 5000, answer))
  const observer = new Observer().frame(ethernet(ipv6('2001:db8::1', '2001:db8::53', icmpv6(1, 4, u32(0), quoted.bytes))))
  observer.frame(ethernet(ipv4(CLIENT, '203.0.113.9', tcp(40_000, 443, 'S'))))
  expect(observer.flow(1).serverName).toBe('www.example.com')
})

it.each([
  ['an echo with the same bytes', ethernet(ipv4(SERVER, CLIENT, icmp(8, 0, u32(0), query.bytes)))],
  ['another port', refused(ipv4(CLIENT, SERVER, udp(5000, 5001, dnsQuery(1, 'www.example.com'))))],
  ['a later fragment', refused(ipv4(CLIENT, SERVER, udp(5000, 53, dnsQuery(1, 'www.example.com')), { fragmentOffset: 8 }))],
  ['eight bytes of the datagram only', ethernet(ipv4(SERVER, CLIENT, icmp(3, 3, u32(0), query.bytes.slice(0, 28))))],
])('%s is none', (_, frame) => {
  expect(questions(new Observer().frame(frame))).toEqual([])
})
