// Packets -> names and applications of conversations and hosts. Hot loop: if a flow has a budget, inspect() reads its payload.

import type { LogNames } from '../capture/flow-records/log-names.ts'
import type { FlowRecord } from '../capture/flow-records/record.ts'
import { compare } from '../compare.ts'
import { formatAddress } from '../decode/address.ts'
import { Protocol } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import type { HostTable } from '../flows/hosts.ts'
import { applicationOfPort } from '../flows/services.ts'
import type { FlowTable } from '../flows/table.ts'
import { APPLICATIONS, type Application } from './applications.ts'
import { bestName } from './best-name.ts'
import { parseDnsMessage } from './dns.ts'
import { type DnsAnswer, nameConversations } from './dns-answers.ts'
import type { DnsAnswerData, DnsQuery } from './dns-log.ts'
import { FlowLabels } from './flow-labels.ts'
import { type FlowNames, type NamesByFlow, numberRows } from './flow-names.ts'
import { type DnsRecord, latest, type NameEntry, type NameSource } from './host-names.ts'
import { quotedDns } from './icmp.ts'
import type { Identity, IdentityLog } from './identity-log.ts'
import { addLoggedNames } from './logged-names.ts'
import type { Software } from './software.ts'
import { EVERY, FIRST_TCP, TcpInspector } from './tcp.ts'
import { cleanName } from './text.ts'
import { UdpInspector } from './udp.ts'

export type { DnsQuery } from './dns-log.ts'
export type { FlowNames } from './flow-names.ts'

export interface HostName {
  host: number
  name: string
  source: NameSource
  firstUs: number
  count: number
}

export interface NameResults {
  byFlow: NamesByFlow
  /** From byFlow. */
  ofFlow(flow: number): FlowNames
  /** Ordered by host, name, source; only of hosts that sent or received a packet. */
  names: HostName[]
  /** The entry of `names` that a host is shown with (best-name.ts); null for a host without names. */
  bestOfHost(host: number): HostName | null
  /** Ordered by host, source, text. */
  software: Software[]
  /** What the host says of itself, in the order seen, where an address and an id name it: by id first. */
  identitiesOf(host: number): readonly Identity[]
  /** Ordered by time of the question. */
  dnsQueries: DnsQuery[]
  /** Number of rows beyond the limits. */
  leftOut: { names: number; dnsQueries: number; software: number; identities: number }
}

/** Sources of names that a client asks its server for, and of those that were looked up before. */
const REQUESTED: readonly NameSource[] = ['tls', 'quic', 'dtls', 'http', 'http-proxy', 'http2', 'ssdp', 'rtsp']
const LOOKED_UP: readonly NameSource[] = ['dns', 'mdns', 'llmnr', 'pcapng']

/** DNS (RFC 7766), multicast DNS and LLMNR (RFC 4795 2.1) over TCP. */
const DNS_PORTS = new Set([53, 5353, 5355])

export class Names {
  private readonly flows: FlowTable
  private readonly hosts: HostTable
  private readonly labels: FlowLabels
  private readonly tcp: TcpInspector
  private readonly udp: UdpInspector
  /** Of logs that have the answers of several captures. */
  private answers: readonly DnsAnswer[] = []
  private readonly fileNames: { address: string; name: string }[] = []

  constructor(flows: FlowTable, hosts: HostTable) {
    this.flows = flows
    this.hosts = hosts
    this.labels = new FlowLabels(flows, hosts)
    this.tcp = new TcpInspector(this.labels)
    this.udp = new UdpInspector(this.labels)
  }

  /** Answers whose records hold encoded data, in the order of their packets. */
  get dnsAnswers(): DnsAnswerData[] {
    return this.labels.dns.answerData
  }

  /** Observers add what they read of hosts. */
  get identities(): IdentityLog {
    return this.labels.identities
  }

  /** What the content of a conversation is, '' while that is unknown. */
  applicationOf(flow: number): Application {
    return APPLICATIONS[this.labels.application[flow]]
  }

  /** Payload packets still inspected, by flow id; the array is replaced when it grows. */
  get budget(): Uint8Array {
    return this.labels.budget
  }

  /** Must be called for each new flow. */
  admit(flow: number): void {
    const { flows, labels } = this
    labels.admit(flow)
    if (flows.isAggregate(flow)) return
    if (flows.protocol(flow) === Protocol.udp) this.udp.admit(flow)
    else if (flows.protocol(flow) === Protocol.tcp) {
      if (DNS_PORTS.has(flows.otherPort(flow)) || DNS_PORTS.has(flows.firstPort(flow))) this.tcp.admitDns(flow)
      else labels.budget[flow] = FIRST_TCP
    } else if (flows.protocol(flow) === Protocol.icmp || flows.protocol(flow) === Protocol.icmpv6) labels.budget[flow] = EVERY
  }

  /** An application that another program recognised by content; one that is not in APPLICATIONS is left out. */
  noteApplication(flow: number, name: string): void {
    const application = APPLICATIONS.find((known) => known !== '' && known === name)
    if (application !== undefined && !this.flows.isAggregate(flow)) this.labels.setApplication(flow, application)
  }

  /**
   * Names and fingerprint that another program knew of a conversation: call in order of time.
   * @param direction of the packets of the end that asked for the name
   */
  noteLabels(flow: number, direction: number, { serverName, serverNameSource: source, ja4, startUs }: FlowRecord): void {
    if (this.flows.isAggregate(flow)) return
    const name = cleanName(serverName)
    const requested = REQUESTED.find((known) => known === source)
    const looked = LOOKED_UP.find((known) => known === source)
    const server = direction === 0 ? this.flows.otherHost(flow) : this.flows.firstHost(flow)
    if (name !== '' && requested !== undefined) this.labels.nameReceiver(flow, direction, name, requested, startUs)
    else if (name !== '' && looked !== undefined) this.labels.hostNames.addDnsRecord(this.hosts.ip(server), name, looked, startUs)
    const fingerprint = cleanName(ja4)
    if (fingerprint !== '') this.labels.setJa4(flow, direction, fingerprint, startUs)
  }

  /** Inspects a packet with payload of a flow whose budget is not 0. Never throws; the work is bounded by the payload. */
  inspect(flow: number, direction: number, view: PacketView, timeUs: number): void {
    if (view.icmpType >= 0) this.readQuoted(flow, view, timeUs)
    else if (this.flows.protocol(flow) === Protocol.tcp) this.tcp.inspect(flow, direction, view, timeUs)
    else this.udp.inspect(flow, direction, view, timeUs)
  }

  private readQuoted(flow: number, view: PacketView, timeUs: number): void {
    const quote = quotedDns(view)
    const message = quote === null ? null : parseDnsMessage(view.bytes, quote[0], quote[1])
    if (message !== null) this.labels.addQuotedDns(flow, message, timeUs)
  }

  /** Records a name that the capture file contains for an address (pcapng name resolution block). */
  addFileName(address: Uint8Array, name: string): void {
    if (address.length !== 4 && address.length !== 16) return
    const text = cleanName(name)
    if (text !== '') this.fileNames.push({ address: formatAddress(address, 0, address.length), name: text })
  }

  /** Records the names that logs of other programs have. Call once, after the last packet. */
  addLogNames(logs: readonly LogNames[]): void {
    this.answers = addLoggedNames(logs, this.flows, this.hosts, this.labels)
  }

  /**
   * Results so far; more packets may follow.
   * @param clientIsFirst whether the client of a flow is the end seen first
   */
  finish(clientIsFirst: (flow: number) => boolean): NameResults {
    const { flows, labels } = this
    const { hostNames, dns, identities, software } = labels
    // A name in the file has no time: it is valid from the first packet on.
    const startUs = flows.count > 0 ? flows.startUs(0) : 0
    for (const { address, name } of this.fileNames.splice(0)) hostNames.addEarlierDnsRecord(address, name, 'pcapng', startUs)
    const byFlow = this.namesByFlow(clientIsFirst)
    const conversations = {
      count: flows.count,
      startUs: (flow: number) => flows.startUs(flow),
      server: (flow: number) => (clientIsFirst(flow) ? flows.otherHost(flow) : flows.firstHost(flow)),
      isJoined: () => false,
    }
    nameConversations(this.answers, conversations, byFlow)
    const { names, best } = this.hostNames()
    return {
      byFlow,
      ofFlow: (flow) => byFlow.distinct[byFlow.indexes[flow]],
      names,
      bestOfHost: (host) => best.get(host) ?? null,
      identitiesOf: (host) => (identities.isEmpty ? [] : identities.of(host, this.hosts.ip(host))),
      software: software.all(),
      dnsQueries: dns.rows
        .map((row, i) => ({ row, i }))
        .sort((a, b) => a.row.atUs - b.row.atUs || a.i - b.i)
        .map(({ row }) => row),
      leftOut: { names: hostNames.leftOut, dnsQueries: dns.leftOut, software: software.leftOut, identities: identities.leftOut },
    }
  }

  /**
   * Results so far for one conversation.
   * @param isFirst whether the client is the end seen first
   * @param dnsRecords cache of DNS records by host, filled here; pass it when describing many conversations
   */
  describe(flow: number, isFirst: boolean, dnsRecords: (readonly DnsRecord[])[] = []): FlowNames {
    const { flows, labels } = this
    const recognised = this.applicationOf(flow) || null
    const port = recognised === null ? this.tellingPort(flow, isFirst) : 0
    const guessed = port === 0 ? null : applicationOfPort(flows.protocol(flow), port)
    const name = labels.serverName(flow) ?? this.lookedUpName(flow, isFirst, dnsRecords)
    return {
      application: recognised ?? guessed,
      applicationSource: recognised !== null ? 'content' : guessed !== null ? 'port' : null,
      serverName: name?.name ?? null,
      serverNameSource: name?.source ?? null,
      ja4: labels.ja4(flow),
    }
  }

  /** The server's port, if it tells the application of a conversation whose content does not; else 0. */
  private tellingPort(flow: number, isFirst: boolean): number {
    const { flows } = this
    const port = isFirst ? flows.otherPort(flow) : flows.firstPort(flow)
    const isTelling = port > 0 && applicationOfPort(flows.protocol(flow), port) !== null && !flows.isUnanswered(flow)
    return isTelling ? port : 0
  }

  /** The last DNS name of the server's address when the flow began. */
  private lookedUpName(flow: number, isFirst: boolean, dnsRecords: (readonly DnsRecord[])[]): DnsRecord | null {
    const { flows, hosts } = this
    const { hostNames } = this.labels
    if (hostNames.isEmpty) return null
    const server = isFirst ? flows.otherHost(flow) : flows.firstHost(flow)
    dnsRecords[server] ??= hostNames.dnsRecordsOf(hosts.ip(server))
    return latest(dnsRecords[server], flows.startUs(flow))
  }

  private namesByFlow(clientIsFirst: (flow: number) => boolean): NamesByFlow {
    const { flows, labels } = this
    const dnsRecords: (readonly DnsRecord[])[] = []
    /** Below 0; numbers of names that clients requested are above. */
    const numbersOfRecords = new Map<DnsRecord, number>()
    const numberOf = (record: DnsRecord | null): number => {
      if (record === null) return 0
      const known = numbersOfRecords.get(record) ?? -1 - numbersOfRecords.size
      numbersOfRecords.set(record, known)
      return known
    }
    const [applications, ports, names, fingerprints] = [0, 1, 2, 3].map(() => new Int32Array(flows.count))
    for (let flow = 0; flow < flows.count; flow++) {
      const isFirst = clientIsFirst(flow)
      applications[flow] = labels.application[flow]
      // Of TCP or of another protocol: applicationOfPort() has no third list.
      const port = applications[flow] === 0 ? this.tellingPort(flow, isFirst) : 0
      ports[flow] = flows.protocol(flow) === Protocol.tcp ? -port : port
      names[flow] = labels.serverNameNumber(flow) || numberOf(this.lookedUpName(flow, isFirst, dnsRecords))
      fingerprints[flow] = labels.ja4Number(flow)
    }
    const distinct: FlowNames[] = []
    const add = (flow: number): number => distinct.push(this.describe(flow, clientIsFirst(flow), dnsRecords)) - 1
    return { indexes: numberRows([applications, ports, names, fingerprints], flows.count, add), distinct }
  }

  /** The name that a host is shown with, so far; null for none. */
  nameOf(host: number): NameEntry | null {
    const ip = this.hosts.ip(host)
    return bestName(this.labels.hostNames.of(host, ip), ip)
  }

  private hostNames(): { names: HostName[]; best: Map<number, HostName> } {
    const names: HostName[] = []
    const best = new Map<number, HostName>()
    if (this.labels.hostNames.isEmpty) return { names, best }
    for (let host = 0; host < this.hosts.count; host++) {
      const ip = this.hosts.ip(host)
      const entries = this.labels.hostNames.of(host, ip)
      if (entries.length > 1) entries.sort((a, b) => compare(a.name, b.name) || compare(a.source, b.source))
      const ofHost = entries.map(({ name, source, firstUs, count }): HostName => ({ host, name, source, firstUs, count }))
      names.push(...ofHost)
      const chosen = bestName(ofHost, ip)
      if (chosen !== null) best.set(host, chosen)
    }
    return { names, best }
  }
}
