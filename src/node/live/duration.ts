// "90s", "10m", "1h30m" -> milliseconds.
import { UsageError } from '../../errors.ts'

const UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }

/** setTimeout() is limited to 31 bits. */
const MAX_DAYS = 24

/**
 * @param text whole numbers, each with a unit: d, h, m or s, largest first; a number alone is seconds
 * @param option for the message
 * @throws UsageError for other texts, for zero and for more than `maxDays`
 */
export function parseDuration(text: string, option = '--duration', maxDays = MAX_DAYS): number {
  const match = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s?)?$/.exec(text.trim())
  const parts = match?.slice(1) ?? []
  const ms = ['d', 'h', 'm', 's'].reduce((sum, unit, i) => sum + Number(parts[i] ?? 0) * UNIT_MS[unit], 0)
  if (!(ms > 0)) throw new UsageError(`${option} ${text}: it must be a time such as 90s, 10m or 1h30m`)
  if (ms > maxDays * UNIT_MS.d) throw new UsageError(`${option} ${text}: it must be at most ${maxDays}d`)
  return ms
}

/** 5400000 -> "1h30m00s"; hours and minutes only if they are not 0. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  if (h > 0) return `${h}h${two(m)}m${two(s)}s`
  return m > 0 ? `${m}m${two(s)}s` : `${s}s`
}
