// Arcs and places -> their names in words.
import { type ArcSlices, ENTRY, entriesAt, weightAt } from '../model/arc-slices.ts'
import { placeName, type Report, type ReportPlace } from '../model/report.ts'
import type { Grouping } from '../model/route-groups.ts'
import { bytesOf, LEAST_BYTES, MOST_BYTES } from '../model/weight.ts'
import { formatBytes, formatCount, formatCounted, formatHostile } from '../ui/format.ts'
import { describeEntry } from './figures.ts'
import type { GeoPicked } from './renderer.ts'

/** "Nairobi, Kenya → Berlin, Germany · tls". */
export function titleOf({ routes, places, applications }: Report, picked: GeoPicked): string {
  if (picked.kind === 'place') return placeName(places[picked.place])
  const { route } = picked
  const ends = [routes.source[route], routes.target[route]].map((place) => placeName(places[place]))
  return `${ends.join(' → ')} · ${formatHostile(applications[routes.application[route]], 40)}`
}

/** The same with figures of what is drawn: "Kenya → Germany · 1.2 MB, 34 flows"; at a moment, what passes then, and in the whole capture. */
export function describePicked(report: Report, picked: GeoPicked, slices: ArcSlices, seconds: number): string {
  if (picked.kind === 'place') {
    const { placeBytes, placeHosts } = slices
    const figures = `${formatBytes(placeBytes[picked.place] ?? 0)}, ${formatCounted(placeHosts[picked.place] ?? 0, 'host')}`
    return `${titleOf(report, picked)} · ${figures}${describeReach(report.places[picked.place])}`
  }
  const title = groupTitle(report, picked, slices.grouping)
  if (!slices.whole) {
    const now = describeRate(slices, picked.route, seconds)
    return slices.grouping === 'route' ? `${title} · ${now}, ${formatBytes(report.routes.bytes[picked.route])} in all` : `${title} · ${now}`
  }
  return `${title} · ${describeEntry(slices, entryOf(slices, picked.route))}`
}

/** What the width of an arc at a moment stands for; the width has it in steps of 11 %, hence about. */
function describeRate(slices: ArcSlices, route: number, seconds: number): string {
  const entry = entriesAt(slices, seconds).find((its) => slices.entries[its * ENTRY] === route)
  if (entry === undefined || seconds >= slices.entries[entry * ENTRY + 2]) return 'nothing now'
  const bytes = bytesOf(weightAt(slices, entry, seconds))
  const rate = Number((bytes / slices.sliceSeconds).toPrecision(2))
  return bytes <= LEAST_BYTES
    ? `at most ${formatBytes(rate)}/s now`
    : bytes >= MOST_BYTES
      ? `${formatBytes(rate)}/s or more now`
      : `about ${formatBytes(rate)}/s now`
}

/** Of a place that is struck out. */
function describeReach({ reachKm }: ReportPlace): string {
  if (reachKm === undefined) return ''
  return ` · not there: at most ${formatCount(Math.ceil(reachKm))} km from the origin (dashed circle) by the round-trip time`
}

function entryOf({ entries }: ArcSlices, route: number): number {
  let entry = 0
  while (entry * ENTRY < entries.length && entries[entry * ENTRY] !== route) entry++
  return entry
}

/** The ends of a group of routes. */
export function groupTitle(report: Report, picked: Extract<GeoPicked, { kind: 'route' }>, grouping: Grouping): string {
  if (grouping === 'route') return titleOf(report, picked)
  const { routes, places } = report
  const nameOf = (index: number) => {
    const { precision, region, country } = places[index]
    if (grouping === 'places' || precision === 'origin') return placeName(places[index])
    if (grouping !== 'regions') return country ?? placeName(places[index])
    return region === null ? placeName(places[index]) : placeName({ ...places[index], city: null })
  }
  const source = nameOf(routes.source[picked.route])
  return grouping === 'source' ? `${source} → everywhere` : `${source} → ${nameOf(routes.target[picked.route])}`
}

/** For screen readers, while it plays: how many arcs, and what most of them are. */
export function describeArcs({ routes, applications }: Report, drawn: number[]): string {
  if (drawn.length === 0) return 'no arcs'
  const counts = new Map<number, number>()
  for (const route of drawn) counts.set(routes.application[route], (counts.get(routes.application[route]) ?? 0) + 1)
  const [[most]] = [...counts].sort(([, a], [, b]) => b - a) as [[number, number]]
  return `${formatCounted(drawn.length, 'arc')}, mostly ${formatHostile(applications[most], 24)}`
}
