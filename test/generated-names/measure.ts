// Precision and recall of scored names.

export interface Scored {
  score: number
  isGenerated: boolean
}

export interface Measured {
  threshold: number
  precision: number
  recall: number
}

export function measure(scored: Scored[], threshold: number): Measured {
  const hits = scored.filter(({ score }) => score >= threshold)
  const right = hits.filter(({ isGenerated }) => isGenerated).length
  const generated = scored.filter(({ isGenerated }) => isGenerated).length
  return { threshold, precision: hits.length === 0 ? 1 : right / hits.length, recall: generated === 0 ? 0 : right / generated }
}

/** The mean of the recalls of the groups of at least this many generated names: many names of one family count once. */
export function meanRecall(scored: (Scored & { group: string })[], threshold: number, least: number): { recall: number; groups: number } {
  const groups = new Map<string, Scored[]>()
  for (const one of scored) {
    if (!one.isGenerated) continue
    const own = groups.get(one.group)
    if (own === undefined) groups.set(one.group, [one])
    else own.push(one)
  }
  const recalls = [...groups.values()].filter(({ length }) => length >= least).map((own) => measure(own, threshold).recall)
  return { recall: recalls.reduce((sum, recall) => sum + recall, 0) / Math.max(1, recalls.length), groups: recalls.length }
}

/** The lowest threshold from which on the precision is at least this. */
export function thresholdFor(scored: Scored[], precision: number): number {
  const sorted = [...scored].sort((a, b) => b.score - a.score)
  let right = 0
  let threshold = 1
  for (const [i, { score, isGenerated }] of sorted.entries()) {
    if (isGenerated) right++
    if (right / (i + 1) >= precision) threshold = score
  }
  return threshold
}

export const percent = (value: number): string => `${(100 * value).toFixed(2)} %`
