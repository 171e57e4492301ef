// Findings as chapters of the playback: when each is played, at which speed, and which one has the caption at a time. Pure.
import { SEVERITIES } from '../../../src/types.ts'
import type { AlertMark } from './report.ts'

export interface Chapter {
  alert: AlertMark
  /** Microseconds since the first packet: from shortly before the finding begins to shortly after it ends. */
  fromUs: number
  toUs: number
  /** Position at which it is visible: just after it begins. */
  shownUs: number
  /** End of its caption outside the tour: the caption of a finding of many hours is shown only at its beginning. */
  spokenUs: number
}

/** A chapter plays in about this many seconds, or in fewer when the current speed is slower. */
const CHAPTER_SECONDS = 10
/** Length of a caption outside the tour, in multiples of `momentUs`. */
const SPOKEN_MOMENTS = 6
const gravityOf = ({ severity }: { severity: string }): number => (SEVERITIES as readonly string[]).indexOf(severity)

/** One chapter for each alert, by time, then severity; `info` alerts only when there are no others. `momentUs` is Report.timeline.momentUs. */
export function chaptersOf(alerts: readonly AlertMark[], firstUs: number, durationUs: number, momentUs: number): Chapter[] {
  // A finding of another part of a capture whose clock jumped is not played.
  const played = alerts.filter((alert) => alert.lastUs >= firstUs && alert.firstUs <= firstUs + durationUs)
  const grave = played.filter(({ severity }) => severity !== 'info')
  return (grave.length > 0 ? grave : played)
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

/** Speed of a chapter: at most `speed`. */
export function chapterSpeed({ fromUs, toUs }: Chapter, speed: number): number {
  return Math.min(speed, Math.max(1, toUs - fromUs) / 1e6 / CHAPTER_SECONDS)
}

/**
 * The chapter after (1) or before (-1) the current one. Without a current chapter: the first that comes later than the position, or the last
 * that came earlier. Continues at the other end; -1 without chapters.
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

/**
 * The most severe chapter with a caption at a position; among equal ones the last that has begun, else the next to begin. -1 for none:
 * `info` alerts get no caption.
 */
export function chapterAt(chapters: readonly Chapter[], positionUs: number): number {
  let best = -1
  chapters.forEach(({ alert, fromUs, spokenUs }, index) => {
    if (alert.severity === 'info' || positionUs < fromUs || positionUs >= spokenUs) return
    if (best < 0 || gravityOf(alert) > gravityOf(chapters[best].alert)) best = index
    else if (gravityOf(alert) === gravityOf(chapters[best].alert) && isLater(chapters[index], chapters[best], positionUs)) best = index
  })
  return best
}

/** Whether a chapter that comes after another in the list has begun later, and not at the same time. */
function isLater(chapter: Chapter, before: Chapter, positionUs: number): boolean {
  return chapter.shownUs <= positionUs && chapter.alert.firstUs > before.alert.firstUs
}
