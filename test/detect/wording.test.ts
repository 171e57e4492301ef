// Durations as titles say them.
import { expect, it } from 'vitest'
import { span } from '../../src/detect/engine/wording.ts'

it.each([
  [0, 'less than 1 ms'],
  [640, '0.64 ms'],
  [52_000, '52 ms'],
  [999_800, '1 s'],
  [42_300_000, '42 s'],
  [300_000_000, '5 min'],
])('%d microseconds are %s', (us, text) => {
  expect(span(us)).toBe(text)
})
