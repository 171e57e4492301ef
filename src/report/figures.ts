// Numbers and times as reports print them. One locale and UTC everywhere: the same report has the same bytes on every machine.

import { formatDuration as formatLength, numberFormat } from '../number-format.ts'
import { UNPRINTABLE } from '../unprintable.ts'

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

export function formatDuration(us: number | null): string {
  return us === null ? NONE : formatLength(us)
}

/** "frame 1234", "frame 1234 in monday.pcap": Wireshark's "Go to packet"; "" where it is not known. */
export function frameLabel({ frame, frameFile }: { frame: number | null; frameFile: string | null }): string {
  return frame === null ? '' : `frame ${frame}${frameFile === null ? '' : ` in ${frameFile}`}`
}

/** "1.286 S, 36.817 E" with three decimals: some 100 m. */
export function formatCoordinates(latitudeDeg: number, longitudeDeg: number): string {
  const degrees = (value: number, positive: string, negative: string) => `${Math.abs(value).toFixed(3)}° ${value < 0 ? negative : positive}`
  return `${degrees(latitudeDeg, 'N', 'S')}, ${degrees(longitudeDeg, 'E', 'W')}`
}

/** Text from the network with every unprintable character written out: \x1b, \u202e, \u{e0041}. */
export function toPrintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0)!
    const digits = code.toString(16)
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`
    return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
  })
}

/** JSON text in which the characters that JSON.stringify() leaves raw are written as JSON escapes (UTF-16 code units): the same value. */
export function escapeJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : [...Array(character.length)].map((_, i) => unicodeEscape(character.charCodeAt(i))).join(''),
  )
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

/** A copy of a record with toPrintable applied to every string in it, however deep. */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return toPrintable(value) as T
  if (Array.isArray(value)) return value.map(printable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, printable(entry)])) as T
}
