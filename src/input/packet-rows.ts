// Text of --max-packets -> number of packet rows kept.

export const DEFAULT_PACKET_ROWS = 100_000

/** @returns Infinity for all, null for an invalid text */
export function parsePacketRows(text: string): number | null {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (text === 'none') return 0
  return /^\d{1,10}$/.test(text) ? Number(text) : null
}
