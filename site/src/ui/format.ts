// Values -> text for readers. Everything here returns plain text; nothing makes markup.

import { formatScaled, formatUnits } from '../../../src/number-format.ts'
import { UNPRINTABLE } from '../../../src/unprintable.ts'

export { formatBytes, formatDuration, formatPlural as formatCounted } from '../../../src/number-format.ts'

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const clockIn = (timeZone: string) => ({
  date: new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  time: new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }),
  name: new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' }),
})
/** Time zone of all times on the page; downloaded files use UTC. */
let clock = clockIn('UTC')
/** From the first packet to the last, and whether these are of several days in the time zone. */
let period = { firstUs: 0, lastUs: 0, hasSeveralDays: false }
const BIT_UNITS = ['bit', 'kbit', 'Mbit', 'Gbit', 'Tbit']

export function formatCount(value: number): string {
  return COUNT.format(value)
}

export function formatShort(value: number): string {
  return value < 10_000 ? COUNT.format(value) : SHORT.format(value)
}

const DAY_SECONDS = 86_400
const YEAR_SECONDS = 365.25 * DAY_SECONDS

/** Capture seconds per real second as "12.4x"; above a day per second as "3.2 d/s" or "1.8 y/s", very slow as "33.3 ns/s". */
export function formatSpeed(speed: number): string {
  if (speed >= YEAR_SECONDS) return `${formatScaled(speed / YEAR_SECONDS)} y/s`
  if (speed >= DAY_SECONDS) return `${formatScaled(speed / DAY_SECONDS)} d/s`
  if (speed >= 1e-3) return `${formatScaled(speed)}×`
  return speed >= 1e-6 ? `${formatScaled(speed * 1e6)} µs/s` : `${formatScaled(speed * 1e9)} ns/s`
}

/** Sets the time zone (IANA name) for later texts; returns false when the browser does not know it. */
export function setZone(timeZone: string): boolean {
  try {
    clock = clockIn(timeZone)
    setPeriod(period.firstUs, period.lastUs)
    return true
  } catch {
    return false
  }
}

/** Whether Date can hold this time: Intl throws when it cannot. */
function isDate(us: number): boolean {
  return Math.abs(us) <= 8.64e18
}

/** "UTC", "GMT+3": the abbreviation of the zone at that time. */
export function formatZone(us: number): string {
  if (!isDate(us)) return ''
  return clock.name.formatToParts(us / 1000).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
}

/** "2026-03-02". */
export function formatDate(us: number): string {
  return isDate(us) ? clock.date.format(us / 1000) : 'no date'
}

/** "10:00:03.250". */
export function formatTime(us: number): string {
  return isDate(us) ? clock.time.format(us / 1000) : 'no time'
}

/** For times in lists: where packets are of several days, each has its date. */
export function setPeriod(firstUs: number, lastUs: number): void {
  period = { firstUs, lastUs, hasSeveralDays: formatDate(firstUs) !== formatDate(lastUs) }
}

export function hasSeveralDays(): boolean {
  return period.hasSeveralDays
}

/** "10:00:03.250", or "2026-03-02 10:00:03.250" where packets are of several days. */
export function formatMoment(us: number): string {
  return period.hasSeveralDays ? `${formatDate(us)} ${formatTime(us)}` : formatTime(us)
}

/** As formatMoment(), to the second. */
export function formatSecond(us: number): string {
  return formatMoment(us).replace(/\.\d+$/, '')
}

/** "2026-03-02 10:00:03.250 UTC". */
export function formatInstant(us: number): string {
  return `${formatDate(us)} ${formatTime(us)} ${formatZone(us)}`
}

/** "12.4 kbit/s", decimal units as usual for link speeds. */
export function formatBitRate(bitsPerSecond: number): string {
  return `${formatUnits(bitsPerSecond, BIT_UNITS)}/s`
}

/** "1,234 packets/s", "0.02 packets/s". */
export function formatRate(perSecond: number, noun: string): string {
  return `${perSecond < 100 ? formatScaled(perSecond) : formatShort(Math.round(perSecond))} ${noun}/s`
}

/** A string from the network: these characters become visible as U+XXXX, and the length is limited to `longest`. */
export function formatHostile(text: string, longest = 120): string {
  const shown = text.replace(UNPRINTABLE, (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)
  return shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown
}
