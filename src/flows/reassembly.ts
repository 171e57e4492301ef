// IP fragments -> datagrams (RFC 791 3.2, RFC 8200 4.5), for the parsers of payloads. Bounded; not on the hot path.
import type { PacketView } from '../decode/packet.ts'

/** Datagrams reassembled at the same time; beyond it the oldest is abandoned. */
const MAX_DATAGRAMS = 1024
/** The largest payload that an IP header allows. */
const MAX_BYTES = 65_535
/** Payload bytes kept of all datagrams together; beyond it the oldest is abandoned. */
const MAX_TOTAL = 16 * 1024 * 1024
/** 65,535 bytes in fragments of 576, the smallest size that every link carries (RFC 791 3.2), are 114. */
const MAX_PIECES = 128
/** RFC 8200 4.5: reassembly is abandoned after 60 seconds; the identification may be reused then. */
const LIFETIME_US = 60_000_000

/** A datagram, or its beginning if fragments are missing. */
export interface Datagram {
  flow: number
  direction: number
  /** Time of the fragment that completed it; of an incomplete one: of the fragment its beginning came from. */
  timeUs: number
  family: number
  /** IANA protocol number of the payload's first header. */
  protocol: number
  tunnel: number
  /** Source address, target address, payload. */
  bytes: Uint8Array
}

interface Piece {
  from: number
  bytes: Uint8Array
}

interface Unfinished {
  /** -1 until the conversation of a fragment is known. */
  flow: number
  direction: number
  startUs: number
  timeUs: number
  family: number
  protocol: number
  tunnel: number
  addresses: Uint8Array
  /** Ordered by offset, without overlap. */
  pieces: Piece[]
  have: number
  /** Length of the payload; -1 until the last fragment has arrived. */
  length: number
}

export class Reassembly {
  /** Key: source, target, protocol and identification; oldest first. */
  private readonly unfinished = new Map<string, Unfinished>()
  private total = 0
  private readonly onDatagram: (datagram: Datagram) => void

  /** @param onDatagram called once per datagram: complete, or with its beginning when it is abandoned */
  constructor(onDatagram: (datagram: Datagram) => void) {
    this.onDatagram = onDatagram
  }

  /**
   * Adds a fragment. Where fragments overlap, the bytes that arrived first are kept.
   * @param source host id, as is `target`
   * @param flow its conversation, or -1 if unknown
   */
  add(view: PacketView, source: number, target: number, flow: number, direction: number, timeUs: number): void {
    const key = `${source} ${target} ${view.fragmentProtocol} ${view.fragmentId}`
    let datagram = this.unfinished.get(key)
    if (datagram !== undefined && Math.abs(timeUs - datagram.startUs) > LIFETIME_US) {
      this.release(key, datagram)
      datagram = undefined
    }
    if (datagram === undefined) {
      datagram = begin(view, timeUs)
      this.unfinished.set(key, datagram)
    }
    if (flow >= 0) {
      datagram.flow = flow
      datagram.direction = direction
    }
    if (view.fragmentOffset === 0) {
      datagram.protocol = view.fragmentProtocol
      datagram.timeUs = timeUs
    }
    const end = view.fragmentOffset + view.fragmentEnd - view.fragmentAt
    if (end > MAX_BYTES) {
      this.release(key, datagram)
      return
    }
    if (!view.hasMoreFragments && datagram.length < 0) datagram.length = end
    this.total += insert(datagram, view)
    if (datagram.length >= 0 && datagram.flow >= 0 && isWhole(datagram)) {
      datagram.timeUs = timeUs
      this.release(key, datagram)
    } else if (datagram.pieces.length > MAX_PIECES) this.release(key, datagram)
    else this.makeRoom()
  }

  /** Reports the beginnings of incomplete datagrams. Call once, after the last packet. */
  finish(): void {
    for (const [key, datagram] of this.unfinished) this.release(key, datagram)
  }

  private makeRoom(): void {
    for (const [key, oldest] of this.unfinished) {
      if (this.unfinished.size <= MAX_DATAGRAMS && this.total <= MAX_TOTAL) return
      this.release(key, oldest)
    }
  }

  /** Removes a complete or abandoned datagram and reports its bytes from the beginning to the first gap. */
  private release(key: string, datagram: Unfinished): void {
    this.unfinished.delete(key)
    this.total -= datagram.have
    if (datagram.flow < 0 || datagram.pieces[0]?.from !== 0) return
    const { flow, direction, timeUs, family, protocol, tunnel } = datagram
    this.onDatagram({ flow, direction, timeUs, family, protocol, tunnel, bytes: joined(datagram) })
  }
}

function begin(view: PacketView, timeUs: number): Unfinished {
  const addressBytes = view.family === 4 ? 4 : 16
  const addresses = new Uint8Array(2 * addressBytes)
  addresses.set(view.bytes.subarray(view.sourceAt, view.sourceAt + addressBytes))
  addresses.set(view.bytes.subarray(view.targetAt, view.targetAt + addressBytes), addressBytes)
  const { family, fragmentProtocol: protocol, tunnel } = view
  return { flow: -1, direction: 0, startUs: timeUs, timeUs, family, protocol, tunnel, addresses, pieces: [], have: 0, length: -1 }
}

/** Inserts the bytes that are not there yet. @returns number of bytes added */
function insert(datagram: Unfinished, view: PacketView): number {
  const start = view.fragmentOffset
  const end = start + view.fragmentEnd - view.fragmentAt
  const { pieces } = datagram
  let from = start
  let added = 0
  const put = (index: number, to: number): void => {
    const at = view.fragmentAt + from - start
    pieces.splice(index, 0, { from, bytes: view.bytes.slice(at, at + to - from) })
    added += to - from
  }
  for (let i = 0; i < pieces.length && from < end; i++) {
    const piece = pieces[i]
    if (from < piece.from) put(i++, Math.min(end, piece.from))
    from = Math.max(from, piece.from + piece.bytes.length)
  }
  if (from < end) put(pieces.length, end)
  datagram.have += added
  return added
}

function isWhole({ pieces, length }: Unfinished): boolean {
  let end = 0
  for (const { from, bytes } of pieces) {
    if (from !== end) return end >= length
    end += bytes.length
  }
  return end >= length
}

/** Addresses, and the payload up to the first gap. */
function joined({ addresses, pieces, length }: Unfinished): Uint8Array {
  let end = 0
  for (const { from, bytes } of pieces) if (from === end) end += bytes.length
  if (length >= 0 && length < end) end = length
  const whole = new Uint8Array(addresses.length + end)
  whole.set(addresses)
  for (const { from, bytes } of pieces) if (from < end) whole.set(bytes.subarray(0, end - from), addresses.length + from)
  return whole
}
