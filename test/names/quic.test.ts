import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Assembly } from '../../src/names/assembly.ts'
import { LongHeader, QuicVersion, quicVersion, readCryptoFrames, readLongHeader } from '../../src/names/quic.ts'
import { initialKeys, openInitial } from '../../src/names/quic-keys.ts'
import { parseClientHello } from '../../src/names/tls.ts'
import { hex, join, u16, u32 } from '../support/build.ts'
import { clientHello } from '../support/messages.ts'
import { quicInitial, quicTransportParameters } from '../support/quic.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:50000'
const SERVER = '198.51.100.1:443'
const ID = hex('8394c8f03e515708')
/** RFC 9001 appendix A.2, without the frame's header. */
const RFC_HELLO = hex(`
  010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c65
  2e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba
  753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffff
  ffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff`)

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('initialKeys', () => {
  it('are those of RFC 9001 appendix A.1', () => {
    const keys = initialKeys(QuicVersion.one, ID)
    expect(toHex(keys.key)).toBe('1f369613dd76d5467730efcbe3b1a22d')
    expect(toHex(keys.iv)).toBe('fa044b2f42a3fd3b46fb255c')
    expect(toHex(keys.headerKey)).toBe('9f50449e04a0e810283a1e9933adedd2')
  })

  it('are those of RFC 9369 appendix A.1 for version 2', () => {
    const keys = initialKeys(QuicVersion.two, ID)
    expect(toHex(keys.key)).toBe('8b1a0bc121284290a29e0971b5cd045d')
    expect(toHex(keys.iv)).toBe('91f73e2351d8fa91660e909f')
    expect(toHex(keys.headerKey)).toBe('45b95e15235d6f45a6b19cbcb0294ba9')
  })
})

describe('quicVersion', () => {
  it.each([
    [0x00000001, QuicVersion.one],
    [0x6b3343cf, QuicVersion.two],
    [0xff00001d, QuicVersion.draft29],
    [0xff00001b, QuicVersion.draft23],
    [0xff000016, QuicVersion.draft22],
    [0xff000022, QuicVersion.one],
    [0xfaceb001, QuicVersion.draft22],
    [0x1a2a3a4a, QuicVersion.any],
    [0x51303436, QuicVersion.none],
    [0xdeadbeef, QuicVersion.none],
  ])('%i', (version, family) => {
    expect(quicVersion(version)).toBe(family)
  })
})

describe('a QUIC Initial', () => {
  const packet = quicInitial(ID, new Uint8Array(0), RFC_HELLO, 2)

  it("is RFC 9001's, as a check of this test", () => {
    expect(toHex(packet.slice(0, 38))).toBe('c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b')
    expect(toHex(packet.slice(-16))).toBe('e221af44860018ab0856972e194cd934')
  })

  it('is opened and its ClientHello read', () => {
    const header = new LongHeader()
    expect(readLongHeader(packet, 0, packet.length, header)).toBe(true)
    const assembly = new Assembly()
    const frames = openInitial(packet, header, initialKeys(QuicVersion.one, ID))!
    expect(readCryptoFrames(frames, assembly)).toBe(true)
    expect(parseClientHello(assembly.bytes, 0, assembly.end)).toMatchObject({ serverName: 'example.com', isComplete: true })
  })

  it('is invalid with keys of another connection id or version', () => {
    const header = new LongHeader()
    readLongHeader(packet, 0, packet.length, header)
    for (const keys of [initialKeys(QuicVersion.one, hex('00')), initialKeys(QuicVersion.draft29, ID)]) {
      const frames = openInitial(packet, header, keys)
      expect(frames !== null && readCryptoFrames(frames, new Assembly())).toBe(false)
    }
  })

  it('names the server of its flow, with a fingerprint', () => {
    const flow = new Observer().udp(CLIENT, SERVER, packet).flow()
    expect(flow).toMatchObject({ application: 'quic', applicationSource: 'content', serverName: 'example.com', serverNameSource: 'quic' })
    // The lists of the message by eye, their digests by sha256sum.
    expect(flow.ja4).toBe('q13d0211an_62ed6f6ca7ad_4d634acda6c0')
  })

  it('counts its name again after a version that only forces negotiation (RFC 9000 6.3)', () => {
    const forcing = join(packet.slice(0, 1), hex('1a2a3a4a'), packet.slice(5))
    const { names, identitiesOf } = new Observer().udp(CLIENT, SERVER, forcing).udp(CLIENT, SERVER, packet).finish()
    expect(names).toMatchObject([{ name: 'example.com', source: 'quic', count: 2 }])
    // A fingerprint counts conversations.
    expect(identitiesOf(0).filter(({ kind }) => kind === 'ja4')).toMatchObject([
      { value: 'q13d0211an_62ed6f6ca7ad_4d634acda6c0', count: 1 },
    ])
  })

  it('may carry a ClientHello in pieces, out of order, over several packets', () => {
    const hello = clientHello({
      serverName: 'pieces.example',
      extensions: [quicTransportParameters(), join(u16(21), u16(1500), new Uint8Array(1500))],
    })
    const frame = (from: number, to: number): Uint8Array =>
      join(6, u32(0x80000000 | from), u16(0x4000 | (to - from)), hello.slice(from, to))
    const middle = hello.length >> 1
    // quicInitial() writes one frame around what it is given: offset 0 and length, so the pieces follow a first one.
    const first = quicInitialOf(join(frame(middle, middle + 300), 0, 1, frame(0, 130)))
    const second = quicInitialOf(join(frame(middle + 300, hello.length), frame(130, middle)))
    const observer = new Observer().udp(CLIENT, SERVER, first)
    expect(observer.flow().serverName).toBe('pieces.example')
    expect(observer.flow().ja4).toBeNull()
    expect(observer.udp(CLIENT, SERVER, second).flow().ja4).toMatch(/^q13d/)
    expect(observer.finish().names).toMatchObject([{ name: 'pieces.example', count: 1 }])
  })

  it('is read as soon as its CRYPTO frame is whole, cut anywhere', () => {
    const [headerBytes, frameHeader, tag] = [22, 4, 16]
    for (let length = 0; length < packet.length; length++) {
      const isWhole = length >= headerBytes + frameHeader + RFC_HELLO.length + tag
      expect(new Observer().udp(CLIENT, SERVER, packet.slice(0, length)).flow().serverName).toBe(isWhole ? 'example.com' : null)
    }
  })
})

/** An Initial of version 1 with these frames, by node:crypto through quicInitial(): its one CRYPTO frame is replaced before encryption. */
function quicInitialOf(frames: Uint8Array): Uint8Array {
  const header = new LongHeader()
  const keys = initialKeys(QuicVersion.one, ID)
  const blank = quicInitial(ID, new Uint8Array(0), new Uint8Array(Math.max(1100, frames.length)), 3)
  readLongHeader(blank, 0, blank.length, header)
  const plain = openInitial(blank, header, keys)!
  // Counter mode: ciphertext xor plaintext is the key stream.
  const payloadAt = header.end - 16 - plain.length
  const sealed = blank.slice()
  for (let i = 0; i < plain.length; i++) sealed[payloadAt + i] = blank[payloadAt + i] ^ plain[i] ^ (frames[i] ?? 0)
  // The header's mask is taken from the ciphertext, so it is put on again over the new one.
  return remasked(blank, sealed, header, keys.headerKey)
}

function remasked(before: Uint8Array, after: Uint8Array, header: LongHeader, headerKey: Uint8Array): Uint8Array {
  const old = mask(before, header, headerKey)
  const fresh = mask(after, header, headerKey)
  after[0] ^= (old[0] ^ fresh[0]) & 0x0f
  for (let i = 0; i < 4; i++) after[header.numberAt + i] ^= old[1 + i] ^ fresh[1 + i]
  return after
}

function mask(packet: Uint8Array, header: LongHeader, headerKey: Uint8Array): Uint8Array {
  return createCipheriv('aes-128-ecb', headerKey, null).update(packet.subarray(header.numberAt + 4, header.numberAt + 20))
}
