// One record a conversation: its ends, counters of both directions, and what they say together. Hot path.
// All fields that a packet updates are in one record of 96 bytes: tens of thousands of conversations do not fit into the processor's cache, and
// one array per field would cost one cache miss per field.

import { FIRST_ROWS, LAZY_GROWTH, sharedInts, sharedMemory } from '../column.ts'
import { Protocol, TcpFlag } from '../decode/codes.ts'
import { tunnelTexts } from '../decode/tunnel.ts'
import type { PacketSample } from './packet-sample.ts'
import { type ConnectionState, connectionState, Reset } from './state.ts'
import type { StoredFlow } from './stored-flow.ts'

/** In place of both ports: the row counts all conversations between its ends that have no row of their own (aggregates.ts). */
export const AGGREGATE = -2

/** A record: 16 integers, then 4 floating-point numbers, in the same memory. */
export const INTS = 24
export const REALS = 12
export const FIRST_HOST = 0
export const OTHER_HOST = 1
export const FIRST_PORT = 2
export const OTHER_PORT = 3
export const PROTOCOL = 4
export const FORWARD_PACKETS = 5
export const BACKWARD_PACKETS = 6
export const FORWARD_FLAGS = 7
export const BACKWARD_FLAGS = 8
export const OPENED_BY = 9
export const OPEN_SEQUENCE = 10
export const RESET = 11
/** Type and code; -1 if it has none. */
const ICMP = 12
/** In ICMP: the other end sent the message, not the one that counts as the first. */
const FROM_OTHER = 1 << 16
const TUNNEL = 13
export const LAST_FRAME = 14
export const LAST_CAPTURE = 15
export const START_US = 8
export const END_US = 9
export const FORWARD_BYTES = 10
export const BACKWARD_BYTES = 11

/** The rows as plain data, which threads share where the platform lets them. */
export interface FlowMemory {
  count: number
  ints: Int32Array
  firsts: Uint32Array
  /** By number of a tunnel in the rows, tunnelTexts of the thread that decoded the packets. */
  tunnels: readonly string[]
}

/** "First" is the end that sent the first packet, "other" its peer; "forward" is from first to other. direction.ts decides who is the client. */
export class FlowRows {
  count: number
  protected ints: Int32Array
  protected reals: Float64Array
  /** By conversation: frame and capture of its first packet. */
  protected firsts: Uint32Array
  private readonly tunnels: readonly string[]

  /** @param memory of rows to read */
  constructor({ count, ints, firsts, tunnels }: FlowMemory = roomFor(FIRST_ROWS)) {
    this.count = count
    this.ints = ints
    this.reals = new Float64Array(ints.buffer)
    this.firsts = firsts
    this.tunnels = tunnels
  }

  /** For another thread; valid until a row is added. */
  memory(): FlowMemory {
    return { count: this.count, ints: this.ints, firsts: this.firsts, tunnels: this.tunnels }
  }

  /** Makes room for so many conversations at once, which restore() adds. */
  reserve(rows: number): void {
    const { ints, firsts } = roomFor(Math.max(FIRST_ROWS, rows))
    this.ints = ints
    this.reals = new Float64Array(ints.buffer)
    this.firsts = firsts
  }

  /** Adds a conversation of an earlier analysis, whose client counts as the end seen first; find() does not find it. @returns its id */
  restore(row: StoredFlow): number {
    const flow = this.count++
    if (this.count * INTS > this.ints.length) this.grow()
    const { ints, reals, firsts } = this
    const int = flow * INTS
    const real = flow * REALS
    ints[int + FIRST_HOST] = row.client
    ints[int + OTHER_HOST] = row.server
    ints[int + FIRST_PORT] = row.clientPort
    ints[int + OTHER_PORT] = row.serverPort
    ints[int + PROTOCOL] = row.protocol
    ints[int + FORWARD_PACKETS] = row.clientPackets
    ints[int + BACKWARD_PACKETS] = row.serverPackets
    ints[int + FORWARD_FLAGS] = row.clientFlags
    ints[int + BACKWARD_FLAGS] = row.serverFlags
    ints[int + OPENED_BY] = row.protocol === Protocol.tcp && (row.clientFlags & TcpFlag.syn) !== 0 ? 1 : 0
    ints[int + RESET] = row.reset
    ints[int + ICMP] = icmpValue(row.icmpType, row.icmpCode, row.isIcmpFromServer)
    ints[int + TUNNEL] = row.tunnel
    ints[int + LAST_FRAME] = row.lastFrame
    ints[int + LAST_CAPTURE] = row.lastCapture
    reals[real + START_US] = row.startUs
    reals[real + END_US] = row.endUs
    reals[real + FORWARD_BYTES] = row.clientBytes
    reals[real + BACKWARD_BYTES] = row.serverBytes
    firsts[flow * 2] = row.firstFrame
    firsts[flow * 2 + 1] = row.firstCapture
    return flow
  }

  /** Stores the properties that the first packet determines. */
  describe(flow: number, icmpType: number, icmpCode: number, tunnel: number, isIcmpFromOther = false): void {
    const isOne = !this.isAggregate(flow)
    this.ints[flow * INTS + ICMP] = icmpValue(isOne ? icmpType : -1, icmpCode, isIcmpFromOther)
    this.ints[flow * INTS + TUNNEL] = isOne ? tunnel : 0
  }

  /** @param direction of the packets of the end that opened it */
  setOpener(flow: number, direction: number): void {
    this.ints[flow * INTS + OPENED_BY] = direction + 1
  }

  /** Reads all lines of the record, for look-ahead.ts; a line of memory has 64 bytes. */
  touch(flow: number): number {
    return this.ints[flow * INTS] ^ this.ints[flow * INTS + 16]
  }

  firstHost(flow: number): number {
    return this.ints[flow * INTS + FIRST_HOST]
  }
  otherHost(flow: number): number {
    return this.ints[flow * INTS + OTHER_HOST]
  }
  /** Whether the row counts many conversations. */
  isAggregate(flow: number): boolean {
    return this.ints[flow * INTS + FIRST_PORT] === AGGREGATE
  }
  /** Below 0 without ports. */
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
  /** Direction + 1 of the SYN (without ACK) that opened it, 0 if none was seen. */
  openedBy(flow: number): number {
    return this.ints[flow * INTS + OPENED_BY]
  }
  /** Direction of the server's packets: of the receiver of the SYN, else from the lower port. */
  serverDirection(flow: number): number {
    const opener = this.openedBy(flow)
    if (opener !== 0) return 2 - opener
    return this.firstPort(flow) < this.otherPort(flow) ? 0 : 1
  }
  /** The port of that end, -1 without ports. */
  serverPort(flow: number): number {
    return this.serverDirection(flow) === 0 ? this.firstPort(flow) : this.otherPort(flow)
  }
  openSequence(flow: number): number {
    return this.ints[flow * INTS + OPEN_SEQUENCE] >>> 0
  }
  /** A value of Reset in state.ts. */
  reset(flow: number): number {
    return this.ints[flow * INTS + RESET]
  }
  /** -1 if not ICMP or ICMPv6. */
  icmpType(flow: number): number {
    const value = this.ints[flow * INTS + ICMP]
    return value < 0 ? -1 : (value >> 8) & 255
  }
  /** Valid only with a type. */
  icmpCode(flow: number): number {
    return this.ints[flow * INTS + ICMP] & 255
  }
  /** Whether the other end sent that message. */
  isIcmpFromOther(flow: number): boolean {
    const value = this.ints[flow * INTS + ICMP]
    return value >= 0 && (value & FROM_OTHER) !== 0
  }
  /** Encapsulation of the packets, outermost first; null for none. */
  tunnel(flow: number): string | null {
    const tunnel = this.ints[flow * INTS + TUNNEL]
    return tunnel === 0 ? null : this.tunnels[tunnel]
  }
  startUs(flow: number): number {
    return this.reals[flow * REALS + START_US]
  }
  endUs(flow: number): number {
    return this.reals[flow * REALS + END_US]
  }
  /** Number in its capture of the packet at startUs; of several, the one read first. */
  firstFrame(flow: number): number {
    return this.firsts[flow * 2]
  }
  /** Index of that capture. */
  firstCapture(flow: number): number {
    return this.firsts[flow * 2 + 1]
  }
  /** Number in its capture of the packet at endUs; of several, the one read last. */
  lastFrame(flow: number): number {
    return this.ints[flow * INTS + LAST_FRAME] >>> 0
  }
  lastCapture(flow: number): number {
    return this.ints[flow * INTS + LAST_CAPTURE]
  }
  forwardBytes(flow: number): number {
    return this.reals[flow * REALS + FORWARD_BYTES]
  }
  backwardBytes(flow: number): number {
    return this.reals[flow * REALS + BACKWARD_BYTES]
  }

  /** A TCP connection that was never established: its port shows what the client looked for, not which service is there. */
  isUnanswered(flow: number): boolean {
    if (this.protocol(flow) !== Protocol.tcp) return false
    const opener = this.openedBy(flow)
    const own = opener === 1 ? this.forwardFlags(flow) : this.backwardFlags(flow)
    const other = opener === 1 ? this.backwardFlags(flow) : this.forwardFlags(flow)
    // Records of flows without flags have an opener, too.
    return opener !== 0 && (own & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn && (other & TcpFlag.syn) === 0
  }

  /** Zeek's conn_state, see state.ts. @param isForward whether the end seen first is the client */
  state(flow: number, isForward: boolean): ConnectionState {
    if (this.isAggregate(flow)) return 'OTH'
    const reset = this.reset(flow)
    return connectionState(this.protocol(flow), {
      clientPackets: isForward ? this.forwardPackets(flow) : this.backwardPackets(flow),
      serverPackets: isForward ? this.backwardPackets(flow) : this.forwardPackets(flow),
      clientFlags: isForward ? this.forwardFlags(flow) : this.backwardFlags(flow),
      serverFlags: isForward ? this.backwardFlags(flow) : this.forwardFlags(flow),
      resetBy: reset === Reset.none ? null : (reset === Reset.byFirst) === isForward ? 'client' : 'server',
    })
  }

  protected setFirst(flow: number, { frame, capture }: PacketSample): void {
    this.firsts[flow * 2] = frame
    this.firsts[flow * 2 + 1] = capture
  }

  protected grow(): void {
    const { ints, firsts } = roomFor((LAZY_GROWTH * this.ints.length) / INTS)
    ints.set(this.ints)
    firsts.set(this.firsts)
    this.ints = ints
    this.reals = new Float64Array(ints.buffer)
    this.firsts = firsts
  }
}

function icmpValue(type: number, code: number, isFromOther: boolean): number {
  return type < 0 ? -1 : (isFromOther ? FROM_OTHER : 0) | (type << 8) | code
}

function roomFor(rows: number): FlowMemory {
  const ints = sharedInts(rows * INTS)
  const firsts = new Uint32Array(sharedMemory(rows * 2 * Uint32Array.BYTES_PER_ELEMENT))
  return { count: 0, ints, firsts, tunnels: tunnelTexts }
}
