// Packets with a time before the previous packet's, or much later -> warnings with size and position of the jump.

/** Jumps from this size on are listed with their position: the clock was wrong, or captures were joined. */
export const LONG_US = 86_400_000_000
const MINUTE_US = 60_000_000
const YEAR_US = 365.25 * LONG_US
/** Most jumps that are listed one by one. */
const MAX_LISTED = 5

interface Jump {
  fromUs: number
  toUs: number
  /** Packet number, from 1. */
  packet: number
  offset: number
}

export class TimeJumps {
  /** Time of the previous packet; set by the caller. */
  previousUs = Number.NaN
  private backwards = 0
  private furthest: Jump | null = null
  private long = 0
  private readonly listed: Jump[] = []

  /** Adds a packet that is earlier than the previous one, or later by LONG_US. @param packet its number, from 1 @param offset of its record */
  add(timeUs: number, packet: number, offset: number): void {
    const us = timeUs - this.previousUs
    const jump = { fromUs: this.previousUs, toUs: timeUs, packet, offset }
    if (us < 0) {
      this.backwards++
      if (this.furthest === null || us < this.furthest.toUs - this.furthest.fromUs) this.furthest = jump
    }
    if (Math.abs(us) < LONG_US) return
    this.long++
    if (this.listed.length < MAX_LISTED) this.listed.push(jump)
  }

  warnings(): string[] {
    const { furthest, long, listed } = this
    const lines = listed.map(
      ({ fromUs, toUs, packet, offset }) =>
        `time jumps ${toUs < fromUs ? 'back' : 'forward'} by ${inWords(Math.abs(toUs - fromUs))} at packet ${packet} (byte ${offset}), from ${date(fromUs)} to ${date(toUs)}: a wrong clock, joined captures, or a long silence`,
    )
    if (long > listed.length) lines.push(`time jumps by a day or more ${times(long - listed.length)} after that`)
    if (furthest !== null) {
      const { fromUs, toUs, packet, offset } = furthest
      lines.push(`time goes backwards ${times(this.backwards)}, at most by ${inWords(fromUs - toUs)} at packet ${packet} (byte ${offset})`)
    }
    return lines
  }
}

/** "54.1 years", "3.0 days", "2.50 s". */
function inWords(us: number): string {
  if (us >= YEAR_US) return `${(us / YEAR_US).toFixed(1)} years`
  if (us >= LONG_US) return `${(us / LONG_US).toFixed(1)} days`
  if (us >= 60 * MINUTE_US) return `${(us / (60 * MINUTE_US)).toFixed(1)} hours`
  if (us >= MINUTE_US) return `${(us / MINUTE_US).toFixed(1)} minutes`
  return us >= 1e6 ? `${(us / 1e6).toFixed(3)} s` : us >= 1000 ? `${(us / 1000).toFixed(3)} ms` : `${us} µs`
}

/** "2024-05-01 10:00:00 UTC" */
function date(us: number): string {
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`
}
