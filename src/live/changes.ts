// Tables of the pipeline -> batches of changes. Hot path: note() runs once per packet while there are listeners.
import { doubled, FIRST_ROWS } from '../column.ts'
import type { LiveBatch, LiveFlow, LiveHost, LivePacket, LiveRetransmissions, LiveTcpRow } from '../contract/live-feed.ts'
import { Protocol } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import { FlowSides } from '../flows/flow-sides.ts'
import type { Flows } from '../flows/index.ts'
import { type HostLocator, type Hosts, isAtOrigin, originPlace } from '../geo/index.ts'
import { RETRANSMISSIONS, type TcpFacts } from '../health/tcp-records.ts'
import type { Names } from '../names/index.ts'
import { camelCase, type FlowColumn, LIVE_COLUMNS } from '../store/flow-columns.ts'
import { TCP_COLUMNS } from '../store/tcp-columns.ts'
import type { Origin } from '../types.ts'

/** Most packets of a batch: the latest. */
const MAX_PACKETS = 500
/** Most conversations of a batch, unless said; those that changed first come first. */
const MAX_FLOWS = 1000
/** Most rows of `tcp` of a batch, unless said: they have many columns, and a page needs them less soon. */
const MAX_TCP = 20

/** What it reads of an analysis (analyze.ts). */
export interface Followed {
  readonly flows: Flows
  readonly names: Names
  readonly tcp: { readonly records: TcpFacts }
  /** The packet last added. */
  readonly view: PacketView
  hosts(): Hosts
}

const LIVE = LIVE_COLUMNS.map((column: FlowColumn) => ({ key: camelCase(column.name), value: column.value }))

export class Changes {
  private readonly analysis: Followed
  private readonly sides: FlowSides
  /** 1: in the queue. */
  private isQueued = new Uint8Array(FIRST_ROWS)
  private queue: number[] = []
  /** By host: 1 after it was in a batch. */
  private isSent = new Uint8Array(FIRST_ROWS)
  /** Conversations of earlier batches whose row of `tcp` has changed since it was in one. */
  private isTcpQueued = new Uint8Array(FIRST_ROWS)
  private tcpQueue: number[] = []
  /** By conversation: repeated segments of both ends, as in the last batch that had them. */
  private repeated = new Uint32Array(FIRST_ROWS)
  /** Ring buffer of the latest packets. */
  private packets = 0
  private reported = 0
  private readonly flow = new Int32Array(MAX_PACKETS)
  private readonly timeUs = new Float64Array(MAX_PACKETS)
  private readonly bytes = new Uint32Array(MAX_PACKETS)
  private readonly direction = new Uint8Array(MAX_PACKETS)
  private readonly tcpFlags = new Uint8Array(MAX_PACKETS)

  private readonly mostFlows: number

  locator: HostLocator
  /** Place of private addresses; with the option "auto" it is determined while packets arrive. */
  origin: Origin

  /** @param mostFlows further conversations are not reported */
  constructor(analysis: Followed, locator: HostLocator, origin: Origin, mostFlows = Number.POSITIVE_INFINITY) {
    this.analysis = analysis
    this.locator = locator
    this.origin = origin
    this.mostFlows = mostFlows
    this.sides = new FlowSides(analysis.flows, new Uint8Array(FIRST_ROWS))
  }

  /** Must be called with each packet right after it was added to a conversation. */
  note(flow: number, timeUs: number, bytes: number): void {
    if (flow >= this.mostFlows) return
    const { analysis } = this
    const at = this.packets++ % MAX_PACKETS
    this.flow[at] = flow
    this.timeUs[at] = timeUs
    this.bytes[at] = bytes
    this.direction[at] = analysis.flows.table.direction
    this.tcpFlags[at] = analysis.view.tcpFlags
    while (flow >= this.isQueued.length) this.isQueued = doubled(this.isQueued)
    if (this.isQueued[flow] === 1) return
    this.isQueued[flow] = 1
    this.queue.push(flow)
  }

  get areThere(): boolean {
    return this.queue.length > 0
  }

  /** Changes since the last call, within the limits. */
  take(maxFlows = MAX_FLOWS, maxTcp = MAX_TCP): Pick<LiveBatch, 'packets' | 'flows' | 'retransmissions' | 'tcp' | 'hosts'> {
    this.locator.advance(this.analysis.hosts(), Number.POSITIVE_INFINITY)
    const hosts: LiveHost[] = []
    const retransmissions: LiveRetransmissions[] = []
    const flows = this.queue.splice(0, maxFlows).map((flow) => {
      this.isQueued[flow] = 0
      if (this.analysis.tcp.records.has(flow)) this.noteTcp(flow, retransmissions)
      return this.describeFlow(flow, hosts)
    })
    const packets: LivePacket[] = []
    for (let number = Math.max(this.reported, this.packets - MAX_PACKETS); number < this.packets; number++) {
      packets.push(this.describePacket(number, hosts))
    }
    this.reported = this.packets
    const tcp = this.tcpQueue.splice(0, maxTcp).map((flow) => this.describeTcp(flow))
    return { packets, flows, retransmissions, tcp, hosts }
  }

  private describePacket(number: number, hosts: LiveHost[]): LivePacket {
    const { flows } = this.analysis
    const at = number % MAX_PACKETS
    const flow = this.flow[at]
    this.introduce(flows.table.firstHost(flow), hosts)
    this.introduce(flows.table.otherHost(flow), hosts)
    return {
      id: number + 1,
      flowId: flow + 1,
      atUs: this.timeUs[at],
      fromClient: (this.direction[at] === 0) === flows.isFirstClient(flow),
      bytes: this.bytes[at],
      tcpFlags: flows.table.protocol(flow) === Protocol.tcp ? this.tcpFlags[at] : null,
    }
  }

  private noteTcp(flow: number, into: LiveRetransmissions[]): void {
    const { flows, tcp } = this.analysis
    while (flow >= this.isTcpQueued.length) this.isTcpQueued = doubled(this.isTcpQueued)
    if (this.isTcpQueued[flow] === 0) this.tcpQueue.push(flow)
    this.isTcpQueued[flow] = 1
    const ofFirst = tcp.records.counted(flow, 0, RETRANSMISSIONS)
    const ofOther = tcp.records.counted(flow, 1, RETRANSMISSIONS)
    while (flow >= this.repeated.length) this.repeated = doubled(this.repeated)
    if (ofFirst + ofOther === this.repeated[flow]) return
    this.repeated[flow] = ofFirst + ofOther
    const [client, server] = flows.isFirstClient(flow) ? [ofFirst, ofOther] : [ofOther, ofFirst]
    into.push({ flowId: flow + 1, client, server })
  }

  private describeTcp(flow: number): LiveTcpRow {
    const { flows, tcp } = this.analysis
    this.isTcpQueued[flow] = 0
    const client = flows.isFirstClient(flow) ? 0 : 1
    return [flow + 1, ...TCP_COLUMNS.map(({ value }) => value(tcp.records, flow, client))]
  }

  private describeFlow(flow: number, hosts: LiveHost[]): LiveFlow {
    const { flows, names } = this.analysis
    const { sides } = this
    const isFirst = flows.isFirstClient(flow)
    while (flow >= sides.isForward.length) sides.isForward = doubled(sides.isForward)
    sides.isForward[flow] = isFirst ? 1 : 0
    this.introduce(sides.client(flow), hosts)
    this.introduce(sides.server(flow), hosts)
    const known = names.describe(flow, isFirst)
    return Object.fromEntries([['id', flow + 1], ...LIVE.map(({ key, value }) => [key, value(flow, sides, known)])]) as LiveFlow
  }

  private introduce(host: number, into: LiveHost[]): void {
    while (host >= this.isSent.length) this.isSent = doubled(this.isSent)
    if (this.isSent[host] === 1) return
    this.isSent[host] = 1
    into.push(this.describeHost(host))
  }

  private describeHost(host: number): LiveHost {
    const { flows, names } = this.analysis
    const { hosts } = flows
    const name = names.nameOf(host)
    const scope = hosts.scope(host)
    const location = this.locator.locationOf(host)
    const place = isAtOrigin(scope) ? originPlace(this.origin) : (location?.place ?? null)
    return {
      id: host + 1,
      ip: hosts.ip(host),
      scope,
      asn: location?.asn ?? null,
      asName: location?.asName ?? null,
      name: name?.name ?? null,
      nameSource: name?.source ?? null,
      place: place && {
        latitudeDeg: place.latitudeDeg,
        longitudeDeg: place.longitudeDeg,
        city: place.city,
        country: place.country,
        countryCode: place.countryCode,
        precision: place.precision,
      },
    }
  }
}
