// Numbers and times as reports print them. One locale and UTC everywhere: the same report has the same bytes on every machine.

import { formatCount, formatScaled, numberFormat } from '../number-format.ts'

export { formatBytes, formatCount, formatPlural } from '../number-format.ts'

const formatTenths = numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** Shown where there is no value: a dash. */
export const NONE = '–'

/** Printed once in each report, beside the tables that have shares. */
export const PERCENT_RULE =
  'Shares are rounded to one decimal, halves up, so they may not add up to exactly 100 %; "< 0.1 %" is more than nothing, "> 99.9 %" less than all.'

/** Share of a whole, "12.3 %"; NONE if the whole is 0. Only 0 is printed as 0.0 %, and only the whole as 100.0 %. */
export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return NONE
  const percent = (part / whole) * 100
  if (part < whole && percent >= 99.95) return '> 99.9 %'
  return percent > 0 && percent < 0.05 ? '< 0.1 %' : `${formatTenths(percent)} %`
}

/** "2026-09-18 04:49:38.123 UTC": cut, not rounded, to milliseconds. */
export function formatTime(us: number | null): string {
  if (us === null) return NONE
  const date = new Date(Math.floor(us / 1000))
  return Number.isNaN(date.getTime()) ? NONE : `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`
}

/** The two largest units: "3 d 4 h", "5 min 12 s"; below a minute seconds to the millisecond, below that milliseconds or microseconds. */
export function formatDuration(us: number | null): string {
  if (us === null) return NONE
  if (us < 1000) return `${us} µs`
  if (us < 999_500) return `${formatScaled(us / 1000)} ms`
  if (us < 60_000_000) return `${formatScaled(Math.min(us / 1_000_000, 59.9))} s`
  const seconds = Math.floor(us / 1_000_000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const largest = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(largest, largest + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${formatCount(value)} ${unit}`)
    .join(' ')
}

/** "1.286 S, 36.817 E" with three decimals: some 100 m. */
export function formatCoordinates(latitudeDeg: number, longitudeDeg: number): string {
  const degrees = (value: number, positive: string, negative: string) => `${Math.abs(value).toFixed(3)}° ${value < 0 ? negative : positive}`
  return `${degrees(latitudeDeg, 'N', 'S')}, ${degrees(longitudeDeg, 'E', 'W')}`
}

// Control characters, bidirectional overrides, invisible characters, lone surrogates: they could hide, reorder or overwrite text on a page or terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu

/** Text from the network with every unprintable character written out: \x1b, \u202e. */
export function toPrintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

/** JSON text in which the characters that JSON.stringify() leaves raw are written as JSON escapes: the same value. */
export function escapeJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A copy of a record with toPrintable applied to every string in it, however deep. */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return toPrintable(value) as T
  if (Array.isArray(value)) return value.map(printable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, printable(entry)])) as T
}
