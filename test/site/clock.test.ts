// The player's clock: where playback stands after so much real time.
import { describe, expect, it } from 'vitest'
import {
  advance,
  createClock,
  cycle,
  fitSpeed,
  nextSpeed,
  pause,
  play,
  SPEEDS,
  seek,
  setSpeed,
  stepTick,
} from '../../site/src/model/clock.ts'
import { buildPace, showAt, usAt } from '../../site/src/model/pace.ts'
import { ticksOf } from '../../site/src/model/timeline.ts'
import { readSpeed } from '../../site/src/playback/speed.ts'

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

describe('a brushed span', () => {
  const run = { span: { fromUs: 10_000_000, toUs: 20_000_000 }, isLooping: false, pace: null }
  const clock = setSpeed(createClock(MINUTE_US), 1)

  it('is played from its beginning to its end, and no further', () => {
    const started = play(clock, run)
    expect(started.positionUs).toBe(10_000_000)
    expect(advance(started, 9_999, run)).toMatchObject({ positionUs: 19_999_000, isPlaying: true })
    expect(advance(started, 50_000, run)).toMatchObject({ positionUs: 20_000_000, isPlaying: false })
  })

  it('goes on from within, and begins again from outside', () => {
    expect(play(seek(clock, 15_000_000), run).positionUs).toBe(15_000_000)
    expect(play(seek(clock, 20_000_000), run).positionUs).toBe(10_000_000)
    expect(play(seek(clock, 5), run).positionUs).toBe(10_000_000)
  })

  it('loops without losing the time beyond its end', () => {
    const looping = { ...run, isLooping: true }
    expect(advance(play(clock, looping), 10_250, looping)).toMatchObject({ positionUs: 10_250_000, isPlaying: true })
    expect(advance(play(clock, looping), 34_000, looping)).toMatchObject({ positionUs: 14_000_000, isPlaying: true })
  })
})

describe('keys of a video player', () => {
  const clock = createClock(MINUTE_US)

  it('step to the next and the last tick exactly, also from between two', () => {
    expect(stepTick(clock, 250_000, 1).positionUs).toBe(250_000)
    expect(stepTick(seek(clock, 260_000), 250_000, 1).positionUs).toBe(500_000)
    expect(stepTick(seek(clock, 260_000), 250_000, -1).positionUs).toBe(250_000)
    expect(stepTick(seek(clock, 250_000), 250_000, -1).positionUs).toBe(0)
    expect(stepTick(clock, 250_000, -1).positionUs).toBe(0)
    expect(stepTick(play(clock), 250_000, 1).isPlaying).toBe(false)
  })

  it('go through the speeds on offer and stay at the last', () => {
    expect(nextSpeed(setSpeed(clock, 3), 1).speed).toBe(5)
    expect(nextSpeed(setSpeed(clock, 3), -1).speed).toBe(2)
    expect(nextSpeed(setSpeed(clock, 10_000), 1).speed).toBe(10_000)
    expect(nextSpeed(setSpeed(clock, 0.1), -1).speed).toBe(0.1)
  })

  it.each([
    ['12', 12],
    ['0.5x', 0.5],
    [' 2,5 × ', 2.5],
    ['3 min/s', 180],
    ['1h/s', 3600],
    ['100000', 100_000],
    ['0', null],
    ['fast', null],
    ['-3', null],
    ['1e9', null],
  ])('a typed speed "%s" is %s', (text, speed) => {
    expect(readSpeed(text)).toBe(speed)
  })
})

describe('smart time', () => {
  // A minute in ten stretches of six seconds: traffic in the first and the last, an alert at its 54th second.
  const bytes = [100, 0, 0, 0, 0, 0, 0, 0, 0, 100]
  const pace = buildPace({ durationUs: MINUTE_US, bytes, alertsUs: [] })
  const run = { span: null, isLooping: false, pace }
  const clock = setSpeed(createClock(MINUTE_US), 1)

  it('passes silence twenty times as fast as traffic', () => {
    expect(advance(play(clock), 6000, run).positionUs).toBeCloseTo(6_000_000, 3)
    expect(advance(play(clock), 6300, run).positionUs).toBeCloseTo(12_000_000, 3)
    // 6 s of traffic, 48 s of silence in 2.4 s, 6 s of traffic
    expect(advance(play(clock), 14_399, run).isPlaying).toBe(true)
    expect(advance(play(clock), 14_401, run)).toMatchObject({ positionUs: MINUTE_US, isPlaying: false })
  })

  it('slows down where an alert begins', () => {
    const alerted = buildPace({ durationUs: MINUTE_US, bytes, alertsUs: [30_000_000] })
    const took = (from: number, to: number) => showAt(alerted, to) - showAt(alerted, from)
    expect(took(30_000_000, 30_600_000)).toBeCloseTo(1_800_000, 3)
    expect(took(12_000_000, 12_600_000)).toBeCloseTo(30_000, 3)
  })

  it('has one place in the show for every position, there and back', () => {
    for (const us of [0, 1, 5_999_999, 6_000_000, 31_415_926, 59_999_999, MINUTE_US])
      expect(usAt(pace, showAt(pace, us))).toBeCloseTo(us, 3)
    const there = advance(advance(play(clock), 3000, run), 4000, run)
    const back = seek(seek(clock, 59_000_000), there.positionUs)
    expect(cycle(back, pace)).toBe(cycle(there, pace))
  })
})

describe('the ticks of a span', () => {
  const timeline = { tickUs: 1e6, ticks: 61, durationUs: 60e6 }

  it('are those with a part in it, and end before a tick that starts at its end', () => {
    expect(ticksOf({ fromUs: 20e6, toUs: 40e6 }, timeline)).toEqual({ fromTick: 20, toTick: 40 })
    expect(ticksOf({ fromUs: 20.5e6, toUs: 40.1e6 }, timeline)).toEqual({ fromTick: 20, toTick: 41 })
  })

  it('have the last packet in a span up to the end, on a border, too', () => {
    expect(ticksOf({ fromUs: 59e6, toUs: 60e6 }, timeline)).toEqual({ fromTick: 59, toTick: 61 })
  })
})
