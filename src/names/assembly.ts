// A handshake message from pieces at offsets, in any order and overlapping: QUIC's CRYPTO frames, DTLS's fragments.

/** Even with the largest key shares a ClientHello has some 4 KiB; a piece beyond is left out. */
const MAX_MESSAGE = 0x4000
const MAX_GAPS = 64

export class Assembly {
  bytes = new Uint8Array(2048)
  /** bytes[0..end) are there without a gap. */
  end = 0
  /** Pieces behind a gap: begins and ends. */
  private readonly later: [number, number][] = []

  /** @returns true when `end` moved */
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

/** Messages being put together, by flow; the oldest goes when there are too many. */
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
