// The hour or the day of a time -> the name of its report's folder.

/** @param us microseconds since the epoch @returns "2026-03-02", or "2026-03-02T14" for an hour, in UTC; null for times that a date cannot have */
export function spanOf(us: number, by: 'hour' | 'day'): string | null {
  const date = new Date(us / 1000)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 1) return null
  return date.toISOString().slice(0, by === 'hour' ? 13 : 10)
}

export function isSpan(folder: string): boolean {
  return /^\d{4}-\d\d-\d\d(T\d\d)?$/.test(folder)
}

/** When it ends, ms since the epoch. */
export function spanEndMs(span: string): number {
  return span.includes('T') ? Date.parse(`${span}:00:00Z`) + 3_600_000 : Date.parse(`${span}T00:00:00Z`) + 86_400_000
}
