// Ticks of a time axis in microseconds, from the gap between two packets to years, in the time zone of the page.
import { formatDate, formatTime } from '../ui/format.ts'

const SECOND = 1e6
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365.25 * DAY

const BELOW_A_SECOND = [1, 10, 100, 1000, 10_000, 100_000].flatMap((unit) => [unit, 2 * unit, 5 * unit])

/** Possible distances between ticks. */
export const INCREMENTS = [
  ...BELOW_A_SECOND,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((count) => count * DAY),
  ...[2, 5, 10, 20, 50, 100].map((count) => count * YEAR),
]

/** Half of a character of a tick's text, at most. */
const HALF_CHARACTER_PIXELS = 3.5

/** Whether the text of a tick, `before` pixels from one end of what is drawn and `after` from the other, is whole there. */
export function hasRoom(text: string, before: number, after: number): boolean {
  return Math.min(before, after) >= text.length * HALF_CHARACTER_PIXELS
}

/** One text for each tick: only the digits that change, and the date where a day begins. */
export function tickTexts(ticks: number[], increment: number): string[] {
  let day = ''
  return ticks.map((us) => {
    if (increment >= 2 * YEAR) return formatDate(us + DAY / 2).slice(0, 7) // in leap years the tick may be on the evening before
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

/** The digits after the milliseconds, when ticks are closer than a millisecond. */
function micros(us: number, increment: number): string {
  return increment < 1000 ? String(Math.round(us) % 1000).padStart(3, '0') : ''
}
