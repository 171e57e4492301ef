// A point on the stage -> the nearest place that is drawn there: for the globe and the map.
import type { ArcSlices } from '../model/arc-slices.ts'
import type { Report } from '../model/report.ts'
import type { GeoPicked } from './renderer.ts'

/**
 * @param at CSS pixels of a place, null where it is not to be seen
 * @param reach largest distance, CSS pixels
 */
export function pickPlace(
  { places, isOriginDrawn }: Report,
  slices: ArcSlices | null,
  at: (place: number) => readonly [number, number] | null,
  x: number,
  y: number,
  reach: number,
): GeoPicked | null {
  let best: GeoPicked | null = null
  let nearest = reach
  places.forEach((place, index) => {
    if ((slices?.placeBytes[index] ?? 0) <= 0 && place.precision !== 'origin') return
    if (place.precision === 'origin' && !isOriginDrawn) return
    const point = at(index)
    const distance = point ? Math.hypot(point[0] - x, point[1] - y) : Number.POSITIVE_INFINITY
    if (distance >= nearest) return
    nearest = distance
    best = { kind: 'place', place: index }
  })
  return best
}
