// Packets and records of flows -> conversations: a direction-independent key, open addressing. Hot path: find() and tally() run once per packet.

import type { FlowRecord } from '../capture/flow-records/record.ts'
import { FIRST_ROWS } from '../column.ts'
import { Protocol, TcpFlag } from '../decode/codes.ts'
import {
  AGGREGATE,
  BACKWARD_BYTES,
  BACKWARD_FLAGS,
  BACKWARD_PACKETS,
  END_US,
  FIRST_HOST,
  FIRST_PORT,
  FlowRows,
  FORWARD_BYTES,
  FORWARD_FLAGS,
  FORWARD_PACKETS,
  INTS,
  LAST_CAPTURE,
  LAST_FRAME,
  OPEN_SEQUENCE,
  OPENED_BY,
  OTHER_HOST,
  OTHER_PORT,
  PROTOCOL,
  REALS,
  RESET,
  START_US,
} from './flow-rows.ts'
import { HASH_SEED, mix } from './hash.ts'
import { IdleResumptions, SILENCE_US } from './idle-resumptions.ts'
import type { PacketSample } from './packet-sample.ts'
import { Reset } from './state.ts'

/**
 * After this much silence the next packet of a connectionless conversation begins a new one: the time for which RFC 4787 REQ-5 recommends that NATs
 * keep a UDP mapping. TCP marks begin and end itself.
 */
export const IDLE_US = 300_000_000
/** Numbers of a slot. */
const SLOT = 2
/** A SYN among the first packets of a conversation without a seen opening is that opening, out of order. */
const REORDERED_PACKETS = 3

export class FlowTable extends FlowRows {
  /** Direction of the packet last found: 0 forward, 1 backward. */
  direction = 0
  /** Number of the frame that is being read, in its capture, from 1, and the capture's index: set before each packet. */
  frame = 0
  capture = 0
  /** Number of conversations from which find() and open() create no more. */
  room = Number.POSITIVE_INFINITY
  readonly resumptions = new IdleResumptions()
  /** By hash, two numbers each: flow id + 1 (0: free), and the hash, so that rows of other conversations are not read. At most half full. */
  private slots = new Int32Array(SLOT * 4 * FIRST_ROWS)
  /** Number of occupied slots, less than `count`, because successive conversations between the same ends share one slot. */
  private used = 0

  /**
   * Finds or creates the conversation of a packet and sets `direction`. If there is no room for a new one: the last conversation of the same ends, else -1.
   * @param source host id, as is `target`; ports are -1 if there are none
   */
  find(source: number, target: number, sourcePort: number, targetPort: number, protocol: number, sample: PacketSample): number {
    const { ints, slots } = this
    const mask = slots.length - 1
    const hash = hashOf(source, target, sourcePort, targetPort, protocol)
    let slot = (hash * SLOT) & mask
    for (;;) {
      const flow = slots[slot] - 1
      if (flow < 0) {
        if (this.count >= this.room) return -1
        slots[slot + 1] = hash
        return this.begin(slot, source, target, sourcePort, targetPort, protocol, sample)
      }
      const at = flow * INTS
      if (slots[slot + 1] === hash && ints[at + PROTOCOL] === protocol) {
        const first = ints[at + FIRST_HOST]
        const other = ints[at + OTHER_HOST]
        const firstPort = ints[at + FIRST_PORT]
        const otherPort = ints[at + OTHER_PORT]
        const isForward = first === source && firstPort === sourcePort && other === target && otherPort === targetPort
        if (isForward || (first === target && firstPort === targetPort && other === source && otherPort === sourcePort)) {
          this.direction = isForward ? 0 : 1
          const isOver = protocol !== Protocol.tcp && sample.timeUs - this.reals[flow * REALS + END_US] > IDLE_US
          const isNext = isOver && sourcePort !== AGGREGATE && this.count < this.room
          return isNext ? this.begin(slot, source, target, sourcePort, targetPort, protocol, sample) : flow
        }
      }
      slot = (slot + SLOT) & mask
    }
  }

  /** The conversation where find() begins to look, -1 for none: mostly the one that it finds. */
  likely(source: number, target: number, sourcePort: number, targetPort: number, protocol: number): number {
    return this.slots[(hashOf(source, target, sourcePort, targetPort, protocol) * SLOT) & (this.slots.length - 1)] - 1
  }

  /** Counts a packet in the conversation that find() returned. @returns the conversation's number of packets */
  tally(flow: number, sample: PacketSample): number {
    const { ints, reals, direction } = this
    const { timeUs } = sample
    const int = flow * INTS
    const real = flow * REALS
    if (timeUs < reals[real + START_US]) {
      reals[real + START_US] = timeUs
      this.setFirst(flow, sample)
    }
    if (timeUs >= reals[real + END_US]) {
      if (timeUs - reals[real + END_US] >= SILENCE_US && ints[int + FIRST_PORT] !== AGGREGATE) {
        this.resumptions.add(flow, timeUs, direction, reals[real + FORWARD_BYTES], reals[real + BACKWARD_BYTES])
      }
      reals[real + END_US] = timeUs
      ints[int + LAST_FRAME] = sample.frame
      ints[int + LAST_CAPTURE] = sample.capture
    }
    reals[real + FORWARD_BYTES + direction] += sample.bytes
    ints[int + FORWARD_FLAGS + direction] |= sample.tcpFlags
    ints[int + FORWARD_PACKETS + direction]++
    return ints[int + FORWARD_PACKETS] + ints[int + BACKWARD_PACKETS]
  }

  /** A record is a conversation of its own, also if find() knows one of the same ends. @returns its flow, without packets if there is room */
  openRecord(flow: number, sample: PacketSample): number {
    const isUsed = this.forwardPackets(flow) + this.backwardPackets(flow) > 0
    return isUsed && !this.isAggregate(flow) && this.count < this.room ? this.beginAgain(flow, sample) : flow
  }

  /** Adds a record to the flow that openRecord() returned; its source is the client. */
  tallyRecord(flow: number, record: FlowRecord, sample: PacketSample): void {
    const { ints, reals, direction } = this
    const int = flow * INTS
    const real = flow * REALS
    const isNew = this.forwardPackets(flow) + this.backwardPackets(flow) === 0
    if (record.startUs < reals[real + START_US]) {
      reals[real + START_US] = record.startUs
      this.setFirst(flow, sample)
    }
    if (record.endUs >= reals[real + END_US]) {
      reals[real + END_US] = record.endUs
      ints[int + LAST_FRAME] = sample.frame
      ints[int + LAST_CAPTURE] = sample.capture
    }
    ints[int + FORWARD_PACKETS + direction] += record.sourcePackets
    ints[int + BACKWARD_PACKETS - direction] += record.targetPackets
    reals[real + FORWARD_BYTES + direction] += record.sourceBytes
    reals[real + BACKWARD_BYTES - direction] += record.targetBytes
    ints[int + FORWARD_FLAGS + direction] |= record.sourceFlags
    ints[int + BACKWARD_FLAGS - direction] |= record.targetFlags
    if (!isNew || record.isPart || this.isAggregate(flow)) return
    ints[int + OPENED_BY] = direction + 1
    ints[int + RESET] = record.resetBy
  }

  /** Handles a SYN without ACK. It opens the conversation, repeats its SYN, or (same ports, another sequence number) begins the next one. */
  open(flow: number, sequence: number, sample: PacketSample): number {
    const opener = this.openedBy(flow)
    const isEarly = this.forwardPackets(flow) + this.backwardPackets(flow) <= REORDERED_PACKETS && !this.isClosed(flow)
    const isRepeated = opener !== 0 && this.openSequence(flow) === sequence
    const isSimultaneous = opener !== 0 && opener !== this.direction + 1 && isEarly
    if (isRepeated || isSimultaneous) return flow
    const isOpening = opener === 0 && isEarly
    if (!isOpening && this.count >= this.room) return flow
    const opened = isOpening ? flow : this.beginAgain(flow, sample)
    this.ints[opened * INTS + OPENED_BY] = this.direction + 1
    this.ints[opened * INTS + OPEN_SEQUENCE] = sequence
    return opened
  }

  /** A RST ends a connection only if it is still open. */
  noteReset(flow: number): void {
    if (!this.isClosed(flow)) this.ints[flow * INTS + RESET] = this.direction === 0 ? Reset.byFirst : Reset.byOther
  }

  /** Adds the flags of a header that is split between fragments: none of them shows it alone. @param direction of its packets */
  noteFlags(flow: number, direction: number, flags: number): void {
    if (this.isAggregate(flow)) return
    this.ints[flow * INTS + FORWARD_FLAGS + direction] |= flags
    if ((flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn && this.openedBy(flow) === 0) this.setOpener(flow, direction)
  }

  private isClosed(flow: number): boolean {
    return this.reset(flow) !== Reset.none || (this.forwardFlags(flow) & this.backwardFlags(flow) & TcpFlag.fin) !== 0
  }

  /** The next conversation between the same ends takes over the slot of the complete one. */
  private beginAgain(flow: number, sample: PacketSample): number {
    const isForward = this.direction === 0
    const source = isForward ? this.firstHost(flow) : this.otherHost(flow)
    const target = isForward ? this.otherHost(flow) : this.firstHost(flow)
    const sourcePort = isForward ? this.firstPort(flow) : this.otherPort(flow)
    const targetPort = isForward ? this.otherPort(flow) : this.firstPort(flow)
    const mask = this.slots.length - 1
    let slot = (hashOf(source, target, sourcePort, targetPort, this.protocol(flow)) * SLOT) & mask
    while (this.slots[slot] !== flow + 1) slot = (slot + SLOT) & mask
    return this.begin(slot, source, target, sourcePort, targetPort, this.protocol(flow), sample)
  }

  private begin(
    slot: number,
    source: number,
    target: number,
    sourcePort: number,
    targetPort: number,
    protocol: number,
    sample: PacketSample,
  ): number {
    const flow = this.count++
    if (this.count * INTS > this.ints.length) this.grow()
    const at = flow * INTS
    this.ints[at + FIRST_HOST] = source
    this.ints[at + OTHER_HOST] = target
    this.ints[at + FIRST_PORT] = sourcePort
    this.ints[at + OTHER_PORT] = targetPort
    this.ints[at + PROTOCOL] = protocol
    this.reals[flow * REALS + START_US] = sample.timeUs
    this.reals[flow * REALS + END_US] = sample.timeUs
    this.setFirst(flow, sample)
    this.direction = 0
    const isNewSlot = this.slots[slot] === 0
    this.slots[slot] = flow + 1
    if (isNewSlot && ++this.used * 2 * SLOT > this.slots.length) this.rehash()
    return flow
  }

  private rehash(): void {
    const old = this.slots
    const mask = old.length * 2 - 1
    this.slots = new Int32Array(mask + 1)
    for (let i = 0; i < old.length; i += SLOT) {
      if (old[i] === 0) continue
      let slot = (old[i + 1] * SLOT) & mask
      while (this.slots[slot] !== 0) slot = (slot + SLOT) & mask
      this.slots[slot] = old[i]
      this.slots[slot + 1] = old[i + 1]
    }
  }
}

/** Sum of both ends' hashes, so that both directions have the same. */
function hashOf(source: number, target: number, sourcePort: number, targetPort: number, protocol: number): number {
  return mix((mix(mix(source ^ HASH_SEED) ^ sourcePort) + mix(mix(target ^ HASH_SEED) ^ targetPort) + protocol) | 0)
}
