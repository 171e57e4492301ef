// Conversations: a direction-free key, open addressing, counters both ways. Hot path: find() and tally() run once a packet.
// All that a packet touches of its conversation lies in one record of 96 bytes: tens of thousands of conversations do not fit into the
// processor's cache, and a column for each field would cost a cache miss a field.

import { FIRST_ROWS } from '../column.ts'
import { Protocol, TcpFlag } from '../decode/codes.ts'
import { HASH_SEED, mix } from './hash.ts'
import { IdleResumptions, SILENCE_US } from './idle-resumptions.ts'
import type { PacketSample } from './packet-sample.ts'
import { Reset } from './state.ts'

/**
 * A conversation without connections ends after this much silence; the next packet begins another. The time that RFC 4787 REQ-5
 * recommends translators to keep a UDP mapping. TCP says itself when it begins and ends.
 */
const IDLE_US = 300_000_000
/** A SYN within this many packets of a conversation whose opening was missed is that opening, out of order. */
const REORDERED_PACKETS = 3

/** In the place of both ports: the row stands for all conversations between its ends that have none of their own (aggregates.ts). */
export const AGGREGATE = -2

/** A record: 16 integers, then 4 floating-point numbers, over the same memory. */
const INTS = 24
const REALS = 12
const FIRST_HOST = 0
const OTHER_HOST = 1
const FIRST_PORT = 2
const OTHER_PORT = 3
const PROTOCOL = 4
const FORWARD_PACKETS = 5
const BACKWARD_PACKETS = 6
const FORWARD_FLAGS = 7
const BACKWARD_FLAGS = 8
const OPENED_BY = 9
const OPEN_SEQUENCE = 10
const RESET = 11
const ICMP_TYPE = 12
const TUNNEL = 13
const START_US = 8
const END_US = 9
const FORWARD_BYTES = 10
const BACKWARD_BYTES = 11

/** "First" is the end that sent the first packet seen, "other" its peer; "forward" is from first to other. Who is the client: direction.ts. */
export class FlowTable {
  count = 0
  /** 0: the packet last found goes forward; 1: backward. */
  direction = 0
  /** find() and open() begin no conversation once there are so many. */
  room = Number.POSITIVE_INFINITY
  readonly resumptions = new IdleResumptions()
  private ints = new Int32Array(FIRST_ROWS * INTS)
  private reals = new Float64Array(this.ints.buffer)
  /** Flow id + 1 by hash, 0 for free; at most half full. */
  private slots = new Int32Array(4 * FIRST_ROWS)
  /** Occupied slots: fewer than `count`, because conversations between the same ends follow each other in one slot. */
  private used = 0

  /**
   * The conversation of a packet, begun if it is new; sets `direction`. Without room -1, or where the ends are known, their conversation goes on.
   * @param source host ids; ports are -1 where there are none
   */
  find(source: number, target: number, sourcePort: number, targetPort: number, protocol: number, moment: PacketSample): number {
    const { ints, slots } = this
    const mask = slots.length - 1
    let slot = hashOf(source, target, sourcePort, targetPort, protocol) & mask
    for (;;) {
      const flow = slots[slot] - 1
      if (flow < 0) {
        return this.count < this.room ? this.begin(slot, source, target, sourcePort, targetPort, protocol, moment) : -1
      }
      const at = flow * INTS
      if (ints[at + PROTOCOL] === protocol) {
        const first = ints[at + FIRST_HOST]
        const other = ints[at + OTHER_HOST]
        const firstPort = ints[at + FIRST_PORT]
        const otherPort = ints[at + OTHER_PORT]
        const isForward = first === source && firstPort === sourcePort && other === target && otherPort === targetPort
        if (isForward || (first === target && firstPort === targetPort && other === source && otherPort === sourcePort)) {
          this.direction = isForward ? 0 : 1
          const isOver = protocol !== Protocol.tcp && moment.timeUs - this.reals[flow * REALS + END_US] > IDLE_US
          const isNext = isOver && sourcePort !== AGGREGATE && this.count < this.room
          return isNext ? this.begin(slot, source, target, sourcePort, targetPort, protocol, moment) : flow
        }
      }
      slot = (slot + 1) & mask
    }
  }

  /** Adds a packet to what find() answered; the number of packets the conversation now has. */
  tally(flow: number, moment: PacketSample): number {
    const { ints, reals, direction } = this
    const { timeUs } = moment
    const int = flow * INTS
    const real = flow * REALS
    if (timeUs < reals[real + START_US]) reals[real + START_US] = timeUs
    if (timeUs > reals[real + END_US]) {
      if (timeUs - reals[real + END_US] >= SILENCE_US && ints[int + FIRST_PORT] !== AGGREGATE) {
        this.resumptions.add(flow, timeUs, direction, reals[real + FORWARD_BYTES], reals[real + BACKWARD_BYTES])
      }
      reals[real + END_US] = timeUs
    }
    reals[real + FORWARD_BYTES + direction] += moment.bytes
    ints[int + FORWARD_FLAGS + direction] |= moment.tcpFlags
    ints[int + FORWARD_PACKETS + direction]++
    return ints[int + FORWARD_PACKETS] + ints[int + BACKWARD_PACKETS]
  }

  /** A SYN without ACK: opens the conversation, repeats its opening, or (same ports, another sequence number) begins the next one. */
  open(flow: number, sequence: number, moment: PacketSample): number {
    const opener = this.openedBy(flow)
    const isEarly = this.forwardPackets(flow) + this.backwardPackets(flow) <= REORDERED_PACKETS && !this.isClosed(flow)
    const isRepeated = opener !== 0 && this.openSequence(flow) === sequence
    const isSimultaneous = opener !== 0 && opener !== this.direction + 1 && isEarly
    if (isRepeated || isSimultaneous) return flow
    const isOpening = opener === 0 && isEarly
    if (!isOpening && this.count >= this.room) return flow
    const opened = isOpening ? flow : this.beginAgain(flow, moment)
    this.ints[opened * INTS + OPENED_BY] = this.direction + 1
    this.ints[opened * INTS + OPEN_SEQUENCE] = sequence
    return opened
  }

  /** A RST counts as the end only of a connection that is still open. */
  noteReset(flow: number): void {
    if (!this.isClosed(flow)) this.ints[flow * INTS + RESET] = this.direction === 0 ? Reset.byFirst : Reset.byOther
  }

  /** What its first packet tells of a conversation. */
  describe(flow: number, icmpType: number, tunnel: number): void {
    const isOne = !this.isAggregate(flow)
    this.ints[flow * INTS + ICMP_TYPE] = isOne ? icmpType : -1
    this.ints[flow * INTS + TUNNEL] = isOne ? tunnel : 0
  }

  firstHost(flow: number): number {
    return this.ints[flow * INTS + FIRST_HOST]
  }
  otherHost(flow: number): number {
    return this.ints[flow * INTS + OTHER_HOST]
  }
  /** Stands for many conversations. */
  isAggregate(flow: number): boolean {
    return this.ints[flow * INTS + FIRST_PORT] === AGGREGATE
  }
  /** Less than 0 where there are none. */
  firstPort(flow: number): number {
    return this.ints[flow * INTS + FIRST_PORT]
  }
  otherPort(flow: number): number {
    return this.ints[flow * INTS + OTHER_PORT]
  }
  protocol(flow: number): number {
    return this.ints[flow * INTS + PROTOCOL]
  }
  forwardPackets(flow: number): number {
    return this.ints[flow * INTS + FORWARD_PACKETS]
  }
  backwardPackets(flow: number): number {
    return this.ints[flow * INTS + BACKWARD_PACKETS]
  }
  forwardFlags(flow: number): number {
    return this.ints[flow * INTS + FORWARD_FLAGS]
  }
  backwardFlags(flow: number): number {
    return this.ints[flow * INTS + BACKWARD_FLAGS]
  }
  /** Direction + 1 of the SYN (without ACK) that opened it, 0 when none was seen. */
  openedBy(flow: number): number {
    return this.ints[flow * INTS + OPENED_BY]
  }
  openSequence(flow: number): number {
    return this.ints[flow * INTS + OPEN_SEQUENCE] >>> 0
  }
  /** See Reset in state.ts. */
  reset(flow: number): number {
    return this.ints[flow * INTS + RESET]
  }
  /** -1 unless ICMP or ICMPv6. */
  icmpType(flow: number): number {
    return this.ints[flow * INTS + ICMP_TYPE]
  }
  /** See decode/tunnel.ts. */
  tunnel(flow: number): number {
    return this.ints[flow * INTS + TUNNEL]
  }
  startUs(flow: number): number {
    return this.reals[flow * REALS + START_US]
  }
  endUs(flow: number): number {
    return this.reals[flow * REALS + END_US]
  }
  forwardBytes(flow: number): number {
    return this.reals[flow * REALS + FORWARD_BYTES]
  }
  backwardBytes(flow: number): number {
    return this.reals[flow * REALS + BACKWARD_BYTES]
  }

  /** A TCP connection that was asked for and never made: its port says what was looked for, not what was there. */
  isUnanswered(flow: number): boolean {
    const opener = this.openedBy(flow)
    const own = opener === 1 ? this.forwardFlags(flow) : this.backwardFlags(flow)
    const other = opener === 1 ? this.backwardFlags(flow) : this.forwardFlags(flow)
    return opener !== 0 && (own & TcpFlag.ack) === 0 && (other & TcpFlag.syn) === 0
  }

  private isClosed(flow: number): boolean {
    return this.reset(flow) !== Reset.none || (this.forwardFlags(flow) & this.backwardFlags(flow) & TcpFlag.fin) !== 0
  }

  /** The next conversation between the same ends takes over the slot of the old one, which is complete. */
  private beginAgain(flow: number, moment: PacketSample): number {
    const isForward = this.direction === 0
    const source = isForward ? this.firstHost(flow) : this.otherHost(flow)
    const target = isForward ? this.otherHost(flow) : this.firstHost(flow)
    const sourcePort = isForward ? this.firstPort(flow) : this.otherPort(flow)
    const targetPort = isForward ? this.otherPort(flow) : this.firstPort(flow)
    const mask = this.slots.length - 1
    let slot = hashOf(source, target, sourcePort, targetPort, this.protocol(flow)) & mask
    while (this.slots[slot] !== flow + 1) slot = (slot + 1) & mask
    return this.begin(slot, source, target, sourcePort, targetPort, this.protocol(flow), moment)
  }

  private begin(
    slot: number,
    source: number,
    target: number,
    sourcePort: number,
    targetPort: number,
    protocol: number,
    moment: PacketSample,
  ): number {
    const flow = this.count++
    if (this.count * INTS > this.ints.length) this.grow()
    const at = flow * INTS
    this.ints[at + FIRST_HOST] = source
    this.ints[at + OTHER_HOST] = target
    this.ints[at + FIRST_PORT] = sourcePort
    this.ints[at + OTHER_PORT] = targetPort
    this.ints[at + PROTOCOL] = protocol
    this.reals[flow * REALS + START_US] = moment.timeUs
    this.reals[flow * REALS + END_US] = moment.timeUs
    this.direction = 0
    const isNewSlot = this.slots[slot] === 0
    this.slots[slot] = flow + 1
    if (isNewSlot && ++this.used * 2 > this.slots.length) this.rehash()
    return flow
  }

  private rehash(): void {
    const old = this.slots
    const mask = old.length * 2 - 1
    this.slots = new Int32Array(mask + 1)
    for (let i = 0; i < old.length; i++) {
      const flow = old[i] - 1
      if (flow < 0) continue
      const hash = hashOf(this.firstHost(flow), this.otherHost(flow), this.firstPort(flow), this.otherPort(flow), this.protocol(flow))
      let slot = hash & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = flow + 1
    }
  }

  private grow(): void {
    const longer = new Int32Array(this.ints.length * 2)
    longer.set(this.ints)
    this.ints = longer
    this.reals = new Float64Array(longer.buffer)
  }
}

/** Both ends' hashes summed, so that either direction gives the same number. */
function hashOf(source: number, target: number, sourcePort: number, targetPort: number, protocol: number): number {
  return mix((mix(mix(source ^ HASH_SEED) ^ sourcePort) + mix(mix(target ^ HASH_SEED) ^ targetPort) + protocol) | 0)
}
