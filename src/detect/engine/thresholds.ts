// What a rule declares, a threshold, and what a finding states, a value with or without the threshold it was compared with: one line each.
import type { Observed, RuleOption } from './finding.ts'

/** A threshold that a user may set. @param value its default @param unit '' for a count @param description its effect, and the source of its default */
export function option(value: number, unit: string, description: string): RuleOption {
  return { default: value, unit, description }
}

/** A value that was compared with a threshold. @param limit null: not compared this time @param unit of both, '' for a count */
export function measured(name: string, value: number | string, limit: number | null, unit = ''): Observed {
  return { name, value, unit, threshold: limit }
}

/** A value for information. */
export function fact(name: string, value: number | string, unit = ''): Observed {
  return { name, value, unit, threshold: null }
}
