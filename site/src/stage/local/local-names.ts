// The local network -> its labels, those that matter most first.
import type { LocalMap } from '../../model/local-map.ts'
import { formatCounted, formatHostile } from '../../ui/format.ts'

/** Most nodes that are considered for a label. */
const MOST_NODES = 300

/** Open groups and closed ones first, then hosts by bytes. */
export function namesOf({ nodes, groups, ofNode }: LocalMap) {
  const names = groups.flatMap((group, index) =>
    group.isOpen
      ? [{ place: nodes.length + index, text: `${formatHostile(group.label, 40)} · ${formatCounted(group.hosts, 'host')}`, isAbove: true }]
      : [],
  )
  const order = nodes
    .map((_, node) => node)
    .sort((a, b) => Number(nodes[b].isGroup) - Number(nodes[a].isGroup) || ofNode.bytes[b] - ofNode.bytes[a] || a - b)
  return [...names, ...order.slice(0, MOST_NODES).map((node) => ({ place: node, text: formatHostile(nodes[node].label, 32) }))]
}
