// Clocks -> messages about wrong packet times or missing packets: the clock was set, the machine slept, the program was stopped.
import { readFileSync } from 'node:fs'
import { formatDuration } from './duration.ts'
import { type Clocks, SYSTEM_CLOCKS } from './steady-clock.ts'

export interface WatchClocks extends Clocks {
  /** Milliseconds since the machine started, including sleep; null if the system does not provide it. */
  uptimeMs(): number | null
}

/** Smaller differences are normal on a busy machine. */
const TOLERANCE_MS = 2000
/** Time between two calls; shorter ones are normal on a busy machine, and the kernel's buffer holds the packets. */
const STANDSTILL_MS = 5000

const WATCH_CLOCKS: WatchClocks = {
  ...SYSTEM_CLOCKS,
  uptimeMs: () => {
    try {
      return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
    } catch {
      return null
    }
  },
}

export class ClockWatch {
  private readonly clocks: WatchClocks
  private wallMs: number
  private monotonicMs: number
  private uptimeMs: number | null

  constructor(clocks: WatchClocks = WATCH_CLOCKS) {
    this.clocks = clocks
    this.wallMs = clocks.wallMs()
    this.monotonicMs = clocks.monotonicMs()
    this.uptimeMs = clocks.uptimeMs()
  }

  /** Events since the last call, one sentence each. Call about once per second. */
  look(): string[] {
    const { clocks } = this
    const [wallMs, monotonicMs, uptimeMs] = [clocks.wallMs(), clocks.monotonicMs(), clocks.uptimeMs()]
    const passedMs = monotonicMs - this.monotonicMs
    const sleptMs = uptimeMs === null || this.uptimeMs === null ? 0 : uptimeMs - this.uptimeMs - passedMs
    const isAsleep = sleptMs > TOLERANCE_MS
    const jumpMs = wallMs - this.wallMs - passedMs - (isAsleep ? sleptMs : 0)
    Object.assign(this, { wallMs, monotonicMs, uptimeMs })
    const news: string[] = []
    const at = new Date(wallMs).toISOString().slice(0, 19)
    if (isAsleep) news.push(`the machine was asleep for ${formatDuration(sleptMs)} until ${at} UTC: nothing was captured in that time`)
    if (passedMs > STANDSTILL_MS)
      news.push(`the program did not run for ${formatDuration(passedMs)} until ${at} UTC: it was stopped, or the machine was overloaded`)
    if (jumpMs > TOLERANCE_MS)
      news.push(`the clock jumped ahead by ${formatDuration(jumpMs)} to ${at} UTC (it was set, or the machine slept)`)
    if (jumpMs < -TOLERANCE_MS) news.push(`the clock was set back by ${formatDuration(-jumpMs)} to ${at} UTC: packet times overlap`)
    return news
  }
}
