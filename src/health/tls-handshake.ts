// TCP segments of a TLS conversation -> when the first byte of the ClientHello was sent, and when the server's Finished, or the record that has it, was complete.
// Nothing is decrypted or kept: from the ClientHello on, the server's record headers (RFC 8446 5.1) are followed from one to the next.
import type { PacketView } from '../decode/packet.ts'
import { isAfter } from './gaps.ts'
import type { TcpSegment } from './segment.ts'
import { HELLO_US, type TcpRecords, TLS_AFTER_CCS, TLS_IS_CLIENT, TLS_IS_LAST, TLS_NEXT, TLS_US, UNKNOWN } from './tcp-records.ts'

const Content = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const HEADER_BYTES = 5
const MAJOR_VERSION = 3

/** A segment with data, until the time is known. Hot path. @param own, peer: integers of its end and of the other @param real: where the record begins */
export function readTls(records: TcpRecords, segment: TcpSegment, view: PacketView, own: number, peer: number, real: number): void {
  const { ints, reals } = records
  const { bytes, payloadAt, end } = view
  if ((ints[peer] & TLS_IS_CLIENT) !== 0) {
    followRecords(records, segment, view, own, real)
    return
  }
  if (bytes[payloadAt] !== Content.handshake || reals[real + HELLO_US] !== UNKNOWN || payloadAt + HEADER_BYTES >= end) return
  if (bytes[payloadAt + 1] !== MAJOR_VERSION || bytes[payloadAt + HEADER_BYTES] !== CLIENT_HELLO) return
  ints[own] |= TLS_IS_CLIENT
  ints[peer + TLS_NEXT] = segment.ack
  reals[real + HELLO_US] = segment.timeUs
}

/** The server's records: TLS_NEXT is the end of the present one. Behind a gap it waits for the segment that fills it. */
function followRecords({ ints, reals }: TcpRecords, segment: TcpSegment, view: PacketView, own: number, real: number): void {
  const { bytes, payloadAt, end } = view
  const { sequence, length, timeUs } = segment
  const segmentEnd = (sequence + length) | 0
  while (!isAfter(sequence, ints[own + TLS_NEXT]) && !isAfter(ints[own + TLS_NEXT], segmentEnd)) {
    if ((ints[own] & TLS_IS_LAST) !== 0) {
      reals[real + TLS_US] = timeUs
      return
    }
    const at = payloadAt + ((ints[own + TLS_NEXT] - sequence) | 0)
    // A header in two segments, or not captured, is not followed.
    if (at + HEADER_BYTES >= end || bytes[at + 1] !== MAJOR_VERSION) return
    const type = bytes[at]
    if (type < Content.changeCipherSpec || type > Content.applicationData) return
    // Plain TLS 1.3 hellos follow a ChangeCipherSpec, too, after a HelloRetryRequest (RFC 8446 D.4).
    const isHello = type === Content.handshake && bytes[at + HEADER_BYTES] === SERVER_HELLO
    const isFinished = type === Content.handshake && (ints[own] & TLS_AFTER_CCS) !== 0 && !isHello
    if (type === Content.applicationData || isFinished) ints[own] |= TLS_IS_LAST
    if (type === Content.changeCipherSpec) ints[own] |= TLS_AFTER_CCS
    ints[own + TLS_NEXT] = (ints[own + TLS_NEXT] + HEADER_BYTES + ((bytes[at + 3] << 8) | bytes[at + 4])) | 0
  }
}
