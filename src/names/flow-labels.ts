// Properties found in payloads, by flow id; columns grow with the flows. Each string is stored once.
import { doubled, FIRST_ROWS } from '../column.ts'
import type { HostTable } from '../flows/hosts.ts'
import type { FlowTable } from '../flows/table.ts'
import { APPLICATIONS, type Application, applicationCode } from './applications.ts'
import type { DnsMessage } from './dns.ts'
import { DnsLog } from './dns-log.ts'
import { HostNames, type NameEntry, type NameSource } from './host-names.ts'
import { type Identity, type IdentityKind, IdentityLog } from './identity-log.ts'
import { SoftwareLog, type SoftwareSource } from './software.ts'

/** Which end a ClientHello or request identifies as the client; after that its first payload is not waited for. */
export const ClientProof = { none: 0, first: 1, other: 2 } as const

/** Of `holding`, for direction 0. */
const TOLD = 4

const TLS_CARRIERS = new Set<string>(['', 'http', 'socks'])

export class FlowLabels {
  readonly flows: FlowTable
  readonly hostNames = new HostNames()
  readonly dns = new DnsLog()
  readonly software = new SoftwareLog()
  readonly identities: IdentityLog
  /** Codes of applications.ts, 0 for unknown. */
  application = new Uint8Array(FIRST_ROWS)
  clientProof = new Uint8Array(FIRST_ROWS)
  /** Payload packets of a flow that are still inspected; 255 does not decrease. */
  budget = new Uint8Array(FIRST_ROWS)
  /** The expected kind of the next packet; numbers of tcp.ts or udp.ts. */
  kind = new Uint8Array(FIRST_ROWS)
  /** 1 after the client's first payload. */
  hasClientPayload = new Uint8Array(FIRST_ROWS)
  /** Bits 0 and 1: bytes of this direction are buffered until more arrive (streams.ts). Bits 2 and 3: the names in its unfinished message are told. */
  holding = new Uint8Array(FIRST_ROWS)
  /** Index + 1 of an entry of the host names, 0 for none. */
  private serverNames = new Int32Array(FIRST_ROWS)
  /** Index into `texts`, 0 for none. */
  private ja4s = new Int32Array(FIRST_ROWS)
  private readonly texts: string[] = ['']
  private readonly indexes = new Map<string, number>()
  private readonly hosts: HostTable

  constructor(flows: FlowTable, hosts: HostTable) {
    this.flows = flows
    this.hosts = hosts
    this.identities = new IdentityLog(flows)
  }

  admit(flow: number): void {
    while (flow >= this.application.length) {
      this.application = doubled(this.application)
      this.clientProof = doubled(this.clientProof)
      this.budget = doubled(this.budget)
      this.kind = doubled(this.kind)
      this.hasClientPayload = doubled(this.hasClientPayload)
      this.holding = doubled(this.holding)
      this.serverNames = doubled(this.serverNames)
      this.ja4s = doubled(this.ja4s)
    }
  }

  /** A later application replaces an earlier one: HTTP may change to TLS. @returns true if it changed */
  setApplication(flow: number, application: Application): boolean {
    const code = applicationCode(application)
    const isNews = this.application[flow] !== code
    this.application[flow] = code
    return isNews
  }

  /** True if TLS itself is the application, false if it only encrypts another (mail, database). */
  isTlsCarrier(flow: number): boolean {
    return TLS_CARRIERS.has(APPLICATIONS[this.application[flow]])
  }

  /** @param direction of a packet that only a client sends */
  setClient(flow: number, direction: number): void {
    if (this.clientProof[flow] === ClientProof.none) this.clientProof[flow] = direction === 0 ? ClientProof.first : ClientProof.other
  }

  /** Records a name of the packet's receiver: the flow keeps the first one, the host all of them. */
  nameReceiver(flow: number, direction: number, name: string, source: NameSource, timeUs: number): void {
    const host = this.receiver(flow, direction)
    const entry = this.hostNames.add(host, name, source, timeUs)
    if (this.serverNames[flow] !== 0 || entry < 0) return
    // An address is not a name for the flow if it is the host's own.
    if (!mayBeAddress(name) || name !== this.hosts.ip(host)) this.serverNames[flow] = entry + 1
  }

  /** As nameReceiver(), for a message that is read again with each of its pieces: its names count once. */
  nameOnce(flow: number, direction: number, names: readonly string[], source: NameSource, timeUs: number): void {
    if (names.length === 0 || (this.holding[flow] & (TOLD << direction)) !== 0) return
    this.holding[flow] |= TOLD << direction
    for (const name of names) this.nameReceiver(flow, direction, name, source, timeUs)
  }

  /** The message is over, or lost: the next one has names of its own. */
  endMessage(flow: number, direction: number): void {
    this.holding[flow] &= ~(TOLD << direction)
  }

  /** Records a name that the packet's sender gives itself. */
  nameSender(flow: number, direction: number, name: string, source: NameSource, timeUs: number): void {
    this.hostNames.add(this.receiver(flow, 1 - direction), name, source, timeUs)
  }

  /** Records bytes[at..end) as software of the packet's sender. */
  addSoftware(flow: number, direction: number, source: SoftwareSource, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const text = this.software.add(this.receiver(flow, 1 - direction), source, bytes, at, end, timeUs)
    if (source === 'http') this.identifySender(flow, direction, 'user-agent', text, 'http', timeUs)
    else if (source === 'ssh') {
      const kind = direction === this.flows.serverDirection(flow) ? 'ssh-server' : 'ssh-client'
      this.identifySender(flow, direction, kind, text, 'ssh', timeUs)
    }
  }

  /** Records what the packet's sender says of itself; '' is nothing. */
  identifySender(flow: number, direction: number, kind: IdentityKind, value: string, source: string, timeUs: number): void {
    this.identities.add(this.receiver(flow, 1 - direction), kind, value, source, timeUs, flow)
  }

  /** @param from what carries it: the packet being read */
  setJa4(flow: number, direction: number, fingerprint: string, timeUs: number, from?: Pick<Identity, 'frame' | 'capture'>): void {
    const text = this.intern(fingerprint)
    // A hello that is sent again is the same conversation.
    if (this.ja4s[flow] === text) return
    this.ja4s[flow] = text
    this.identities.add(this.receiver(flow, 1 - direction), 'ja4', fingerprint, 'tls', timeUs, flow, from)
  }

  /** The name that the client requested, null for none. */
  serverName(flow: number): NameEntry | null {
    const number = this.serverNames[flow]
    return number === 0 ? null : this.hostNames.entry(number - 1)
  }

  /** The same names have the same number, 0 for none; so have fingerprints. */
  serverNameNumber(flow: number): number {
    return this.serverNames[flow]
  }

  ja4Number(flow: number): number {
    return this.ja4s[flow]
  }

  ja4(flow: number): string | null {
    return this.texts[this.ja4s[flow]] || null
  }

  address(host: number): string {
    return this.hosts.ip(host)
  }

  /** Logs the questions; answers name the addresses of flows that begin later. */
  addDns(flow: number, message: DnsMessage, source: 'dns' | 'mdns' | 'llmnr', timeUs: number): void {
    this.setApplication(flow, source)
    this.log(flow, message, source, timeUs)
  }

  /** A DNS message quoted in an ICMP error: logged only if it was not captured itself, so that no question counts twice. */
  addQuotedDns(flow: number, message: DnsMessage, timeUs: number): void {
    if (!message.questions.every(({ name }) => this.dns.hasName(name))) this.log(flow, message, 'dns', timeUs)
  }

  private log(flow: number, message: DnsMessage, source: 'dns' | 'mdns' | 'llmnr', timeUs: number): void {
    this.dns.add(flow, timeUs, message)
    const sender = source === 'dns' ? -1 : this.receiver(flow, 1 - this.flows.direction)
    for (const { address, name, isReverse } of message.addresses) {
      // On the link, a host answers for itself.
      if (sender >= 0 && address === this.hosts.ip(sender)) this.identities.add(sender, 'host-name', name, source, timeUs, flow)
      if (isReverse) this.hostNames.add(address, name, 'dns-ptr', timeUs)
      else this.hostNames.addDnsRecord(address, name, source, timeUs)
    }
  }

  private receiver(flow: number, direction: number): number {
    return direction === 0 ? this.flows.otherHost(flow) : this.flows.firstHost(flow)
  }

  private intern(text: string): number {
    const known = this.indexes.get(text)
    if (known !== undefined) return known
    this.indexes.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

/** Addresses end with a digit or contain a colon; most names do neither. */
function mayBeAddress(name: string): boolean {
  const last = name.charCodeAt(name.length - 1)
  return (last >= 0x30 && last <= 0x39) || name.includes(':')
}
