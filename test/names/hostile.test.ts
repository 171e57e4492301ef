// Whatever the bytes: nothing thrown, nothing raw, nothing endless.
import { describe, expect, it } from 'vitest'
import { ethernet, hex, ipv4, join, type Part, tcp, u16, u32, udp } from '../support/build.ts'
import { dnsAnswer, dnsOverTcp, dnsQuery, httpRequest, tlsClientHello } from '../support/messages.ts'
import { quicInitial } from '../support/quic.ts'
import { Observer } from './observer.ts'

/** xorshift32: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

const SAMPLES: [string, number, Part][] = [
  ['tcp', 443, tlsClientHello({ serverName: 'a.example', alpn: ['h2'] })],
  ['tcp', 80, `${httpRequest('a.example', '/', 'Content-Length: 3\r\n')}abc${httpRequest('b.example')}`],
  ['tcp', 53, dnsOverTcp(dnsAnswer(1, 'a.example', 'A', [{ type: 'A', data: '203.0.113.1' }]))],
  ['tcp', 80, join('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', hex('00000f 01 04 00000001 8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))],
  ['tcp', 25, '220 mail.example ESMTP\r\n'],
  ['tcp', 3389, hex('0300 0013 0e e0 0000 0000 00 01 00 0800 03000000')],
  ['udp', 53, dnsAnswer(1, 'a.example', 'PTR', [{ type: 'PTR', data: 'b.example' }])],
  ['udp', 5353, dnsAnswer(0, 'a.local', 'A', [{ type: 'A', data: '203.0.113.1' }], { withoutQuestion: true })],
  [
    'udp',
    137,
    join(
      hex('0001 2910 0001 0000 0000 0001'),
      32,
      'EGFCEFEECACACACACACACACACACACACA',
      hex('00 0020 0001 c00c 0020 0001 0000 012c 0006 0000 c0000201'),
    ),
  ],
  ['udp', 138, join(hex('1102 0001 c0000201 008a 0064 0000'), 32, 'EGFCEFEECACACACACACACACACACACACA', 0)],
  ['udp', 67, join(hex('01010600'), new Uint8Array(8), hex('c0000201'), new Uint8Array(220), hex('63825363 350103 0c03616263 ff'))],
  ['udp', 443, quicInitial(hex('0102030405060708'), new Uint8Array(0), tlsClientHello({ serverName: 'a.example' }).slice(5))],
  ['udp', 1900, 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n'],
  ['udp', 3478, join(hex('0016 000c 2112a442'), new Uint8Array(12), hex('0013 0008 16fefd0000000000'))],
  ['udp', 9999, dnsQuery(1, 'a.example')],
]

/** Every byte of what is short; an Initial is mostly padding. */
const stepFor = (bytes: Uint8Array): number => (bytes.length > 500 ? 11 : 1)

function send(observer: Observer, protocol: string, port: number, payload: Part, sequence = 1): void {
  if (protocol === 'tcp') observer.tcp('192.0.2.1:40000', `198.51.100.1:${port}`, payload, sequence)
  else observer.udp('192.0.2.1:40000', `198.51.100.1:${port}`, payload)
}

function expectClean(observer: Observer): void {
  const results = observer.finish()
  const texts = [
    ...results.names.map(({ name }) => name),
    ...results.dnsQueries.map(({ name }) => name),
    ...Array.from({ length: observer.flows.table.count }, (_, flow) => results.ofFlow(flow).serverName ?? ''),
  ]
  for (const text of texts) {
    expect(text.length).toBeLessThanOrEqual(255)
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    expect(text).toBe(text.toLowerCase())
  }
  for (const { answers } of results.dnsQueries) expect((answers ?? '').length).toBeLessThanOrEqual(1000)
}

describe('hostile bytes', () => {
  it.each(SAMPLES)('%s port %i: cut at every byte, twice in a row', (protocol, port, sample) => {
    const bytes = join(sample)
    for (let length = 0; length <= bytes.length; length += stepFor(bytes)) {
      const observer = new Observer()
      send(observer, protocol, port, bytes.slice(0, length))
      send(observer, protocol, port, bytes.slice(0, length), 1 + length)
      expectClean(observer)
    }
  })

  it.each(SAMPLES)('%s port %i: bytes changed by a seeded hand', (protocol, port, sample) => {
    const random = seeded(port)
    for (let round = 0; round < 300; round++) {
      const bytes = join(sample).slice()
      for (let change = random() % 6; change >= 0; change--) bytes[random() % bytes.length] = random() & 255
      const observer = new Observer()
      send(observer, protocol, port, bytes)
      expectClean(observer)
    }
  })

  it.each(SAMPLES)('%s port %i: bytes after the packet do not matter, cut at every byte', (protocol, port, sample) => {
    const bytes = join(sample)
    for (let length = 1; length <= bytes.length; length += stepFor(bytes)) {
      const payload = bytes.slice(0, length)
      const frame = ethernet(
        ipv4('192.0.2.1', '198.51.100.1', protocol === 'tcp' ? tcp(40000, port, 'A', payload) : udp(40000, port, payload)),
      )
      const seen = [bytes.slice(length), new Uint8Array(64), new Uint8Array(64).fill(0xff)].map((behind) => {
        const observer = new Observer().frame(join(frame, behind))
        return { ...observer.flow(), ...observer.finish() }
      })
      expect(JSON.stringify(seen[1]), `${length} bytes`).toBe(JSON.stringify(seen[0]))
      expect(JSON.stringify(seen[2]), `${length} bytes`).toBe(JSON.stringify(seen[0]))
    }
  })

  it('noise on every port', () => {
    const random = seeded(4711)
    const observer = new Observer()
    for (let round = 0; round < 4000; round++) {
      const [protocol, port] = SAMPLES[random() % SAMPLES.length]
      send(
        observer,
        protocol,
        port,
        Uint8Array.from({ length: random() % 200 }, () => random() & 255),
        random(),
      )
    }
    expectClean(observer)
  })

  it('names in all parts of it', () => {
    const evil = '\x1b]0;x\x07<b>\u202e=cmd|'
    const observer = new Observer()
      .tcp('192.0.2.1:1', '198.51.100.1:443', tlsClientHello({ serverName: evil }))
      .tcp('192.0.2.1:2', '198.51.100.1:80', httpRequest(evil))
      .udp('192.0.2.1:3', '198.51.100.1:53', dnsQuery(1, evil))
    expectClean(observer)
    expect(observer.finish().dnsQueries[0].name).toBe('\\033]0;x\\a<b>\\u202e=cmd|')
  })

  it('a stream of single bytes that never becomes a request costs little', () => {
    const observer = new Observer().tcp('192.0.2.1:40000', '198.51.100.1:80', '', 0, 'S')
    const begin = performance.now()
    const head = join(`GET /${'a'.repeat(30_000)}`)
    head.forEach((byte, i) => {
      observer.tcp('192.0.2.1:40000', '198.51.100.1:80', byte, 1 + i)
    })
    expect(performance.now() - begin).toBeLessThan(5000)
    expectClean(observer)
  })

  it('half-sent hellos of many flows are dropped, oldest first', () => {
    const observer = new Observer()
    const hello = tlsClientHello({ serverName: 'late.example', extensions: [join(u16(21), u16(14_000), new Uint8Array(14_000))] })
    const flowOf = (i: number): string => `192.0.2.${1 + (i >> 14)}:${1024 + (i & 0x3fff)}`
    for (let i = 0; i < 4000; i++) observer.tcp(flowOf(i), '198.51.100.1:443', hello.slice(0, 10_000), 1)
    for (const i of [0, 3999]) observer.tcp(flowOf(i), '198.51.100.1:443', hello.slice(10_000), 10_001)
    const results = observer.finish()
    expect([results.ofFlow(0).ja4 === null, results.ofFlow(3999).ja4 === null]).toEqual([true, false])
  })

  it('a DNS message of pointers only is done with at once', () => {
    const records = join(...Array.from({ length: 5000 }, () => join(hex('c00c'), u16(5), u16(1), u32(1), u16(2), hex('c00c'))))
    const message = join(u16(1), u16(0x8180), u16(1), u16(500), u32(0), hex('c00c'), u16(1), u16(1), records)
    const begin = performance.now()
    const observer = new Observer()
    for (let i = 0; i < 100; i++) observer.udp('198.51.100.1:53', '192.0.2.1:40000', message)
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})
