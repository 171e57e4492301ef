// What the evaluation prints: Markdown tables, which a terminal shows and the README takes.

import { RULES } from '../../src/detect/rules/index.ts'
import { SEVERITIES } from '../../src/types.ts'
import type { FoundInCapture } from './findings.ts'
import { type Mistake, precision, recall, type Scores } from './score.ts'

const SHOWN_OF_A_RULE = 5

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const ruleOrder = (rule: string): number => RULES.findIndex(({ id }) => id === rule)
const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |`

export function scoreLines({ rules }: Scores): string[] {
  const ordered = [...rules].sort(([a], [b]) => ruleOrder(a) - ruleOrder(b))
  return [
    row('Rule', 'happened', 'recall', 'findings', 'precision'),
    '| --- | --: | --: | --: | --: |',
    ...ordered.map(([rule, score]) => row(rule, score.labels, percent(recall(score)), score.findings, percent(precision(score)))),
  ]
}

/** The lowest of all precisions and recalls; 1 when nothing was measured. */
export const weakest = ({ rules }: Scores): number =>
  Math.min(1, ...[...rules.values()].flatMap((score) => [recall(score), precision(score)]))

export function mistakeLines({ misses, falseFindings }: Scores, isAll: boolean): string[] {
  const list = (what: string, mistakes: Mistake[]): string[] => {
    const shown = new Map<string, number>()
    return mistakes.flatMap(({ capture, rule, what: text }) => {
      const count = (shown.get(rule) ?? 0) + 1
      shown.set(rule, count)
      return isAll || count <= SHOWN_OF_A_RULE ? [`${what} ${rule} in ${capture}: ${text}`] : []
    })
  }
  return [...list('missed', misses), ...list('false', falseFindings)]
}

export function benignLines(captures: FoundInCapture[]): string[] {
  const hours = captures.reduce((sum, { seconds }) => sum + seconds, 0) / 3600
  const findings = captures.flatMap((capture) => capture.findings)
  const counts = SEVERITIES.map((severity) => findings.filter((finding) => finding.severity === severity).length)
  return [
    `Where nothing happens, ${captures.length} captures of ${hours.toFixed(1)} hours in all, findings an hour:`,
    '',
    row(...SEVERITIES),
    row(...SEVERITIES.map(() => '--:')),
    row(...counts.map((count) => (count / hours).toFixed(2))),
  ]
}

export function countLines(captures: { name: string; found: FoundInCapture }[]): string[] {
  const lines: string[] = []
  const totals = new Map<string, number>()
  for (const { name, found } of captures) {
    const counts = new Map<string, number>()
    for (const { rule, severity } of found.findings) {
      const key = `${severity} ${rule}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      totals.set(key, (totals.get(key) ?? 0) + 1)
    }
    if (counts.size > 0) lines.push(`${name}: ${[...counts].map(([key, count]) => `${key} ${count}`).join(', ')}`)
    for (const finding of found.findings) if (finding.severity === 'high') lines.push(`  high ${finding.rule}: ${finding.title}`)
  }
  const sum = [...totals].sort().map(([key, count]) => row(...key.split(' '), count))
  return [...lines, '', `${captures.length} captures:`, '', row('severity', 'rule', 'findings'), '| --- | --- | --: |', ...sum]
}
