// Segments of a TCP stream, or pieces of a file, in any order -> the same bytes in order, each once. Only what arrives early is kept.

/** Pieces that wait for one before them; with more gaps, the rest is given up. */
const MAX_EARLY = 64
const MAX_EARLY_BYTES = 128 * 1024

export class Ordered {
  /** Position of the next byte, modulo 2^32. */
  next: number
  private readonly early = new Map<number, Uint8Array>()
  private earlyBytes = 0
  private readonly consume: (bytes: Uint8Array) => void

  /** @param at position of the first byte @param consume called with the bytes in order, which are valid until it returns */
  constructor(at: number, consume: (bytes: Uint8Array) => void) {
    this.next = at | 0
    this.consume = consume
  }

  /** Whether nothing waits. */
  get isComplete(): boolean {
    return this.early.size === 0
  }

  /** Repeated bytes count once, as they came first. @returns false if more is missing than may wait */
  add(at: number, bytes: Uint8Array): boolean {
    const ahead = (at - this.next) | 0
    if (ahead > 0) return this.wait(at, bytes)
    if (ahead + bytes.length <= 0) return true
    this.pass(ahead === 0 ? bytes : bytes.subarray(-ahead))
    if (this.early.size > 0) this.passEarly()
    return true
  }

  private wait(at: number, bytes: Uint8Array): boolean {
    if (this.early.has(at)) return true
    this.earlyBytes += bytes.length
    if (this.early.size >= MAX_EARLY || this.earlyBytes > MAX_EARLY_BYTES) return false
    this.early.set(at, bytes.slice())
    return true
  }

  private passEarly(): void {
    for (let found = true; found; ) {
      found = false
      for (const [at, bytes] of this.early) {
        const ahead = (at - this.next) | 0
        if (ahead > 0) continue
        this.early.delete(at)
        this.earlyBytes -= bytes.length
        if (ahead + bytes.length > 0) this.pass(bytes.subarray(-ahead))
        found = true
      }
    }
  }

  private pass(bytes: Uint8Array): void {
    this.next = (this.next + bytes.length) | 0
    this.consume(bytes)
  }
}
