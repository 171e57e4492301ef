import { describe, expect, it } from 'vitest'
import { hex, join, u16, u24 } from '../support/build.ts'
import { clientHello } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:40000'
const SERVER = '198.51.100.1:4433'

/** The TLS hello as DTLS 1.2 has it: the version's complement, and a cookie behind the session id (RFC 6347 4.2.1). */
function dtlsBody(cookie: Uint8Array): Uint8Array {
  const tls = clientHello({ serverName: 'media.example', alpn: ['webrtc'] }).slice(4)
  const behindSession = 2 + 32 + 1 + 32
  return join(hex('fefd'), tls.slice(2, behindSession), cookie.length, cookie, tls.slice(behindSession))
}

function record(body: Uint8Array, from: number, to: number, sequence = 0): Uint8Array {
  const fragment = join(1, u24(body.length), u16(0), u24(from), u24(to - from), body.slice(from, to))
  return join(22, hex('feff'), u16(0), hex('00000000'), u16(sequence), u16(fragment.length), fragment)
}

describe('DTLS', () => {
  const body = dtlsBody(new Uint8Array(20))

  it('gives name and fingerprint', () => {
    const flow = new Observer().udp(CLIENT, SERVER, record(body, 0, body.length)).flow()
    expect(flow).toMatchObject({ application: 'dtls', serverName: 'media.example', serverNameSource: 'dtls' })
    // 13: the TLS hello this is made of offers 1.3 in supported_versions.
    expect(flow.ja4).toMatch(/^d13d0508wc_[0-9a-f]{12}_[0-9a-f]{12}$/)
  })

  it('is put together from fragments, in any order, in one datagram or several', () => {
    const third = Math.floor(body.length / 3)
    const parts = [record(body, 2 * third, body.length, 2), record(body, 0, third, 0), record(body, third, 2 * third, 1)]
    expect(new Observer().udp(CLIENT, SERVER, join(...parts)).flow().serverName).toBe('media.example')
    const observer = new Observer()
    for (const part of parts) observer.udp(CLIENT, SERVER, part)
    expect(observer.flow().ja4).toMatch(/^d13d0508wc/)
  })

  it('is found behind STUN, and in what TURN relays', () => {
    const stun = join(hex('0001 0000 2112a442'), new Uint8Array(12))
    const hello = record(body, 0, body.length)
    const direct = new Observer().udp(CLIENT, SERVER, stun).udp(CLIENT, SERVER, hello)
    expect(direct.flow().serverName).toBe('media.example')
    const channel = new Observer().udp(CLIENT, SERVER, stun).udp(CLIENT, SERVER, join(hex('4000'), u16(hello.length), hello))
    expect(channel.flow().serverName).toBe('media.example')
    const attributes = join(hex('0012 0008 0001 0050 c6336401'), hex('0013'), u16(hello.length), hello, new Uint8Array(-hello.length & 3))
    const indication = join(hex('0016'), u16(attributes.length), hex('2112a442'), new Uint8Array(12), attributes)
    expect(new Observer().udp(CLIENT, SERVER, indication).flow().serverName).toBe('media.example')
  })

  it('is cut anywhere without harm', () => {
    const whole = record(body, 0, body.length)
    for (let length = 0; length < whole.length; length++) {
      expect(new Observer().udp(CLIENT, SERVER, whole.slice(0, length)).flow().ja4).toBeNull()
    }
  })
})
