// What is counted of a packet, in one reused record: V8 puts every floating-point argument of a call it does not inline on the heap.

export class PacketSample {
  /** Integer microseconds since the epoch; a fraction at first, so that the field is never anything but floating point. */
  timeUs = 0.5
  /** Length of the frame on the wire. */
  bytes = 0
  /** 0 unless TCP. */
  tcpFlags = 0

  set(timeUs: number, bytes: number, tcpFlags: number): void {
    this.timeUs = timeUs
    this.bytes = bytes
    this.tcpFlags = tcpFlags
  }
}
