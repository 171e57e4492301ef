// Texts of a log -> checked numbers. A value that no network can have is null: the record is left out and counted.
import { isDate } from '../../iso-time.ts'

/** The latest time that classic pcap can hold, in seconds; a later one is no time. */
const MAX_SECONDS = 2 ** 32
/** Counters of the flow table are 32 bits wide. */
export const MAX_PACKETS = 2 ** 31 - 1
/** 8 TiB in one direction of one conversation. Sums of a thousand of them are still exact. */
const MAX_BYTES = 2 ** 43

/** A copy of a text: V8 keeps the whole line in memory for a part of it. */
export function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}

/** @param seconds since the epoch, or a length. @returns microseconds */
export function microseconds(seconds: number): number | null {
  return seconds >= 0 && seconds <= MAX_SECONDS ? Math.round(seconds * 1e6) : null
}

export function packets(value: number): number | null {
  return Number.isInteger(value) && value >= 0 && value <= MAX_PACKETS ? value : null
}

export function bytes(value: number): number | null {
  return Number.isInteger(value) && value >= 0 && value <= MAX_BYTES ? value : null
}

export function port(value: number): number | null {
  return Number.isInteger(value) && value >= 0 && value <= 65_535 ? value : null
}

/** A decimal number as logs write it; NaN for everything else, such as "", "0x10" and "Infinity". */
export function decimal(text: string): number {
  return /^-?\d{1,20}(\.\d{1,12})?$/.test(text) ? Number(text) : Number.NaN
}

/** A number of JSON, or a decimal number as text; NaN for everything else. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? decimal(value) : Number.NaN
}

/** Date and time, "T" or a space between them, in UTC unless it has an offset. @returns microseconds since the epoch */
export function timeOf(value: unknown): number | null {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d{0,3})?(Z|[+-]\d\d:?\d\d)?$/.exec(
    typeof value === 'string' ? value : '',
  )
  if (parts === null || !isDate(parts[1])) return null
  const [, date, time, fraction = '', zone = 'Z'] = parts
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  return microseconds(Date.parse(`${date}T${time}${offset}`) / 1000 + Number(`0.${fraction}0`))
}

/** A JSON object; null for everything else. */
export function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
}

/** @returns null if the text is not that of one JSON object */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return null
  }
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
