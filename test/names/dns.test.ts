import { describe, expect, it } from 'vitest'
import { isSureDnsMessage, parseDnsMessage } from '../../src/names/dns.ts'
import { address, hex, join, type Part, u16, u32 } from '../support/build.ts'
import { dnsAnswer, dnsName, dnsOverTcp, dnsQuery } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:40000'
const RESOLVER = '198.51.100.53:53'
const parse = (bytes: Uint8Array) => parseDnsMessage(bytes, 0, bytes.length)
/** Header with these counts, response bit set. */
const header = (questions: number, answers = 0, others = 0, flags = 0x8180): Uint8Array =>
  join(u16(1), u16(flags), u16(questions), u16(answers), u16(0), u16(others))
const record = (owner: Part, type: number, data: Part): Uint8Array => join(owner, u16(type), u16(1), u32(60), u16(join(data).length), data)
const question = (name: string, type: number): Uint8Array => join(dnsName(name), u16(type), u16(1))

describe('parseDnsMessage', () => {
  it('reads a question', () => {
    expect(parse(dnsQuery(7, 'Example.COM', 'AAAA'))).toMatchObject({
      id: 7,
      isResponse: false,
      questions: [{ name: 'example.com', type: 'AAAA' }],
    })
  })

  it('names an address by the question, not by the last alias', () => {
    const message = parse(
      join(
        header(1, 2),
        question('www.example.com', 1),
        record(hex('c00c'), 5, dnsName('cdn.example.net')),
        record(dnsName('cdn.example.net'), 1, address('203.0.113.7')),
      ),
    )
    expect(message).toMatchObject({
      responseCode: 'NOERROR',
      answers: 'cdn.example.net 203.0.113.7',
      addresses: [{ address: '203.0.113.7', name: 'www.example.com', isReverse: false }],
    })
  })

  it('names an address by its owner where no alias leads to it: services are not hosts', () => {
    const message = parse(
      join(
        header(1, 3),
        question('_ipp._tcp.local', 12),
        record(hex('c00c'), 12, dnsName('office._ipp._tcp.local')),
        record(dnsName('office._ipp._tcp.local'), 33, join(u16(0), u16(0), u16(631), dnsName('printer.local'))),
        record(dnsName('printer.local'), 1, address('192.0.2.80')),
      ),
    )
    expect(message!.addresses).toEqual([{ address: '192.0.2.80', name: 'printer.local', isReverse: false }])
  })

  it.each([
    ['AAAA', 28, address('2001:db8::1'), '2001:db8::1'],
    ['NS', 2, dnsName('ns.example'), 'ns.example'],
    ['MX', 15, join(u16(10), dnsName('mail.example')), 'mail.example'],
    ['SRV', 33, join(u16(0), u16(0), u16(443), dnsName('srv.example')), 'srv.example'],
    ['HTTPS', 65, join(u16(1), dnsName('svc.example'), u16(1), u16(3), hex('026832')), 'svc.example'],
    ['SOA', 6, join(dnsName('ns.example'), dnsName('admin.example'), new Uint8Array(20)), 'ns.example'],
    ['TXT, whose text may be anything', 16, join(5, 'token'), ''],
  ])('answers of type %s', (_, type, data, answers) => {
    expect(parse(join(header(1, 1), question('example.com', type), record(hex('c00c'), type, data)))!.answers).toBe(answers)
  })

  it.each([
    ['4.3.2.1.in-addr.arpa', '1.2.3.4'],
    ['1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa', '2001:db8::1'],
  ])('a reverse answer for %s names %s', (owner, ip) => {
    const message = parse(join(header(1, 1), question(owner, 12), record(hex('c00c'), 12, dnsName('host.example'))))
    expect(message!.addresses).toEqual([{ address: ip, name: 'host.example', isReverse: true }])
  })

  it.each([
    [3, 0, 'NXDOMAIN'],
    [5, 0, 'REFUSED'],
    [0, 1, 'BADVERS'],
    [7, 1, 'BADCOOKIE'],
    [15, 0, 'RCODE15'],
  ])('response code %i with EDNS %i is %s', (low, high, name) => {
    const opt = join(0, u16(41), u16(1232), high, 0, u16(0), u16(0))
    expect(parse(join(header(1, 0, 1, 0x8180 | low), question('a.example', 1), opt))!.responseCode).toBe(name)
  })

  it('writes an unknown type as RFC 3597 does', () => {
    expect(parse(join(header(1), question('a.example', 4711)))!.questions).toEqual([{ name: 'a.example', type: 'TYPE4711' }])
  })

  it.each([
    ['a pointer to itself', join(hex('c00c'), u16(1), u16(1))],
    ['two pointers to each other', join(hex('c00e'), hex('c00c'), u16(1), u16(1))],
    ['a pointer behind the end', join(hex('ffff'), u16(1), u16(1))],
    ['a label longer than the message', join(63, 'abc')],
    ['a label of an unknown kind', join(0x41, 'abc', 0, u16(1), u16(1))],
  ])('gives no name for %s', (_, body) => {
    expect(parse(join(header(1, 0, 0, 0x0100), body))?.questions ?? []).toEqual([])
  })

  it('reports a name that pointers make endless as too long', () => {
    expect(parse(join(header(1, 0, 0, 0x0100), 5, 'hello', hex('c00c'), u16(1), u16(1)))!.questions[0].name).toBe('<name too long>')
  })

  it('turns other bytes away', () => {
    expect(parse(hex('474554202f20485454502f312e310d0a0d0a'))).toBeNull()
    expect(parse(new Uint8Array(11))).toBeNull()
  })

  it('reads what is there of a message cut anywhere', () => {
    const whole = dnsAnswer(1, 'cut.example', 'A', [{ type: 'A', data: '203.0.113.1' }])
    const nameEnd = 12 + dnsName('cut.example').length
    for (let length = 0; length <= whole.length; length++) {
      const names = parse(whole.slice(0, length))?.questions.map(({ name }) => name) ?? []
      expect(names, `${length} bytes`).toEqual(length >= nameEnd ? ['cut.example'] : [])
    }
  })
})

describe('isSureDnsMessage', () => {
  it('believes a plain question on any port, and nothing that only looks like one', () => {
    const sure = (bytes: Uint8Array): boolean => isSureDnsMessage(bytes, 0, bytes.length)
    expect(sure(dnsQuery(1, 'example.com'))).toBe(true)
    expect(sure(dnsAnswer(1, 'example.com', 'A', [{ type: 'A', data: '203.0.113.1' }]))).toBe(true)
    expect(sure(join(header(1, 0, 0, 0x0100), 3, hex('ff0001'), 0, u16(1), u16(1)))).toBe(false)
    expect(sure(join(header(1, 0, 0, 0x0100), dnsName('a.example'), u16(999), u16(1)))).toBe(false)
    expect(sure(new Uint8Array(64))).toBe(false)
  })
})

describe('questions and answers', () => {
  const answer = dnsAnswer(5, 'www.example', 'A', [{ type: 'A', data: '203.0.113.9' }])

  it('become one row', () => {
    const results = new Observer().udp(CLIENT, RESOLVER, dnsQuery(5, 'www.example')).udp(RESOLVER, CLIENT, answer).finish()
    expect(results.dnsQueries).toEqual([
      {
        flow: 0,
        atUs: 1_700_000_000_001_000,
        name: 'www.example',
        type: 'A',
        responseCode: 'NOERROR',
        answers: '203.0.113.9',
        answerUs: 1000,
      },
    ])
  })

  it('repeated for want of an answer are one question', () => {
    const observer = new Observer()
    for (let i = 0; i < 3; i++) observer.udp(CLIENT, RESOLVER, dnsQuery(5, 'www.example'))
    // Packets of the observer are a millisecond apart.
    expect(
      observer
        .udp(RESOLVER, CLIENT, answer)
        .finish()
        .dnsQueries.map(({ answerUs }) => answerUs),
    ).toEqual([3000])
  })

  it('repeated and answered as often are one question, answered when the first answer came', () => {
    const observer = new Observer()
    for (let i = 0; i < 2; i++) observer.udp(CLIENT, RESOLVER, dnsQuery(5, 'www.example'))
    for (let i = 0; i < 2; i++) observer.udp(RESOLVER, CLIENT, answer)
    // Asked again after the answer: a question of its own. Another answer to it: a row of its own.
    observer.udp(CLIENT, RESOLVER, dnsQuery(5, 'www.example')).udp(RESOLVER, CLIENT, answer)
    observer.udp(RESOLVER, CLIENT, dnsAnswer(5, 'www.example', 'A', [{ type: 'A', data: '192.0.2.66' }]))
    const rows = observer.finish().dnsQueries.map(({ answers, answerUs }) => [answers, answerUs])
    expect(rows).toEqual([
      ['203.0.113.9', 2000],
      ['203.0.113.9', 1000],
      ['192.0.2.66', null],
    ])
  })

  it('of which one was not seen have no time between them', () => {
    const asked = new Observer().udp(CLIENT, RESOLVER, dnsQuery(5, 'www.example')).finish()
    const answered = new Observer().udp(RESOLVER, CLIENT, answer).finish()
    expect([...asked.dnsQueries, ...answered.dnsQueries].map(({ answerUs }) => answerUs)).toEqual([null, null])
  })

  it('are told apart by id and name', () => {
    const observer = new Observer().udp(CLIENT, RESOLVER, dnsQuery(5, 'a.example')).udp(CLIENT, RESOLVER, dnsQuery(5, 'b.example'))
    expect(
      observer
        .udp(RESOLVER, CLIENT, answer)
        .finish()
        .dnsQueries.map(({ name, responseCode }) => [name, responseCode]),
    ).toEqual([
      ['a.example', null],
      ['b.example', null],
      ['www.example', 'NOERROR'],
    ])
  })

  it('over TCP may lie across segments, several in one', () => {
    const stream = join(dnsOverTcp(dnsQuery(1, 'one.example')), dnsOverTcp(dnsQuery(2, 'two.example')))
    for (let cut = 1; cut < stream.length; cut++) {
      const observer = new Observer().tcp(CLIENT, RESOLVER, '', 99, 'S')
      observer.tcp(CLIENT, RESOLVER, stream.slice(0, cut), 100).tcp(CLIENT, RESOLVER, stream.slice(cut), 100 + cut)
      expect(
        observer.finish().dnsQueries.map(({ name }) => name),
        `cut at ${cut}`,
      ).toEqual(['one.example', 'two.example'])
    }
  })

  it('name the address for flows that begin later', () => {
    const observer = new Observer()
      .tcp(CLIENT, '203.0.113.9:8443', '', 1, 'S')
      .udp(CLIENT, RESOLVER, dnsQuery(5, 'www.example'))
      .udp(RESOLVER, CLIENT, answer)
      .tcp('192.0.2.1:40001', '203.0.113.9:8443', '', 1, 'S')
    expect(observer.flow(0).serverName).toBeNull()
    expect(observer.flow(2)).toMatchObject({ serverName: 'www.example', serverNameSource: 'dns' })
    expect(observer.hostNames()).toEqual(['203.0.113.9 www.example dns'])
  })

  it('are found on other ports', () => {
    const observer = new Observer().udp(CLIENT, '198.51.100.53:8053', dnsQuery(5, 'odd.example'))
    expect(observer.flow()).toMatchObject({ application: 'dns', applicationSource: 'content' })
    expect(observer.finish().dnsQueries).toHaveLength(1)
  })

  it('have a row for each question of multicast DNS', () => {
    const observer = new Observer()
    for (let i = 0; i < 2; i++) observer.udp('192.0.2.1:5353', '224.0.0.251:5353', dnsQuery(0, '_ipp._tcp.local', 'PTR', 0))
    expect(observer.finish().dnsQueries).toHaveLength(2)
    expect(observer.flow().application).toBe('mdns')
  })
})
