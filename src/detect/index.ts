// Conversations, names and observations -> findings: all rules in turn, what the user does not want to see taken out, the rest in a stable order.
import type { Baseline } from './baseline.ts'
import { contextOf, type Facts } from './context.ts'
import { type Finding, type Rule, SEVERITIES } from './finding.ts'
import { RULES, RULES_VERSION } from './rules/index.ts'
import { DEFAULT_SETTINGS, optionsOf, type Settings } from './settings.ts'
import { storiesOf } from './stories.ts'
import { type SuppressedCount, Suppressor } from './suppress.ts'

export interface DetectionOptions {
  /** What --rules says; undefined: the defaults. */
  settings?: Settings
  baseline?: Baseline | null
}

export interface Alert {
  rule: Rule
  finding: Finding
  /** Index of the first alert of the same story. */
  story: number
}

export interface Detection {
  /** Gravest first, then by time. */
  alerts: Alert[]
  rulesVersion: string
  /** Ids of the rules that were switched off. */
  off: string[]
  suppressed: SuppressedCount[]
}

/** Runs all rules that are not switched off. */
export function detect(facts: Facts, { settings = DEFAULT_SETTINGS, baseline = null }: DetectionOptions = {}): Detection {
  const context = contextOf(facts, baseline)
  const suppressor = new Suppressor(settings.suppressions, context.hosts)
  const found: { rule: Rule; finding: Finding }[] = []
  for (const rule of RULES) {
    if (settings.off.has(rule.id)) continue
    for (const finding of rule.run(context, optionsOf(rule, settings))) {
      if (!suppressor.suppresses(rule.id, finding)) found.push({ rule, finding })
    }
  }
  found.sort(compareAlerts)
  const stories = storiesOf(found.map(({ finding }) => finding))
  return {
    alerts: found.map(({ rule, finding }, i) => ({ rule, finding, story: stories[i] })),
    rulesVersion: RULES_VERSION,
    off: RULES.filter(({ id }) => settings.off.has(id)).map(({ id }) => id),
    suppressed: suppressor.counts,
  }
}

type Found = { rule: Rule; finding: Finding }

/** Nothing is left to the order in which rules happen to find. */
function compareAlerts(a: Found, b: Found): number {
  return (
    SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity) ||
    a.finding.firstUs - b.finding.firstUs ||
    RULES.indexOf(a.rule) - RULES.indexOf(b.rule) ||
    (a.finding.source ?? -1) - (b.finding.source ?? -1) ||
    (a.finding.target ?? -1) - (b.finding.target ?? -1) ||
    (a.finding.title < b.finding.title ? -1 : 1)
  )
}
