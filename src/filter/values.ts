// Texts of values -> numbers, ranges, addresses and patterns.
import { isDate } from '../iso-time.ts'
import { readAddressRange } from './address.ts'
import { patternOf, type TextPattern } from './pattern.ts'

/** Kinds of values. */
export type ValueKind = 'text' | 'address' | 'end' | 'bytes' | 'count' | 'id' | 'port' | 'duration' | 'share' | 'time'

export type Comparison = ':' | '>' | '<' | '>=' | '<=' | '!='

/** A range of numbers with both ends included; microseconds for times and durations, millionths for shares. Without a limit, an end is infinite. */
export interface Range {
  readonly from: number
  readonly to: number
}

export interface TextValue {
  readonly kind: 'text'
  readonly text: string
  readonly pattern: TextPattern
}

/** First and last address, 32 hexadecimal digits each (IPv4 as ::ffff:a.b.c.d); `text` is as typed. */
export interface AddressValue {
  readonly kind: 'address'
  readonly text: string
  readonly first: string
  readonly last: string
}

export interface RangeValue {
  readonly kind: 'range'
  readonly text: string
  readonly range: Range
}

/** Times: relative ones start at the capture's first packet, others at the epoch (UTC). */
export interface TimeValue {
  readonly kind: 'time'
  readonly text: string
  readonly range: Range
  readonly isRelative: boolean
}

/** One value of a term, as read for its field. */
export type Value = TextValue | AddressValue | RangeValue | TimeValue

const SCALE: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3, ti: 1024 ** 4 }
/** Microseconds in each unit; the micro sign is U+00B5 or, as Unicode prefers, the Greek letter U+03BC. */
const SECONDS: Record<string, number> = {
  us: 1,
  '\u00b5s': 1,
  '\u03bcs': 1,
  ms: 1e3,
  s: 1e6,
  '': 1e6,
  m: 60e6,
  min: 60e6,
  h: 3600e6,
  d: 86_400e6,
}

/** Kinds that are compared as numbers: they allow >, <, >=, <= and ranges a..b. */
export function isNumeric(kind: ValueKind): boolean {
  return kind === 'time' || kind in NUMBERS
}

/** Reads one value of a kind; returns a text that says what is wrong if it is invalid. */
export function readValue(kind: ValueKind, comparison: Comparison | '', text: string, isQuoted: boolean): Value | string {
  if (kind === 'text') return textValue(text)
  if (kind === 'address' || kind === 'end') {
    const range = isQuoted ? null : readAddressRange(text)
    if (range) return { kind: 'address', text, ...range }
    if (kind === 'end') return textValue(text)
    return `“${text}” is not an address: write 192.0.2.7, 10.0.0.0/8, 2001:db8::/32 or 10.0.0.1..10.0.0.9`
  }
  if (kind === 'time') return readTime(text, comparison)
  const { read, asked } = NUMBERS[kind]
  const range = readRange(text, comparison, read)
  if (range && isBackward(text, range)) return backward(text)
  return range ? { kind: 'range', text, range } : `“${text}” is not ${asked}`
}

/** "5..1": conversations that go on from 1 to 5 would pass, as if it had been asked for another thing. */
const isBackward = (text: string, { from, to }: Range) => text.includes('..') && from > to
const backward = (text: string) => `“${text}” ends before it begins`

export function textValue(text: string): TextValue {
  return { kind: 'text', text, pattern: patternOf(text) }
}

/** How to read each kind of number, and the message for an invalid one. */
const NUMBERS = {
  bytes: { read: readScaled, asked: 'a number of bytes: 500, 20k, 1M' },
  count: { read: readWhole, asked: 'a whole number' },
  id: { read: readWhole, asked: 'a whole number' },
  port: { read: readPort, asked: 'a port: a number from 0 to 65535' },
  share: { read: readShare, asked: 'a percentage: 1%, 0.5%' },
  duration: { read: readDuration, asked: 'a duration: 500ms, 10s, 5min' },
}

function readRange(text: string, comparison: Comparison | '', read: (text: string) => number | null): Range | null {
  const ends = text.split('..')
  if (ends.length === 2 && comparison === ':') {
    const from = ends[0] === '' ? Number.NEGATIVE_INFINITY : read(ends[0])
    const to = ends[1] === '' ? Number.POSITIVE_INFINITY : read(ends[1])
    return from === null || to === null || text === '..' ? null : { from, to }
  }
  const value = read(text)
  return value === null ? null : compared(comparison, value)
}

/** The range of numbers that satisfy a comparison with `value`; all of these fields are integers (bytes, microseconds). */
function compared(comparison: Comparison | '', value: number): Range {
  if (comparison === '>') return { from: Math.floor(value) + 1, to: Number.POSITIVE_INFINITY }
  if (comparison === '>=') return { from: value, to: Number.POSITIVE_INFINITY }
  if (comparison === '<') return { from: Number.NEGATIVE_INFINITY, to: Math.ceil(value) - 1 }
  if (comparison === '<=') return { from: Number.NEGATIVE_INFINITY, to: value }
  return { from: value, to: value }
}

function readPort(text: string): number | null {
  const port = readWhole(text)
  return port !== null && port <= 65_535 ? port : null
}

function readWhole(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** "1.5M", "20k", "4KiB": decimal units, or binary units with an i. */
function readScaled(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s?([kmgt]i?)?b?$/i.exec(text)
  return match ? Math.round(Number(match[1]) * SCALE[(match[2] ?? '').toLowerCase()]) : null
}

/** "1%", "0.5%" -> millionths; the sign may be left out. */
function readShare(text: string): number | null {
  const match = /^(\d{1,3}(?:\.\d{1,4})?)\s?%?$/.exec(text)
  return match ? Math.round(Number(match[1]) * 10_000) : null
}

/** "500ms", "10s", "5min", "1h30m" -> microseconds; a number without a unit is in seconds. */
function readDuration(text: string): number | null {
  if (!/^(?:\d{1,12}(?:\.\d{1,6})?(?:us|µs|ms|s|min|m|h|d)?)+$/i.test(text)) return null
  let us = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|min|m|h|d)?/gi))
    us += Number(number) * SECONDS[(unit ?? '').toLowerCase()]
  return Math.round(us)
}

/** "30s..45s" since the start; "2026-03-02T10:00:30Z", "2026-03-02 10:00" and "2026-03-02" in UTC, each for the whole second, minute or day. */
function readTime(text: string, comparison: Comparison | ''): Value | string {
  const isRelative = !/\d{4}-/.test(text)
  const ends = text.split('..')
  const read = (end: string): Range | null => {
    if (!isRelative) return readInstant(end)
    const us = readDuration(end)
    return us === null ? null : { from: us, to: us }
  }
  const wrong = `“${text}” is not a time: write 30s..45s (since the start) or 2026-03-02T10:00..2026-03-02T10:05 (UTC)`
  if (ends.length > 2 || text === '..' || text === '') return wrong
  const open: Range = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  const first = ends[0] === '' ? open : read(ends[0])
  const last = ends.length === 1 ? first : ends[1] === '' ? open : read(ends[1])
  if (!first || !last || (ends.length === 2 && comparison !== ':')) return wrong
  const range =
    comparison === '>'
      ? { from: first.to + 1, to: open.to }
      : comparison === '>='
        ? { from: first.from, to: open.to }
        : comparison === '<'
          ? { from: open.from, to: first.from - 1 }
          : comparison === '<='
            ? { from: open.from, to: first.to }
            : { from: first.from, to: last.to }
  if (isBackward(text, range)) return backward(text)
  return { kind: 'time', text, range, isRelative }
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[T_ ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(?:Z|z)?$/

/** A time as the range of its smallest written unit: a date is its day, 10:05 is its minute. */
function readInstant(text: string): Range | null {
  const match = INSTANT.exec(text)
  if (!match) return null
  const [, date, hour, minute, second, fraction] = match
  const ms = Date.parse(`${date}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}Z`)
  if (!isDate(date) || Number.isNaN(ms) || hour === '24') return null
  const from = ms * 1000 + Number((fraction ?? '').padEnd(6, '0'))
  const unit = fraction ? 10 ** (6 - fraction.length) : second ? 1e6 : minute ? 60e6 : 86_400e6
  return { from, to: from + unit - 1 }
}
