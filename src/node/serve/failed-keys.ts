// Guessing is slow: an address that gave wrong keys has to wait. Bounded, because addresses cost an attacker nothing.
import { RecentMap } from './recent-map.ts'

/** Wrong keys an address may give at once. */
const BURST = 10
/** One more try is earned in this time. */
const REFILL_MS = 6_000
/** Addresses remembered: those that failed last. */
const ADDRESSES = 10_000

export class FailedKeys {
  /** Failures that still count, and when that was worked out. */
  readonly #failures = new RecentMap<string, { count: number; atMs: number }>(ADDRESSES)
  readonly #now: () => number
  /** All wrong keys since the start. */
  total = 0

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Seconds until this address may try a key again; 0: now. */
  waitSeconds(address: string): number {
    const left = this.#count(prefixOf(address)) - BURST + 1
    return left <= 0 ? 0 : Math.ceil((left * REFILL_MS) / 1000)
  }

  add(address: string): void {
    this.total++
    const prefix = prefixOf(address)
    const count = this.#count(prefix) + 1
    this.#failures.set(prefix, { count: Math.min(count, BURST), atMs: this.#now() })
  }

  #count(prefix: string): number {
    const entry = this.#failures.get(prefix)
    return entry ? Math.max(0, entry.count - (this.#now() - entry.atMs) / REFILL_MS) : 0
  }
}

/** An IPv6 customer has a whole /64 (RFC 6177), so its addresses count as one. */
function prefixOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) while (groups.length < 8 - (tail === '' ? 0 : tail.split(':').length)) groups.push('0')
  return groups.slice(0, 4).join(':')
}
