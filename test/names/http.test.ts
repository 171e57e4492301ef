import { describe, expect, it } from 'vitest'
import { parseHttpRequest } from '../../src/names/http.ts'
import { ethernet, ipv4, ipv6, join, tcp, u16 } from '../support/build.ts'
import { httpRequest, httpResponse, tlsClientHello } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:40000'
const SERVER = '198.51.100.1:80'
const parse = (text: string) => {
  const bytes = join(text)
  return parseHttpRequest(bytes, 0, bytes.length)
}

describe('parseHttpRequest', () => {
  it.each([
    ['GET / HTTP/1.1\r\nHost: Www.Example.COM\r\n\r\n', ['www.example.com']],
    ['GET / HTTP/1.1\nhost:example.com\n\n', ['example.com']],
    ['GET / HTTP/1.1\r\nHost : example.com \r\n\r\n', ['example.com']],
    ['GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n', ['example.com']],
    ['GET / HTTP/1.1\r\nHost: [2001:DB8:0:0::1]:8080\r\n\r\n', ['2001:db8::1']],
    ['GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n', ['2001:db8::1']],
    ['GET / HTTP/1.1\r\nHost: 2001:db8::1\r\n\r\n', ['2001:db8::1']],
    ['GET / HTTP/1.1\r\nHost: [not:one]:80\r\n\r\n', ['[not:one]']],
    ['M-SEARCH * HTTP/1.1\r\nHost:[FF02::C]:1900\r\n\r\n', ['ff02::c']],
    ['GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\nHost: a.example\r\n\r\n', ['a.example', 'b.example']],
    ['GET / HTTP/1.1\r\nHost: a\x1b[2J.example\r\n\r\n', ['a\\033[2j.example']],
    ['GET / HTTP/1.1\r\nHost:\r\n\r\n', []],
    ['GET / HTTP/1.1\r\nX-Host: no.example\r\nHostile: no.example\r\n\r\n', []],
    ['GET /it is here\r\nHost: lax.example\r\n\r\n', ['lax.example']],
    ['CONNECT far.example:443 HTTP/1.1\r\n\r\n', ['far.example']],
    ['GET http://user:secret@far.example:8080/path?q=1 HTTP/1.1\r\n\r\n', ['far.example']],
    ['GET http://far.example/ HTTP/1.1\r\nHost: proxy.example\r\n\r\n', ['far.example', 'proxy.example']],
    ['GET ftp://far.example/file HTTP/1.1\r\nHost: far.example\r\n\r\n', ['far.example']],
    ['M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n', ['239.255.255.250']],
    ['DESCRIBE rtsp://camera.example:554/live RTSP/1.0\r\nCSeq: 1\r\n\r\n', ['camera.example']],
  ])('%j requests %j', (text, hosts) => {
    expect(parse(text)!.hosts).toEqual(hosts)
  })

  it.each([
    ...['', 'GET', 'get / HTTP/1.1\r\n\r\n', 'GET key\r\n', '\x16\x03\x01', 'HTTP/1.1 200 OK\r\n\r\n', 'SELECT * FROM t;\r\n\r\n'],
    'CONNECT {"verbose":false,"lang":"c"}\r\nPING\r\n',
  ])('%j is no request', (text) => {
    expect(parse(text)).toBeNull()
  })
})

describe('HTTP over TCP', () => {
  const exchange = () => new Observer().tcp(CLIENT, SERVER, '', 99, 'S').tcp(SERVER, CLIENT, '', 499, 'SA')

  it('names the server', () => {
    const observer = exchange().tcp(CLIENT, SERVER, httpRequest('www.example.com'), 100)
    expect(observer.flow()).toMatchObject({ application: 'http', serverName: 'www.example.com', serverNameSource: 'http' })
  })

  it('gives every host of a connection, pipelined and behind bodies', () => {
    const post = 'POST / HTTP/1.1\r\nHost: b.example\r\nContent-Length: 5\r\n\r\nhello'
    const first = httpRequest('a.example') + post + httpRequest('c.example')
    const observer = exchange().tcp(CLIENT, SERVER, first, 100).tcp(SERVER, CLIENT, httpResponse(900), 500)
    for (let i = 0; i < 20; i++) observer.tcp(SERVER, CLIENT, 'x'.repeat(1000), 2000 + 1000 * i)
    observer.tcp(CLIENT, SERVER, httpRequest('d.example'), 100 + first.length)
    expect(observer.hostNames()).toEqual(['a', 'b', 'c', 'd'].map((name) => `198.51.100.1 ${name}.example http`))
    expect(observer.flow().serverName).toBe('a.example')
  })

  it('skips empty lines before a request, whether in one segment or not', () => {
    for (const lines of ['\r\n', '\n', '\r\n\r\n']) {
      const text = lines + httpRequest('www.example.com')
      expect(exchange().tcp(CLIENT, SERVER, text, 100).flow().serverName).toBe('www.example.com')
      const cut = lines.length + 2
      const pieces = exchange()
        .tcp(CLIENT, SERVER, text.slice(0, cut), 100)
        .tcp(CLIENT, SERVER, text.slice(cut), 100 + cut)
      expect(pieces.flow().serverName).toBe('www.example.com')
    }
    const second = `${httpRequest('a.example')}\r\n${httpRequest('b.example')}`
    expect(exchange().tcp(CLIENT, SERVER, second, 100).hostNames()).toHaveLength(2)
  })

  it('reads what comes with a SYN', () => {
    const text = httpRequest('www.example.com')
    expect(new Observer().tcp(CLIENT, SERVER, text, 99, 'S').flow().serverName).toBe('www.example.com')
    const hello = tlsClientHello({ serverName: 'www.example.com' })
    const whole = new Observer().tcp(CLIENT, SERVER, hello.slice(0, 40), 99, 'S').tcp(CLIENT, SERVER, hello.slice(40), 140)
    expect(whole.flow()).toMatchObject({ application: 'tls', serverName: 'www.example.com' })
  })

  it('is understood whole wherever it is cut, in order or not', () => {
    const request = join(httpRequest('cut.example'))
    for (let cut = 1; cut < request.length - 1; cut++) {
      const inOrder = exchange()
        .tcp(CLIENT, SERVER, request.slice(0, cut), 100)
        .tcp(CLIENT, SERVER, request.slice(cut), 100 + cut)
      expect(inOrder.flow().serverName, `cut at ${cut}`).toBe('cut.example')
      const swapped = exchange()
        .tcp(CLIENT, SERVER, request.slice(cut), 100 + cut)
        .tcp(CLIENT, SERVER, request.slice(0, cut), 100)
      expect(swapped.flow().serverName, `swapped at ${cut}`).toBe('cut.example')
    }
  })

  it('is understood byte by byte, each sent twice', () => {
    const observer = exchange()
    join(httpRequest('slow.example')).forEach((byte, i) => {
      observer.tcp(CLIENT, SERVER, byte, 100 + i).tcp(CLIENT, SERVER, byte, 100 + i)
    })
    expect(observer.flow().serverName).toBe('slow.example')
  })

  it('counts once and says its program wherever it is cut', () => {
    const request = join('GET / HTTP/1.1\r\nHost: cut.example\r\nUser-Agent: cutter/1.0\r\nAccept: */*\r\n\r\n')
    for (let cut = 1; cut < request.length - 1; cut++) {
      const observer = exchange()
        .tcp(CLIENT, SERVER, request.slice(0, cut), 100)
        .tcp(SERVER, CLIENT, '', 500)
        .tcp(CLIENT, SERVER, request.slice(cut), 100 + cut)
        .tcp(CLIENT, SERVER, request, 100 + request.length)
      const { names, software } = observer.finish()
      expect(names, `cut at ${cut}`).toMatchObject([{ name: 'cut.example', count: 2 }])
      expect(software, `cut at ${cut}`).toMatchObject([{ text: 'cutter/1.0', count: 1 }])
    }
  })

  it('does not wait for what a snapshot length cut off', () => {
    const request = httpRequest('next.example')
    const first = ethernet(ipv4('192.0.2.1', '198.51.100.1', tcp(40000, 80, 'A', httpRequest('x'.repeat(200)), { sequence: 100 })))
    for (let kept = 60; kept < first.length; kept += 10) {
      const observer = exchange().frame(first.slice(0, kept))
      const next = 100 + first.length - 54
      observer.tcp(CLIENT, SERVER, request, next)
      expect(observer.hostNames(), `${kept} bytes kept`).toContain('198.51.100.1 next.example http')
    }
  })

  it('does not wait for ever for what was not captured', () => {
    const observer = exchange()
    for (let i = 0; i < 9; i++) observer.tcp(CLIENT, SERVER, httpRequest(`host${i}.example`), 2000 + 1000 * i)
    expect(observer.hostNames()).toContain('198.51.100.1 host0.example http')
  })

  it('finds requests late in conversations that began with something else', () => {
    const observer = exchange()
    for (let i = 0; i < 40; i++) observer.tcp(SERVER, CLIENT, 'x'.repeat(100), 500 + 100 * i)
    expect(observer.tcp(CLIENT, SERVER, httpRequest('late.example'), 100).flow().serverName).toBe('late.example')
  })

  it('keeps what a proxy was asked for, and the TLS behind it', () => {
    const observer = exchange()
      .tcp(CLIENT, SERVER, 'CONNECT far.example:443 HTTP/1.1\r\n\r\n', 100)
      .tcp(SERVER, CLIENT, 'HTTP/1.1 200 OK\r\n\r\n', 500)
      .tcp(CLIENT, SERVER, tlsClientHello({ serverName: 'inner.example' }), 200)
    expect(observer.flow()).toMatchObject({ application: 'tls', serverName: 'far.example', serverNameSource: 'http-proxy' })
    expect(observer.hostNames()).toEqual(['198.51.100.1 far.example http-proxy', '198.51.100.1 inner.example tls'])
  })

  it('does not take the address for its own name', () => {
    const observer = exchange().tcp(CLIENT, SERVER, httpRequest('198.51.100.1'), 100)
    expect(observer.flow().serverName).toBeNull()
    expect(observer.hostNames()).toEqual(['198.51.100.1 198.51.100.1 http'])
    const six = new Observer().frame(ethernet(ipv6('2001:db8::1', '2001:db8::2', tcp(40000, 80, 'A', httpRequest('[2001:db8::2]:80')))))
    expect(six.flow()).toMatchObject({ application: 'http', serverName: null })
  })

  it('keeps no target, cookie or password', () => {
    const secret = 'GET /?token=SECRET HTTP/1.1\r\nCookie: SECRET\r\nAuthorization: SECRET\r\nHost: a.example\r\n\r\n'
    const observer = exchange().tcp(CLIENT, SERVER, secret, 100)
    expect(JSON.stringify([observer.finish(), observer.flow()]).toLowerCase()).not.toContain('secret')
  })
})

describe('TLS over TCP', () => {
  const server = '198.51.100.1:443'
  const hello = tlsClientHello({ serverName: 'one.example', alpn: ['h2'] })

  it('is understood cut anywhere, the pieces swapped', () => {
    for (let cut = 1; cut < hello.length; cut += 7) {
      const observer = new Observer().tcp(CLIENT, server, '', 99, 'S')
      observer.tcp(CLIENT, server, hello.slice(cut), 100 + cut).tcp(CLIENT, server, hello.slice(0, cut), 100)
      expect(observer.flow(), `cut at ${cut}`).toMatchObject({ application: 'tls', serverName: 'one.example', serverNameSource: 'tls' })
      expect(observer.flow().ja4).toMatch(/^t13d0508h2_/)
    }
  })

  it('counts once, in however many pieces', () => {
    const observer = new Observer().tcp(CLIENT, server, '', 99, 'S')
    for (let at = 0; at < hello.length; at += 20) observer.tcp(CLIENT, server, hello.slice(at, at + 20), 100 + at)
    expect(observer.finish().names).toMatchObject([{ name: 'one.example', source: 'tls', count: 1 }])
  })

  it.each([
    ['STARTTLS', '220 mail.example ESMTP\r\n', 'smtp'],
    ['a PROXY header', '', 'tls'],
  ])('is found behind %s', (_, greeting, application) => {
    const observer = new Observer().tcp(CLIENT, '198.51.100.1:25', '', 99, 'S')
    if (greeting) observer.tcp('198.51.100.1:25', CLIENT, greeting, 500).tcp(CLIENT, '198.51.100.1:25', 'STARTTLS\r\n', 100)
    const prefix = greeting ? '' : 'PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\r\n'
    observer.tcp(CLIENT, '198.51.100.1:25', join(prefix, hello), greeting ? 110 : 100)
    expect(observer.flow()).toMatchObject({ application, serverName: 'one.example' })
  })

  it('is found in the packets of TDS', () => {
    const observer = new Observer().tcp(CLIENT, '198.51.100.1:1433', join(0x12, 1, u16(8 + hello.length), 0, 0, 0, 0, hello), 100)
    expect(observer.flow().serverName).toBe('one.example')
  })
})
