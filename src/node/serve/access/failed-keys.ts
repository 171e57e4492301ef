// Wrong keys by address: a client that tries many different ones gets delayed answers. A correct key is never delayed, and a repeated wrong key
// counts once. The memory is limited, because attackers can use many addresses.
import { createHmac, randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { RecentMap } from '../recent-map.ts'

/** Different wrong keys of an address that are answered without delay; also the number that is remembered. */
const BURST = 10
/** Time after which one more is allowed. */
const REFILL_MS = 6_000
/** Most addresses remembered, those that failed last. */
const ADDRESSES = 10_000
/** Delay of an answer, and most delayed answers at once, because each uses a connection. */
const DELAY_MS = 1_000
const HELD = 64

interface Failures {
  /** Wrong keys that still count at `atMs`. */
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
  /** Number of wrong keys since the start. */
  total = 0

  /** @param now monotonic time, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Seconds until a wrong key from this address is answered without delay; 0: now. */
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

/** An IPv6 customer usually has a /64 (RFC 6177), so its addresses count as one. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) while (groups.length < 8 - (tail === '' ? 0 : tail.split(':').length)) groups.push('0')
  return groups.slice(0, 4).join(':')
}
