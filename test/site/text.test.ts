// Values -> text and CSV: what people and spreadsheets read.
import { describe, expect, it } from 'vitest'
import { hasRoom } from '../../site/src/charts/time-axis.ts'
import { formatCell, formatCsv } from '../../site/src/ui/csv.ts'
import { formatBytes, formatHostile, formatInstant, formatSpeed } from '../../site/src/ui/format.ts'

describe('CSV', () => {
  it.each([
    { cell: 'plain', text: 'plain' },
    { cell: '=1+1', text: "'=1+1" },
    { cell: '+49', text: "'+49" },
    { cell: '-x', text: "'-x" },
    { cell: '@SUM(A1)', text: "'@SUM(A1)" },
    { cell: '\tx', text: "'\tx" },
    { cell: '\rx', text: '"\'\rx"' },
    { cell: -5, text: '-5' },
    { cell: 0.25, text: '0.25' },
    { cell: null, text: '' },
    { cell: 'a"b', text: '"a""b"' },
    { cell: 'a,b', text: '"a,b"' },
    { cell: 'a\nb', text: '"a\nb"' },
  ])('writes $cell as $text', ({ cell, text }) => {
    expect(formatCell(cell)).toBe(text)
  })

  it('ends every line with CRLF', () => {
    expect(formatCsv(['a', 'b'], [[1, '=x']])).toBe("a,b\r\n1,'=x\r\n")
  })
})

describe('text', () => {
  it('counts bytes in decimal units', () => {
    expect([0, 999, 1000, 1_536_000, 999_600].map(formatBytes)).toEqual(['0 B', '999 B', '1 kB', '1.54 MB', '1 MB'])
  })

  it('gives time in UTC, wherever the reader is', () => {
    expect(formatInstant(1_772_445_603_250_000)).toBe('2026-03-02 10:00:03.250 UTC')
  })

  it('a speed has no row of zeros, however short the capture', () => {
    expect([1e-6 / 30, 1e-3 / 30, 0.002, 12.34, 172_800].map(formatSpeed)).toEqual(['33.3 ns/s', '33.3 µs/s', '0.002×', '12.3×', '2 d/s'])
  })

  it('makes characters visible that would disturb the text around them, and holds the length', () => {
    expect(formatHostile('gepj\u202e.exe')).toBe('gepj[U+202E].exe')
    expect(formatHostile('a\u0000b\u001b[31m')).toBe('a[U+0000]b[U+001B][31m')
    expect(formatHostile('x'.repeat(500))).toHaveLength(120)
    expect(formatHostile('<b>é日本</b>')).toBe('<b>é日本</b>')
  })
})

it.each([
  { text: '09:01', before: 20, after: 300, fits: true },
  { text: '09:00:00.300', before: 830, after: 30, fits: false },
  { text: '09:00:00.300', before: 30, after: 830, fits: false },
  { text: '09:00:00.300', before: 430, after: 430, fits: true },
])('$text, $before pixels from one end and $after from the other: whole is $fits', ({ text, before, after, fits }) => {
  expect(hasRoom(text, before, after)).toBe(fits)
})
