// Updates of a running capture, for the terminal, the report on disk and the server's live view. Types only.
// Ids are those of the database: a client can load a snapshot and then apply the batches after it.
import type { LiveFlow } from '../store/flow-columns.ts'

export type { LiveFlow }

/** One packet, as a row of `packets`. */
export interface LivePacket {
  /** Number of the packet among those in a conversation, from 1. Gaps are packets left out of the feed. */
  id: number
  flowId: number
  /** Microseconds since the epoch, UTC. */
  atUs: number
  fromClient: boolean
  bytes: number
  /** Null unless TCP. */
  tcpFlags: number | null
}

/** A host with its place; sent once, when it is first seen, with its name at that time. Fields as in `hosts` and `places`. */
export interface LiveHost {
  id: number
  ip: string
  scope: string
  asn: number | null
  asName: string | null
  name: string | null
  nameSource: string | null
  /** Null: not located. */
  place: {
    latitudeDeg: number
    longitudeDeg: number
    city: string | null
    country: string | null
    countryCode: string | null
    precision: string
  } | null
}

/** How many TCP segments of a conversation were sent again so far. */
export interface LiveRetransmissions {
  flowId: number
  client: number
  server: number
}

/** A row of `tcp`: flow_id, then the columns in the order of store/tcp-columns.ts. */
export type LiveTcpRow = (number | null)[]

export interface LiveTotals {
  packets: number
  /** Of these, in conversations. */
  ipPackets: number
  bytes: number
  flows: number
  hosts: number
  /** During the last second. */
  packetsPerSecond: number
  bytesPerSecond: number
  /** Times of the earliest and the latest packet; null before the first. */
  firstUs: number | null
  lastUs: number | null
}

/** Packets that were on the wire but are missing in the report. */
export interface LiveDrops {
  /** Dropped because the kernel's buffer was full. */
  kernel: number
  /** Dropped because the program's queue was full. */
  queue: number
  /** True if the capture library does not count the kernel's drops: `kernel` is then from the interface's counters. */
  isEstimate: boolean
}

/** One of the servers with most bytes. */
export interface LiveTop {
  hostId: number
  ip: string
  /** Best name known, else null. */
  name: string | null
  /** City and country, country, or null. */
  place: string | null
  bytes: number
  packets: number
}

/** Changes since the previous batch. About five per second while packets arrive, at least one per second without. */
export interface LiveBatch {
  /** Increases by one per batch. */
  sequence: number
  /** In the order captured; bounded: only the latest are kept, gaps in the ids show how many were left out. */
  packets: LivePacket[]
  /** Changed or new ones; bounded: those left out are in a later batch, with their values at that time. */
  flows: LiveFlow[]
  /** Of conversations in `flows` of which more segments were sent again. */
  retransmissions: LiveRetransmissions[]
  /** Of conversations of this batch and earlier ones that changed; few a batch, those that wait longest come first. */
  tcp: LiveTcpRow[]
  /** New ones. Packets and flows refer only to hosts of this batch and earlier ones. */
  hosts: LiveHost[]
  totals: LiveTotals
  drops: LiveDrops
}

export interface LiveStatus {
  state: 'starting' | 'capturing' | 'ended'
  reportName: string
  interfaceName: string
  /** '' for none. */
  filter: string
  /** cap, dumpcap or tcpdump. */
  via: string
  /** Milliseconds since the epoch. */
  startedMs: number
  /** Null without --duration. */
  endsMs: number | null
  /** Reason of the end, in words; '' while capturing. */
  endedBy: string
  totals: LiveTotals
  drops: LiveDrops
  /** Most bytes first, at most ten. */
  top: LiveTop[]
  /** Problems that do not end the capture, one sentence each: clock jumps, a full disk. */
  warnings: string[]
  /** Time when the report on disk was written; null before the first. */
  savedMs: number | null
}

export interface LiveSnapshot {
  /** traffic.sqlite including all batches up to `sequence`. */
  database: Uint8Array
  sequence: number
}

export interface LiveFeed {
  /** Calls the listener with every following batch. @returns function that unsubscribes */
  subscribe(listener: (batch: LiveBatch) => void): () => void
  /** Calls the listener once at the end, after the last batch; immediately if it has ended. */
  onEnd(listener: () => void): void
  /**
   * The report's database at this time; capturing continues.
   * @param maxAgeMs an existing snapshot of at most this age may be returned; default 0
   */
  snapshot(maxAgeMs?: number): Promise<LiveSnapshot>
  status(): LiveStatus
}
