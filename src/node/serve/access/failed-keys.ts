// Wrong keys by address: who tries many different ones waits for each answer. A right key never waits, and one wrong key that is
// sent again and again is one try. Bounded, because addresses cost an attacker nothing.
import { createHmac, randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { RecentMap } from '../recent-map.ts'

/** Different wrong keys an address may give at once; so many of them are remembered. */
const BURST = 10
/** One more is earned in this time. */
const REFILL_MS = 6_000
/** Addresses remembered: those that failed last. */
const ADDRESSES = 10_000
/** How long an answer to a wrong key is held back, and how many at a time: more would use up the server's connections. */
const DELAY_MS = 1_000
const HELD = 64

interface Failures {
  /** That still count at `atMs`. */
  count: number
  atMs: number
  /** Digests of the last different keys. */
  keys: string[]
}

export class FailedKeys {
  readonly #failures = new RecentMap<string, Failures>(ADDRESSES)
  readonly #salt = randomBytes(32)
  readonly #now: () => number
  #held = 0
  /** All wrong keys since the start. */
  total = 0

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Seconds until a wrong key from this address is answered at once again; 0: now. */
  waitSeconds(address: string): number {
    const failures = this.#failures.get(networkOf(address))
    const left = failures ? this.#countNow(failures) - BURST + 1 : 0
    return left <= 0 ? 0 : Math.ceil((left * REFILL_MS) / 1000)
  }

  add(address: string, key: string): void {
    this.total++
    const network = networkOf(address)
    const failures = this.#failures.get(network) ?? { count: 0, atMs: 0, keys: [] }
    const digest = createHmac('sha256', this.#salt).update(key).digest('base64')
    if (failures.keys.includes(digest)) return
    failures.keys.push(digest)
    if (failures.keys.length > BURST) failures.keys.shift()
    failures.count = Math.min(this.#countNow(failures) + 1, BURST)
    failures.atMs = this.#now()
    this.#failures.set(network, failures)
  }

  async delay(): Promise<void> {
    if (this.#held >= HELD) return
    this.#held++
    await setTimeout(DELAY_MS)
    this.#held--
  }

  #countNow({ count, atMs }: Failures): number {
    return Math.max(0, count - (this.#now() - atMs) / REFILL_MS)
  }
}

/** An IPv6 customer has a whole /64 (RFC 6177), so its addresses count as one. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) while (groups.length < 8 - (tail === '' ? 0 : tail.split(':').length)) groups.push('0')
  return groups.slice(0, 4).join(':')
}
