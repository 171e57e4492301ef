// Text of --from or --to -> a time: since the first packet, or UTC.
import { UsageError } from '../errors.ts'
import { readValue } from '../filter/values.ts'

/** First and last microsecond of the smallest unit written: 10:05 is a minute. */
export interface Instant {
  fromUs: number
  toUs: number
  /** They count from the first packet, not from the epoch. */
  isRelative: boolean
}

/** @param option its name, for the message @throws UsageError */
export function readInstant(option: string, text: string): Instant {
  const value = text.includes('..') ? 'one time, not two' : readValue('time', ':', text, false)
  if (typeof value === 'string' || value.kind !== 'time')
    throw new UsageError(`${option} must be a time: 90s (since the first packet) or 2026-03-02T10:00:30Z`)
  return { fromUs: value.range.from, toUs: value.range.to, isRelative: value.isRelative }
}
