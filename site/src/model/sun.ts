// A time -> where the sun stands overhead: the middle of the day side. Pure.
import type { SitePoint } from '../../../src/contract/manifest.ts'
import type { TimeSpan } from './selection.ts'

const DAY_MS = 86_400_000
/** Noon of 2000-01-01, from which almanacs count days. */
const J2000_MS = Date.UTC(2000, 0, 1, 12)
const RADIANS = Math.PI / 180

function wrap(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180
}

/** By the low-precision formulas of the Astronomical Almanac: right to about 0.01 degrees from 1950 to 2050. `us` since the epoch. */
export function subsolarPoint(us: number): SitePoint {
  const days = (us / 1000 - J2000_MS) / DAY_MS
  const anomaly = (357.528 + 0.9856003 * days) * RADIANS
  const meanLongitude = 280.46 + 0.9856474 * days
  const longitude = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RADIANS
  const obliquity = (23.439 - 0.0000004 * days) * RADIANS
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude)) / RADIANS
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude)) / RADIANS
  const greenwich = 280.46062 + 360.98564737 * days // sidereal time, degrees
  return { latitudeDeg: declination, longitudeDeg: wrap(ascension - greenwich) }
}

/** Longest period for which one night is drawn: the sun goes on by 30 degrees. */
const STILL_US = 2 * 3600e6

let minute = Number.NaN
let sunOfMinute = subsolarPoint(0)

/** The sun at the time that is shown, computed anew once a minute of the capture; null over a period in which the night wanders. */
export function sunShown(
  { clock, isWhole, span }: { clock: { positionUs: number; durationUs: number }; isWhole: boolean; span: TimeSpan | null },
  firstUs: number,
): SitePoint | null {
  const { fromUs, toUs } = span ?? { fromUs: 0, toUs: clock.durationUs }
  if (isWhole && toUs - fromUs > STILL_US) return null
  const us = firstUs + (isWhole ? (fromUs + toUs) / 2 : clock.positionUs)
  const now = Math.floor(us / 60e6)
  if (now !== minute) sunOfMinute = subsolarPoint(us)
  minute = now
  return sunOfMinute
}

/** The night is drawn anew when the sun has gone on by so many degrees: a quarter of an hour. */
const STEP_DEG = 4

export function hasSunMoved(before: SitePoint | null, now: SitePoint | null): boolean {
  if (!before || !now) return before !== now
  return Math.abs(now.longitudeDeg - before.longitudeDeg) >= STEP_DEG || Math.abs(now.latitudeDeg - before.latitudeDeg) >= STEP_DEG
}
