// UDP: datagrams by the port that promises a protocol, else by what they begin with.
import type { PacketView } from '../decode/packet.ts'
import { parseDnsMessage } from './dns.ts'
import { isDtlsRecord } from './dtls.ts'
import type { Findings } from './findings.ts'
import { isGoogleQuic, parseGoogleHello } from './gquic.ts'
import { hasMethod, parseHttpRequest } from './http.ts'
import { EVERY } from './tcp.ts'
import { UdpHandshakes } from './udp-handshake.ts'

/** Payload packets looked at before a conversation counts as unknown. */
export const FIRST_UDP = 8

const Kind = { unknown: 0, dns: 1, mdns: 2, llmnr: 3, ssdp: 4 } as const

/** Either port of a conversation that promises a protocol whose every packet is read. */
const KINDS = new Map<number, number>([
  [53, Kind.dns],
  [5353, Kind.mdns],
  [5355, Kind.llmnr],
  [1900, Kind.ssdp],
])

export class UdpInspector {
  private readonly findings: Findings
  private readonly handshakes: UdpHandshakes

  constructor(findings: Findings) {
    this.findings = findings
    this.handshakes = new UdpHandshakes(findings)
  }

  admit(flow: number): void {
    const { flows, kind, budget } = this.findings
    kind[flow] = KINDS.get(flows.otherPort[flow]) ?? KINDS.get(flows.firstPort[flow]) ?? Kind.unknown
    budget[flow] = kind[flow] === Kind.unknown ? FIRST_UDP : EVERY
  }

  inspect(flow: number, direction: number, view: PacketView, timeUs: number): void {
    const { kind, budget } = this.findings
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
      default:
        this.readUnknown(flow, direction, bytes, at, end, timeUs)
    }
  }

  private readUnknown(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if ((bytes[at] & 0x80) !== 0 && this.handshakes.readQuic(flow, direction, bytes, at, end, timeUs)) return
    if (isDtlsRecord(bytes, at, end)) {
      this.handshakes.readDtls(flow, direction, bytes, at, end, timeUs)
      return
    }
    if (isGoogleQuic(bytes, at, end)) this.readGoogleQuic(flow, direction, bytes, at, end, timeUs)
  }

  private readGoogleQuic(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    this.findings.setApplication(flow, 'quic')
    const name = parseGoogleHello(bytes, at, end)
    if (name === null) return
    this.findings.setClient(flow, direction)
    this.findings.nameReceiver(flow, direction, name, 'quic', timeUs)
  }

  private readDns(flow: number, bytes: Uint8Array, at: number, end: number, source: 'dns' | 'mdns' | 'llmnr', timeUs: number): void {
    const message = parseDnsMessage(bytes, at, end)
    if (message !== null) this.findings.addDns(flow, message, source, timeUs)
  }

  /** Simple Service Discovery Protocol (UPnP Device Architecture 1.1): HTTP's words in datagrams. */
  private readSsdp(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const request = hasMethod(bytes, at, end) ? parseHttpRequest(bytes, at, end) : null
    if (request === null || request.protocol !== 'HTTP') return
    this.findings.setApplication(flow, 'ssdp')
    if (request.host !== null) this.findings.nameReceiver(flow, direction, request.host, 'ssdp', timeUs)
  }
}
