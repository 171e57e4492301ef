// A picture of the whole period -> what the camera is to see: the ends of its arcs, heavy ones first.
import { type ArcSlices, ENTRY } from '../model/arc-slices.ts'
import type { Report } from '../model/report.ts'
import type { Stage } from './stage.ts'

/** Frames the picture; where it has no arc, the earth as at the start. */
export function frameWhole(stage: Stage, { routes, places }: Report, slices: ArcSlices): void {
  const weights = new Map<number, number>()
  slices.whole?.bytes.forEach((bytes, entry) => {
    const route = slices.entries[entry * ENTRY]
    const ends = [routes.source[route], routes.target[route]]
    if (ends[0] === ends[1]) return
    for (const place of ends) weights.set(place, (weights.get(place) ?? 0) + Math.sqrt(bytes))
  })
  const points = [...weights.keys()].map((place) => places[place])
  stage.lookAt(points, { weights: [...weights.values()] })
}
