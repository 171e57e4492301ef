// Times as verification prints them: with microseconds, so that two different times never look equal.

/** "2026-09-18 04:49:38.123456 UTC"; "none" for null; an invalid time as a plain number. */
export function formatMicroseconds(us: number | null): string {
  if (us === null) return 'none'
  const date = new Date(Math.floor(us / 1000))
  if (Number.isNaN(date.getTime())) return Number.isNaN(us) ? 'no time' : `${us} µs`
  const text = date.toISOString().replace('T', ' ').replace('Z', '')
  return `${text}${String(us - Math.floor(us / 1000) * 1000).padStart(3, '0')} UTC`
}
