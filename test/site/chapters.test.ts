// Findings as chapters: which is next, when and how fast each plays, and of which is spoken.
import { describe, expect, it } from 'vitest'
import { chapterAt, chapterSpeed, chaptersOf, nextChapter } from '../../site/src/model/chapters.ts'
import type { AlertMark } from '../../site/src/model/report.ts'

const SECOND_US = 1e6
const FIRST_US = 1_772_445_600_000_000

const alert = (id: number, severity: string, first: number, last: number): AlertMark => ({
  ...{ id, severity, rule: 'port-scan', title: `Finding ${id}`, source: null, target: null, storyId: id, routes: [] },
  firstUs: FIRST_US + first * SECOND_US,
  lastUs: FIRST_US + last * SECOND_US,
})

/** A capture of ten minutes, a moment is ten seconds. */
const build = (...alerts: AlertMark[]) => chaptersOf(alerts, FIRST_US, 600 * SECOND_US, 10 * SECOND_US)

describe('chapters', () => {
  const chapters = build(
    alert(1, 'high', 300, 500),
    alert(2, 'low', 100, 100),
    alert(3, 'high', 100, 120),
    alert(4, 'info', 10, 600),
    alert(5, 'low', 590, 600),
  )

  it('are in the order of their starts, the most severe first if several start together', () => {
    expect(chapters.map((chapter) => chapter.alert.id)).toEqual([3, 2, 1, 5])
  })

  it('leave out what only informs, unless there is nothing else', () => {
    expect(build(alert(4, 'info', 10, 600)).map((chapter) => chapter.alert.id)).toEqual([4])
  })

  it('reach a moment before and after the finding, within the capture', () => {
    expect(chapters[2]).toMatchObject({ fromUs: 290 * SECOND_US, toUs: 510 * SECOND_US, shownUs: 305 * SECOND_US })
    expect(chapters[3]).toMatchObject({ fromUs: 580 * SECOND_US, toUs: 600 * SECOND_US })
  })

  it('play in ten seconds, never faster than playback does', () => {
    expect(chapterSpeed(chapters[2], 50)).toBe(22)
    expect(chapterSpeed(chapters[2], 5)).toBe(5)
  })

  it('follow one another and go round; from outside the next to come is first', () => {
    expect(nextChapter(chapters, -1, 0, 1)).toBe(0)
    expect(nextChapter(chapters, -1, 200 * SECOND_US, 1)).toBe(2)
    expect(nextChapter(chapters, -1, 200 * SECOND_US, -1)).toBe(1)
    expect(nextChapter(chapters, 2, 305 * SECOND_US, 1)).toBe(3)
    expect(nextChapter(chapters, 3, 595 * SECOND_US, 1)).toBe(0)
    expect(nextChapter(chapters, 0, 0, -1)).toBe(3)
    expect(nextChapter([], -1, 0, 1)).toBe(-1)
  })

  it('are spoken of when they begin: the gravest', () => {
    expect(chapterAt(chapters, 50 * SECOND_US)).toBe(-1)
    expect(chapterAt(chapters, 105 * SECOND_US)).toBe(0)
    expect(chapterAt(chapters, 350 * SECOND_US)).toBe(2)
    expect(chapterAt(chapters, 365 * SECOND_US)).toBe(-1) // six moments after its beginning it is no news
  })

  it('are spoken of one after another where they are equally grave', () => {
    const equal = build(alert(1, 'medium', 4, 60), alert(2, 'medium', 4, 30), alert(3, 'medium', 8, 90))
    expect(chapterAt(equal, 0)).toBe(0) // none has begun: the next to begin
    expect(chapterAt(equal, 5 * SECOND_US)).toBe(0)
    expect(chapterAt(equal, 20 * SECOND_US)).toBe(2)
  })
})
