// Pieces of a handshake message at offsets, in any order, overlapping (QUIC CRYPTO frames, DTLS fragments) -> the message.

/** Even with the largest key shares a ClientHello has about 4 KiB; pieces beyond the limit are dropped. */
const MAX_MESSAGE = 0x4000
const MAX_GAPS = 64

export class Assembly {
  bytes = new Uint8Array(2048)
  /** bytes[0..end) are complete. */
  end = 0
  /** Pieces after a gap: start and end offsets. */
  private readonly later: [number, number][] = []

  /** @returns true if `end` has increased */
  insert(offset: number, bytes: Uint8Array, at: number, end: number): boolean {
    const until = offset + end - at
    if (until > MAX_MESSAGE || until <= this.end) return false
    if (until > this.bytes.length) this.grow(until)
    this.bytes.set(bytes.subarray(at, end), offset)
    if (offset > this.end) {
      if (this.later.length < MAX_GAPS) this.later.push([offset, until])
      return false
    }
    this.end = until
    for (let moved = true; moved; ) {
      moved = false
      for (const [from, to] of this.later) {
        if (from > this.end || to <= this.end) continue
        this.end = to
        moved = true
      }
    }
    return true
  }

  private grow(until: number): void {
    let room = this.bytes.length
    while (room < until) room *= 2
    const longer = new Uint8Array(room)
    longer.set(this.bytes)
    this.bytes = longer
  }
}

/** Messages in progress, by flow; beyond the limit the oldest is dropped. */
export class Assemblies<T> {
  private readonly byFlow = new Map<number, T>()
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  find(flow: number): T | undefined {
    return this.byFlow.get(flow)
  }

  set(flow: number, assembly: T): void {
    this.byFlow.delete(flow)
    this.byFlow.set(flow, assembly)
    if (this.byFlow.size <= this.limit) return
    for (const oldest of this.byFlow.keys()) {
      this.byFlow.delete(oldest)
      return
    }
  }

  drop(flow: number): void {
    this.byFlow.delete(flow)
  }
}
