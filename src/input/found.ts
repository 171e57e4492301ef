// Files that nobody named one by one (a folder's, a pattern's): which are captures, and in which order they are read.
import { openReader } from '../capture/input.ts'
import { formatPlural } from '../number-format.ts'
import type { CaptureSource } from '../types.ts'

/** Files named in a sentence; further ones are only counted. */
const MAX_NAMED = 3

/** @returns null if it has no packets @throws CaptureError: it is no capture */
export async function firstPacketUs(source: CaptureSource): Promise<number | null> {
  const reader = await openReader(source)
  try {
    while (!reader.next()) if (!(await reader.fill())) return null
    return reader.packet.timeUs
  } finally {
    await reader.close()
  }
}

interface Found {
  firstUs: number | null
  /** Path or name: the order of files with the same time. */
  path: string
}

/** Captures without packets come last. */
export function byFirstTime(a: Found, b: Found): number {
  return (a.firstUs ?? Number.MAX_VALUE) - (b.firstUs ?? Number.MAX_VALUE) || (a.path < b.path ? -1 : 1)
}

/** For a warning. @param others names of at least one file that is no capture */
export function describeSkipped(others: string[]): string {
  const are = others.length === 1 ? 'file is not a capture and was' : 'files are not captures and were'
  return `${others.length} ${are} skipped (${listed(others)})`
}

/** For an error. @param others names of files that are no captures */
export function describeNone(others: string[]): string {
  const looked = others.length === 0 ? '' : ` (${formatPlural(others.length, 'other file')}: ${listed(others)})`
  return `contains no pcap or pcapng captures${looked}`
}

function listed(names: string[]): string {
  return `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ', ...' : ''}`
}
