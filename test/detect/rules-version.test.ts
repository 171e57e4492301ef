// A report says by which rules it was made (meta.rules_version): whoever changes a rule, a threshold or a severity raises the number.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { RULES, RULES_VERSION } from '../../src/detect/rules/index.ts'

test('the version of the rules is raised with every change of them', () => {
  const facts = RULES.map(({ id, version, severity, technique, options }) => [id, version, severity, technique, options])
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)
  // Where the digest differs, a rule was changed: raise RULES_VERSION, then write both here.
  expect([RULES_VERSION, digest]).toEqual(['10', 'acc63b3eb9d44138'])
})
