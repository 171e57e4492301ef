import { describe, expect, test } from 'vitest'
import {
  escapeJson,
  formatBytes,
  formatCoordinates,
  formatDuration,
  formatPercent,
  formatPlural,
  formatTime,
  printable,
  toPrintable,
} from '../../src/report/figures.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1234, '1.23 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [1_100_000_000, '1.1 GB'],
  [5e18, '5,000 PB'],
])('%d bytes: %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected)
})

test.each([
  [0, 0, '–'],
  [0, 10, '0.0 %'],
  [1, 3, '33.3 %'],
  [1, 8, '12.5 %'],
  [1, 16, '6.3 %'], // 6.25: half up
  [1, 2000, '0.1 %'], // 0.05: half up
  [1, 2001, '< 0.1 %'],
  [1999, 2000, '> 99.9 %'],
  [999, 1000, '99.9 %'],
  [10, 10, '100.0 %'],
])('%d of %d: %s', (part, whole, expected) => {
  expect(formatPercent(part, whole)).toBe(expected)
})

test.each([
  [0, '0 µs'],
  [999, '999 µs'],
  [1500, '1.5 ms'],
  [999_999, '1 s'],
  [9_500_000, '9.5 s'],
  [59_990_000, '59.9 s'],
  [60_000_000, '1 min'],
  [332_900_000, '5 min 32 s'],
  [3_600_000_000, '1 h'],
  [3_601_000_000, '1 h'],
  [7_260_000_000, '2 h 1 min'],
  [273_600_000_000, '3 d 4 h'],
  [63_071_999_000_000, '729 d 23 h'],
  [4_294_967_296_000_000, '136 y 36 d'],
  [null, '–'],
])('%d µs: %s', (us, expected) => {
  expect(formatDuration(us)).toBe(expected)
})

test.each([
  [1_789_732_801_123_999, '2026-09-18 12:00:01.123 UTC'],
  [0, '1970-01-01 00:00:00.000 UTC'],
  [-1, '1969-12-31 23:59:59.999 UTC'],
  [9e18, '–'], // beyond what a Date can hold
  [null, '–'],
])('%d: %s', (us, expected) => {
  expect(formatTime(us)).toBe(expected)
})

test('plural and coordinates', () => {
  expect(formatPlural(1, 'packet')).toBe('1 packet')
  expect(formatPlural(2000, 'country', 'countries')).toBe('2,000 countries')
  expect(formatCoordinates(-1.286389, 36.817223)).toBe('1.286° S, 36.817° E')
  expect(formatCoordinates(40, -74.0059)).toBe('40.000° N, 74.006° W')
})

describe('toPrintable', () => {
  test.each([
    ['plain äöü 日本語 🌍', 'plain äöü 日本語 🌍'],
    ['a\u001b[31mb', 'a\\x1b[31mb'],
    ['line\r\nline\t', 'line\\x0d\\x0aline\\x09'],
    ['\u0000\u007f\u0085\u009b', '\\x00\\x7f\\x85\\x9b'],
    ['\u202eexe.gpj', '\\u202eexe.gpj'],
    ['\u200bzero\u2066\ufeff', '\\u200bzero\\u2066\\ufeff'],
    ['\ud800half\udc00', '\\ud800half\\udc00'],
    ['tags\u{e0041}\u180e', 'tags\\u{e0041}\\u180e'],
  ])('%j', (text, expected) => {
    expect(toPrintable(text)).toBe(expected)
  })

  test('printable goes into lists and records and does not change its argument', () => {
    const given = { a: '\u0001', list: [{ b: '\u0002' }, 3, null, true] }
    expect(printable(given)).toEqual({ a: '\\x01', list: [{ b: '\\x02' }, 3, null, true] })
    expect(given.a).toBe('\u0001')
  })
})

test('escapeJson keeps the value, with nothing unprintable in its text', () => {
  const value = { name: 'a\u202e\u{e0041}\u0085', line: 'two\nlines' }
  const text = escapeJson(JSON.stringify(value))
  expect(JSON.parse(text)).toEqual(value)
  expect(text).not.toMatch(/[\u202e\u0085]|\udb40/)
})
