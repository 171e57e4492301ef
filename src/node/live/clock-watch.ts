// Notices what makes packet times lie, or packets late: a clock that was set, a machine that slept, a program that was stopped.
import { readFileSync } from 'node:fs'
import { formatDuration } from './duration.ts'
import { type Clocks, SYSTEM_CLOCKS } from './steady-clock.ts'

export interface WatchClocks extends Clocks {
  /** Milliseconds since the machine started, sleep included; null where the system does not tell. */
  uptimeMs(): number | null
}

/** Less is a busy machine. */
const TOLERANCE_MS = 2000
/** Between two looks; less is a busy machine, and the kernel's buffer holds what comes. */
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

  /** What happened since the last look, one sentence each. Look about once a second. */
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
      news.push(
        `nothing was done for ${formatDuration(passedMs)} until ${at} UTC: this program was stopped, or the machine had no time for it`,
      )
    if (jumpMs > TOLERANCE_MS)
      news.push(`the clock jumped ahead by ${formatDuration(jumpMs)} to ${at} UTC (it was set, or the machine slept)`)
    if (jumpMs < -TOLERANCE_MS) news.push(`the clock was set back by ${formatDuration(-jumpMs)} to ${at} UTC: packet times overlap`)
    return news
  }
}
