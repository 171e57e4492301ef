// Microseconds since the epoch -> ISO 8601 in UTC with all six decimals: Date alone would cut to milliseconds.

/** @param us whole microseconds */
export function isoTime(us: number): string {
  const seconds = Math.floor(us / 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, '0')}Z`
}
