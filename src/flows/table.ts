// Conversations: a direction-free key, open addressing on typed arrays, counters both ways. Hot path: find() and count() run once a packet.
import { Protocol, TcpFlag } from '../decode/codes.ts'
import { doubled } from './column.ts'
import { HASH_SEED, mix } from './hash.ts'
import { Reset } from './state.ts'

/**
 * A conversation without connections ends after this much silence; the next packet begins another. The time that RFC 4787 REQ-5
 * recommends translators to keep a UDP mapping. TCP says itself when it begins and ends.
 */
const IDLE_US = 300_000_000
/** A SYN within this many packets of a conversation whose opening was missed is that opening, out of order. */
const REORDERED_PACKETS = 3

/** "First" is the end that sent the first packet seen, "other" its peer; who is the client is decided apart (direction.ts). */
export class FlowTable {
  count = 0
  firstHost = new Int32Array(4096)
  otherHost = new Int32Array(4096)
  /** -1 where there are none. */
  firstPort = new Int32Array(4096)
  otherPort = new Int32Array(4096)
  protocol = new Uint8Array(4096)
  startUs = new Float64Array(4096)
  endUs = new Float64Array(4096)
  forwardPackets = new Uint32Array(4096)
  backwardPackets = new Uint32Array(4096)
  forwardBytes = new Float64Array(4096)
  backwardBytes = new Float64Array(4096)
  forwardFlags = new Uint8Array(4096)
  backwardFlags = new Uint8Array(4096)
  /** Direction + 1 of the SYN (without ACK) that opened it, 0 when none was seen. */
  openedBy = new Uint8Array(4096)
  openSequence = new Uint32Array(4096)
  /** See Reset in state.ts. */
  reset = new Uint8Array(4096)
  icmpType = new Uint8Array(4096)
  tunnel = new Uint16Array(4096)
  /** 0: the packet last found goes from first to other; 1: back. */
  direction = 0

  /** Flow id + 1 by hash, 0 for free; at most half full. */
  private slots = new Int32Array(16_384)

  /**
   * The conversation of a packet, begun if it is new; sets `direction`.
   * @param ports source and target port, -1 for none
   */
  find(source: number, target: number, sourcePort: number, targetPort: number, protocol: number, timeUs: number): number {
    const mask = this.slots.length - 1
    let slot = hashOf(source, target, sourcePort, targetPort, protocol) & mask
    for (;;) {
      const flow = this.slots[slot] - 1
      if (flow < 0) return this.begin(slot, source, target, sourcePort, targetPort, protocol, timeUs)
      if (this.protocol[flow] === protocol) {
        const first = this.firstHost[flow]
        const firstPort = this.firstPort[flow]
        if (first === source && firstPort === sourcePort && this.otherHost[flow] === target && this.otherPort[flow] === targetPort) {
          this.direction = 0
          return this.isOver(flow, protocol, timeUs) ? this.begin(slot, source, target, sourcePort, targetPort, protocol, timeUs) : flow
        }
        if (first === target && firstPort === targetPort && this.otherHost[flow] === source && this.otherPort[flow] === sourcePort) {
          this.direction = 1
          return this.isOver(flow, protocol, timeUs) ? this.begin(slot, source, target, sourcePort, targetPort, protocol, timeUs) : flow
        }
      }
      slot = (slot + 1) & mask
    }
  }

  /** Adds a packet to what find() answered. */
  tally(flow: number, timeUs: number, bytes: number, tcpFlags: number): void {
    if (timeUs < this.startUs[flow]) this.startUs[flow] = timeUs
    if (timeUs > this.endUs[flow]) this.endUs[flow] = timeUs
    if (this.direction === 0) {
      this.forwardPackets[flow]++
      this.forwardBytes[flow] += bytes
      this.forwardFlags[flow] |= tcpFlags
    } else {
      this.backwardPackets[flow]++
      this.backwardBytes[flow] += bytes
      this.backwardFlags[flow] |= tcpFlags
    }
  }

  /** A SYN without ACK: opens the conversation, repeats its opening, or (same ports, another sequence number) begins the next one. */
  open(flow: number, sequence: number, timeUs: number): number {
    const opener = this.openedBy[flow]
    const packets = this.forwardPackets[flow] + this.backwardPackets[flow]
    const isRepeated = opener !== 0 && this.openSequence[flow] === sequence
    const isSimultaneous = opener !== 0 && opener !== this.direction + 1 && packets <= REORDERED_PACKETS && !this.isClosed(flow)
    const isLate = opener === 0 && packets <= REORDERED_PACKETS && !this.isClosed(flow)
    if (isRepeated || isSimultaneous) return flow
    const opened = isLate ? flow : this.beginAgain(flow, timeUs)
    this.openedBy[opened] = this.direction + 1
    this.openSequence[opened] = sequence
    return opened
  }

  /** A RST counts as the end only of a connection that is still open. */
  noteReset(flow: number): void {
    if (!this.isClosed(flow)) this.reset[flow] = this.direction === 0 ? Reset.byFirst : Reset.byOther
  }

  private isClosed(flow: number): boolean {
    return this.reset[flow] !== Reset.none || (this.forwardFlags[flow] & this.backwardFlags[flow] & TcpFlag.fin) !== 0
  }

  private isOver(flow: number, protocol: number, timeUs: number): boolean {
    return protocol !== Protocol.tcp && timeUs - this.endUs[flow] > IDLE_US
  }

  /** The next conversation between the same ends takes over the slot of the old one, which is complete. */
  private beginAgain(flow: number, timeUs: number): number {
    const isForward = this.direction === 0
    const source = isForward ? this.firstHost[flow] : this.otherHost[flow]
    const target = isForward ? this.otherHost[flow] : this.firstHost[flow]
    const sourcePort = isForward ? this.firstPort[flow] : this.otherPort[flow]
    const targetPort = isForward ? this.otherPort[flow] : this.firstPort[flow]
    const mask = this.slots.length - 1
    let slot = hashOf(source, target, sourcePort, targetPort, this.protocol[flow]) & mask
    while (this.slots[slot] !== flow + 1) slot = (slot + 1) & mask
    return this.begin(slot, source, target, sourcePort, targetPort, this.protocol[flow], timeUs)
  }

  private begin(
    slot: number,
    source: number,
    target: number,
    sourcePort: number,
    targetPort: number,
    protocol: number,
    timeUs: number,
  ): number {
    const flow = this.count++
    if (flow === this.protocol.length) this.grow()
    const isNewSlot = this.slots[slot] === 0
    this.slots[slot] = flow + 1
    this.firstHost[flow] = source
    this.otherHost[flow] = target
    this.firstPort[flow] = sourcePort
    this.otherPort[flow] = targetPort
    this.protocol[flow] = protocol
    this.startUs[flow] = this.endUs[flow] = timeUs
    this.direction = 0
    if (isNewSlot && ++this.used * 2 > this.slots.length) this.rehash()
    return flow
  }

  /** Occupied slots: fewer than `count`, because conversations between the same ends follow each other in one slot. */
  private used = 0

  private rehash(): void {
    const old = this.slots
    const mask = old.length * 2 - 1
    this.slots = new Int32Array(mask + 1)
    for (let i = 0; i < old.length; i++) {
      const flow = old[i] - 1
      if (flow < 0) continue
      let slot = hashOf(this.firstHost[flow], this.otherHost[flow], this.firstPort[flow], this.otherPort[flow], this.protocol[flow]) & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = flow + 1
    }
  }

  private grow(): void {
    this.firstHost = doubled(this.firstHost)
    this.otherHost = doubled(this.otherHost)
    this.firstPort = doubled(this.firstPort)
    this.otherPort = doubled(this.otherPort)
    this.protocol = doubled(this.protocol)
    this.startUs = doubled(this.startUs)
    this.endUs = doubled(this.endUs)
    this.forwardPackets = doubled(this.forwardPackets)
    this.backwardPackets = doubled(this.backwardPackets)
    this.forwardBytes = doubled(this.forwardBytes)
    this.backwardBytes = doubled(this.backwardBytes)
    this.forwardFlags = doubled(this.forwardFlags)
    this.backwardFlags = doubled(this.backwardFlags)
    this.openedBy = doubled(this.openedBy)
    this.openSequence = doubled(this.openSequence)
    this.reset = doubled(this.reset)
    this.icmpType = doubled(this.icmpType)
    this.tunnel = doubled(this.tunnel)
  }
}

/** Both ends' hashes summed, so that either direction gives the same number. */
function hashOf(source: number, target: number, sourcePort: number, targetPort: number, protocol: number): number {
  return mix((mix(mix(source ^ HASH_SEED) ^ sourcePort) + mix(mix(target ^ HASH_SEED) ^ targetPort) + protocol) | 0)
}
