// QUIC and DTLS datagrams -> ClientHellos, which may span several packets.
import { Assemblies, Assembly } from './assembly.ts'
import { dtlsMessageLength, parseDtlsClientHello, readDtlsFragments } from './dtls.ts'
import type { FlowLabels } from './flow-labels.ts'
import { parseGoogleHello } from './gquic.ts'
import { ja4 } from './ja4.ts'
import { LongHeader, QuicVersion, readCryptoFrames, readLongHeader } from './quic.ts'
import { candidateKeys, type InitialKeys, openInitial } from './quic-keys.ts'
import { type ClientHello, parseClientHello } from './tls.ts'

/** Handshakes in progress, of both kinds: at most 16 KiB each, mostly 2. */
const MAX_HANDSHAKES = 512
/** Datagrams of a conversation inspected for its ClientHello, from the first QUIC one on. */
const QUIC_PACKETS = 20
/** Packets of one datagram inspected. */
const MAX_COALESCED = 8

interface QuicHandshake {
  keys: InitialKeys
  assembly: Assembly
}

export class UdpHandshakes {
  private readonly labels: FlowLabels
  private readonly quic = new Assemblies<QuicHandshake>(MAX_HANDSHAKES)
  private readonly dtls = new Assemblies<Assembly>(MAX_HANDSHAKES)
  private readonly header = new LongHeader()

  constructor(labels: FlowLabels) {
    this.labels = labels
  }

  /** @returns false if the datagram is not QUIC with a long header */
  readQuic(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): boolean {
    const { header, labels } = this
    if (!readLongHeader(bytes, at, end, header)) return false
    if (labels.setApplication(flow, 'quic')) labels.budget[flow] = QUIC_PACKETS
    for (let packets = 1; ; packets++) {
      if (header.isInitial) this.readInitial(flow, direction, bytes, timeUs)
      if (packets === MAX_COALESCED || header.end >= end || !readLongHeader(bytes, header.end, end, header)) return true
    }
  }

  private readInitial(flow: number, direction: number, bytes: Uint8Array, timeUs: number): void {
    const { header } = this
    const known = this.quic.find(flow)
    if (known) {
      const frames = openInitial(bytes, header, known.keys)
      if (frames !== null && this.readFrames(flow, direction, frames, known, timeUs)) return
    }
    for (const keys of candidateKeys(header.version, bytes.slice(header.destinationAt, header.destinationEnd))) {
      const frames = openInitial(bytes, header, keys)
      if (frames !== null && this.readFrames(flow, direction, frames, { keys, assembly: new Assembly() }, timeUs)) return
    }
  }

  /** @returns false if the bytes are not valid frames */
  private readFrames(flow: number, direction: number, frames: Uint8Array, handshake: QuicHandshake, timeUs: number): boolean {
    const { labels } = this
    if (this.header.version === QuicVersion.google50) {
      const name = parseGoogleHello(frames, 0, frames.length)
      if (name !== null) labels.nameReceiver(flow, direction, name, 'quic', timeUs)
      return name !== null
    }
    if (!readCryptoFrames(frames, handshake.assembly)) return false
    labels.setClient(flow, direction)
    this.quic.set(flow, handshake)
    const hello = parseClientHello(handshake.assembly.bytes, 0, handshake.assembly.end)
    if (hello !== null && this.take(flow, direction, hello, 'quic', timeUs)) this.quic.drop(flow)
    return true
  }

  /** Inspects a datagram for which isDtlsRecord() is true. */
  readDtls(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    this.labels.setApplication(flow, 'dtls')
    const assembly = this.dtls.find(flow) ?? new Assembly()
    if (!readDtlsFragments(bytes, at, end, assembly)) return
    this.dtls.set(flow, assembly)
    const hello = parseDtlsClientHello(assembly, dtlsMessageLength(bytes, at, end))
    if (hello !== null && this.take(flow, direction, hello, 'dtls', timeUs)) this.dtls.drop(flow)
  }

  /** @returns true if the hello was complete */
  private take(flow: number, direction: number, hello: ClientHello, source: 'quic' | 'dtls', timeUs: number): boolean {
    const { labels } = this
    labels.setClient(flow, direction)
    if (hello.serverName !== null) labels.nameOnce(flow, direction, [hello.serverName], source, timeUs)
    if (!hello.isComplete) return false
    labels.endMessage(flow, direction)
    labels.setJa4(flow, direction, ja4(hello, source === 'quic' ? 'q' : 'd'), timeUs)
    // A version that only forces negotiation is followed by a valid one.
    if (source === 'dtls' || this.header.version !== QuicVersion.any) labels.budget[flow] = 0
    return true
  }
}
