// Storage of the TCP analysis: one record for each conversation that has more than a SYN, and what it says in the end.
import { FIRST_ROWS, LAZY_GROWTH, sharedInts } from '../column.ts'
import type { FlowRows } from '../flows/flow-rows.ts'
import { TCP_COUNTERS, type TcpCounter } from './counters.ts'
import { addGap, fillGaps, hasGapAbove, isInGap } from './gaps.ts'
import { RareRecords } from './rare-records.ts'
import { RttSamples, type SampleMemory } from './rtt-samples.ts'
import { WindowScale } from './segment.ts'

/** A record: integers of both directions, then floating-point numbers of both and of the connection, over the same memory: 256 bytes. */
export const SIDE_INTS = 13
export const FIRST_REAL = SIDE_INTS
export const SIDE_REALS = 6
export const REALS = FIRST_REAL + 2 * SIDE_REALS + 7
export const INTS = 2 * REALS

/** A time, before it is known: no capture has it. */
export const UNKNOWN = Number.NEGATIVE_INFINITY

/** Integers of a direction: bits first, then these. After the last byte seen so far. */
export const NEXT = 1
export const LAST_ACK = 2
export const WINDOW = 3
export const SCALE = 4
/** Duplicate ACKs in a row. */
export const DUPLICATES = 5
/** First byte ever seen. */
export const BASE = 6
/** How far ACKs are expected: the end of the data seen without a gap. */
export const EDGE = 7
/** The ACK that ends the measurement of a round-trip time. */
export const TIMED_ACK = 8
export const SAMPLES = 9
/** Where a record of the TLS server ends: tls-handshake.ts. */
export const TLS_NEXT = 10
/** The first of TCP_COUNTERS. */
export const DATA_SEGMENTS = 11
/** Its record of what few directions have + 1, 0 for none: rare-records.ts. */
const RARE = 12

/** Number of a counter, for TcpFacts. */
export const counter = (name: TcpCounter): number => TCP_COUNTERS.indexOf(name)
export const RETRANSMISSIONS = counter('retransmissions')
export const FAST = counter('fastRetransmissions')
export const SPURIOUS = counter('spuriousRetransmissions')
export const OUT_OF_ORDER = counter('outOfOrder')
export const DUPLICATE_ACKS = counter('duplicateAcks')
export const LOST = counter('lostSegments')
export const UNSEEN = counter('unseenSegments')
export const ZERO_WINDOWS = counter('zeroWindows')
export const WINDOW_FULL = counter('windowFull')
export const KEEP_ALIVES = counter('keepAlives')

/** Floating-point numbers of a direction. */
export const NEXT_US = 0
export const ACK_US = 1
export const ZERO_FROM_US = 2
export const ZERO_US = 3
export const TIMED_US = 4
export const LEAST_RTT_US = 5
/** Those of the connection; UNKNOWN until they are. */
export const SYN_US = FIRST_REAL + 2 * SIDE_REALS
export const SYN_ACK_US = SYN_US + 1
export const HANDSHAKE_US = SYN_US + 2
export const REQUEST_US = SYN_US + 3
export const RESPONSE_US = SYN_US + 4
export const HELLO_US = SYN_US + 5
export const TLS_US = SYN_US + 6

/** Bits of a direction's first integer. */
export const HAS_NEXT = 1
export const WAS_KEEP_ALIVE = 2
export const WAS_ZERO_PROBE = 4
/** WINDOW is that of a SYN, which is never scaled. */
export const IS_UNSCALED = 8
export const IS_TIMING = 16
export const HAS_ZERO_WINDOW = 32
/** Its data came first. */
export const IS_REQUEST = 64
/** Sent the SYN without ACK. */
export const IS_INITIATOR = 128
/** Sent a ClientHello. */
export const TLS_IS_CLIENT = 256
/** Sent a ChangeCipherSpec. */
export const TLS_AFTER_CCS = 512
/** TLS_NEXT is the end of the record that ends the handshake. */
export const TLS_IS_LAST = 1024

/** What is known of TCP conversations in the end; times are -1 where they are not. */
export interface TcpFacts {
  /** Whether there is anything to say of a conversation. */
  has(flow: number): boolean
  /** @param direction 0: of the end that sent the first packet @param index from counter() */
  counted(flow: number, direction: number, index: number): number
  /** Time that the end's window was closed, us. */
  zeroWindowUs(flow: number, direction: number): number
  /** Shortest time between data of this end and its ACK, us. */
  leastRttUs(flow: number, direction: number): number
  medianRttUs(flow: number, direction: number): number
  /** From the SYN to the SYN with ACK, us. */
  synAckUs(flow: number): number
  /** From the SYN to the ACK that ends the handshake, us. */
  handshakeUs(flow: number): number
  /** From the last data of the end that sends first to the first data of the other, us. @param direction of the end that sends first */
  responseUs(flow: number, direction: number): number
  /** From the ClientHello to the record with the server's Finished, us. */
  tlsHandshakeUs(flow: number): number
}

/** The records as plain data, which threads share where the platform lets them. */
export interface TcpMemory {
  ints: Int32Array
  /** By conversation: its record + 1, 0 for none. */
  records: Int32Array
  samples: SampleMemory
  rare: Int32Array
}

export class TcpRecords implements TcpFacts {
  ints: Int32Array
  reals: Float64Array
  readonly samples: RttSamples
  private readonly rare: RareRecords
  private readonly table: FlowRows
  /** As in TcpMemory. */
  private records: Int32Array
  /** By conversation without a record: window scale of its SYN + 3, 0 without one. */
  private scales = new Uint8Array(FIRST_ROWS)
  private rows = 0

  /** @param memory of records to read */
  constructor(table: FlowRows, memory?: TcpMemory) {
    this.table = table
    this.ints = memory?.ints ?? sharedInts(FIRST_ROWS * INTS)
    this.reals = new Float64Array(this.ints.buffer)
    this.records = memory?.records ?? sharedInts(FIRST_ROWS)
    this.samples = new RttSamples(memory?.samples)
    this.rare = new RareRecords(memory?.rare)
  }

  /** For another thread; valid until a packet is added. */
  memory(): TcpMemory {
    return { ints: this.ints, records: this.records, samples: this.samples.memory(), rare: this.rare.ints }
  }

  /** @returns the conversation's record; -1 for none */
  find(flow: number): number {
    return flow < this.records.length ? this.records[flow] - 1 : -1
  }

  /** Reads all lines of a record, for look-ahead.ts; a line of memory has 64 bytes. */
  touch(record: number): number {
    const int = record * INTS
    return this.ints[int] ^ this.ints[int + 16] ^ this.ints[int + 32] ^ this.ints[int + 48]
  }

  /** The first packet of a conversation is a SYN, which has no record yet. */
  noteSyn(flow: number, scale: number): void {
    if (flow >= this.records.length) this.growIndex(flow)
    this.scales[flow] = scale + 3
  }

  has(flow: number): boolean {
    return this.find(flow) >= 0
  }

  counted(flow: number, direction: number, index: number): number {
    const own = (this.records[flow] - 1) * INTS + direction * SIDE_INTS
    return index === 0 ? this.ints[own + DATA_SEGMENTS] : this.rare.counted(this.ints[own + RARE] - 1, index)
  }

  /** Counts a segment. @param own where the direction's integers begin, here and below @param index from counter(), but not of data segments */
  count(own: number, index: number): void {
    this.rare.count(this.rareOf(own), index)
  }

  /** A gap above all others. */
  addGap(own: number, from: number, to: number): void {
    addGap(this.rare.ints, this.rare.gapsAt(this.rareOf(own)), from, to)
  }

  fillGaps(own: number, from: number, to: number): void {
    const row = this.ints[own + RARE] - 1
    if (row >= 0) fillGaps(this.rare.ints, this.rare.gapsAt(row), from, to)
  }

  isInGap(own: number, from: number, to: number): boolean {
    const row = this.ints[own + RARE] - 1
    return row >= 0 && isInGap(this.rare.ints, this.rare.gapsAt(row), from, to)
  }

  hasGapAbove(own: number, sequence: number): boolean {
    const row = this.ints[own + RARE] - 1
    return row >= 0 && hasGapAbove(this.rare.ints, this.rare.gapsAt(row), sequence)
  }

  private rareOf(own: number): number {
    const row = this.ints[own + RARE] - 1
    if (row >= 0) return row
    const added = this.rare.begin()
    this.ints[own + RARE] = added + 1
    return added
  }

  zeroWindowUs(flow: number, direction: number): number {
    return this.side(flow, direction, ZERO_US)
  }

  leastRttUs(flow: number, direction: number): number {
    return this.side(flow, direction, LEAST_RTT_US)
  }

  medianRttUs(flow: number, direction: number): number {
    return this.samples.median(this.ints[(this.records[flow] - 1) * INTS + direction * SIDE_INTS + SAMPLES] - 1)
  }

  synAckUs(flow: number): number {
    return this.sinceSyn(flow, SYN_ACK_US)
  }

  handshakeUs(flow: number): number {
    return this.sinceSyn(flow, HANDSHAKE_US)
  }

  responseUs(flow: number, direction: number): number {
    const record = this.records[flow] - 1
    const isAsked = (this.ints[record * INTS + direction * SIDE_INTS] & IS_REQUEST) !== 0
    const to = this.reals[record * REALS + RESPONSE_US]
    return isAsked && to !== UNKNOWN ? Math.max(0, to - this.reals[record * REALS + REQUEST_US]) : -1
  }

  tlsHandshakeUs(flow: number): number {
    const at = (this.records[flow] - 1) * REALS
    const to = this.reals[at + TLS_US]
    return to === UNKNOWN ? -1 : Math.max(0, to - this.reals[at + HELLO_US])
  }

  private side(flow: number, direction: number, number: number): number {
    return this.reals[(this.records[flow] - 1) * REALS + FIRST_REAL + direction * SIDE_REALS + number]
  }

  private sinceSyn(flow: number, number: number): number {
    const at = (this.records[flow] - 1) * REALS
    const from = this.reals[at + SYN_US]
    const to = this.reals[at + number]
    return from === UNKNOWN || to === UNKNOWN ? -1 : Math.max(0, to - from)
  }

  /** A record for a conversation, with the SYN that had none. */
  begin(flow: number): number {
    if (flow >= this.records.length) this.growIndex(flow)
    const { table } = this
    const record = this.rows++
    if (this.rows * INTS > this.ints.length) this.grow()
    const { ints, reals } = this
    const int = record * INTS
    const real = record * REALS
    this.records[flow] = record + 1
    reals.fill(UNKNOWN, real + SYN_US, real + REALS)
    for (let side = 0; side < 2; side++) {
      ints[int + side * SIDE_INTS + SCALE] = WindowScale.unknown
      reals[real + FIRST_REAL + side * SIDE_REALS + LEAST_RTT_US] = -1
    }
    const opener = table.openedBy(flow)
    if (this.scales[flow] === 0 || opener === 0) return record
    const own = int + (opener - 1) * SIDE_INTS
    const ownReal = real + FIRST_REAL + (opener - 1) * SIDE_REALS
    const sequence = table.openSequence(flow) | 0
    ints[own] = HAS_NEXT | IS_UNSCALED | IS_INITIATOR
    ints[own + BASE] = sequence
    ints[own + NEXT] = (sequence + 1) | 0
    ints[own + EDGE] = (sequence + 1) | 0
    ints[own + SCALE] = this.scales[flow] - 3
    ints[own + WINDOW] = 0xffff
    reals[ownReal + NEXT_US] = table.startUs(flow)
    reals[ownReal + ACK_US] = table.startUs(flow)
    reals[real + SYN_US] = table.startUs(flow)
    return record
  }

  private growIndex(flow: number): void {
    let rows = this.records.length
    while (rows <= flow) rows *= LAZY_GROWTH
    const records = sharedInts(rows)
    records.set(this.records)
    this.records = records
    const scales = new Uint8Array(rows)
    scales.set(this.scales)
    this.scales = scales
  }

  private grow(): void {
    const longer = sharedInts(this.ints.length * LAZY_GROWTH)
    longer.set(this.ints)
    this.ints = longer
    this.reals = new Float64Array(longer.buffer)
  }
}
