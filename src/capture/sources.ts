// Captures that are read together -> how far they are, in bytes.
import type { CaptureSource } from '../types.ts'

/** Whether the next bytes of a source have not come yet. */
export function isWaiting(sources: CaptureSource[]): boolean {
  return sources.some((source) => source.isWaiting?.() ?? false)
}

/** `totalBytes` is null if one of them is a stream. */
export function progressOf(sources: CaptureSource[]): { bytes: number; totalBytes: number | null } {
  let bytes = 0
  let totalBytes: number | null = 0
  for (const source of sources) {
    bytes += source.bytesRead()
    totalBytes = totalBytes === null || source.totalBytes === null ? null : totalBytes + source.totalBytes
  }
  return { bytes, totalBytes }
}
