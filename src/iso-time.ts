// Microseconds since the epoch -> ISO 8601 in UTC with all six decimals: Date alone would cut to milliseconds. And whether a date is one.

/** @param us whole microseconds */
export function isoTime(us: number): string {
  const seconds = Math.floor(us / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, '0')}Z`
}

/** Whether there is such a day: Date.parse() takes 30 February for 2 March. @param date YYYY-MM-DD */
export function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}
