// UDP: datagrams by the port that promises a protocol, else by what they begin with.
import type { PacketView } from '../decode/packet.ts'
import { parseDnsMessage } from './dns.ts'
import type { Findings } from './findings.ts'
import { EVERY } from './tcp.ts'

/** Payload packets looked at before a conversation counts as unknown. */
export const FIRST_UDP = 8

const Kind = { unknown: 0, dns: 1, mdns: 2, llmnr: 3 } as const

/** Either port of a conversation that promises a protocol whose every packet is read. */
const KINDS = new Map<number, number>([
  [53, Kind.dns],
  [5353, Kind.mdns],
  [5355, Kind.llmnr],
])

export class UdpInspector {
  private readonly findings: Findings

  constructor(findings: Findings) {
    this.findings = findings
  }

  admit(flow: number): void {
    const { flows, kind, budget } = this.findings
    kind[flow] = KINDS.get(flows.otherPort[flow]) ?? KINDS.get(flows.firstPort[flow]) ?? Kind.unknown
    budget[flow] = kind[flow] === Kind.unknown ? FIRST_UDP : EVERY
  }

  inspect(flow: number, _direction: number, view: PacketView, timeUs: number): void {
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
    }
  }

  private readDns(flow: number, bytes: Uint8Array, at: number, end: number, source: 'dns' | 'mdns' | 'llmnr', timeUs: number): void {
    const message = parseDnsMessage(bytes, at, end)
    if (message !== null) this.findings.addDns(flow, message, source, timeUs)
  }
}
