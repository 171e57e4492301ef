// The figures of the manual's table, rule by rule, with what each rule was when they were measured: a changed rule is measured again.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Rule } from '../../src/detect/engine/finding.ts'
import { RULES } from '../../src/detect/rules/index.ts'
import { precision, recall, type Scores } from './score.ts'

const FILE = new URL('../../site/build/measured-rules.json', import.meta.url)

export interface Measured {
  version: number
  /** Of the rule's severity, technique and thresholds. */
  digest: string
  /** Attacks that it should find; 0 for a rule that the generated captures cannot measure. */
  happened: number
  recall: number
  precision: number
}

export const readMeasured = (): Record<string, Measured | undefined> =>
  JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Measured | undefined>

export function digestOf({ severity, technique, options }: Rule): string {
  const facts = JSON.stringify([severity, technique, options])
  return createHash('sha256').update(facts).digest('hex').slice(0, 16)
}

/** @throws Error that names a rule which was changed and has the version of before */
export function writeMeasured({ rules }: Scores): void {
  const before = readMeasured()
  const rounded = (share: number) => Number(share.toFixed(3))
  const rows = RULES.map((rule): [string, Measured] => {
    const known = before[rule.id]
    const digest = digestOf(rule)
    if (known !== undefined && known.digest !== digest && known.version >= rule.version)
      throw new Error(`${rule.id} was changed: raise its version, which is ${rule.version}`)
    const score = rules.get(rule.id) ?? { labels: 0, found: 0, findings: 0, right: 0 }
    const figures = { happened: score.labels, recall: rounded(recall(score)), precision: rounded(precision(score)) }
    return [rule.id, { version: rule.version, digest, ...figures }]
  })
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`)
}
