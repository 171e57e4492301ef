// What is drawn at each position, one contiguous range of entries for each slice: made in the worker (build-arc-slices.ts), read by the
// globe and the map. The page uploads the entries once and then only changes the range that is drawn.
import type { Routes } from './report.ts'
import type { Grouping } from './route-groups.ts'

/** Added to the style of an entry that is faint (packStyle() in build-arc-slices.ts has the bits below). */
export const FAINT = 2 ** 15

/** Floats in an entry: route, start, end (seconds since the timeline's start), style (see packStyle() in build-arc-slices.ts). */
export const ENTRY = 4

export interface ArcSliceOptions {
  /** Capture seconds for which an arc stays visible after its traffic. */
  trailSeconds: number
  /** Most arcs drawn at once. When there are more, an arc stands for several routes (route-groups.ts). */
  mostArcs: number
}

/** Entries by slice: everything visible at any time of slice s is in entries [sliceStart[s], sliceStart[s + 1]). */
export interface ArcSlices {
  entries: Float32Array<ArrayBuffer>
  sliceStart: Int32Array<ArrayBuffer>
  sliceSeconds: number
  trailSeconds: number
  /** What an arc stands for. */
  grouping: Grouping
  /** Arcs of each slice that are not drawn: more than mostArcs, though grouped as far as can be. */
  leftOut: Int32Array<ArrayBuffer>
  /** The largest number of entries in a slice. */
  most: number
  /** By place: bytes from and to it, and its number of hosts with traffic. */
  placeBytes: Float64Array<ArrayBuffer>
  placeHosts: Int32Array<ArrayBuffer>
  /** Traffic without an arc, by slice: a host has no place, or both hosts are at the origin. */
  unlocated: Hidden
  local: Hidden
  /** One picture of the whole period (worker/answers/whole-picture.ts), visible at every time; null: moments. */
  whole: WholePicture | null
}

/** Bytes, packets and flows: what arcs and charts count. */
export interface Share {
  bytes: number
  packets: number
  flows: number
}

/** What the entries of the one slice of a whole picture stand for, by entry. Together they have all bytes and flows that have two places. */
interface WholePicture {
  bytes: Float64Array
  packets: Float64Array
  flows: Int32Array
  /** What the widths are. */
  by: keyof Share
  /** The widest entries, widest first: they are labelled, the others are faint. */
  labelled: Int32Array
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
  const style = entries[entry * ENTRY + 3]
  const along = Math.min(1, Math.max(0, (seconds - start) / Math.max(1e-6, end - start)))
  const from = ((style >> 1) & 127) / 127
  return from + (((style >> 8) & 127) / 127 - from) * along
}

/** Whether an entry of a whole picture is one of the faint ones. */
export function isFaint({ entries }: ArcSlices, entry: number): boolean {
  return entries[entry * ENTRY + 3] >= FAINT
}

export function sliceAt({ sliceStart, sliceSeconds }: ArcSlices, seconds: number): number {
  return Math.min(sliceStart.length - 2, Math.max(0, Math.floor(seconds / sliceSeconds + 1e-6)))
}

/** Whether an entry is visible: from its start to its end, including its trail. The shader in arcs.ts uses the same condition. */
export function isSeen({ entries, trailSeconds }: ArcSlices, entry: number, seconds: number): boolean {
  const at = entry * ENTRY
  return entries[at + 1] <= seconds && seconds < entries[at + 2] + (entries[at + 3] & 1 ? trailSeconds : 0)
}

/** Opacity: 1 while traffic flows, then falling to 0.1 at the end of the trail. */
export function fadeAt({ entries, trailSeconds }: ArcSlices, entry: number, seconds: number): number {
  const at = entry * ENTRY
  if (!(entries[at + 3] & 1)) return 1
  return 1 - 0.9 * Math.min(1, Math.max(0, (seconds - entries[at + 2]) / trailSeconds))
}

/** Entries visible at a time, in drawing order. Each route occurs at most once. */
export function entriesAt(slices: ArcSlices, seconds: number): number[] {
  const slice = sliceAt(slices, seconds)
  const seen: number[] = []
  for (let entry = slices.sliceStart[slice]; entry < slices.sliceStart[slice + 1]; entry++)
    if (isSeen(slices, entry, seconds)) seen.push(entry)
  return seen
}

/** Number of arcs drawn at a time: entries between two places, without those whose two ends are the same place. */
export function countArcs(slices: ArcSlices, routes: Pick<Routes, 'source' | 'target'>, seconds: number): number {
  const slice = sliceAt(slices, seconds)
  let count = 0
  for (let entry = slices.sliceStart[slice]; entry < slices.sliceStart[slice + 1]; entry++) {
    const route = slices.entries[entry * ENTRY]
    if (routes.source[route] !== routes.target[route] && isSeen(slices, entry, seconds)) count++
  }
  return count
}
