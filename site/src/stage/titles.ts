// What stands for arcs and places in words.
import { placeName, type Report } from '../model/report.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'
import type { Picked } from './renderer.ts'

/** "Nairobi, Kenya → Berlin, Germany · tls". */
export function titleOf({ lanes, places, applications }: Report, picked: Picked): string {
  if (picked.kind === 'place') return placeName(places[picked.place])
  const { lane } = picked
  const ends = [lanes.source[lane], lanes.target[lane]].map((place) => placeName(places[place]))
  return `${ends.join(' → ')} · ${formatHostile(applications[lanes.application[lane]], 40)}`
}

/** What a listener hears while it plays: how many arcs, and what most of them are. */
export function describeArcs({ lanes, applications }: Report, drawn: number[]): string {
  if (drawn.length === 0) return 'no arcs'
  const counts = new Map<number, number>()
  for (const lane of drawn) counts.set(lanes.application[lane], (counts.get(lanes.application[lane]) ?? 0) + 1)
  const [[most]] = [...counts].sort(([, a], [, b]) => b - a) as [[number, number]]
  return `${formatCounted(drawn.length, 'arc')}, mostly ${formatHostile(applications[most], 24)}`
}
