// UDP datagrams -> application and names, by a port with a known protocol, else by the first bytes.
import type { PacketView } from '../decode/packet.ts'
import { type DhcpClient, dhcpTransaction, isDhcp, parseDhcp } from './dhcp.ts'
import { isSureDnsMessage, parseDnsMessage } from './dns.ts'
import { isDtlsRecord } from './dtls.ts'
import type { FlowLabels } from './flow-labels.ts'
import { isGoogleQuic, parseGoogleHello } from './gquic.ts'
import { hasMethod, parseHttpRequest, startsWith } from './http.ts'
import type { IdentityKind } from './identity-log.ts'
import { parseNetbiosDatagram, parseNetbiosMessage } from './nbns.ts'
import { isRtcp, isRtp, isSureRtcp, RtpCandidates } from './rtp.ts'
import { AnnouncedMedia, parseSip } from './sip.ts'
import { isStun, relayedAt } from './stun.ts'
import { EVERY } from './tcp.ts'
import { UdpHandshakes } from './udp-handshake.ts'
import { sipAgent, udpApplication } from './udp-signatures.ts'

/** Payload packets inspected before the application counts as unknown. */
const FIRST_UDP = 5

/** The same while its headers may be those of RTP. */
const RTP_UDP = 20

/** Requests of DHCP that wait for their answer, and repetitions of one. */
const MAX_REQUESTS = 4096
const MAX_REPEATED = 16

/** The same if DTLS may begin between STUN messages. */
const MEDIA_UDP = 200

const Kind = { unknown: 0, dns: 1, mdns: 2, llmnr: 3, ssdp: 4, nbns: 5, nbdgm: 6, dhcp: 7, media: 8, recognised: 9, sip: 10 } as const

/** Ports whose protocol is parsed in every packet; either port of a conversation counts. */
const KINDS = new Map<number, number>([
  [53, Kind.dns],
  [5353, Kind.mdns],
  [5355, Kind.llmnr],
  [1900, Kind.ssdp],
  [137, Kind.nbns],
  [138, Kind.nbdgm],
  [67, Kind.dhcp],
  [68, Kind.dhcp],
])

export class UdpInspector {
  private readonly labels: FlowLabels
  private readonly handshakes: UdpHandshakes
  private readonly announced = new AnnouncedMedia()
  /** By transaction. */
  private readonly requests = new Map<string, DhcpClient[]>()
  private readonly candidates = new RtpCandidates()

  constructor(labels: FlowLabels) {
    this.labels = labels
    this.handshakes = new UdpHandshakes(labels)
  }

  admit(flow: number): void {
    const { flows, kind, budget } = this.labels
    kind[flow] = KINDS.get(flows.otherPort(flow)) ?? KINDS.get(flows.firstPort(flow)) ?? Kind.unknown
    budget[flow] = kind[flow] === Kind.unknown ? FIRST_UDP : EVERY
  }

  inspect(flow: number, direction: number, view: PacketView, timeUs: number): void {
    const { kind, budget } = this.labels
    if (budget[flow] !== EVERY) budget[flow]--
    const { bytes, payloadAt: at, end } = view
    switch (kind[flow]) {
      case Kind.dns:
        this.readDns(flow, bytes, at, end, 'dns', timeUs)
        break
      case Kind.mdns:
        this.readDns(flow, bytes, at, end, 'mdns', timeUs)
        break
      case Kind.llmnr:
        this.readDns(flow, bytes, at, end, 'llmnr', timeUs)
        break
      case Kind.ssdp:
        this.readSsdp(flow, direction, bytes, at, end, timeUs)
        break
      case Kind.nbns:
        this.readNetbios(flow, direction, bytes, at, end, timeUs)
        break
      case Kind.nbdgm:
        this.readNetbiosDatagram(flow, bytes, at, end, timeUs)
        break
      case Kind.dhcp:
        this.readDhcp(flow, bytes, at, end, timeUs)
        break
      case Kind.media:
        this.readMedia(flow, direction, bytes, at, end, timeUs)
        break
      case Kind.sip:
        this.readSip(flow, direction, bytes, at, end, timeUs)
        break
      case Kind.recognised:
        if (isDtlsRecord(bytes, at, end)) this.handshakes.readDtls(flow, direction, bytes, at, end, timeUs)
        break
      default:
        this.readUnknown(flow, direction, bytes, at, end, timeUs)
    }
  }

  private readUnknown(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (bytes[at] >> 6 === 2 && this.readRtp(flow, direction, bytes, at, end)) return
    if ((bytes[at] & 0x80) !== 0 && this.handshakes.readQuic(flow, direction, bytes, at, end, timeUs)) return
    if (isDtlsRecord(bytes, at, end)) {
      this.handshakes.readDtls(flow, direction, bytes, at, end, timeUs)
      return
    }
    if (isGoogleQuic(bytes, at, end)) {
      this.readGoogleQuic(flow, direction, bytes, at, end, timeUs)
      return
    }
    const { labels } = this
    if (isSureDnsMessage(bytes, at, end)) {
      labels.kind[flow] = Kind.dns
      labels.budget[flow] = EVERY
      this.readDns(flow, bytes, at, end, 'dns', timeUs)
    } else if (isStun(bytes, at, end)) {
      labels.setApplication(flow, 'stun')
      labels.kind[flow] = Kind.media
      labels.budget[flow] = MEDIA_UDP
      this.readMedia(flow, direction, bytes, at, end, timeUs)
    } else {
      const application = udpApplication(bytes, at, end, labels.flows.serverPort(flow))
      if (application === null) {
        this.readSsdp(flow, direction, bytes, at, end, timeUs)
        return
      }
      labels.setApplication(flow, application)
      labels.kind[flow] = Kind.recognised
      if (application === 'sip') {
        labels.kind[flow] = Kind.sip
        labels.budget[flow] = EVERY
        this.readSipAgent(flow, direction, bytes, at, end, timeUs)
        this.readSip(flow, direction, bytes, at, end, timeUs)
      } else if (application === 'capwap') this.readCapwap(flow, direction, bytes, at, end, timeUs)
    }
  }

  /** @returns whether the datagram is a header of RTP or RTCP, which it may be by chance until the conversation has its name */
  private readRtp(flow: number, direction: number, bytes: Uint8Array, at: number, end: number): boolean {
    const { labels } = this
    const isControl = isRtcp(bytes, at, end)
    if (!isControl && !isRtp(bytes, at, end)) return false
    if (labels.application[flow] !== 0) return false
    const isNamed = this.isAnnounced(flow) || (isControl ? isSureRtcp(bytes, at, end) : this.candidates.isSure(flow, direction, bytes, at))
    if (isNamed) {
      labels.setApplication(flow, isControl ? 'rtcp' : 'rtp')
      labels.kind[flow] = Kind.recognised
      labels.budget[flow] = 0
      this.candidates.forget(flow)
    } else if (labels.hasClientPayload[flow] === 0) {
      labels.hasClientPayload[flow] = 1
      labels.budget[flow] = RTP_UDP
    }
    return isNamed
  }

  private isAnnounced(flow: number): boolean {
    const { announced, labels } = this
    const { flows } = labels
    if (announced.isEmpty) return false
    return (
      announced.has(labels.address(flows.firstHost(flow)), flows.firstPort(flow)) ||
      announced.has(labels.address(flows.otherHost(flow)), flows.otherPort(flow))
    )
  }

  /** Whoever sends a request says who asks whom; whoever sends a description, where media are to go. */
  private readSip(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const { method, from, to, isWithinCall, media } = parseSip(bytes, at, end)
    this.announced.add(media)
    if (method === 'REGISTER') this.labels.identifySender(flow, direction, 'account', from, 'sip: registers', timeUs)
    if (method !== 'INVITE' || isWithinCall) return
    this.labels.identifySender(flow, direction, 'account', from, 'sip: calls', timeUs)
    this.labels.identifySender(flow, 1 - direction, 'account', to, 'sip: is called', timeUs)
  }

  /** Control messages of CAPWAP in DTLS (RFC 5415 4.2). */
  private readCapwap(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const from = at + 4
    if (!isDtlsRecord(bytes, from, end)) return
    this.handshakes.readDtls(flow, direction, bytes, from, end, timeUs)
    this.labels.setApplication(flow, 'capwap')
  }

  private readSipAgent(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const [from, to] = sipAgent(bytes, at, end)
    if (from < to) this.labels.addSoftware(flow, direction, 'sip', bytes, from, to, timeUs)
  }

  /** STUN, TURN and packets between them: only DTLS matters, relayed or not. */
  private readMedia(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const relayed = relayedAt(bytes, at, end)
    const from = relayed < 0 ? at : relayed
    if (isDtlsRecord(bytes, from, end)) this.handshakes.readDtls(flow, direction, bytes, from, end, timeUs)
  }

  private readDhcp(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (!isDhcp(bytes, at, end)) return
    this.labels.setApplication(flow, 'dhcp')
    const { key, isRequest, isAnswer, isRefusal } = dhcpTransaction(bytes, at, end)
    if (isRefusal) for (const client of this.requests.get(key) ?? []) this.retractDhcp(client)
    if (isAnswer || isRefusal) this.requests.delete(key)
    const client = parseDhcp(bytes, at, end)
    if (client === null) return
    if (isRequest) this.noteRequest(key, client)
    const { identities, hostNames } = this.labels
    const { address } = client
    if (nameOf(client) !== '') hostNames.add(address, nameOf(client), 'dhcp', timeUs)
    for (const [kind, value, source] of factsOf(client)) identities.add(address, kind, value, source, timeUs, flow)
  }

  /** A refused address is that of another host, or of none. */
  private noteRequest(key: string, client: DhcpClient): void {
    const { requests } = this
    const same = requests.get(key) ?? []
    if (same.length >= MAX_REPEATED) return
    same.push(client)
    requests.delete(key) // to the end
    requests.set(key, same)
    if (requests.size > MAX_REQUESTS) requests.delete(requests.keys().next().value!)
  }

  private retractDhcp(client: DhcpClient): void {
    const { identities, hostNames } = this.labels
    if (nameOf(client) !== '') hostNames.retract(client.address, nameOf(client), 'dhcp')
    for (const [kind, value, source] of factsOf(client)) identities.retract(client.address, kind, value, source)
  }

  private readNetbios(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const message = parseNetbiosMessage(bytes, at, end)
    if (message === null) return
    const { labels } = this
    labels.setApplication(flow, 'nbns')
    labels.dns.add(flow, timeUs, message)
    for (const { address, name } of message.claims) {
      if (address === null) {
        labels.nameSender(flow, direction, name, 'nbns', timeUs)
        labels.identifySender(flow, direction, 'host-name', name, 'nbns', timeUs)
      } else {
        labels.hostNames.add(address, name, 'nbns', timeUs)
        labels.identities.add(address, 'host-name', name, 'nbns', timeUs, flow)
      }
    }
  }

  private readNetbiosDatagram(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const source = parseNetbiosDatagram(bytes, at, end)
    if (source === null) return
    this.labels.setApplication(flow, 'nbdgm')
    this.labels.hostNames.add(source.address, source.name, 'netbios', timeUs)
    this.labels.identities.add(source.address, 'host-name', source.name, 'netbios', timeUs, flow)
  }

  private readGoogleQuic(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    this.labels.setApplication(flow, 'quic')
    const name = parseGoogleHello(bytes, at, end)
    if (name === null) return
    this.labels.setClient(flow, direction)
    this.labels.nameReceiver(flow, direction, name, 'quic', timeUs)
  }

  private readDns(flow: number, bytes: Uint8Array, at: number, end: number, source: 'dns' | 'mdns' | 'llmnr', timeUs: number): void {
    const message = parseDnsMessage(bytes, at, end)
    if (message !== null) this.labels.addDns(flow, message, source, timeUs)
  }

  /** Simple Service Discovery Protocol (UPnP Device Architecture 1.1): HTTP header fields in datagrams. */
  private readSsdp(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (startsWith(bytes, at, end, 'http/1.')) this.labels.setApplication(flow, 'ssdp')
    const request = hasMethod(bytes, at, end) ? parseHttpRequest(bytes, at, end) : null
    if (request === null || request.protocol !== 'HTTP') return
    this.labels.setApplication(flow, 'ssdp')
    for (const host of request.hosts) this.labels.nameReceiver(flow, direction, host, 'ssdp', timeUs)
  }
}

const nameOf = ({ fullName, hostName }: DhcpClient) => fullName || hostName

function factsOf({ hostName, fullName, vendorClass, system, mac }: DhcpClient): [IdentityKind, string, string][] {
  return [
    ['host-name', hostName, 'dhcp'],
    ['host-name', fullName, 'dhcp'],
    ['vendor-class', vendorClass, 'dhcp'],
    ['os', system, 'dhcp: requested options'],
    ['mac', mac, 'dhcp'],
  ]
}
