// The local network -> its labels, those that matter most first, and where they stand.
import type { ZoomTransform } from 'd3-zoom'
import { countOf, type LocalMap } from '../../model/local-map.ts'
import { formatHostile } from '../../ui/format.ts'
import type { Box } from '../labels.ts'

/** Most nodes that are considered for a label. */
const MOST_NODES = 300

/** Radius of a node on the screen at least, CSS pixels. */
const LEAST_RADIUS = 2

/** Open groups and closed ones first, then hosts by bytes. */
export function namesOf({ nodes, groups, ofNode }: LocalMap) {
  const names = groups.flatMap((group, index) =>
    group.isOpen
      ? [{ place: nodes.length + index, text: `${formatHostile(group.label, 40)} · ${countOf(group.kind, group.hosts)}`, isAbove: true }]
      : [],
  )
  const order = nodes
    .map((_, node) => node)
    .sort((a, b) => Number(nodes[b].isGroup) - Number(nodes[a].isGroup) || ofNode.bytes[b] - ofNode.bytes[a] || a - b)
  return [
    ...names,
    ...order
      .slice(0, MOST_NODES)
      .map((node) => ({ place: node, text: formatHostile(nodes[node].label, nodes[node].kind === 'link' ? 48 : 32) })),
  ]
}

/** Of nodes, then of groups: beside a node, above a circle; with the distance that it keeps. CSS pixels. */
export function labelAt({ nodes, groups }: LocalMap, at: ZoomTransform, index: number): readonly [number, number, number] {
  if (index < nodes.length) {
    const { x, y, radius } = nodes[index]
    return [at.applyX(x), at.applyY(y), Math.max(LEAST_RADIUS, radius * at.k) + 4]
  }
  const { x, y, radius } = groups[index - nodes.length]
  return [at.applyX(x), at.applyY(y - radius), 2]
}

/** Of the nodes, CSS pixels. */
export function boxesOf({ nodes }: LocalMap, at: ZoomTransform): Box[] {
  return nodes.map(({ x, y, radius }) => {
    const size = Math.max(LEAST_RADIUS, radius * at.k)
    return { left: at.applyX(x) - size, top: at.applyY(y) - size, width: 2 * size, height: 2 * size }
  })
}
