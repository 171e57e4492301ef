import { describe, expect, test } from 'vitest'
import { Resolution } from '../../src/capture/resolution.ts'

/** 2026-03-17 09:00:00.123456 UTC; expectations by `date` and long division. */
const US = 1_773_738_000_123_456

const cases: { name: string; code: number; offset: number; ticks: bigint; us: number }[] = [
  { name: 'microseconds, the default', code: 6, offset: 0, ticks: 1_773_738_000_123_456n, us: US },
  { name: 'milliseconds', code: 3, offset: 0, ticks: 1_773_738_000_123n, us: 1_773_738_000_123_000 },
  { name: 'seconds', code: 0, offset: 0, ticks: 1_773_738_000n, us: 1_773_738_000_000_000 },
  { name: 'nanoseconds, rounded down', code: 9, offset: 0, ticks: 1_773_738_000_123_456_999n, us: US },
  { name: 'picoseconds of the first days', code: 12, offset: 0, ticks: 86_400_123_456_999_999n, us: 86_400_123_456 },
  { name: 'finer than picoseconds', code: 15, offset: 0, ticks: 1_123_456_789_012_345n, us: 1_123_456 },
  { name: 'binary: 2^-10 s', code: 0x80 | 10, offset: 0, ticks: 1024n * 5n + 512n, us: 5_500_000 },
  { name: 'binary: 2^-32 s, as NTP counts', code: 0x80 | 32, offset: 0, ticks: (7n << 32n) | 0x4000_0000n, us: 7_250_000 },
  { name: 'with an offset', code: 6, offset: 1_773_738_000, ticks: 123_456n, us: US },
  { name: 'an offset before the epoch stops at the epoch', code: 6, offset: -10, ticks: 5n, us: 0 },
  { name: 'beyond what a number holds exactly', code: 0, offset: 0, ticks: 0xffff_ffff_ffff_ffffn, us: 2 ** 53 - 1 },
]

describe('pcapng time stamps to microseconds', () => {
  test.each(cases)('$name', ({ code, offset, ticks, us }) => {
    const high = Number(ticks >> 32n)
    const low = Number(ticks & 0xffff_ffffn)
    expect(new Resolution(code, offset).toMicroseconds(high, low)).toBe(us)
  })
})
