// Settings of the user: thresholds, rules switched off, findings to suppress.
import type { Rule } from './finding.ts'

/** A finding that matches all given values is counted and not shown. */
export interface Suppression {
  /** Line in the rules file, for the report. */
  line: number
  reason: string
  rule?: string
  /** Address or network of either end, or of one of them. */
  host?: string
  source?: string
  target?: string
  port?: number
  /** A domain name; it also matches all names below it. */
  name?: string
}

export interface Settings {
  /** By rule id, then option. */
  options: ReadonlyMap<string, Record<string, number>>
  off: ReadonlySet<string>
  suppressions: readonly Suppression[]
}

export const DEFAULT_SETTINGS: Settings = { options: new Map(), off: new Set(), suppressions: [] }

/** The rule's defaults, replaced by what the user set. */
export function optionsOf(rule: Rule, settings: Settings): Record<string, number> {
  const defaults = Object.fromEntries(Object.entries(rule.options).map(([name, option]) => [name, option.default]))
  return { ...defaults, ...settings.options.get(rule.id) }
}
