// Findings -> incidents of related findings: an analyst reads one incident instead of five alerts.
import type { Finding } from './finding.ts'

/**
 * Findings belong to one incident if they have the same source, share a conversation, or if the target of one is later the source of another.
 * Findings of severity info describe normal behaviour: they belong to no incident.
 * @returns by finding, the index of the first finding of its incident
 */
export function incidentsOf(findings: readonly Finding[]): number[] {
  const parent = findings.map((_, i) => i)
  const rootOf = (index: number): number => {
    let root = index
    while (parent[root] !== root) root = parent[root]
    for (let at = index; parent[at] !== root; ) [at, parent[at]] = [parent[at], root]
    return root
  }
  const join = (a: number, b: number): void => {
    const [x, y] = [rootOf(a), rootOf(b)]
    parent[Math.max(x, y)] = Math.min(x, y)
  }
  const bySource = new Map<number, number>()
  const byFlow = new Map<number, number>()
  const isPartOfIncident = findings.map(({ severity }) => severity !== 'info')
  for (const [i, { source, flows }] of findings.entries()) {
    if (!isPartOfIncident[i]) continue
    if (source !== null) {
      join(bySource.get(source) ?? i, i)
      if (!bySource.has(source)) bySource.set(source, i)
    }
    for (const flow of flows.named) {
      join(byFlow.get(flow) ?? i, i)
      if (!byFlow.has(flow)) byFlow.set(flow, i)
    }
  }
  for (const [i, { target, firstUs }] of findings.entries()) {
    if (!isPartOfIncident[i] || target === null) continue
    const next = findings.findIndex((finding, j) => isPartOfIncident[j] && finding.source === target && finding.firstUs >= firstUs)
    if (next >= 0) join(i, next)
  }
  return parent.map((_, i) => rootOf(i))
}
