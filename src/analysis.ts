// All stages after the reader as one object: packets are added one by one, and a report can be made of them at any time (analyze.ts, node/live).
import type { CaptureSummary, Coverage } from './capture/coverage.ts'
import type { LogLink } from './capture/flow-records/log-links.ts'
import type { FlowRecord } from './capture/flow-records/record.ts'
import { IpPackets, LEFT_OUT } from './capture/ip-packets.ts'
import type { CapturedPacket } from './capture/packet.ts'
import { bytesOnWire } from './capture/wire.ts'
import { type PacketChoice, packetChoice } from './choice/packet-choice.ts'
import { Protocol } from './decode/codes.ts'
import { decodeDatagram } from './decode/datagram.ts'
import { PacketView } from './decode/packet.ts'
import { DECODED } from './decode/status.ts'
import { makerOf } from './detect/identities/vendors.ts'
import { type Detection, type DetectionOptions, detect } from './detect/index.ts'
import { isRemarkable } from './detect/methods/tls-weaknesses.ts'
import type { NewHash } from './detect/observe/carried-files.ts'
import { EVERY_PACKET, NOT_IP_ARP, type Observations, Observer } from './detect/observe/index.ts'
import { UsageError } from './errors.ts'
import type { UnsortedActivity } from './flows/activity.ts'
import { Flows } from './flows/index.ts'
import { type LinkRows, LinkTraffic } from './flows/link-traffic.ts'
import { type Datagram, Reassembly } from './flows/reassembly.ts'
import { clientBytesByHost } from './flows/totals.ts'
import type { Hosts, LocatedHosts } from './geo/index.ts'
import { leastRttByHost } from './health/host-rtt.ts'
import { QuicHandshakes } from './health/quic-handshake.ts'
import { TcpAnalysis } from './health/tcp-analysis.ts'
import type { TcpMemory } from './health/tcp-records.ts'
import { type NameResults, Names } from './names/index.ts'
import type { PageStore } from './sqlite/btree-writer.ts'
import type { FlowData } from './store/flow-pages.ts'
import type { Drops } from './store/traffic.ts'
import type { TrafficNumbers, TrafficPages } from './store/traffic-pages.ts'
import { beginDatabase, type DatabaseRest } from './store/write.ts'
import type { ChosenPackets, GeoSource, ReportInputs, SqlDatabase } from './types.ts'

/** Facts of a report besides its packets. */
export interface ReportFacts {
  reportName: string
  programVersion: string
  captures: CaptureSummary[]
  located: LocatedHosts
  geoSource: GeoSource | null
  inputs?: ReportInputs | undefined
  /** Of a live capture. */
  drops?: Drops
}

/** Results that depend on all packets. */
export interface Conclusions {
  /** The result of Flows.firstClients() that they were computed with. */
  isFirstClient: Uint8Array
  names: NameResults
  detection: Detection
  /** Of sessions of TLS, those that rules look at. */
  observations: Observations
  links: LinkRows
}

export interface ConcludedFlows extends FlowData {
  tcp: TcpMemory
}

export class Analysis {
  readonly flows: Flows
  readonly tcp: TcpAnalysis
  private readonly quic: QuicHandshakes
  readonly names: Names
  readonly observer: Observer
  private readonly links = new LinkTraffic()
  private readonly packets: IpPackets
  private readonly choice: PacketChoice | null
  private admitted = 0
  /** Packets that were not decoded, or left out. */
  private skipped = 0
  /** Conversation of the packet that is being added. */
  private flow = -1
  private readonly reassembly = new Reassembly((datagram) => this.readDatagram(datagram))
  private readonly datagramView = new PacketView()

  /** @param maxPackets packet rows kept; Infinity for all @param maxFlows limit of conversations with a row of their own @param deduplicates skips repeated packets @param sha256 for files that packets carry @throws UsageError for a wrong choice */
  constructor(maxPackets: number, maxFlows?: number, deduplicates = false, chosen?: ChosenPackets, sha256?: NewHash) {
    this.choice = packetChoice(chosen)
    this.flows = new Flows(maxPackets, maxFlows)
    this.tcp = new TcpAnalysis(this.flows.table, this.flows.timeline)
    this.quic = new QuicHandshakes(this.flows.table, this.tcp.records)
    this.names = new Names(this.flows.table, this.flows.hosts)
    this.observer = new Observer(this.flows.table, this.names, sha256)
    const onPacket = (packet: CapturedPacket, bytes: number): void => {
      this.flow = this.count(packet, bytes)
    }
    this.packets = new IpPackets(deduplicates, onPacket, this.choice)
  }

  /** The last packet added, if it was decoded. */
  get view(): PacketView {
    return this.packets.view
  }

  /** Packets so far that are in no conversation, or in none yet. */
  get packetsOutside(): number {
    return this.skipped + this.flows.heldFragments
  }

  /**
   * Adds one packet. Hot path.
   * @returns id of its conversation (of several packets in a frame, of the last); -1 for none, or for a fragment that waits for its first fragment
   */
  add(packet: CapturedPacket, coverage: Coverage): number {
    this.flow = -1
    this.flows.table.frame = coverage.count + 1
    this.flows.table.capture = coverage.capture
    const status = this.packets.read(packet, coverage)
    if (status !== DECODED) this.skip(packet, status, coverage)
    return this.flow
  }

  private skip(packet: CapturedPacket, status: number, coverage: Coverage): void {
    this.skipped++
    if (status === LEFT_OUT) {
      this.links.leaveOut(this.packets.leftOutStatus)
      return
    }
    this.links.add(packet, status, bytesOnWire(packet.originalBytes, packet.linkType), coverage.count, coverage.capture)
    if (status === NOT_IP_ARP) this.observer.inspectArp(packet)
    this.flows.timeline.cover(packet.timeUs)
  }

  /** Adds a conversation of a flow log. @throws CaptureError if its counters have no room; UsageError if packets were chosen */
  addRecord(record: FlowRecord, coverage: Coverage): void {
    if (this.choice !== null)
      throw new UsageError('--from, --to, --only and -f choose packets, and a flow log has none: filter its report instead')
    const { flows, names } = this
    flows.table.frame = record.line
    flows.table.capture = coverage.capture
    const flow = flows.addRecord(record)
    coverage.addRecord(record, flow >= 0)
    if (flow < 0) return
    this.admitNew()
    if (record.application !== '') names.noteApplication(flow, record.application)
    if (record.serverName !== '' || record.ja4 !== '') names.noteLabels(flow, flows.table.direction, record)
  }

  /** Adds frames without IP of a flow log. @param capture its index */
  addLink(link: LogLink, capture: number): void {
    this.links.addLogged(link, capture)
    this.flows.timeline.cover(link.firstUs)
    this.flows.timeline.cover(link.lastUs)
  }

  /** Counts the IP packet in the view. */
  private count(packet: CapturedPacket, bytes: number): number {
    const { flows, names, observer, view } = this
    const flow = flows.add(view, packet.timeUs, bytes)
    if (this.admitted < flows.table.count) {
      const isNew = flow >= this.admitted
      this.admitNew()
      if (isNew) observer.inspectFrame(flow, view, packet)
    }
    if (view.isFragment) {
      this.reassemble(flow, packet.timeUs)
      return flow
    }
    if (view.tcpAt >= 0) this.tcp.add(flow, view, packet.timeUs)
    if (view.payloadAt >= view.end) {
      if (observer.watch[flow] === EVERY_PACKET) observer.inspect(flow, flows.table.direction, view, packet.timeUs, packet)
      return flow
    }
    if (view.protocol === Protocol.udp) this.quic.add(flow, view, packet.timeUs)
    const { direction } = flows.table
    if (names.budget[flow] !== 0) names.inspect(flow, direction, view, packet.timeUs)
    if ((observer.watch[flow] & (1 << direction)) !== 0) observer.inspect(flow, direction, view, packet.timeUs, packet)
    return flow
  }

  private admitNew(): void {
    while (this.admitted < this.flows.table.count) {
      this.names.admit(this.admitted)
      this.observer.admit(this.admitted++)
    }
  }

  /** Of the largest tables. */
  get tableBytes(): number {
    return this.flows.table.memory().ints.byteLength + this.tcp.records.ints.byteLength
  }

  /** Call once, after the last packet. */
  finish(): void {
    this.reassembly.finish()
    this.flows.finish()
  }

  /** The payload of fragments is read when their datagram is complete or abandoned. */
  private reassemble(flow: number, timeUs: number): void {
    const { flows, view } = this
    const { direction } = flows.table
    if (flow >= 0 && this.names.budget[flow] === 0 && (this.observer.watch[flow] & (1 << direction)) === 0) return
    const source = flows.hosts.intern(view.bytes, view.sourceAt, view.family)
    const target = flows.hosts.intern(view.bytes, view.targetAt, view.family)
    this.reassembly.add(view, source, target, flow, direction, timeUs)
  }

  private readDatagram({ flow, direction, timeUs, family, protocol, tunnel, bytes }: Datagram): void {
    const { names, observer, datagramView: view } = this
    decodeDatagram(bytes, family, protocol, tunnel, view)
    if (view.protocol === Protocol.tcp) this.flows.table.noteFlags(flow, direction, view.tcpFlags)
    if (view.payloadAt >= view.end) return
    if (names.budget[flow] !== 0) names.inspect(flow, direction, view, timeUs)
    if ((observer.watch[flow] & (1 << direction)) !== 0) observer.inspect(flow, direction, view, timeUs, null)
  }

  /** Input of geolocation for the present hosts. @param isFirstClient by flow, at this time; found again if it is wanted and not given */
  hosts(isFirstClient?: Uint8Array): Hosts {
    const { flows } = this
    let clientBytes: Float64Array | null = null
    let rttUs: Float64Array | null = null
    return {
      count: flows.hosts.count,
      ip: (id: number) => flows.hosts.ip(id),
      scope: (id: number) => flows.hosts.scope(id),
      clientBytes: (id: number) => {
        clientBytes ??= clientBytesByHost(flows)
        return clientBytes[id]
      },
      rttUs: (id: number) => {
        rttUs ??= leastRttByHost(flows, this.tcp.records, isFirstClient ?? flows.firstClients())
        return rttUs[id]
      },
    }
  }

  /**
   * Counters of all packets, the input of makeTrafficPages().
   * @param activity released, or a snapshot while packets are still added
   * @param isFirstClient by flow, at this time
   */
  numbers(activity: UnsortedActivity, isFirstClient: Uint8Array): TrafficNumbers {
    const { flows } = this
    const isTcp = new Uint8Array(flows.table.count)
    for (let flow = 0; flow < isTcp.length; flow++) isTcp[flow] = flows.table.protocol(flow) === Protocol.tcp ? 1 : 0
    return { activity, packets: flows.packets.columns(), isFirstClient, isTcp }
  }

  /** @param isFirstClient by flow, at this time; here and below */
  nameResults(isFirstClient: Uint8Array): NameResults {
    return this.names.finish((flow) => isFirstClient[flow] === 1)
  }

  /** What another thread makes the pages of flows and tcp from, until more packets follow. */
  flowData({ byFlow }: NameResults): ConcludedFlows {
    const { table, hosts } = this.flows
    return { rows: table.memory(), addresses: hosts.addresses(0), names: byFlow, tcp: this.tcp.records.memory() }
  }

  /** Names and findings for all packets so far. Changes nothing: more packets may follow. */
  conclude(
    located: LocatedHosts,
    isFirstClient: Uint8Array,
    options?: DetectionOptions,
    names = this.nameResults(isFirstClient),
  ): Conclusions {
    const { flows } = this
    const observations = this.observer.finish()
    const facts = { flows, isFirstClient, isFromDatabase: false, names, located, tcp: this.tcp.records, observations }
    const links = this.links.finish((mac) => makerOf(mac, options?.vendorOf ?? null))
    const detection = detect(facts, options)
    const tls = observations.tls.filter((session) => isRemarkable(session, names.ofFlow(session.flow)))
    return { isFirstClient, names, detection, observations: { ...detection.observations, tls }, links }
  }

  /** Writes all results. Synchronous, so that no packet is added in between. @param database empty; it is closed */
  write(database: SqlDatabase, store: PageStore, pages: TrafficPages, conclusions: Conclusions, facts: ReportFacts): void {
    this.beginWrite(database, store, pages, conclusions, facts).finish()
  }

  /** The same without the conversations and what follows them, which another thread may still make. No packet may be added until the rest is finished. */
  beginWrite(database: SqlDatabase, store: PageStore, pages: TrafficPages, conclusions: Conclusions, facts: ReportFacts): DatabaseRest {
    const captures = facts.captures.map((capture, i) => ({
      ...capture,
      warnings: [...capture.warnings, ...(i === 0 ? this.flows.aggregates.warnings() : [])],
    }))
    return beginDatabase(
      database,
      {
        ...facts,
        ...conclusions,
        captures,
        flows: this.flows,
        tcp: this.tcp.records,
        rttUs: leastRttByHost(this.flows, this.tcp.records, conclusions.isFirstClient),
        chosenLastUs: this.choice?.lastUs,
        subframes: this.packets.subframes,
        pages,
      },
      store,
    )
  }
}
