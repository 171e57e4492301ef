import { describe, expect, test } from 'vitest'
import { random } from '../../fixtures/generate/random.ts'
import { findPeriodicity } from '../../src/detect/methods/periodicity.ts'

const LIMITS = { beats: 6, spread: 0.25, jitteryBeats: 12, jitterySpread: 0.45, near: 0.6, gapUs: 5e6 }
const S = 1e6

function poisson(next: () => number, meanS: number, lengthS: number): number[] {
  const times: number[] = []
  for (let at = 0; ; ) {
    at -= Math.log(1 - next()) * meanS
    if (at > lengthS) return times
    times.push(at * S)
  }
}

function beacon(next: () => number, periodS: number, jitter: number, periods: number): number[] {
  const times: number[] = []
  for (let at = next() * periodS; at <= periodS * periods; at += periodS * (1 + (next() * 2 - 1) * jitter)) times.push(at * S)
  return times
}

test('a clock is a rhythm, with its interval', () => {
  const rhythm = findPeriodicity(
    [0, 60, 120, 180, 240, 300, 360].map((s) => s * S),
    LIMITS,
  )
  expect(rhythm).toMatchObject({ meanUs: 60 * S, medianUs: 60 * S, spread: 0, near: 1, missed: 0 })
})

test('five contacts, or too close together, are none', () => {
  expect(
    findPeriodicity(
      [0, 60, 120, 180, 240].map((s) => s * S),
      LIMITS,
    ),
  ).toBeNull()
  expect(
    findPeriodicity(
      [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map((s) => s * S),
      LIMITS,
    ),
  ).toBeNull()
})

test('a missed beat is counted as such', () => {
  const times = [0, 60, 120, 180, 300, 360, 420, 480, 540, 600].map((s) => s * S)
  expect(findPeriodicity(times, LIMITS)).toMatchObject({ medianUs: 60 * S, missed: 1, spread: 0 })
})

test('several connections at each beat are one beat', () => {
  const times = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((i) => [i * 60, i * 60 + 0.2, i * 60 + 2.5].map((s) => s * S))
  expect(findPeriodicity(times, LIMITS)).toMatchObject({ medianUs: 60 * S })
})

describe('over many random captures', () => {
  test.each([
    [10, 0],
    [10, 0.3],
    [60, 0.1],
    [60, 0.3],
    [600, 0.3],
  ])('a beacon of %i s with jitter %f is found in ten periods', (period, jitter) => {
    const next = random(period + jitter)
    let found = 0
    for (let i = 0; i < 300; i++) if (findPeriodicity(beacon(next, period, jitter, 10), LIMITS) !== null) found++
    expect(found).toBeGreaterThanOrEqual(297)
  })

  test.each([
    [5, 600],
    [20, 600],
    [60, 3600],
  ])('random times of %i s in the mean are none', (mean, length) => {
    const next = random(mean)
    let found = 0
    for (let i = 0; i < 500; i++) if (findPeriodicity(poisson(next, mean, length), LIMITS) !== null) found++
    expect(found).toBeLessThanOrEqual(2)
  })
})
