// Values of a database that anyone may have made -> values that can be true, and a count of the rows that had none.

/** Characters of a text that are kept. SQLite allows a thousand million. */
const LONGEST_TEXT = 65_536

/** Rows left out because a value in them cannot be true, by table. */
export type LeftOut = Record<string, number>

export function leaveOut(leftOut: LeftOut, table: string): void {
  leftOut[table] = (leftOut[table] ?? 0) + 1
}

export function textOf(value: unknown): string {
  const text = value === null || value === undefined || value instanceof Uint8Array ? '' : String(value)
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

/** A count: packets, bytes. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A time in microseconds. What is beyond 2^53, the year 2255, has lost its last digits on the way here. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** A port, or -1 for none. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= -1 && value <= 65_535
}

export function isPosition(latitudeDeg: unknown, longitudeDeg: unknown): boolean {
  return isWithin(latitudeDeg, 90) && isWithin(longitudeDeg, 180)
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= most
}
