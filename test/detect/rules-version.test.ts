// A report says by which rules it was made (meta.rules_version, the sum of their versions): whoever changes a rule, a threshold or a severity raises
// its version, and measures it again.
import { expect, test } from 'vitest'
import { RULES } from '../../src/detect/rules/index.ts'
import { digestOf, readMeasured } from '../evaluate/measured.ts'

test.each(RULES)('$id is what was measured: npm run evaluate -- --seed 2 --measured', (rule) => {
  const { version, digest } = readMeasured()[rule.id] ?? {}
  expect([version, digest]).toEqual([rule.version, digestOf(rule)])
})
