// What a page over a running capture says beside its picture: new findings, and the rate now.
import { expect, it } from 'vitest'
import { CurrentRate } from '../../site/src/live/current-rate.ts'

it('the rate is the mean of the last seconds, and nothing before there are any', () => {
  const rate = new CurrentRate()
  expect(rate.of(0, 0)).toBe('')
  expect(rate.of(1_000, 100)).toBe('')
  expect(rate.of(125_000, 1000)).toBe('1 Mbit/s')
  // 125,000 bytes a second until the third second, then none: three seconds later it is silent.
  for (let second = 2; second <= 3; second++) rate.of(second * 125_000, second * 1000)
  expect(rate.of(375_000, 4500)).not.toBe('0 bit/s')
  rate.of(375_000, 6000)
  expect(rate.of(375_000, 7600)).toBe('0 bit/s')
})

it('a capture that is loaded anew with fewer bytes has no negative rate', () => {
  const rate = new CurrentRate()
  rate.of(5000, 0)
  expect(rate.of(100, 2000)).toBe('')
})
