// What was found against what was there. A finding is right when it fits something that happened, false when it fits nothing.
import { SEVERITIES } from '../../src/types.ts'
import type { Allowance, Label, Labels } from '../attacks/label.ts'
import type { FoundFinding } from './findings.ts'

export interface RuleScore {
  /** Things that happened, and how many of them the rule found. */
  labels: number
  found: number
  /** Findings of low severity and above, and how many of them are right. Those that are neither right nor wrong count nowhere. */
  findings: number
  right: number
}

export interface Mistake {
  capture: string
  rule: string
  what: string
}

/** Rules let a pause end a finding and begin with what led to it. */
const SLACK_US = 60_000_000

export class Scores {
  readonly rules = new Map<string, RuleScore>()
  readonly misses: Mistake[] = []
  readonly falseFindings: Mistake[] = []

  add(capture: string, findings: FoundFinding[], { labels, allowed }: Labels): void {
    for (const label of labels) {
      const score = this.#of(label.rule)
      score.labels++
      if (findings.some((finding) => finding.rule === label.rule && fits(finding, label))) score.found++
      else this.misses.push({ capture, rule: label.rule, what: `${label.variant} (${label.source ?? '-'} to ${label.target ?? '-'})` })
    }
    for (const finding of findings) {
      const isRight = labels.some((label) => (finding.rule === label.rule || label.also.includes(finding.rule)) && fits(finding, label))
      if (!isRight && (finding.severity === 'info' || allowed.some((allowance) => isAllowed(finding, allowance)))) continue
      const score = this.#of(finding.rule)
      score.findings++
      if (isRight) score.right++
      else this.falseFindings.push({ capture, rule: finding.rule, what: `${finding.severity}: ${finding.title}` })
    }
  }

  #of(rule: string): RuleScore {
    const known = this.rules.get(rule)
    if (known) return known
    const score = { labels: 0, found: 0, findings: 0, right: 0 }
    this.rules.set(rule, score)
    return score
  }
}

/** Shares; a rule that found nothing is not precise, and one that had nothing to find misses nothing. */
export const recall = ({ labels, found }: RuleScore): number => (labels === 0 ? 1 : found / labels)
export const precision = ({ findings, right, labels }: RuleScore): number => (findings === 0 ? (labels === 0 ? 1 : 0) : right / findings)

const isEnd = (known: string | null, said: string | null): boolean => known === null || said === null || known === said

const fits = (finding: FoundFinding, label: Label): boolean =>
  isEnd(label.source, finding.source) &&
  isEnd(label.target, finding.target) &&
  // A finding that names nobody at all fits nothing in particular.
  (finding.source !== null || finding.target !== null || (label.source === null && label.target === null)) &&
  finding.firstUs <= label.last_us + SLACK_US &&
  finding.lastUs >= label.first_us - SLACK_US

const isAllowed = (finding: FoundFinding, { rule, source, target, gravest }: Allowance): boolean =>
  finding.rule === rule &&
  SEVERITIES.indexOf(finding.severity) <= SEVERITIES.indexOf(gravest) &&
  isEnd(source, finding.source) &&
  isEnd(target, finding.target)
