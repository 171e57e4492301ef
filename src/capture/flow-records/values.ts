// Texts of a log -> checked numbers. A value that no network can have is null: the record is left out and counted.

/** The end of what classic pcap can say, in seconds: a later time is not a time. */
const MAX_SECONDS = 2 ** 32
/** Counters of the flow table are 32 bits wide. */
export const MAX_PACKETS = 2 ** 31 - 1
/** 8 TiB in one direction of one conversation. Sums of a thousand of them are still exact. */
const MAX_BYTES = 2 ** 43

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
