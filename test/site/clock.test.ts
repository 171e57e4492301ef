// The player's clock: where playback stands after so much real time.
import { describe, expect, it } from 'vitest'
import { advance, createClock, cycle, fitSpeed, pause, play, SPEEDS, seek, setSpeed } from '../../site/src/player/clock.ts'

const MINUTE_US = 60_000_000

describe('clock', () => {
  it('plays a capture of any length in 30 seconds at the speed it starts with', () => {
    for (const durationUs of [1, 20_000, MINUTE_US, 7 * 24 * 60 * MINUTE_US]) {
      let clock = play(createClock(durationUs))
      clock = advance(clock, 29_999)
      expect(clock.isPlaying).toBe(true)
      clock = advance(clock, 2)
      expect(clock).toMatchObject({ positionUs: durationUs, isPlaying: false })
    }
  })

  it('offers speeds from 0.1x to 10,000x', () => {
    expect(SPEEDS[0]).toBe(0.1)
    expect(SPEEDS.at(-1)).toBe(10_000)
    expect(fitSpeed(MINUTE_US)).toBe(2)
  })

  it('moves by real time times speed, and only while playing', () => {
    const clock = setSpeed(createClock(MINUTE_US), 5)
    expect(advance(clock, 1000).positionUs).toBe(0)
    expect(advance(play(clock), 1000).positionUs).toBe(5_000_000)
    expect(advance(pause(play(clock)), 1000).positionUs).toBe(0)
  })

  it('starts again from the beginning at the end, else goes on', () => {
    expect(play(seek(createClock(MINUTE_US), MINUTE_US)).positionUs).toBe(0)
    expect(play(seek(createClock(MINUTE_US), 7)).positionUs).toBe(7)
  })

  it('holds every position within the capture and ignores what is no number', () => {
    const clock = seek(createClock(MINUTE_US), 9)
    expect(seek(clock, -5).positionUs).toBe(0)
    expect(seek(clock, 1e12).positionUs).toBe(MINUTE_US)
    expect(seek(clock, Number.NaN).positionUs).toBe(9)
    expect(setSpeed(clock, 0).speed).toBe(2)
    expect(setSpeed(clock, Number.POSITIVE_INFINITY).speed).toBe(2)
  })

  it('gives the same cycle for a position however it was reached', () => {
    const played = advance(advance(play(createClock(MINUTE_US)), 3000), 4000)
    const sought = seek(seek(createClock(MINUTE_US), 55_000_000), 14_000_000)
    expect(played.positionUs).toBe(14_000_000)
    expect(cycle(played)).toBe(cycle(sought))
    expect(cycle(sought)).toBeGreaterThanOrEqual(0)
    expect(cycle(sought)).toBeLessThan(1)
  })
})
