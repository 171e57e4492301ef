// Ticks of a time axis in microseconds, from a packet's gap to years, told in the page's zone.
import { formatDate, formatTime } from '../ui/format.ts'

const SECOND = 1e6
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365.25 * DAY

const BELOW_A_SECOND = [1, 10, 100, 1000, 10_000, 100_000].flatMap((unit) => [unit, 2 * unit, 5 * unit])

/** Distances between ticks that read well. */
export const INCREMENTS = [
  ...BELOW_A_SECOND,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((count) => count * DAY),
  ...[2, 5, 10, 20, 50, 100].map((count) => count * YEAR),
]

/** A text nearer to an end of the axis than this (pixels) would be cut. */
const EDGE_PIXELS = 26

/** Whether a tick at `x` of an axis `width` pixels wide has room for its text. */
export function hasRoom(x: number, width: number): boolean {
  return x >= EDGE_PIXELS && x <= width - EDGE_PIXELS
}

/** One text a tick: only the digits that differ, the date where a day begins. */
export function tickTexts(ticks: number[], increment: number): string[] {
  let day = ''
  return ticks.map((us) => {
    if (increment >= 2 * YEAR) return formatDate(us + DAY / 2).slice(0, 7) // a leap day may put it on the evening before
    if (increment >= DAY) return formatDate(us)
    const time = formatTime(us)
    const date = formatDate(us)
    const shown =
      increment >= MINUTE ? time.slice(0, 5) : increment >= SECOND ? time.slice(0, 8) : `${time.slice(0, 12)}${micros(us, increment)}`
    const isNewDay = day !== '' && date !== day
    day = date
    return isNewDay ? date.slice(5) : shown
  })
}

/** The digits after the milliseconds, where ticks stand closer than that. */
function micros(us: number, increment: number): string {
  return increment < 1000 ? String(Math.round(us) % 1000).padStart(3, '0') : ''
}
