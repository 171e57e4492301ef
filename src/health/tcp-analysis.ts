// TCP segments of each conversation -> round-trip times, retransmissions, losses, windows. Hot path: add() runs once a TCP packet and allocates nothing.
// Names and definitions are those of Wireshark's TCP analysis (tcp.analysis.*; Wireshark User's Guide, "TCP Analysis"). Wireshark keeps a list of all
// segments that are not acknowledged; here the gaps between them are kept, two for each direction.
import { FIRST_ROWS, LAZY_GROWTH } from '../column.ts'
import { TcpFlag } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import type { FlowTable } from '../flows/table.ts'
import { TCP_COUNTERS, type TcpCounter } from './counters.ts'
import { RttSamples } from './rtt-samples.ts'
import { TcpSegment, WindowScale, windowScaleOf } from './segment.ts'

/** A retransmission so soon after the last of several duplicate ACKs is a fast one. */
const FAST_US = 20_000
const LEAST_DUPLICATE_ACKS = 2
/** A segment that fills a gap so soon after the newest one came out of order, where the handshake's round-trip time is not known. */
const REORDERED_US = 3_000

/** A record: integers of both directions, then floating-point numbers of both and of the connection, over the same memory. */
const SIDE_INTS = 26
const FIRST_REAL = SIDE_INTS
const SIDE_REALS = 6
const REALS = FIRST_REAL + 2 * SIDE_REALS + 5
const INTS = 2 * REALS

/** Integers of a direction: bits first, then these. After the last byte seen so far. */
const NEXT = 1
const LAST_ACK = 2
const WINDOW = 3
const SCALE = 4
/** Duplicate ACKs in a row. */
const DUPLICATES = 5
/** First byte ever seen. */
const BASE = 6
/** How far ACKs are expected: the end of the data seen without a gap. */
const EDGE = 7
/** Parts before NEXT that were not seen, the lower one first; empty when both ends are equal. */
const GAP = 8
const GAP_INTS = 2
const GAPS_END = GAP + 2 * GAP_INTS
/** The ACK that ends the measurement of a round-trip time. */
const TIMED_ACK = 12
const SAMPLES = 13
/** Counters follow. */
const COUNTERS = 14

const counter = (name: TcpCounter): number => COUNTERS + TCP_COUNTERS.indexOf(name)
const DATA_SEGMENTS = counter('dataSegments')
const RETRANSMISSIONS = counter('retransmissions')
const FAST = counter('fastRetransmissions')
const SPURIOUS = counter('spuriousRetransmissions')
const OUT_OF_ORDER = counter('outOfOrder')
const DUPLICATE_ACKS = counter('duplicateAcks')
const LOST = counter('lostSegments')
const UNSEEN = counter('unseenSegments')
const ZERO_WINDOWS = counter('zeroWindows')
const WINDOW_FULL = counter('windowFull')
const KEEP_ALIVES = counter('keepAlives')

/** Floating-point numbers of a direction. */
const NEXT_US = 0
const ACK_US = 1
const ZERO_FROM_US = 2
const ZERO_US = 3
const TIMED_US = 4
const LEAST_RTT_US = 5
/** Those of the connection; less than 0 until they are known. */
const SYN_US = FIRST_REAL + 2 * SIDE_REALS
const SYN_ACK_US = SYN_US + 1
const HANDSHAKE_US = SYN_US + 2
const REQUEST_US = SYN_US + 3
const RESPONSE_US = SYN_US + 4

/** Bits of a direction's first integer. */
const HAS_NEXT = 1
const WAS_KEEP_ALIVE = 2
const WAS_ZERO_PROBE = 4
/** WINDOW is that of a SYN, which is never scaled. */
const IS_UNSCALED = 8
const IS_TIMING = 16
const HAS_ZERO_WINDOW = 32
/** Its data came first. */
const IS_REQUEST = 64
/** Sent the SYN with ACK. */
const IS_RESPONDER = 128

const SYN_ACK = TcpFlag.syn | TcpFlag.ack
const SYN_FIN = TcpFlag.syn | TcpFlag.fin
const SYN_FIN_RST = SYN_FIN | TcpFlag.rst

/** a is after b, modulo 2^32 (RFC 9293 3.4). */
const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0

export class TcpAnalysis {
  private readonly table: FlowTable
  /** By conversation: its record + 1, 0 for none. */
  private records = new Int32Array(FIRST_ROWS)
  /** By conversation without a record: window scale of its SYN + 3, 0 without one. */
  private scales = new Uint8Array(FIRST_ROWS)
  private count = 0
  private ints = new Int32Array(FIRST_ROWS * INTS)
  private reals = new Float64Array(this.ints.buffer)
  private readonly samples = new RttSamples()
  private readonly segment = new TcpSegment()

  constructor(table: FlowTable) {
    this.table = table
  }

  /** A packet that the table counted, in its direction. A SYN that nothing but a reset follows gets no record: a flood of them costs nothing. */
  add(flow: number, view: PacketView, timeUs: number): void {
    const { segment, table } = this
    if (!segment.read(view, timeUs)) return
    if (flow >= this.records.length) this.growIndex(flow)
    const { direction } = table
    let record = this.records[flow] - 1
    if (record < 0) {
      const isFirst = table.forwardPackets(flow) + table.backwardPackets(flow) === 1
      if ((segment.flags & TcpFlag.rst) !== 0) return
      if (isFirst && segment.length === 0 && (segment.flags & SYN_ACK) === TcpFlag.syn) {
        this.scales[flow] = windowScaleOf(view) + 3
        return
      }
      record = this.begin(flow)
    }
    this.analyze(record * INTS, record * REALS, direction, view)
  }

  /** Whether there is anything to say of a conversation. */
  has(flow: number): boolean {
    return flow < this.records.length && this.records[flow] > 0
  }

  /** @param direction 0: of the end that sent the first packet */
  counter(flow: number, direction: number, name: TcpCounter): number {
    return this.ints[(this.records[flow] - 1) * INTS + direction * SIDE_INTS + counter(name)]
  }

  /** Time that the end's window was closed, us. */
  zeroWindowUs(flow: number, direction: number): number {
    return this.side(flow, direction, ZERO_US)
  }

  /** Shortest time between data of this end and its ACK, us; -1 without one. */
  leastRttUs(flow: number, direction: number): number {
    return this.side(flow, direction, LEAST_RTT_US)
  }

  medianRttUs(flow: number, direction: number): number {
    return this.samples.median(this.ints[(this.records[flow] - 1) * INTS + direction * SIDE_INTS + SAMPLES] - 1)
  }

  /** From the SYN to the SYN with ACK, us; -1 unless both were seen. */
  synAckUs(flow: number): number {
    return this.sinceSyn(flow, SYN_ACK_US)
  }

  /** From the SYN to the ACK that ends the handshake, us; -1 unless all three were seen. */
  handshakeUs(flow: number): number {
    return this.sinceSyn(flow, HANDSHAKE_US)
  }

  /** From the last data of the end that sends first to the first data of the other, us; -1 without one. @param direction of the end that sends first */
  responseUs(flow: number, direction: number): number {
    const record = this.records[flow] - 1
    const isAsked = (this.ints[record * INTS + direction * SIDE_INTS] & IS_REQUEST) !== 0
    const to = this.reals[record * REALS + RESPONSE_US]
    return isAsked && to >= 0 ? Math.max(0, to - this.reals[record * REALS + REQUEST_US]) : -1
  }

  private side(flow: number, direction: number, number: number): number {
    return this.reals[(this.records[flow] - 1) * REALS + FIRST_REAL + direction * SIDE_REALS + number]
  }

  private sinceSyn(flow: number, number: number): number {
    const at = (this.records[flow] - 1) * REALS
    const from = this.reals[at + SYN_US]
    const to = this.reals[at + number]
    return from < 0 || to < 0 ? -1 : Math.max(0, to - from)
  }

  /** One segment, in the order of Wireshark's tcp_analyze_sequence_number(). @param int, real: where the record begins */
  private analyze(int: number, real: number, direction: number, view: PacketView): void {
    const { ints, reals, segment } = this
    const { sequence, ack, flags, window, length, timeUs } = segment
    const own = int + direction * SIDE_INTS
    const peer = int + (1 - direction) * SIDE_INTS
    const ownReal = real + FIRST_REAL + direction * SIDE_REALS
    const isPlain = (flags & SYN_FIN_RST) === 0
    const hasNext = (ints[own] & HAS_NEXT) !== 0
    const isNext = hasNext && sequence === ints[own + NEXT]
    const isZeroProbe = length === 1 && isNext && (ints[peer] & HAS_NEXT) !== 0 && ints[peer + WINDOW] === 0
    let isKeepAlive = false
    if (!isZeroProbe) {
      isKeepAlive = isPlain && length <= 1 && hasNext && sequence === ((ints[own + NEXT] - 1) | 0)
      if (isKeepAlive) ints[own + KEEP_ALIVES]++
      if (window === 0 && isPlain) ints[own + ZERO_WINDOWS]++
      if (hasNext && isAfter(sequence, ints[own + NEXT]) && (flags & TcpFlag.rst) === 0) ints[own + LOST]++
      if (length > 0 && isPlain && this.fillsWindow(peer)) ints[own + WINDOW_FULL]++
      const isRepeated = length === 0 && isPlain && isNext && ack === ints[own + LAST_ACK] && window === ints[own + WINDOW]
      if (isRepeated && window !== 0 && (ints[peer] & WAS_KEEP_ALIVE) === 0) {
        ints[own + DUPLICATES]++
        ints[own + DUPLICATE_ACKS]++
      }
    }
    if (ack !== ints[own + LAST_ACK]) ints[own + DUPLICATES] = 0
    if ((flags & TcpFlag.ack) !== 0) this.readAck(own, peer, real + FIRST_REAL + (1 - direction) * SIDE_REALS)
    if ((flags & TcpFlag.syn) !== 0) this.readSyn(own, peer, real, view)
    else if (
      (flags & TcpFlag.rst) === 0 &&
      reals[real + HANDSHAKE_US] < 0 &&
      reals[real + SYN_ACK_US] >= 0 &&
      (ints[own] & IS_RESPONDER) === 0
    )
      reals[real + HANDSHAKE_US] = timeUs
    if ((length > 0 || (flags & SYN_FIN) !== 0) && !isKeepAlive) this.readData(own, peer, real, ownReal)
    this.advance(own, ownReal, isZeroProbe)
    this.readWindow(own, ownReal, isPlain)
    ints[own + WINDOW] = window
    ints[own + LAST_ACK] = ack
    reals[ownReal + ACK_US] = timeUs
    ints[own] &= ~(WAS_KEEP_ALIVE | WAS_ZERO_PROBE | IS_UNSCALED)
    ints[own] |= (isKeepAlive ? WAS_KEEP_ALIVE : 0) | (isZeroProbe ? WAS_ZERO_PROBE : 0) | ((flags & TcpFlag.syn) !== 0 ? IS_UNSCALED : 0)
  }

  /** The segment ends where the peer's window does. */
  private fillsWindow(peer: number): boolean {
    const { ints, segment } = this
    const scale = ints[peer + SCALE]
    if (scale === WindowScale.unknown || (ints[peer] & HAS_NEXT) === 0) return false
    const shift = scale < 0 || (ints[peer] & IS_UNSCALED) !== 0 ? 0 : scale
    return ((segment.sequence + segment.length) | 0) === ((ints[peer + LAST_ACK] + (ints[peer + WINDOW] << shift)) | 0)
  }

  /** What the peer sent and this segment acknowledges: data that the capture has not, and a round-trip time. */
  private readAck(own: number, peer: number, peerReal: number): void {
    const { ints, reals, segment } = this
    const { ack, timeUs } = segment
    const state = ints[peer]
    if ((state & HAS_NEXT) !== 0 && isAfter(ack, ints[peer + EDGE])) {
      const isProbeAccepted =
        (state & WAS_ZERO_PROBE) !== 0 && ack === ((ints[own + LAST_ACK] + 1) | 0) && segment.sequence === ints[own + NEXT]
      if (!isProbeAccepted) {
        if (isAfter(ints[peer + NEXT], ack) && !this.hasGapFrom(peer, ack)) ints[peer + EDGE] = ints[peer + NEXT]
        else {
          ints[peer + EDGE] = ack
          ints[own + UNSEEN]++
        }
      }
    }
    if ((state & IS_TIMING) !== 0 && !isAfter(ints[peer + TIMED_ACK], ack)) {
      ints[peer] &= ~IS_TIMING
      const rttUs = timeUs - reals[peerReal + TIMED_US]
      if (rttUs < 0) return
      if (reals[peerReal + LEAST_RTT_US] < 0 || rttUs < reals[peerReal + LEAST_RTT_US]) reals[peerReal + LEAST_RTT_US] = rttUs
      ints[peer + SAMPLES] = this.samples.add(ints[peer + SAMPLES] - 1, rttUs) + 1
    }
  }

  private readSyn(own: number, peer: number, real: number, view: PacketView): void {
    const { ints, reals, segment } = this
    ints[own + SCALE] = windowScaleOf(view)
    if ((segment.flags & TcpFlag.ack) === 0) {
      if (reals[real + HANDSHAKE_US] < 0) reals[real + SYN_US] = segment.timeUs
      return
    }
    // Both ends must have the option (RFC 7323 2.2).
    if (ints[own + SCALE] === WindowScale.none || ints[peer + SCALE] === WindowScale.none) {
      ints[own + SCALE] = WindowScale.none
      ints[peer + SCALE] = WindowScale.none
    }
    ints[own] |= IS_RESPONDER
    if (reals[real + SYN_ACK_US] < 0) reals[real + SYN_ACK_US] = segment.timeUs
  }

  /** A segment with data, SYN or FIN: new, or repeated, or late. */
  private readData(own: number, peer: number, real: number, ownReal: number): void {
    const { ints, reals, segment } = this
    const { sequence, length, timeUs } = segment
    const end = (sequence + length) | 0
    const isBehind = (ints[own] & HAS_NEXT) !== 0 && isAfter(ints[own + NEXT], sequence)
    // One byte before what is next and longer: it begins with the byte of a zero window probe.
    const isOld = isBehind && !(length > 1 && sequence === ((ints[own + NEXT] - 1) | 0))
    if (length > 0) {
      ints[own + DATA_SEGMENTS]++
      this.readResponse(own, peer, real)
    }
    if (length > 0 && ints[peer + LAST_ACK] !== 0 && !isAfter(end, ints[peer + LAST_ACK])) this.countRepeated(own, SPURIOUS)
    else if (isOld) {
      const isAsked = ints[peer + DUPLICATES] >= LEAST_DUPLICATE_ACKS && ints[peer + LAST_ACK] === sequence
      const peerReal = ownReal + (own < peer ? SIDE_REALS : -SIDE_REALS)
      if (isAsked && timeUs - reals[peerReal + ACK_US] < FAST_US) this.countRepeated(own, FAST)
      else if (timeUs - reals[ownReal + NEXT_US] < this.reorderedUs(real) && this.isUnseen(own, sequence, end)) ints[own + OUT_OF_ORDER]++
      else this.countRepeated(own, RETRANSMISSIONS)
    } else if (length > 0 && (ints[own] & IS_TIMING) === 0) {
      ints[own] |= IS_TIMING
      ints[own + TIMED_ACK] = end
      reals[ownReal + TIMED_US] = timeUs
    }
  }

  /** After a repeated segment nobody knows which of both an ACK means (RFC 6298 3, Karn's algorithm). */
  private countRepeated(own: number, kind: number): void {
    const { ints } = this
    ints[own + RETRANSMISSIONS]++
    if (kind !== RETRANSMISSIONS) ints[own + kind]++
    ints[own] &= ~IS_TIMING
  }

  private reorderedUs(real: number): number {
    const { reals } = this
    const rttUs = reals[real + HANDSHAKE_US] < 0 ? 0 : reals[real + HANDSHAKE_US] - reals[real + SYN_US]
    return rttUs > 0 && reals[real + SYN_US] >= 0 ? rttUs : REORDERED_US
  }

  /** Remembers the last data of the end that sends first, until the other sends some. */
  private readResponse(own: number, peer: number, real: number): void {
    const { ints, reals, segment } = this
    if (reals[real + RESPONSE_US] >= 0) return
    if ((ints[peer] & IS_REQUEST) !== 0) reals[real + RESPONSE_US] = segment.timeUs
    else {
      ints[own] |= IS_REQUEST
      reals[real + REQUEST_US] = segment.timeUs
    }
  }

  /** Moves on what comes next, and keeps the gaps behind it. */
  private advance(own: number, ownReal: number, isZeroProbe: boolean): void {
    const { ints, reals, segment } = this
    const { sequence, length, flags } = segment
    const end = (sequence + length + ((flags & SYN_FIN) !== 0 ? 1 : 0)) | 0
    if (isZeroProbe) return
    if ((ints[own] & HAS_NEXT) === 0) {
      ints[own] |= HAS_NEXT
      ints[own + BASE] = sequence
      ints[own + NEXT] = end
      ints[own + EDGE] = end
      reals[ownReal + NEXT_US] = segment.timeUs
      return
    }
    if (isAfter(ints[own + BASE], sequence) && length > 0) ints[own + BASE] = sequence
    if (isAfter(ints[own + NEXT], sequence)) this.fillGaps(own, sequence, end)
    else if (sequence !== ints[own + NEXT]) this.addGap(own, ints[own + NEXT], sequence)
    if (isAfter(end, ints[own + NEXT])) {
      ints[own + NEXT] = end
      reals[ownReal + NEXT_US] = segment.timeUs
    }
    if (sequence === ints[own + EDGE]) ints[own + EDGE] = ints[own + NEXT]
  }

  /** Without room the lowest gap is forgotten. */
  private addGap(own: number, from: number, to: number): void {
    const { ints } = this
    const first = own + GAP
    const second = first + GAP_INTS
    if (ints[second] !== ints[second + 1]) {
      ints[first] = ints[second]
      ints[first + 1] = ints[second + 1]
    }
    const at = ints[first] === ints[first + 1] ? first : second
    ints[at] = from
    ints[at + 1] = to
  }

  private fillGaps(own: number, from: number, to: number): void {
    const { ints } = this
    for (let at = own + GAP; at < own + GAPS_END; at += GAP_INTS) {
      if (ints[at] === ints[at + 1] || !isAfter(ints[at + 1], from) || !isAfter(to, ints[at])) continue
      if (isAfter(from, ints[at]) && isAfter(ints[at + 1], to)) ints[at] = to
      else if (isAfter(from, ints[at])) ints[at + 1] = from
      else ints[at] = isAfter(ints[at + 1], to) ? to : ints[at + 1]
    }
  }

  /** No segment that was seen has all of it. */
  private isUnseen(own: number, from: number, to: number): boolean {
    const { ints } = this
    if (isAfter(ints[own + BASE], from)) return true
    for (let at = own + GAP; at < own + GAPS_END; at += GAP_INTS)
      if (ints[at] !== ints[at + 1] && isAfter(ints[at + 1], from) && (isAfter(to, ints[at]) || from === ints[at])) return true
    return false
  }

  private hasGapFrom(side: number, sequence: number): boolean {
    const { ints } = this
    for (let at = side + GAP; at < side + GAPS_END; at += GAP_INTS)
      if (ints[at] !== ints[at + 1] && isAfter(ints[at + 1], sequence)) return true
    return false
  }

  /** How long the window was closed. */
  private readWindow(own: number, ownReal: number, isPlain: boolean): void {
    const { ints, reals, segment } = this
    const { timeUs, window } = segment
    if ((ints[own] & HAS_ZERO_WINDOW) !== 0) {
      if (window === 0 && isPlain) return
      ints[own] &= ~HAS_ZERO_WINDOW
      reals[ownReal + ZERO_US] += Math.max(0, timeUs - reals[ownReal + ZERO_FROM_US])
    } else if (window === 0 && isPlain) {
      ints[own] |= HAS_ZERO_WINDOW
      reals[ownReal + ZERO_FROM_US] = timeUs
    }
  }

  /** A record for a conversation, with the SYN that had none. */
  private begin(flow: number): number {
    const { table } = this
    const record = this.count++
    if (this.count * INTS > this.ints.length) this.grow()
    const { ints, reals } = this
    const int = record * INTS
    const real = record * REALS
    this.records[flow] = record + 1
    reals.fill(-1, real + SYN_US, real + REALS)
    for (let side = 0; side < 2; side++) {
      ints[int + side * SIDE_INTS + SCALE] = WindowScale.unknown
      reals[real + FIRST_REAL + side * SIDE_REALS + LEAST_RTT_US] = -1
    }
    const opener = table.openedBy(flow)
    if (this.scales[flow] === 0 || opener === 0) return record
    const own = int + (opener - 1) * SIDE_INTS
    const ownReal = real + FIRST_REAL + (opener - 1) * SIDE_REALS
    const sequence = table.openSequence(flow) | 0
    ints[own] = HAS_NEXT | IS_UNSCALED
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
    const records = new Int32Array(rows)
    records.set(this.records)
    this.records = records
    const scales = new Uint8Array(rows)
    scales.set(this.scales)
    this.scales = scales
  }

  private grow(): void {
    const longer = new Int32Array(this.ints.length * LAZY_GROWTH)
    longer.set(this.ints)
    this.ints = longer
    this.reals = new Float64Array(longer.buffer)
  }
}
