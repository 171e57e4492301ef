// `rtnvis detect`: reports -> findings of the rules that they can answer without their captures.

import { UsageError } from '../../errors.ts'
import { isoTime } from '../../iso-time.ts'
import type { MergedReport } from '../../merge/index.ts'
import { formatPlural, toPrintable } from '../../report/figures.ts'
import { openDetection } from '../input/detection.ts'
import { readNamedReports } from '../input/report-rows.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { merge, writeMerged } from './merge.ts'
import type { DetectFlags, Run } from './options.ts'
import { print, printJson, say } from './terminal.ts'

export type DetectOptions = DetectFlags & Run

interface FoundAlert {
  rule: string
  severity: string
  title: string
  first: string
  last: string
  source: string | null
  target: string | null
  flows: number
  /** The rule could not be asked again: the finding is that of the report's analysis. */
  isKept: boolean
}

interface Answer {
  report: string
  findings: FoundAlert[]
}

/** @returns the findings of all reports @throws CaptureError, UsageError */
export async function runDetect(reports: string[], options: DetectOptions): Promise<FoundAlert[]> {
  const { out, json, quiet } = options
  if (out !== undefined && reports.length > 1) throw new UsageError('-o takes one report: make one of several with rtnvis merge')
  if (out !== undefined) await OutputFolder.check(out, options.force, [])
  const opened = await openDetection(options)
  for (const warning of opened.warnings) say(warning)
  const answers: Answer[] = []
  const all = new Set<string>()
  for (const report of reports) {
    const named = await readNamedReports([report], options.interrupt)
    const take = (merged: MergedReport) => {
      answers.push({ report, findings: findingsOf(merged) })
      for (const rule of merged.notAsked) all.add(rule)
    }
    if (out === undefined) take(merge(named, opened, options))
    else await writeMerged(named, opened, { ...options, out, quiet: true, json: false }, [], take)
    if (!json && !quiet) await printFindings(answers.at(-1)!)
  }
  const notAsked = [...all].sort()
  if (json) await printJson({ notAsked, reports: answers })
  else if (!quiet) {
    const kept = new Set(answers.flatMap(({ findings }) => findings.filter(({ isKept }) => isKept).map(({ rule }) => rule)))
    if (kept.size > 0) say(`Not asked again: ${[...kept].sort().join(', ')}. Their findings are those of the analysis.`)
  }
  return answers.flatMap(({ findings }) => findings)
}

async function printFindings({ report, findings }: Answer): Promise<void> {
  await print(`${toPrintable(`${report}: ${formatPlural(findings.length, 'finding')}`)}\n`)
  for (const { severity, rule, first, title, isKept } of findings)
    await print(`${toPrintable(`  ${severity.padEnd(6)} ${first}  ${rule}: ${title}${isKept ? ' (of its analysis)' : ''}`)}\n`)
}

function findingsOf({ detection, notAsked, ip }: MergedReport): FoundAlert[] {
  return detection.alerts.map(({ rule, finding: { severity, title, firstUs, lastUs, source, target, flows } }) => ({
    ...{ rule: rule.id, severity, title },
    first: isoTime(firstUs),
    last: isoTime(lastUs),
    source: source === null ? null : ip(source),
    target: target === null ? null : ip(target),
    flows: flows.count,
    isKept: notAsked.includes(rule.id),
  }))
}
