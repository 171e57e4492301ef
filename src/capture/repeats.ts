// Packets in order -> which of them are repeated, because of a mirror port that sends both directions, several interfaces, or overlapping captures.
// As in `editcap -d`, a packet is compared with the four before it; but from the IP header on, because tags and link headers depend on where a packet was
// captured, and only within 10 ms, because a later copy was really sent again. Hot path.
import type { PacketView } from '../decode/packet.ts'
import type { CapturedPacket } from './packet.ts'

/** Number of earlier packets to compare with, and the largest time difference. */
export const REPEAT_WINDOW = 4
export const REPEAT_US = 10_000

/** A power of two above the window. */
const RING = 8
const PRIME = 0x01000193
/** Value for a frame without IP. */
const FRONT_BYTES = 64
/** Longer packets never count as repeated. */
const MAX_COPIED_BYTES = 262_144

export class Repeats {
  private readonly signatures = new Int32Array(RING)
  private readonly lengths = new Int32Array(RING)
  private readonly timesUs = new Float64Array(RING).fill(Number.NEGATIVE_INFINITY)
  private packets = 0
  private readonly copies: Copies | null

  /** @param comparesAll compares every byte; otherwise fields that differ between any two packets, which is almost free */
  constructor(comparesAll: boolean) {
    this.copies = comparesAll ? new Copies() : null
  }

  /** @param view the decoded packet; null if it is not an IP packet: then the whole frame is compared */
  isRepeat(packet: CapturedPacket, view: PacketView | null): boolean {
    const { bytes, timeUs } = packet
    // Addresses are after 12 bytes of an IPv4 header, after 8 of an IPv6 header.
    const from = view === null ? packet.start : view.sourceAt - (view.family === 4 ? 12 : 8)
    const to = view === null ? packet.end : view.end
    const signature = view === null ? signFrame(bytes, from, to) : signPacket(bytes, from, to, view)
    const length = to - from
    const { signatures, lengths, timesUs, copies } = this
    const at = this.packets++
    let found = false
    for (let back = 1; back <= REPEAT_WINDOW; back++) {
      const slot = (at - back) & (RING - 1)
      if (signatures[slot] !== signature || lengths[slot] !== length || Math.abs(timeUs - timesUs[slot]) > REPEAT_US) continue
      if (copies === null || copies.isSame(slot, bytes, from, to)) found = true
    }
    const slot = at & (RING - 1)
    signatures[slot] = signature
    lengths[slot] = length
    timesUs[slot] = timeUs
    copies?.keep(slot, bytes, from, to)
    return found
  }
}

/** Lengths, checksums, addresses, ports, sequence numbers, and the end of the payload. */
function signPacket(bytes: Uint8Array, from: number, to: number, view: PacketView): number {
  const { sourceAt, targetAt, payloadAt } = view
  // The last two bytes of an address distinguish hosts of a network; the IPv4 checksum covers both addresses.
  const low = view.family === 4 ? 2 : 14
  let hash = view.tunnel ^ view.tcpSequence
  hash = Math.imul(hash ^ ((view.sourcePort << 16) | (view.targetPort & 0xffff)), PRIME)
  hash = Math.imul(hash ^ ((bytes[from + 4] << 24) | (bytes[from + 5] << 16) | (bytes[from + 10] << 8) | bytes[from + 11]), PRIME)
  hash = Math.imul(
    hash ^ ((bytes[sourceAt + low] << 24) | (bytes[sourceAt + low + 1] << 16) | (bytes[targetAt + low] << 8) | bytes[targetAt + low + 1]),
    PRIME,
  )
  if (payloadAt >= from + 28 && payloadAt <= to) {
    // The checksum of UDP, or of TCP without options or with time stamps.
    hash = Math.imul(hash ^ word(bytes, payloadAt - 4), PRIME)
    hash = Math.imul(hash ^ word(bytes, payloadAt - 16), PRIME)
  }
  return Math.imul(hash ^ word(bytes, to - 4), PRIME)
}

function signFrame(bytes: Uint8Array, from: number, to: number): number {
  let hash = -1
  const frontEnd = Math.min(to, from + FRONT_BYTES)
  for (let at = from; at < frontEnd; at++) hash = Math.imul(hash ^ bytes[at], PRIME)
  return to - from < 4 ? hash : Math.imul(hash ^ word(bytes, to - 4), PRIME)
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

/** The bytes of the packets in the window. */
class Copies {
  private readonly bytes = Array.from({ length: RING }, () => new Uint8Array(2048))

  keep(slot: number, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from
    if (length > MAX_COPIED_BYTES) return
    if (this.bytes[slot].length < length) this.bytes[slot] = new Uint8Array(length * 2)
    this.bytes[slot].set(bytes.subarray(from, to))
  }

  isSame(slot: number, bytes: Uint8Array, from: number, to: number): boolean {
    const copy = this.bytes[slot]
    if (to - from > MAX_COPIED_BYTES) return false
    for (let at = from; at < to; at++) if (copy[at - from] !== bytes[at]) return false
    return true
  }
}
