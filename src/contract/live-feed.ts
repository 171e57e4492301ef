// What a running capture tells whoever looks on: the terminal, the report on disk, the server's live view. Types only.
// Ids are those of the database: a viewer may load a snapshot and go on with the batches after it.
import type { LiveFlow } from '../store/flow-columns.ts'

export type { LiveFlow }

/** One packet, as a row of `packets`. */
export interface LivePacket {
  /** Counts all packets that are in a conversation, from 1: gaps are packets that were left out of the feed. */
  id: number
  flowId: number
  /** Microseconds since the epoch, UTC. */
  atUs: number
  fromClient: boolean
  bytes: number
  /** Null unless TCP. */
  tcpFlags: number | null
}

/** A host with its place; comes once, when it is first seen, with the name it has by then. Fields as in `hosts` and `places`. */
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

export interface LiveTotals {
  packets: number
  bytes: number
  flows: number
  hosts: number
  /** Over the last second. */
  packetsPerSecond: number
  bytesPerSecond: number
  /** Of the earliest and the latest packet; null before the first. */
  firstUs: number | null
  lastUs: number | null
}

/** Packets that were on the wire and are in no report. */
export interface LiveDrops {
  /** The kernel had no room for them. */
  kernel: number
  /** The program's own queue had no room for them. */
  queue: number
  /** The source does not count what the kernel drops: `kernel` comes from the interface's counters. */
  isEstimate: boolean
}

/** A server that most bytes were exchanged with. */
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

/** What changed since the batch before. About five a second while packets come, at least one a second without. */
export interface LiveBatch {
  /** Counts up by one. */
  sequence: number
  /** In the order captured; bounded: the latest are kept, the gap in the ids tells how many were left out. */
  packets: LivePacket[]
  /** Changed or new; bounded: what is left out comes with a later batch, as it stands then. */
  flows: LiveFlow[]
  /** New. A batch's packets and flows name only hosts that came with it or before. */
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
  /** Why it ended, in words; '' while it goes on. */
  endedBy: string
  totals: LiveTotals
  drops: LiveDrops
  /** Most bytes first, at most ten. */
  top: LiveTop[]
  /** What went wrong and does not end the capture, one sentence each: clock jumps, a full disk. */
  warnings: string[]
  /** Of the report on disk; null before the first. */
  savedMs: number | null
}

export interface LiveSnapshot {
  /** traffic.sqlite as of `sequence`: batches up to and with this one are in it. */
  database: Uint8Array
  sequence: number
}

export interface LiveFeed {
  /** Hears every batch from now on. @returns ends it */
  subscribe(listener: (batch: LiveBatch) => void): () => void
  /** Hears of the end once, at once if it is over: the last batch came before. */
  onEnd(listener: () => void): void
  /**
   * The report's database as it is now; capturing goes on meanwhile.
   * @param maxAgeMs one that is no older may be answered instead of a new one; default 0
   */
  snapshot(maxAgeMs?: number): Promise<LiveSnapshot>
  status(): LiveStatus
}
