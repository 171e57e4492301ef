// Options about findings -> options of the pipeline; and whether findings are severe enough for the exit code of --fail-on.

import type { DetectionOptions } from '../../detect/index.ts'
import type { ReportInputs } from '../../types.ts'
import { SEVERITIES, type Severity } from '../../types.ts'
import type { ReportFlags } from '../commands/options.ts'
import { openRules } from '../commands/rules.ts'
import { openBaseline } from './baseline.ts'
import { openBlocklist } from './blocklist.ts'
import { vendorOf } from './vendors.ts'

export type DetectionFlags = Pick<ReportFlags, 'rules' | 'baseline' | 'blocklist'>

/** The files of the flags, opened. */
export interface OpenDetection {
  detection: DetectionOptions
  inputs: Pick<ReportInputs, 'rules' | 'blocklists' | 'baseline'>
  warnings: string[]
}

/** @throws UsageError naming the file, and for a rules file the line */
export async function openDetection({ rules, baseline, blocklist }: DetectionFlags): Promise<OpenDetection> {
  const file = await openRules(rules)
  const lists = await openBlocklist(blocklist)
  const known = await openBaseline(baseline)
  return {
    detection: { ...(file && { settings: file.settings }), blocklist: lists.blocklist, baseline: known?.baseline ?? null, vendorOf },
    inputs: { rules: file?.input ?? null, blocklists: lists.inputs, baseline: known?.input ?? null },
    warnings: lists.warnings,
  }
}

/** Whether one of the alerts has at least this severity. */
export function hasSeverity(alerts: readonly { severity: string }[], from: Severity): boolean {
  return alerts.some(({ severity }) => SEVERITIES.indexOf(severity as Severity) >= SEVERITIES.indexOf(from))
}
