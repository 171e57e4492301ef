// The bytes of a running capture so far -> how fast they come now, in words.
import { formatBitRate } from '../ui/format.ts'

/** The rate is the mean of the last seconds: a shorter one flickers. */
const MEAN_MS = 3000
const LEAST_MS = 500

export class CurrentRate {
  #samples: { ms: number; bytes: number }[] = []

  /** Takes the total; returns "1.2 Mbit/s", or "" as long as there is too little to tell. */
  of(bytes: number, ms = performance.now()): string {
    this.#samples.push({ ms, bytes })
    while (this.#samples.length > 2 && ms - this.#samples[1].ms >= MEAN_MS) this.#samples.shift()
    const [first] = this.#samples
    if (ms - first.ms < LEAST_MS || bytes < first.bytes) return ''
    return formatBitRate(((bytes - first.bytes) * 8000) / (ms - first.ms))
  }
}
