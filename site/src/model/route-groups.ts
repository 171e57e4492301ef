// Routes -> groups of routes, coarser where there are too many to draw each: every route is in exactly one group, so sums stay whole. Pure.
import type { Report } from './report.ts'
import { ALERT_SEVERITY } from './routes.ts'

/** From fine to coarse: each route; routes between the same places; regions (states, provinces); countries; from the same country. */
const GROUPINGS = ['route', 'places', 'regions', 'countries', 'source'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** Those that differ: without a region no arc is joined by one. */
export function groupingsOf(places: Report['places']): readonly Grouping[] {
  return places.some(({ region }) => region !== null) ? GROUPINGS : GROUPINGS.filter((grouping) => grouping !== 'regions')
}

/** Number of the group of each route. Routes with findings have groups of their own, so that their colour is not lost. */
export function groupRoutes(
  { routes, places }: Pick<Report, 'routes' | 'places'>,
  grouping: Grouping,
): { groupOf: Int32Array; count: number } {
  const groupOf = new Int32Array(routes.count)
  if (grouping === 'route') return { groupOf: groupOf.map((_, route) => route), count: routes.count }
  const area = areasOf(places, grouping)
  const numbers = new Map<number, number>()
  for (let route = 0; route < routes.count; route++) {
    const source = area[routes.source[route]]
    const target = grouping === 'source' ? 0 : area[routes.target[route]]
    const key = (source * places.length + target) * 2 + (routes.severity[route] >= ALERT_SEVERITY ? 1 : 0)
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    groupOf[route] = number
  }
  return { groupOf, count: numbers.size }
}

/** The route of each group that stands for it: the one with most bytes; -1 for an empty group. */
export function representatives(groupOf: Int32Array, count: number, bytes: ArrayLike<number>): Int32Array {
  const route = new Int32Array(count).fill(-1)
  for (let its = 0; its < groupOf.length; its++) {
    const group = groupOf[its]
    if (route[group] < 0 || bytes[its] > bytes[route[group]]) route[group] = its
  }
  return route
}

/** The first place of each one's region or country; the origin, and a place of which that is not known, stand for themselves. */
export function areasOf(places: Report['places'], grouping: Grouping): Int32Array {
  const first = new Map<string, number>()
  return Int32Array.from(places, ({ countryCode, region, precision }, place) => {
    if (grouping === 'route' || grouping === 'places' || precision === 'origin' || countryCode === null) return place
    if (grouping === 'regions' && region === null) return place
    const name = grouping === 'regions' ? `${countryCode} ${region}` : countryCode
    const area = first.get(name) ?? place
    first.set(name, area)
    return area
  })
}
