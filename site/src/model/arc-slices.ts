// What is drawn at each moment, as one stretch of entries a slice: made in the worker (build-arc-slices.ts), read by whatever draws. The page
// only uploads the entries and moves a window over them.
import type { Routes } from './report.ts'

/** Floats an entry: lane, start, end (seconds since the timeline's start), look (see packLook() in build-arc-slices.ts). */
export const ENTRY = 4

export interface ArcSliceOptions {
  /** Seconds of the capture that an arc glows on after its traffic. */
  trailSeconds: number
  /** Arcs drawn at once, at most: of more, those of the lanes with most bytes are drawn, and those an alert shows before all. */
  mostArcs: number
}

/** What is drawn, slice by slice: everything seen at any time of slice s is in entries [sliceStart[s], sliceStart[s + 1]). */
export interface ArcSlices {
  entries: Float32Array<ArrayBuffer>
  sliceStart: Int32Array<ArrayBuffer>
  sliceSeconds: number
  trailSeconds: number
  /** Arcs of each slice that are not drawn because there are too many. */
  leftOut: Int32Array<ArrayBuffer>
  /** The most entries that any slice has. */
  most: number
  /** By place: bytes to and from it, and hosts there that were part of it. */
  placeBytes: Float64Array<ArrayBuffer>
  placeHosts: Int32Array<ArrayBuffer>
  /** Traffic that no arc shows, by slice: an end without a place; and both ends at one place. */
  unlocated: Hidden
  local: Hidden
}

/** Traffic that is not on the globe: bytes and flows of the whole capture, and bytes by slice. */
export interface Hidden {
  bytes: number
  flows: number
  sliceBytes: Float64Array<ArrayBuffer>
}

/** Weight (0 to 1) of an entry at a time. */
export function weightAt({ entries }: ArcSlices, entry: number, seconds: number): number {
  const start = entries[entry * ENTRY + 1]
  const end = entries[entry * ENTRY + 2]
  const look = entries[entry * ENTRY + 3]
  const along = Math.min(1, Math.max(0, (seconds - start) / Math.max(1e-6, end - start)))
  const from = ((look >> 1) & 127) / 127
  return from + ((look >> 8) / 127 - from) * along
}

export function sliceAt({ sliceStart, sliceSeconds }: ArcSlices, seconds: number): number {
  return Math.min(sliceStart.length - 2, Math.max(0, Math.floor(seconds / sliceSeconds + 1e-6)))
}

/** Whether an entry is seen: from its start until its end, its trail included. The shader in arcs.ts makes the same cut. */
export function isSeen({ entries, trailSeconds }: ArcSlices, entry: number, seconds: number): boolean {
  const at = entry * ENTRY
  return entries[at + 1] <= seconds && seconds < entries[at + 2] + (entries[at + 3] & 1 ? trailSeconds : 0)
}

/** 1 while traffic flows, then down to 0.1 at the end of the trail. */
export function fadeAt({ entries, trailSeconds }: ArcSlices, entry: number, seconds: number): number {
  const at = entry * ENTRY
  if (!(entries[at + 3] & 1)) return 1
  return 1 - 0.9 * Math.min(1, Math.max(0, (seconds - entries[at + 2]) / trailSeconds))
}

/** Entries seen at a time, in the order they are drawn. Each lane is among them at most once. */
export function entriesAt(drawn: ArcSlices, seconds: number): number[] {
  const slice = sliceAt(drawn, seconds)
  const seen: number[] = []
  for (let entry = drawn.sliceStart[slice]; entry < drawn.sliceStart[slice + 1]; entry++)
    if (isSeen(drawn, entry, seconds)) seen.push(entry)
  return seen
}

/** How many arcs are drawn at a time: entries between two places, not landings within one. */
export function countArcs(drawn: ArcSlices, lanes: Routes, seconds: number): number {
  const slice = sliceAt(drawn, seconds)
  let count = 0
  for (let entry = drawn.sliceStart[slice]; entry < drawn.sliceStart[slice + 1]; entry++) {
    const lane = drawn.entries[entry * ENTRY]
    if (lanes.source[lane] !== lanes.target[lane] && isSeen(drawn, entry, seconds)) count++
  }
  return count
}
