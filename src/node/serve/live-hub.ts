// The feed -> messages for many viewers: recent batches are kept, so that a viewer who is slightly behind gets all changes in one message,
// and one who is far behind loads the database again. The cost of a message does not depend on the number of viewers.
import type { LiveBatch, LiveFeed, LiveFlow, LiveHost, LivePacket, LiveRetransmissions, LiveTcpRow } from '../../contract/live-feed.ts'
import type { LiveChange, LiveMessage } from '../../contract/live-message.ts'
import { isoTime } from '../../iso-time.ts'
import type { Values } from './parameters.ts'
import { RecentMap } from './recent-map.ts'
import { protocolName, type TrafficRow } from './traffic-query.ts'

/** Batches kept: more than two minutes at five per second, enough for pages that ask every 20 seconds. */
const BATCHES = 700
/** Most rows (conversations and hosts) kept in batches and in one message: about 20 MB of text. */
const ROWS = 100_000
/** Packets kept for /api/traffic, and the recently changed conversations and hosts that describe them. */
const PACKETS = 10_000
const KNOWN = 100_000
/** Messages cached: viewers that keep up need only one or two different ones. */
const TEXTS = 8

type Kept = Pick<LiveBatch, 'sequence' | 'flows' | 'retransmissions' | 'tcp' | 'hosts'>

export class LiveHub {
  readonly feed: LiveFeed
  readonly #batches: Kept[] = []
  #rows = 0
  #packets: LivePacket[] = []
  readonly #flows = new RecentMap<number, LiveFlow>(KNOWN)
  readonly #hosts = new RecentMap<number, LiveHost>(KNOWN)
  #last: LiveBatch | null = null
  #lastUs: number | null = null
  #lastUsAtMs = 0
  /** Current messages by the batch that they follow: viewers with the same batch get the same text. */
  readonly #texts = new Map<number, string>()
  readonly #listeners = new Set<() => void>()
  readonly #unsubscribe: () => void
  hasEnded = false

  constructor(feed: LiveFeed) {
    this.feed = feed
    this.#unsubscribe = feed.subscribe((batch) => this.#take(batch))
    feed.onEnd(() => {
      this.hasEnded = true
      this.#send()
    })
  }

  /** Number of the last batch; 0 before the first. */
  get sequence(): number {
    return this.#last?.sequence ?? 0
  }

  /** Calls `listener` after each batch and at the end; returns a function that stops it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#unsubscribe()
    this.#listeners.clear()
  }

  /** The changes after batch `sequence` as JSON; null if there are none. */
  messageAfter(sequence: number): string | null {
    const last = this.#last
    if (!last || sequence === last.sequence) return null
    const known = this.#texts.get(sequence)
    if (known !== undefined) return known
    const text = JSON.stringify(this.#changeAfter(sequence, last))
    this.#texts.set(sequence, text)
    if (this.#texts.size > TEXTS) this.#texts.delete(this.#texts.keys().next().value!)
    return text
  }

  endMessage(): string {
    return JSON.stringify({ type: 'end', endedBy: this.feed.status().endedBy } satisfies LiveMessage)
  }

  /** The latest packets, newest first, as answered by /api/traffic. */
  traffic(values: Values): TrafficRow[] {
    const rows: TrafficRow[] = []
    const protocol = (values.protocol as string | undefined)?.toUpperCase()
    const since = values.since as number | undefined
    for (let index = this.#packets.length - 1; index >= 0 && rows.length < (values.limit as number); index--) {
      const packet = this.#packets[index]
      if (since !== undefined && packet.atUs <= since) continue
      const row = this.#describe(packet, values.all === true)
      if (row && (protocol === undefined || row.protocol === protocol)) rows.push(row)
    }
    return rows
  }

  #describe({ flowId, fromClient, atUs }: LivePacket, isAll: boolean): TrafficRow | null {
    const flow = this.#flows.get(flowId)
    const client = flow && this.#hosts.get(flow.clientHostId)
    const server = flow && this.#hosts.get(flow.serverHostId)
    if (!client || !server) return null
    const [source, target] = fromClient ? [client, server] : [server, client]
    if (!isAll && (target.scope !== 'public' || !target.place || !source.place)) return null
    return {
      src_ip: source.ip,
      dst_ip: target.ip,
      src_lat: source.place?.latitudeDeg ?? null,
      src_lon: source.place?.longitudeDeg ?? null,
      dst_lat: target.place?.latitudeDeg ?? null,
      dst_lon: target.place?.longitudeDeg ?? null,
      protocol: protocolName(flow.application, flow.transport),
      timestamp: isoTime(atUs),
    }
  }

  #take(batch: LiveBatch): void {
    this.#last = batch
    this.#texts.clear()
    const { sequence, flows, retransmissions, tcp, hosts, packets, totals } = batch
    if (totals.lastUs !== this.#lastUs) {
      this.#lastUs = totals.lastUs
      this.#lastUsAtMs = performance.now()
    }
    this.#batches.push({ sequence, flows, retransmissions, tcp, hosts })
    this.#rows += flows.length + hosts.length
    while (this.#batches.length > BATCHES || (this.#rows > ROWS && this.#batches.length > 1)) {
      const oldest = this.#batches.shift()!
      this.#rows -= oldest.flows.length + oldest.hosts.length
    }
    for (const host of hosts) this.#hosts.set(host.id, host)
    for (const flow of flows) this.#remember(flow)
    this.#packets.push(...packets.slice(-PACKETS))
    if (this.#packets.length > 2 * PACKETS) this.#packets = this.#packets.slice(-PACKETS)
    this.#send()
  }

  /** A host is announced only once, so hosts that are still active must stay in the map. */
  #remember(flow: LiveFlow): void {
    this.#flows.set(flow.id, flow)
    for (const id of [flow.clientHostId, flow.serverHostId]) {
      const host = this.#hosts.get(id)
      if (host !== undefined) this.#hosts.set(id, host)
    }
  }

  #changeAfter(after: number, last: LiveBatch): LiveMessage {
    const first = this.#batches[0].sequence
    if (after < first - 1 || after > last.sequence || this.#rows > ROWS) return { type: 'resync' }
    const flows = new Map<number, LiveFlow>()
    const repeated = new Map<number, LiveRetransmissions>()
    const tcp = new Map<LiveTcpRow[0], LiveTcpRow>()
    const hosts: LiveHost[] = []
    for (const batch of this.#batches.slice(after + 1 - first)) {
      for (const flow of batch.flows) flows.set(flow.id, flow)
      for (const counts of batch.retransmissions) repeated.set(counts.flowId, counts)
      for (const row of batch.tcp) tcp.set(row[0], row)
      hosts.push(...batch.hosts)
    }
    const { totals, drops, sequence } = last
    return {
      ...{ type: 'change', after, sequence, flows: [...flows.values()], hosts },
      ...{ retransmissions: [...repeated.values()], tcp: [...tcp.values()], totals, drops, nowUs: this.#nowUs() },
    } satisfies LiveChange
  }

  #nowUs(): number | null {
    if (this.#lastUs === null) return null
    return this.hasEnded ? this.#lastUs : Math.round(this.#lastUs + (performance.now() - this.#lastUsAtMs) * 1000)
  }

  #send(): void {
    for (const listener of this.#listeners) listener()
  }
}
