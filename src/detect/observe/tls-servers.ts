// What a TLS server chose, and the certificate it showed: the first handshake messages it sends, put together and bounded.
import { be16, be24 } from '../../decode/bytes.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { FlowTable } from '../../flows/table.ts'
import { Bounded } from './bounded.ts'
import { Certificates } from './certificate.ts'
import type { TlsSession } from './observations.ts'

const MAX_SESSIONS = 100_000
/** Most incomplete server flights kept at once, and most bytes of each: a certificate has one to three kilobytes. */
const MAX_WAITING = 256
const MAX_FLIGHT = 16_384

const HANDSHAKE = 22
const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
const SERVER_HELLO = 2
const CERTIFICATE = 11
const SUPPORTED_VERSIONS = 43
const TLS_1_3 = 0x0304

interface Flight {
  session: TlsSession
  bytes: Uint8Array
  length: number
  /** Sequence number after the bytes that are there. */
  next: number
}

export class TlsServerObserver {
  readonly list = new Bounded<TlsSession>(MAX_SESSIONS)
  private readonly certificates = new Certificates()
  /** Oldest first. */
  private readonly waiting = new Map<number, Flight>()
  private readonly table: Pick<FlowTable, 'frame' | 'capture'>

  /** @param table of the packet that is being read */
  constructor(table: Pick<FlowTable, 'frame' | 'capture'>) {
    this.table = table
  }

  /**
   * The next payload of a TCP flow's server.
   * @returns true when no more of it is needed
   */
  inspect(flow: number, view: PacketView, timeUs: number): boolean {
    const flight = this.waiting.get(flow)
    if (flight !== undefined) return this.append(flow, flight, view)
    const { bytes, payloadAt: at, end } = view
    if (!isHandshake(bytes, at, end)) return true
    const hello = readServerHello(bytes, at, end)
    if (hello === null) return true
    const { frame, capture } = this.table
    const session: TlsSession = { flow, atUs: timeUs, ...hello, certificate: null, frame, capture }
    if (this.list.add(session) === null || session.version >= TLS_1_3) return true
    return this.begin(flow, session, view)
  }

  private begin(flow: number, session: TlsSession, view: PacketView): boolean {
    const { bytes, payloadAt: at, end } = view
    if (this.readCertificate(bytes, at, end, session)) return true
    if (this.waiting.size >= MAX_WAITING) this.waiting.delete(this.waiting.keys().next().value as number)
    const room = new Uint8Array(MAX_FLIGHT)
    const length = Math.min(end - at, MAX_FLIGHT)
    room.set(bytes.subarray(at, at + length))
    this.waiting.set(flow, { session, bytes: room, length, next: (view.tcpSequence + end - at) >>> 0 })
    return false
  }

  /** Appends segments in order; overlapping bytes are cut, and a gap ends the reassembly. */
  private append(flow: number, flight: Flight, view: PacketView): boolean {
    const { bytes, payloadAt: at, end } = view
    const known = (flight.next - view.tcpSequence) | 0
    if (known < 0) return this.drop(flow)
    if (known >= end - at) return false
    const from = at + known
    const length = Math.min(end - from, MAX_FLIGHT - flight.length)
    flight.bytes.set(bytes.subarray(from, from + length), flight.length)
    flight.length += length
    flight.next = (view.tcpSequence + end - at) >>> 0
    if (this.readCertificate(flight.bytes, 0, flight.length, flight.session) || flight.length === MAX_FLIGHT) return this.drop(flow)
    return false
  }

  private drop(flow: number): true {
    this.waiting.delete(flow)
    return true
  }

  /**
   * Searches the flight's handshake messages for the first certificate, the server's own.
   * @returns true if no more bytes are needed: it was read, or another message shows that none will come
   */
  private readCertificate(bytes: Uint8Array, at: number, end: number, session: TlsSession): boolean {
    const joined = joinRecords(bytes, at, end)
    if (joined === null) return true
    const { messages, length } = joined
    let next = 0
    while (length - next >= MESSAGE_HEADER) {
      const bodyAt = next + MESSAGE_HEADER
      const messageEnd = bodyAt + be24(messages, next + 1)
      if (messages[next] === CERTIFICATE) {
        // Length of the list, length of the first (RFC 5246 7.4.2).
        if (length - bodyAt < 6) return false
        const certificateEnd = bodyAt + 6 + be24(messages, bodyAt + 3)
        if (certificateEnd > messageEnd) return true
        if (certificateEnd > length) return false
        session.certificate = this.certificates.read(messages, bodyAt + 6, certificateEnd)
        session.frame = this.table.frame
        session.capture = this.table.capture
        return true
      }
      if (messages[next] !== SERVER_HELLO) return true
      next = messageEnd
    }
    return false
  }
}

function isHandshake(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= RECORD_HEADER + MESSAGE_HEADER && bytes[at] === HANDSHAKE && bytes[at + 1] === 3 && bytes[at + 2] <= 4
}

/** ServerHello (RFC 5246 7.4.1.3, RFC 8446 4.1.3): version, random, session id, cipher suite, compression, extensions. */
function readServerHello(bytes: Uint8Array, at: number, end: number): Pick<TlsSession, 'version' | 'cipher'> | null {
  const bodyAt = at + RECORD_HEADER + MESSAGE_HEADER
  if (bytes[at + RECORD_HEADER] !== SERVER_HELLO || end - bodyAt < 38) return null
  const cipherAt = bodyAt + 35 + bytes[bodyAt + 34]
  if (end - cipherAt < 2) return null
  const messageEnd = Math.min(end, bodyAt + be24(bytes, bodyAt - 3))
  const chosen = supportedVersion(bytes, cipherAt + 3, messageEnd)
  return { version: chosen || be16(bytes, bodyAt), cipher: be16(bytes, cipherAt) }
}

/** The version that a TLS 1.3 server selects in an extension; 0 without it. */
function supportedVersion(bytes: Uint8Array, at: number, end: number): number {
  let next = at + 2
  while (end - next >= 4) {
    const length = be16(bytes, next + 2)
    if (be16(bytes, next) === SUPPORTED_VERSIONS && length === 2 && end - next >= 6) return be16(bytes, next + 4)
    next += 4 + length
  }
  return 0
}

/** The bodies of the handshake records, joined; null if another kind of record comes before a certificate can. */
function joinRecords(bytes: Uint8Array, at: number, end: number): { messages: Uint8Array; length: number } | null {
  const messages = new Uint8Array(end - at)
  let length = 0
  let record = at
  while (end - record >= RECORD_HEADER) {
    if (bytes[record] !== HANDSHAKE) return length > 0 && record > at ? withEnd(messages, length) : null
    const bodyAt = record + RECORD_HEADER
    const bodyEnd = bodyAt + be16(bytes, record + 3)
    const body = bytes.subarray(bodyAt, Math.min(bodyEnd, end))
    messages.set(body, length)
    length += body.length
    record = bodyEnd
  }
  return { messages, length }
}

/** A record of another kind follows (ChangeCipherSpec of a resumed session), represented by a message of type 255. */
function withEnd(messages: Uint8Array, length: number): { messages: Uint8Array; length: number } {
  const ended = new Uint8Array(length + MESSAGE_HEADER)
  ended.set(messages.subarray(0, length))
  ended[length] = 255
  return { messages: ended, length: ended.length }
}
