// Findings as chapters of the playback: when each is played, how fast, and which one is spoken of at a time. Pure.
import { SEVERITIES } from '../../../src/types.ts'
import type { AlertMark } from './report.ts'

export interface Chapter {
  alert: AlertMark
  /** Position in microseconds since the first packet: a little before the finding begins, a little after it ends. */
  fromUs: number
  toUs: number
  /** Where it can be seen: just after it begins. */
  shownUs: number
  /** Until here it is spoken of in passing: one that goes on for hours is news only at its beginning. */
  spokenUs: number
}

/** A chapter plays in about this many seconds, unless the capture's usual speed is slower still. */
const CHAPTER_SECONDS = 10
/** Moments after its beginning that a finding is spoken of in passing. */
const SPOKEN_MOMENTS = 6
const gravityOf = ({ severity }: { severity: string }): number => (SEVERITIES as readonly string[]).indexOf(severity)

/** One chapter an alert, by time; those that only inform are left out where there are graver ones. Of several that begin together the gravest is first. `momentUs` is Report.timeline.momentUs. */
export function chaptersOf(alerts: readonly AlertMark[], firstUs: number, durationUs: number, momentUs: number): Chapter[] {
  const grave = alerts.filter(({ severity }) => severity !== 'info')
  return (grave.length > 0 ? grave : alerts)
    .map((alert) => {
      const begins = Math.min(durationUs, Math.max(0, alert.firstUs - firstUs))
      const ends = Math.min(durationUs, Math.max(begins, alert.lastUs - firstUs))
      return {
        alert,
        fromUs: Math.max(0, begins - momentUs),
        toUs: Math.min(durationUs, ends + momentUs),
        shownUs: Math.min(durationUs, begins + Math.min(momentUs, ends - begins) / 2),
        spokenUs: Math.min(durationUs, ends + momentUs, begins + SPOKEN_MOMENTS * momentUs),
      }
    })
    .sort((a, b) => a.alert.firstUs - b.alert.firstUs || gravityOf(b.alert) - gravityOf(a.alert) || a.alert.id - b.alert.id)
}

/** Speed of a chapter: never faster than playback was. */
export function chapterSpeed({ fromUs, toUs }: Chapter, speed: number): number {
  return Math.min(speed, Math.max(1, toUs - fromUs) / 1e6 / CHAPTER_SECONDS)
}

/**
 * The chapter after (1) or before (-1) the current one; without a current one the first that is still to come, or the last that was.
 * Goes round at the ends. -1 without chapters.
 */
export function nextChapter(chapters: readonly Chapter[], current: number, positionUs: number, way: 1 | -1): number {
  const count = chapters.length
  if (count === 0) return -1
  if (current >= 0) return (current + way + count) % count
  if (way > 0) {
    const next = chapters.findIndex(({ shownUs }) => shownUs >= positionUs)
    return next < 0 ? 0 : next
  }
  const before = chapters.findLastIndex(({ shownUs }) => shownUs < positionUs)
  return before < 0 ? count - 1 : before
}

/** The gravest finding that is spoken of at a position, of several the one that began last; -1 for none. `info` is not worth a word. */
export function chapterAt(chapters: readonly Chapter[], positionUs: number): number {
  let best = -1
  chapters.forEach(({ alert, fromUs, spokenUs }, index) => {
    if (alert.severity === 'info' || positionUs < fromUs || positionUs >= spokenUs) return
    if (best < 0 || gravityOf(alert) >= gravityOf(chapters[best].alert)) best = index
  })
  return best
}
