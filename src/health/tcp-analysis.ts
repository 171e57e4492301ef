// TCP segments of each conversation -> round-trip times, retransmissions, losses, windows. Hot path: add() runs once a TCP packet and allocates nothing.
// Names and definitions are those of Wireshark's TCP analysis (tcp.analysis.*; Wireshark User's Guide, "TCP Analysis"). Wireshark keeps a list of all
// segments that are not acknowledged; here the gaps between them are kept, two for each direction.
import { TcpFlag } from '../decode/codes.ts'
import type { PacketView } from '../decode/packet.ts'
import type { FlowTable } from '../flows/table.ts'
import type { Timeline } from '../flows/timeline.ts'
import { isAfter } from './gaps.ts'
import { TcpSegment, WindowScale, windowScaleOf } from './segment.ts'
import {
  ACK_US,
  BASE,
  DATA_SEGMENTS,
  DUPLICATE_ACKS,
  DUPLICATES,
  EDGE,
  FAST,
  FIRST_REAL,
  HANDSHAKE_US,
  HAS_NEXT,
  HAS_ZERO_WINDOW,
  INTS,
  IS_INITIATOR,
  IS_REQUEST,
  IS_TIMING,
  IS_UNSCALED,
  KEEP_ALIVES,
  LAST_ACK,
  LEAST_RTT_US,
  LOST,
  NEXT,
  NEXT_US,
  OUT_OF_ORDER,
  REALS,
  REQUEST_US,
  RESPONSE_US,
  RETRANSMISSIONS,
  SAMPLES,
  SCALE,
  SIDE_INTS,
  SIDE_REALS,
  SPURIOUS,
  SYN_ACK_US,
  SYN_US,
  TcpRecords,
  TIMED_ACK,
  TIMED_US,
  TLS_US,
  UNKNOWN,
  UNSEEN,
  WAS_KEEP_ALIVE,
  WAS_ZERO_PROBE,
  WINDOW,
  WINDOW_FULL,
  ZERO_FROM_US,
  ZERO_US,
  ZERO_WINDOWS,
} from './tcp-records.ts'
import { readTls } from './tls-handshake.ts'

/** A retransmission so soon after the last of several duplicate ACKs is a fast one. */
const FAST_US = 20_000
const LEAST_DUPLICATE_ACKS = 2
/** A segment that fills a gap so soon after the newest one came out of order, where the handshake's round-trip time is not known. */
const REORDERED_US = 3_000

const SYN_ACK = TcpFlag.syn | TcpFlag.ack
const ACK_RST = TcpFlag.ack | TcpFlag.rst
const SYN_FIN = TcpFlag.syn | TcpFlag.fin
const SYN_FIN_RST = SYN_FIN | TcpFlag.rst

export class TcpAnalysis {
  readonly records: TcpRecords
  private readonly table: FlowTable
  private readonly timeline: Timeline
  private readonly segment = new TcpSegment()
  /** Of the segment that is analysed. */
  private flow = -1
  private direction = 0

  /** @param timeline has counted each packet before it is added here */
  constructor(table: FlowTable, timeline: Timeline) {
    this.table = table
    this.timeline = timeline
    this.records = new TcpRecords(table)
  }

  /** A packet that the table counted, in its direction. A SYN that nothing but a reset follows gets no record: a flood of them costs nothing. */
  add(flow: number, view: PacketView, timeUs: number): void {
    const { segment, table, records } = this
    if (!segment.read(view, timeUs)) return
    let record = records.find(flow)
    if (record < 0) {
      const isFirst = table.forwardPackets(flow) + table.backwardPackets(flow) === 1
      if ((segment.flags & TcpFlag.rst) !== 0) return
      if (isFirst && segment.length === 0 && (segment.flags & SYN_ACK) === TcpFlag.syn) {
        records.noteSyn(flow, windowScaleOf(view))
        return
      }
      record = records.begin(flow)
    }
    this.flow = flow
    this.direction = table.direction
    this.analyze(record * INTS, record * REALS, view)
  }

  /** One segment, in the order of Wireshark's tcp_analyze_sequence_number(). @param int, real: where the record begins */
  private analyze(int: number, real: number, view: PacketView): void {
    const { segment, direction } = this
    const { ints, reals } = this.records
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
      if (isKeepAlive) this.records.count(own, KEEP_ALIVES)
      if (window === 0 && isPlain) this.records.count(own, ZERO_WINDOWS)
      if (hasNext && isAfter(sequence, ints[own + NEXT]) && (flags & TcpFlag.rst) === 0) this.records.count(own, LOST)
      if (length > 0 && isPlain && this.fillsWindow(peer)) this.records.count(own, WINDOW_FULL)
      const isRepeated = length === 0 && isPlain && isNext && ack === ints[own + LAST_ACK] && window === ints[own + WINDOW]
      if (isRepeated && window !== 0 && (ints[peer] & WAS_KEEP_ALIVE) === 0) {
        ints[own + DUPLICATES]++
        this.records.count(own, DUPLICATE_ACKS)
      }
    }
    if (ack !== ints[own + LAST_ACK]) ints[own + DUPLICATES] = 0
    if ((flags & TcpFlag.ack) !== 0) this.readAck(own, peer, real + FIRST_REAL + (1 - direction) * SIDE_REALS)
    if ((flags & TcpFlag.syn) !== 0) this.readSyn(own, peer, real, view)
    else if ((flags & ACK_RST) === TcpFlag.ack && (ints[own] & IS_INITIATOR) !== 0 && reals[real + HANDSHAKE_US] === UNKNOWN)
      reals[real + HANDSHAKE_US] = timeUs
    if ((length > 0 || (flags & SYN_FIN) !== 0) && !isKeepAlive) this.readData(own, peer, real, ownReal)
    if (length > 0 && reals[real + TLS_US] === UNKNOWN) readTls(this.records, segment, view, own, peer, real)
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
    const { segment } = this
    const { ints } = this.records
    const scale = ints[peer + SCALE]
    if (scale === WindowScale.unknown || (ints[peer] & HAS_NEXT) === 0) return false
    const shift = scale < 0 || (ints[peer] & IS_UNSCALED) !== 0 ? 0 : scale
    return ((segment.sequence + segment.length) | 0) === ((ints[peer + LAST_ACK] + (ints[peer + WINDOW] << shift)) | 0)
  }

  /** What the peer sent and this segment acknowledges: data that the capture has not, and a round-trip time. */
  private readAck(own: number, peer: number, peerReal: number): void {
    const { segment } = this
    const { ints, reals } = this.records
    const { ack, timeUs } = segment
    const state = ints[peer]
    if ((state & HAS_NEXT) !== 0 && isAfter(ack, ints[peer + EDGE])) {
      const isProbeAccepted =
        (state & WAS_ZERO_PROBE) !== 0 && ack === ((ints[own + LAST_ACK] + 1) | 0) && segment.sequence === ints[own + NEXT]
      if (!isProbeAccepted) {
        if (isAfter(ints[peer + NEXT], ack) && !this.records.hasGapAbove(peer, ack)) ints[peer + EDGE] = ints[peer + NEXT]
        else {
          ints[peer + EDGE] = ack
          this.records.count(own, UNSEEN)
        }
      }
    }
    if ((state & IS_TIMING) !== 0 && !isAfter(ints[peer + TIMED_ACK], ack)) {
      ints[peer] &= ~IS_TIMING
      const rttUs = timeUs - reals[peerReal + TIMED_US]
      if (rttUs < 0) return
      if (reals[peerReal + LEAST_RTT_US] < 0 || rttUs < reals[peerReal + LEAST_RTT_US]) reals[peerReal + LEAST_RTT_US] = rttUs
      ints[peer + SAMPLES] = this.records.samples.add(ints[peer + SAMPLES] - 1, rttUs) + 1
    }
  }

  private readSyn(own: number, peer: number, real: number, view: PacketView): void {
    const { segment } = this
    const { ints, reals } = this.records
    ints[own + SCALE] = windowScaleOf(view)
    if ((segment.flags & TcpFlag.ack) === 0) {
      ints[own] |= IS_INITIATOR
      if (reals[real + HANDSHAKE_US] === UNKNOWN) reals[real + SYN_US] = segment.timeUs
      return
    }
    // Both ends must have the option (RFC 7323 2.2).
    if (ints[own + SCALE] === WindowScale.none || ints[peer + SCALE] === WindowScale.none) {
      ints[own + SCALE] = WindowScale.none
      ints[peer + SCALE] = WindowScale.none
    }
    if (reals[real + SYN_ACK_US] === UNKNOWN) reals[real + SYN_ACK_US] = segment.timeUs
  }

  /** A segment with data, SYN or FIN: new, or repeated, or late. */
  private readData(own: number, peer: number, real: number, ownReal: number): void {
    const { segment } = this
    const { ints, reals } = this.records
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
      else if (
        timeUs - reals[ownReal + NEXT_US] < this.reorderedUs(real) &&
        (isAfter(ints[own + BASE], sequence) || this.records.isInGap(own, sequence, end))
      )
        this.records.count(own, OUT_OF_ORDER)
      else this.countRepeated(own, RETRANSMISSIONS)
    } else if (length > 0 && (ints[own] & IS_TIMING) === 0) {
      ints[own] |= IS_TIMING
      ints[own + TIMED_ACK] = end
      reals[ownReal + TIMED_US] = timeUs
    }
  }

  /** After a repeated segment nobody knows which of both an ACK means (RFC 6298 3, Karn's algorithm). */
  private countRepeated(own: number, kind: number): void {
    const { ints } = this.records
    this.records.count(own, RETRANSMISSIONS)
    if (kind !== RETRANSMISSIONS) this.records.count(own, kind)
    this.timeline.addRepeated(this.flow, this.direction)
    ints[own] &= ~IS_TIMING
  }

  private reorderedUs(real: number): number {
    const { reals } = this.records
    if (reals[real + HANDSHAKE_US] === UNKNOWN || reals[real + SYN_US] === UNKNOWN) return REORDERED_US
    const rttUs = reals[real + HANDSHAKE_US] - reals[real + SYN_US]
    return rttUs > 0 ? rttUs : REORDERED_US
  }

  /** Remembers the last data of the end that sends first, until the other sends some. */
  private readResponse(own: number, peer: number, real: number): void {
    const { segment } = this
    const { ints, reals } = this.records
    if (reals[real + RESPONSE_US] !== UNKNOWN) return
    if ((ints[peer] & IS_REQUEST) !== 0) reals[real + RESPONSE_US] = segment.timeUs
    else {
      ints[own] |= IS_REQUEST
      reals[real + REQUEST_US] = segment.timeUs
    }
  }

  /** Moves on what comes next, and keeps the gaps behind it. */
  private advance(own: number, ownReal: number, isZeroProbe: boolean): void {
    const { segment } = this
    const { ints, reals } = this.records
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
    if (isAfter(ints[own + NEXT], sequence)) this.records.fillGaps(own, sequence, end)
    else if (sequence !== ints[own + NEXT]) this.records.addGap(own, ints[own + NEXT], sequence)
    if (isAfter(end, ints[own + NEXT])) {
      ints[own + NEXT] = end
      reals[ownReal + NEXT_US] = segment.timeUs
    }
    if (sequence === ints[own + EDGE]) ints[own + EDGE] = ints[own + NEXT]
  }

  /** How long the window was closed. */
  private readWindow(own: number, ownReal: number, isPlain: boolean): void {
    const { segment } = this
    const { ints, reals } = this.records
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
}
