// Long headers of QUIC packets -> the times of a handshake, as those of TCP: the client's first Initial stands for its SYN, the server's first Initial or
// Retry for the SYN with ACK, the client's next long header for the ACK. Nothing is decrypted. Hot path: add() runs once a UDP packet and allocates nothing.
import type { PacketView } from '../decode/packet.ts'
import type { FlowTable } from '../flows/table.ts'
import { HANDSHAKE_US, INTS, IS_INITIATOR, REALS, SIDE_INTS, SYN_ACK_US, SYN_US, type TcpRecords, UNKNOWN } from './tcp-records.ts'

/** RFC 9000 17.2. An answer may have the fixed bit cleared (RFC 9287). */
const LONG_HEADER = 0x80
const FIXED_BIT = 0x40
const PACKET_TYPE = 0x30
/** RFC 9000 15; RFC 9369 3.1. Drafts are 0xff0000nn. */
const VERSION_1 = 0x00000001
const VERSION_2 = 0x6b3343cf
const DRAFT = 0xff0000
const HEADER_BYTES = 7
const ID_LENGTH_AT = 5
/** Of the connection id that a client makes up for the server (RFC 9000 7.2). */
const LEAST_ID_BYTES = 8
/** A datagram with a client's Initial has at least so many bytes (RFC 9000 14.1). */
const CLIENT_INITIAL_BYTES = 1200
/** A second Initial so soon belongs to the same ClientHello; a later one is a repetition, and nobody knows which of both an answer means. */
const SAME_FLIGHT_US = 100_000

export class QuicHandshakes {
  private readonly table: FlowTable
  private readonly records: TcpRecords

  constructor(table: FlowTable, records: TcpRecords) {
    this.table = table
    this.records = records
  }

  /** A UDP packet that the table counted, in its direction. */
  add(flow: number, { bytes, payloadAt: at, end, wireEnd }: PacketView, timeUs: number): void {
    if (end - at < HEADER_BYTES || bytes[at] < LONG_HEADER) return
    const version = ((bytes[at + 1] << 24) | (bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4]) >>> 0
    if (version !== VERSION_1 && version !== VERSION_2 && version >>> 8 !== DRAFT) return
    const { records, table } = this
    // Version 2 has the types in another order (RFC 9369 3.2): Retry, Initial, 0-RTT, Handshake.
    const type = ((bytes[at] & PACKET_TYPE) >> 4) - (version === VERSION_2 ? 1 : 0)
    const isInitial = type === 0
    let record = records.find(flow)
    if (record < 0) {
      // A server's Initial may be as long, when the capture began behind the client's.
      const isFirst = table.forwardPackets(flow) + table.backwardPackets(flow) === 1
      if (
        !isInitial ||
        !isFirst ||
        (bytes[at] & FIXED_BIT) === 0 ||
        wireEnd - at < CLIENT_INITIAL_BYTES ||
        bytes[at + ID_LENGTH_AT] < LEAST_ID_BYTES
      )
        return
      record = records.begin(flow)
      records.ints[record * INTS + table.direction * SIDE_INTS] |= IS_INITIATOR
      records.reals[record * REALS + SYN_US] = timeUs
      return
    }
    const { reals } = records
    const real = record * REALS
    const isClient = (records.ints[record * INTS + table.direction * SIDE_INTS] & IS_INITIATOR) !== 0
    if (!isClient) {
      const isRetry = type === 3 || type === -1
      if (reals[real + SYN_ACK_US] === UNKNOWN && (isInitial || isRetry)) reals[real + SYN_ACK_US] = timeUs
    } else if (reals[real + SYN_ACK_US] !== UNKNOWN) {
      if (reals[real + HANDSHAKE_US] === UNKNOWN) reals[real + HANDSHAKE_US] = timeUs
    } else if (isInitial && timeUs - reals[real + SYN_US] > SAME_FLIGHT_US) reals[real + SYN_US] = UNKNOWN
  }
}
