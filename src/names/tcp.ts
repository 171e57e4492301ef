// TCP payloads -> the application of a conversation and the names its client sends. Messages in several segments are reassembled (streams.ts).
import { TcpFlag } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import { type Banner, parseBanner } from './banner.ts'
import { DNS_HEADER_BYTES, isDnsHeader, parseDnsMessage } from './dns.ts'
import { ClientProof, type FlowLabels } from './flow-labels.ts'
import { hasMethod, mayBeMethod, parseHttpRequest, skipEmptyLines, startsWith } from './http.ts'
import { isHttp2Preface, parseHttp2Hosts } from './http2.ts'
import { ja4 } from './ja4.ts'
import type { SoftwareSource } from './software.ts'
import { type Stream, Streams } from './streams.ts'
import { prefixBytes } from './tcp-prefix.ts'
import { tcpApplication } from './tcp-signatures.ts'
import { HANDSHAKE, isHandshakeRecord, isTlsRecord, mayBeHandshake, parseTlsClientHello } from './tls.ts'

/** Budget that does not decrease. */
export const EVERY = 255
/** Payload packets inspected before the application counts as unknown. */
export const FIRST_TCP = 8

/** The same if TLS may begin later: after STARTTLS, or after a proxy's response. */
const UPGRADE_TCP = 40

/** Fewer bytes may be the beginning of a message that cannot be recognised yet. */
const MIN_FIRST = 20

/** Segments buffered after a gap before the missing one counts as not captured. */
const MAX_WAITING = 8

/** Application of the conversation, as far as it matters for the next packet; firstHead is HTTP whose first request's head is not whole yet. */
const Kind = { unknown: 0, dns: 1, http: 2, http2: 3, recognised: 4, late: 5, ssh: 6, firstHead: 7 } as const

export class TcpInspector {
  private readonly labels: FlowLabels
  private readonly streams = new Streams()

  constructor(labels: FlowLabels) {
    this.labels = labels
  }

  admitDns(flow: number): void {
    this.labels.kind[flow] = Kind.dns
    this.labels.budget[flow] = EVERY
  }

  inspect(flow: number, direction: number, view: PacketView, timeUs: number): void {
    const { bytes, payloadAt: at, end } = view
    const { budget, holding, kind } = this.labels
    const isCut = view.wireEnd > end
    const stream = (holding[flow] & (1 << direction)) === 0 ? undefined : this.streams.find(flow, direction)
    // A SYN uses one sequence number; payload may come with it (RFC 7413).
    const start = (view.tcpFlags & TcpFlag.syn) === 0 ? view.tcpSequence : (view.tcpSequence + 1) >>> 0
    if (stream) {
      if (this.streams.add(flow, direction, start, bytes, at, end)) this.readStream(flow, direction, stream, timeUs)
      else if (stream.waiting.length > MAX_WAITING) this.skipGap(flow, direction, stream, timeUs)
      if (isCut && stream.next === (start + end - at) >>> 0) this.skipGap(flow, direction, stream, timeUs)
      return
    }
    if (kind[flow] === Kind.late && bytes[at] !== HANDSHAKE && !hasMethod(bytes, skipEmptyLines(bytes, at, end), end)) return
    if (budget[flow] !== EVERY && --budget[flow] === 0 && kind[flow] === Kind.unknown) {
      budget[flow] = EVERY
      kind[flow] = Kind.late
    }
    const isEarly = this.isEarly(flow, direction, start)
    this.labels.endMessage(flow, direction)
    const used = this.read(flow, direction, bytes, at, end, timeUs)
    if (isEarly && this.labels.clientProof[flow] === ClientProof.none) {
      this.hold(flow, direction, (this.labels.flows.openSequence(flow) + 1) >>> 0)
      this.streams.add(flow, direction, start, bytes, at, end)
    } else if (used < end && !isCut) {
      const sequence = (start + used - at) >>> 0
      this.hold(flow, direction, sequence)
      this.streams.add(flow, direction, sequence, bytes, used, end)
    }
  }

  private hold(flow: number, direction: number, sequence: number): void {
    this.labels.holding[flow] |= 1 << direction
    this.streams.begin(flow, direction, sequence)
  }

  private release(flow: number, direction: number): void {
    this.labels.holding[flow] &= ~(1 << direction)
    this.streams.drop(flow, direction)
  }

  private readStream(flow: number, direction: number, stream: Stream, timeUs: number): void {
    const used = this.read(flow, direction, stream.bytes, 0, stream.end, timeUs)
    if (used >= stream.end) this.release(flow, direction)
    else this.streams.consume(stream, used)
  }

  /** A segment was not captured, or not whole: the ones after it are parsed without it. */
  private skipGap(flow: number, direction: number, stream: Stream, timeUs: number): void {
    this.release(flow, direction)
    for (const { bytes } of stream.waiting) {
      this.labels.endMessage(flow, direction)
      this.read(flow, direction, bytes, 0, bytes.length, timeUs)
    }
  }

  /** True for the client's first payload if earlier bytes are still missing. */
  private isEarly(flow: number, direction: number, sequence: number): boolean {
    const { flows, hasClientPayload: spoken } = this.labels
    if (flows.openedBy(flow) !== direction + 1 || spoken[flow] !== 0) return false
    spoken[flow] = 1
    const ahead = (sequence - flows.openSequence(flow) - 1) | 0
    return ahead > 0 && ahead < 0x10000
  }

  /** @returns offset of the first byte that must be kept until more arrive; `end` for none */
  private read(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    const prefix = this.labels.kind[flow] === Kind.unknown ? prefixBytes(bytes, at, end) : 0
    const from = this.behindEmptyLines(bytes, at + prefix, end)
    return from < end ? this.readBehindPrefix(flow, direction, bytes, from, end, timeUs) : end
  }

  /** Skips empty lines, but only before something that is or may become a request. */
  private behindEmptyLines(bytes: Uint8Array, at: number, end: number): number {
    const from = skipEmptyLines(bytes, at, end)
    return from > at && (hasMethod(bytes, from, end) || mayBeMethod(bytes, from, end)) ? from : at
  }

  private readBehindPrefix(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    if (bytes[at] === HANDSHAKE && isHandshakeRecord(bytes, at, end)) return this.readTls(flow, direction, bytes, at, end, timeUs)
    switch (this.labels.kind[flow]) {
      case Kind.dns:
        return this.isOtherProtocol(bytes, at, end)
          ? this.readOtherProtocol(flow, direction, bytes, at, end, timeUs)
          : this.readDns(flow, bytes, at, end, timeUs)
      case Kind.http:
      case Kind.firstHead:
        return this.readHttp(flow, direction, bytes, at, end, timeUs)
      case Kind.http2:
        return this.readHttp2(flow, direction, bytes, at, end, timeUs)
      case Kind.late:
        return hasMethod(bytes, at, end) ? this.readHttp(flow, direction, bytes, at, end, timeUs) : end
      case Kind.recognised:
        return end - at < MIN_FIRST && mayBeHandshake(bytes, at, end) ? at : end
      case Kind.ssh:
        return this.readSsh(flow, direction, bytes, at, end, timeUs)
      default:
        return this.readUnknown(flow, direction, bytes, at, end, timeUs)
    }
  }

  private readUnknown(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    const { labels } = this
    const port = labels.flows.serverPort(flow)
    const banner = parseBanner(bytes, at, end, port)
    if (banner !== null) {
      labels.setApplication(flow, banner.application)
      this.readProgram(flow, direction, banner, bytes, timeUs)
      if (banner.application === 'ssh') {
        // The other end has not sent its identification yet.
        labels.kind[flow] = Kind.ssh
        return end
      }
      if (banner.name !== null) labels.nameSender(flow, direction, banner.name, banner.application === 'ftp' ? 'ftp' : 'smtp', timeUs)
      labels.budget[flow] = banner.mayUpgrade ? UPGRADE_TCP : 0
      labels.kind[flow] = Kind.recognised
      return end
    }
    if (isHttp2Preface(bytes, at, end)) {
      labels.kind[flow] = Kind.http2
      return this.readHttp2(flow, direction, bytes, at, end, timeUs)
    }
    if (hasMethod(bytes, at, end)) return this.readHttp(flow, direction, bytes, at, end, timeUs)
    if (end - at < MIN_FIRST && (mayBeHandshake(bytes, at, end) || mayBeMethod(bytes, at, end))) return at
    if (startsWith(bytes, at, end, 'http/1.')) {
      labels.setApplication(flow, 'http')
      return end
    }
    const application = isTlsRecord(bytes, at, end) ? 'tls' : tcpApplication(bytes, at, end, port)
    if (application !== null) {
      labels.setApplication(flow, application)
      // The data relayed by a SOCKS proxy begins later.
      if (application !== 'socks') labels.kind[flow] = Kind.recognised
    }
    return end
  }

  private readProgram(flow: number, direction: number, banner: Banner, bytes: Uint8Array, timeUs: number): void {
    const { application, programAt, programEnd } = banner
    if (programEnd > 0) this.labels.addSoftware(flow, direction, application as SoftwareSource, bytes, programAt, programEnd, timeUs)
  }

  private readSsh(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    const banner = parseBanner(bytes, at, end, -1)
    if (banner?.application === 'ssh') this.readProgram(flow, direction, banner, bytes, timeUs)
    this.labels.kind[flow] = Kind.recognised
    this.labels.budget[flow] = 0
    return end
  }

  private readTls(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    const { labels } = this
    if (labels.isTlsCarrier(flow)) labels.setApplication(flow, 'tls')
    const hello = parseTlsClientHello(bytes, at, end)
    if (hello === null) return end
    labels.setClient(flow, direction)
    if (hello.serverName !== null) labels.nameOnce(flow, direction, [hello.serverName], 'tls', timeUs)
    if (!hello.isComplete) return at
    labels.setJa4(flow, direction, ja4(hello, 't'), timeUs)
    labels.budget[flow] = 0
    return end
  }

  /** Parses successive requests from `at` on. */
  private readHttp(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    const { labels } = this
    for (let next = at; next < end; ) {
      next = skipEmptyLines(bytes, next, end)
      const request = parseHttpRequest(bytes, next, end)
      if (request === null) return mayBeMethod(bytes, next, end) ? next : end
      if (request.protocol === '') return next
      labels.budget[flow] = EVERY
      labels.setApplication(flow, request.protocol === 'RTSP' ? 'rtsp' : request.protocol === 'SIP' ? 'sip' : 'http')
      labels.setClient(flow, direction)
      const source = request.protocol === 'RTSP' ? 'rtsp' : request.isProxied ? 'http-proxy' : 'http'
      labels.nameOnce(flow, direction, request.hosts, source, timeUs)
      // Once per conversation: the program is the same, and a busy connection has thousands of requests.
      const isFirst = labels.kind[flow] !== Kind.http
      if (isFirst && request.agentEnd > 0) labels.addSoftware(flow, direction, 'http', bytes, request.agentAt, request.agentEnd, timeUs)
      const isAwaited = request.headEnd === 0 && (request.hosts.length === 0 || (isFirst && request.agentEnd === 0))
      if (isFirst) labels.kind[flow] = isAwaited && request.agentEnd === 0 ? Kind.firstHead : Kind.http
      if (isAwaited) return next
      labels.endMessage(flow, direction)
      if (request.headEnd === 0) return end
      next = request.headEnd + request.bodyBytes
    }
    return end
  }

  private readHttp2(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    this.labels.setApplication(flow, 'http2')
    for (const host of parseHttp2Hosts(bytes, at, end)) this.labels.nameReceiver(flow, direction, host, 'http2', timeUs)
    return end
  }

  /** Other protocols on the DNS port, which firewalls often leave open: no DNS header, but a greeting or a request. */
  private isOtherProtocol(bytes: Uint8Array, at: number, end: number): boolean {
    const isDns = end - at >= 2 + DNS_HEADER_BYTES && isDnsHeader(bytes, at + 2)
    return !isDns && (hasMethod(bytes, at, end) || startsWith(bytes, at, end, 'ssh-'))
  }

  private readOtherProtocol(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    this.labels.kind[flow] = Kind.unknown
    this.labels.budget[flow] = FIRST_TCP
    return this.readUnknown(flow, direction, bytes, at, end, timeUs)
  }

  /** DNS messages after their length fields (RFC 1035 4.2.2). */
  private readDns(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): number {
    let next = at
    while (end - next >= 2) {
      if (end - next >= 2 + DNS_HEADER_BYTES && !isDnsHeader(bytes, next + 2)) return end
      const messageEnd = next + 2 + ((bytes[next] << 8) | bytes[next + 1])
      if (messageEnd > end) return next
      const message = parseDnsMessage(bytes, next + 2, messageEnd)
      if (message === null) return end
      this.labels.addDns(flow, message, 'dns', timeUs)
      next = messageEnd
    }
    return next
  }
}
