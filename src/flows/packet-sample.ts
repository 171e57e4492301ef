// What is counted of a packet, in one reused record: V8 allocates every floating-point argument of a call that it does not inline.

export class PacketSample {
  /** Integer microseconds since the epoch. The fraction makes V8 store the field as a floating-point number from the start. */
  timeUs = 0.5
  /** Length of the frame on the wire. */
  bytes = 0
  /** 1, but of a flow record the packets of a part of its time. */
  packets = 1
  /** 0 unless TCP. */
  tcpFlags = 0
  /** Number of the frame in its capture, from 1. */
  frame = 0
  /** Index of the capture. */
  capture = 0

  set(timeUs: number, bytes: number, tcpFlags: number, frame: number, capture: number): void {
    this.timeUs = timeUs
    this.bytes = bytes
    this.tcpFlags = tcpFlags
    this.frame = frame
    this.capture = capture
  }
}
