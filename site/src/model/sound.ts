// Values of an untrusted database -> plausible values, and a count of the rows that were left out.

/** Most characters kept of a text. SQLite allows 10^9. */
const LONGEST_TEXT = 65_536

/** Number of rows left out because they contain an impossible value, by table. */
export type LeftOut = Record<string, number>

export function leaveOut(leftOut: LeftOut, table: string): void {
  leftOut[table] = (leftOut[table] ?? 0) + 1
}

export function textOf(value: unknown): string {
  const text = value === null || value === undefined || value instanceof Uint8Array ? '' : String(value)
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

/** Whether a value is a count, such as packets or bytes. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Whether a value is a time in microseconds. Above 2^53 (year 2255) a double cannot hold it exactly. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** Whether a value is a port, or -1 for none. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= -1 && value <= 65_535
}

export function isPosition(latitudeDeg: unknown, longitudeDeg: unknown): boolean {
  return isWithin(latitudeDeg, 90) && isWithin(longitudeDeg, 180)
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= most
}
