import { expect, test } from 'vitest'
import { ritaScore } from '../../src/detect/methods/rita.ts'

const every = (seconds: number, count: number) => Array.from({ length: count }, (_, i) => i * seconds)

/** Expected scores come from a port of analysis/beacons.go to Python, written independently of this project's. */
test.each([
  ['ten times in nine minutes', every(60, 10), Array(10).fill(500), 0, 540, 0.75],
  ['every minute for half an hour', every(60, 31), Array(31).fill(500), 0, 1800, 1],
  ['every ten seconds for ten minutes', every(10, 61), Array(61).fill(500), 0, 600, 1],
  [
    'a little jitter in part of the data set',
    [0, 61, 119, 182, 240, 299, 362, 421, 478, 541, 600, 659],
    [512, 498, 530, 512, 600, 512, 505, 512, 512, 498, 520, 512],
    0,
    900,
    // The parts 0.992, 0.997, 0.733 and 1: their mean, before it is rounded.
    0.9305,
  ],
  [
    'no rhythm, all sizes',
    [0, 5, 90, 100, 101, 300, 420, 421, 700, 890],
    [100, 2000, 50, 900, 1200, 64, 64, 10000, 300, 80],
    0,
    900,
    0.421,
  ],
  [
    'two intervals in turn',
    every(30, 40).map((time, i) => time + (i % 3 === 0 ? 7 : 0)),
    every(1, 40).map((i) => 1000 + (i % 5) * 100),
    0,
    1300,
    0.96,
  ],
])('%s', (_, times, bytes, first, last, score) => {
  expect(Math.abs(ritaScore(times, bytes, first, last)! - score)).toBeLessThan(0.0006)
})

test('too few different times have no score', () => {
  expect(ritaScore([0, 0, 1], [1, 1, 1], 0, 1)).toBeNull()
  expect(ritaScore([], [], 0, 0)).toBeNull()
})
