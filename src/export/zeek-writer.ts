// Fields and a row -> one line of a Zeek log, as Zeek's ASCII writer makes it.
import { jsonLine } from './format.ts'

type ZeekType =
  | 'time'
  | 'interval'
  | 'string'
  | 'enum'
  | 'addr'
  | 'port'
  | 'count'
  | 'double'
  | 'bool'
  | 'set[string]'
  | 'set[enum]'
  | 'vector[string]'
  | 'vector[interval]'

/** Times and intervals are microseconds; null is unset. */
export interface ZeekField<Row> {
  readonly name: string
  readonly type: ZeekType
  value(row: Row): string | number | boolean | readonly string[] | null
}

const UNSET = '-'
const EMPTY = '(empty)'

export function headOf(path: string, fields: readonly ZeekField<never>[], openUs: number): string {
  const opened = new Date(Math.floor(openUs / 1000)).toISOString().slice(0, 19).replace(/[T:]/g, '-')
  return [
    '#separator \\x09',
    '#set_separator\t,',
    `#empty_field\t${EMPTY}`,
    `#unset_field\t${UNSET}`,
    `#path\t${path}`,
    `#open\t${opened}`,
    `#fields\t${fields.map(({ name }) => name).join('\t')}`,
    `#types\t${fields.map(({ type }) => type).join('\t')}`,
    '',
  ].join('\n')
}

export function formatTsv(fields: readonly ZeekField<never>[], row: never): string {
  return `${fields.map(({ type, value }) => formatValue(type, value(row))).join('\t')}\n`
}

export function formatJson(fields: readonly ZeekField<never>[], row: never): string {
  return jsonLine(
    Object.fromEntries(
      fields.map(({ name, type, value }) => {
        const found = value(row)
        return [name, typeof found === 'number' && (type === 'time' || type === 'interval') ? found / 1e6 : found]
      }),
    ),
  )
}

function formatValue(type: ZeekType, value: string | number | boolean | readonly string[] | null): string {
  if (value === null) return UNSET
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  if (typeof value === 'number') return type === 'time' || type === 'interval' ? formatSeconds(value) : String(value)
  if (typeof value === 'string') return value === '' ? EMPTY : escapeMark(escapeText(value))
  if (value.length === 0) return EMPTY
  return value.map((one) => (one === '' ? EMPTY : escapeMark(escapeText(one).replaceAll(',', '\\x2c')))).join(',')
}

/** Microseconds as seconds with six decimals. */
function formatSeconds(us: number): string {
  const size = Math.abs(us)
  const seconds = Math.floor(size / 1e6)
  return `${us < 0 ? '-' : ''}${seconds}.${String(size - seconds * 1e6).padStart(6, '0')}`
}

/** What would end a field or a line, and the escape character itself. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it escapes
const UNSAFE = /[\x00-\x1f\x7f-\x9f\\]/g

function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0)
    // Above ASCII, Zeek escapes the bytes of UTF-8: U+0085 is \xc2\x85.
    const bytes = code < 0x80 ? [code] : [0xc2, code]
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
}

/** A text that reads as unset or empty. */
function escapeMark(text: string): string {
  if (text === UNSET) return '\\x2d'
  return text === EMPTY ? `\\x28${EMPTY.slice(1)}` : text
}
