// What stands for arcs and places in words.
import { type ArcSlices, ENTRY } from '../model/arc-slices.ts'
import { placeName, type Report } from '../model/report.ts'
import type { Grouping } from '../model/route-groups.ts'
import { formatBytes, formatCounted, formatHostile } from '../ui/format.ts'
import { describeEntry } from './figures.ts'
import type { GeoPicked } from './renderer.ts'

/** "Nairobi, Kenya → Berlin, Germany · tls". */
export function titleOf({ lanes, places, applications }: Report, picked: GeoPicked): string {
  if (picked.kind === 'place') return placeName(places[picked.place])
  const { lane } = picked
  const ends = [lanes.source[lane], lanes.target[lane]].map((place) => placeName(places[place]))
  return `${ends.join(' → ')} · ${formatHostile(applications[lanes.application[lane]], 40)}`
}

/** The same with figures of what is drawn: "Kenya → Germany · 1.2 MB, 34 flows"; of a moment, those of the whole capture. */
export function describePicked(report: Report, picked: GeoPicked, drawn: ArcSlices): string {
  if (picked.kind === 'place') {
    const { placeBytes, placeHosts } = drawn
    return `${titleOf(report, picked)} · ${formatBytes(placeBytes[picked.place] ?? 0)}, ${formatCounted(placeHosts[picked.place] ?? 0, 'host')}`
  }
  const title = groupTitle(report, picked, drawn.grouping)
  if (!drawn.whole) return drawn.grouping === 'route' ? `${title} · ${formatBytes(report.lanes.bytes[picked.lane])} in all` : title
  return `${title} · ${describeEntry(drawn, entryOf(drawn, picked.lane))}`
}

function entryOf({ entries }: ArcSlices, lane: number): number {
  let entry = 0
  while (entry * ENTRY < entries.length && entries[entry * ENTRY] !== lane) entry++
  return entry
}

/** The ends of a group of routes. */
export function groupTitle(report: Report, picked: Extract<GeoPicked, { kind: 'lane' }>, grouping: Grouping): string {
  if (grouping === 'route') return titleOf(report, picked)
  const { lanes, places } = report
  const nameOf = (index: number) =>
    grouping === 'places' || places[index].precision === 'origin'
      ? placeName(places[index])
      : (places[index].country ?? placeName(places[index]))
  const source = nameOf(lanes.source[picked.lane])
  return grouping === 'source' ? `${source} → everywhere` : `${source} → ${nameOf(lanes.target[picked.lane])}`
}

/** What a listener hears while it plays: how many arcs, and what most of them are. */
export function describeArcs({ lanes, applications }: Report, drawn: number[]): string {
  if (drawn.length === 0) return 'no arcs'
  const counts = new Map<number, number>()
  for (const lane of drawn) counts.set(lanes.application[lane], (counts.get(lanes.application[lane]) ?? 0) + 1)
  const [[most]] = [...counts].sort(([, a], [, b]) => b - a) as [[number, number]]
  return `${formatCounted(drawn.length, 'arc')}, mostly ${formatHostile(applications[most], 24)}`
}
