// A point of the local network -> the node, line or circle there. Coordinates are those of the layout.
import { ENTRY } from '../../model/arc-slices.ts'
import type { LocalMap } from '../../model/local-map.ts'
import type { Picked } from '../renderer.ts'
import type { LocalLines } from './local-lines.ts'

/** Routes in the order they are looked at, and the entries of its slices that move now. */
interface Candidates {
  order: Iterable<number>
  moving: Iterable<number>
}

/** @param room how far from the point something may be; of nodes, half as far from their edge */
export function pickLocal(map: LocalMap, lines: LocalLines, routes: Candidates, x: number, y: number, room: number): Picked | null {
  return pickNode(map, x, y, room / 2) ?? pickRoute(map, lines, routes, x, y, room) ?? pickGroup(map, x, y, room)
}

function pickNode({ nodes }: LocalMap, x: number, y: number, room: number): Picked | null {
  let best: Picked | null = null
  let nearest = room
  nodes.forEach((node, index) => {
    const distance = Math.hypot(node.x - x, node.y - y) - node.radius
    if (distance > nearest) return
    nearest = distance
    best = { kind: 'node', node: index }
  })
  return best
}

/** Those that move lie above those that stand still. */
function pickRoute(
  { slices }: LocalMap,
  lines: LocalLines,
  { order, moving }: Candidates,
  x: number,
  y: number,
  room: number,
): Picked | null {
  let best: Picked | null = null
  let nearest = room
  const test = (route: number) => {
    const distance = lines.distance(route, x, y)
    if (distance >= nearest) return
    nearest = distance
    best = { kind: 'link', link: route }
  }
  for (const entry of moving) test(slices.entries[entry * ENTRY])
  if (!best) for (const route of order) test(route)
  return best
}

/** The edge of an open circle, so that a click can close it. */
function pickGroup({ groups }: LocalMap, x: number, y: number, room: number): Picked | null {
  let best: Picked | null = null
  let nearest = room
  groups.forEach((group, index) => {
    const distance = Math.abs(Math.hypot(group.x - x, group.y - y) - group.radius)
    if (!group.isOpen || distance >= nearest) return
    nearest = distance
    best = { kind: 'group', group: index }
  })
  return best
}
