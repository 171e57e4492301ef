import { describe, expect, it } from 'vitest'
import { DnsLog } from '../../src/names/dns-log.ts'
import { HostNames } from '../../src/names/host-names.ts'
import { address, ethernet, ipv4, ipv6, tcp, udp } from '../support/build.ts'
import { dnsAnswer, dnsQuery, httpRequest, tlsClientHello } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:40000'
const SERVER = '203.0.113.9:443'
const RESOLVER = '198.51.100.53:53'

describe('names of a host', () => {
  it('are all kept if TLS and DNS disagree; the flow has the client’s', () => {
    const observer = new Observer()
      .udp(CLIENT, RESOLVER, dnsQuery(1, 'dns.example'))
      .udp(RESOLVER, CLIENT, dnsAnswer(1, 'dns.example', 'A', [{ type: 'A', data: '203.0.113.9' }]))
      .tcp(CLIENT, SERVER, tlsClientHello({ serverName: 'tls.example' }))
    expect(observer.flow(1)).toMatchObject({ serverName: 'tls.example', serverNameSource: 'tls' })
    expect(observer.hostNames()).toEqual(['203.0.113.9 dns.example dns', '203.0.113.9 tls.example tls'])
  })

  it('have first time and count', () => {
    const observer = new Observer()
    for (let i = 0; i < 3; i++) observer.tcp(`192.0.2.1:${40000 + i}`, SERVER, tlsClientHello({ serverName: 'tls.example' }))
    expect(observer.finish().names).toEqual([{ host: 1, name: 'tls.example', source: 'tls', firstUs: 1_700_000_000_001_000, count: 3 }])
  })

  it('are of hosts with traffic only', () => {
    const observer = new Observer().udp(RESOLVER, CLIENT, dnsAnswer(1, 'a.example', 'A', [{ type: 'A', data: '203.0.113.77' }]))
    expect(observer.hostNames()).toEqual([])
  })

  it('come from IPv6 answers too', () => {
    const observer = new Observer()
      .udp(RESOLVER, CLIENT, dnsAnswer(1, 'six.example', 'AAAA', [{ type: 'AAAA', data: '2001:db8::9' }]))
      .frame(ethernet(ipv6('2001:db8::1', '2001:db8::9', tcp(40000, 8443, 'S'))))
    expect(observer.flow(1)).toMatchObject({ serverName: 'six.example', serverNameSource: 'dns' })
  })

  it('come from the file last', () => {
    const observer = new Observer().tcp(CLIENT, SERVER, '', 1, 'S')
    observer.names.addFileName(address('203.0.113.9'), 'Noted.Example')
    observer.names.addFileName(address('203.0.113.9').slice(0, 3), 'broken.example')
    expect(observer.flow()).toMatchObject({ serverName: 'noted.example', serverNameSource: 'pcapng' })
    const better = new Observer()
      .udp(RESOLVER, CLIENT, dnsAnswer(1, 'dns.example', 'A', [{ type: 'A', data: '203.0.113.9' }]))
      .tcp(CLIENT, SERVER, '', 1, 'S')
    better.names.addFileName(address('203.0.113.9'), 'noted.example')
    expect(better.flow(1).serverName).toBe('dns.example')
  })

  it('given by a multicast answer are the address’s', () => {
    const answer = dnsAnswer(0, 'printer.local', 'A', [{ type: 'A', data: '192.0.2.80' }], { withoutQuestion: true })
    const observer = new Observer().udp('192.0.2.80:5353', '224.0.0.251:5353', answer)
    expect(observer.hostNames()).toEqual(['192.0.2.80 printer.local mdns'])
  })
})

describe('the rows', () => {
  it('are sorted by host, name and source, questions by time', () => {
    const observer = new Observer()
    for (const name of ['b', 'a', 'c']) {
      observer.tcp(CLIENT, '203.0.113.9:80', httpRequest(`${name}.example`))
      observer.udp(CLIENT, RESOLVER, dnsQuery(name.charCodeAt(0), `${name}.example`))
    }
    observer.timeUs -= 1_000_000
    observer.udp(CLIENT, RESOLVER, dnsQuery(9, 'early.example'))
    expect(observer.finish().names.map(({ name }) => name)).toEqual(['a.example', 'b.example', 'c.example'])
    expect(observer.finish().dnsQueries.map(({ name }) => name)).toEqual(['early.example', 'b.example', 'a.example', 'c.example'])
  })

  it('are bounded, and what is left out is counted', () => {
    const log = new DnsLog()
    const asked = { isResponse: false, responseCode: 'NOERROR', answers: '' }
    for (let i = 0; i < 200_010; i++) log.add(0, i, { ...asked, id: i & 0xffff, questions: [{ name: `n${i}.example`, type: 'A' }] })
    expect(log.rows).toHaveLength(200_000)
    expect(log.leftOut).toBe(10)
    const book = new HostNames()
    for (let i = 0; i < 500_010; i++) book.add(i & 0xff, `n${i}.example`, 'http', i)
    expect(book.leftOut).toBe(10)
  })
})

describe('budget', () => {
  it('is used up by conversations without names', () => {
    const observer = new Observer()
    for (let i = 0; i < 20; i++) observer.udp(CLIENT, '203.0.113.9:9999', 'xxxx')
    expect(observer.names.budget[0]).toBe(0)
  })

  it('is done with a whole ClientHello', () => {
    const observer = new Observer().tcp(CLIENT, SERVER, tlsClientHello({ serverName: 'a.example' }))
    expect(observer.names.budget[0]).toBe(0)
  })

  it('grows with the flows', () => {
    const observer = new Observer()
    for (let i = 0; i < 3000; i++) observer.frame(ethernet(ipv4('192.0.2.1', '203.0.113.9', udp(1024 + i, 9999, 'x'))))
    expect(observer.names.budget.length).toBeGreaterThanOrEqual(3000)
    expect(observer.names.budget[2999]).toBeGreaterThan(0)
  })
})
