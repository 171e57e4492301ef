import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { parseRulesFile } from '../../src/detect/engine/rules-file.ts'
import { RULES } from '../../src/detect/rules/index.ts'
import { rulesAsText, rulesAsToml } from '../../src/node/commands/rules.ts'

test('thresholds, switches and suppressions are read', () => {
  const settings = parseRulesFile(
    `[rules.port-scan]
ports = 30

[rules.beacon]
off = true

# the team's own
[[suppress]]
reason = "our scanner"
rule = "port-scan"
source = "10.0.0.0/8"
port = 22

[[suppress]]
reason = "the shop"
name = "*.Shop.example"
`,
    'office.toml',
  )
  expect(settings.options.get('port-scan')).toEqual({ ports: 30 })
  expect([...settings.off]).toEqual(['beacon'])
  expect(settings.suppressions).toEqual([
    { line: 8, reason: 'our scanner', rule: 'port-scan', source: '10.0.0.0/8', port: 22 },
    { line: 14, reason: 'the shop', name: 'shop.example' },
  ])
})

test.each([
  ['rule = 1', 1, '"rule" is not known'],
  ['[rules.port-scan]\nportz = 3', 2, 'port-scan has no threshold "portz"'],
  ['# first\n\n[rules.portscan]\nports = 3', 3, 'no rule is called "portscan"'],
  ['[rules.port-scan]\n\nports = "many"', 3, 'ports must be a number'],
  ['[rules.port-scan]\nports = -1', 2, 'ports must be a number'],
  // A finding of no port: rules would have nothing to tell.
  ['[rules.port-scan]\nports = 0', 2, 'ports must be a number, 1 or more'],
  ['[rules.generated-names]\nshare = 0\nnames = 0.5', 3, 'names must be a number, 1 or more'],
  ['[rules.port-scan]\noff = "yes"', 2, 'off must be true or false'],
  ['[[suppress]]\nrule = "port-scan"', 1, 'needs a reason'],
  ['[[suppress]]\nreason = "x"\nhost = "10.0.0.1"\n\n[[suppress]]\nreason = "x"', 5, 'would suppress everything'],
  ['[[suppress]]\nreason = "x"\nhost = "10.0.0.1"\n\n[[suppress]]\nreason = "x"\nhots = "10.0.0.1"', 7, '"hots" is not known'],
  ['[[suppress]]\nreason = "x"\nhost = "10.0.0"', 3, 'must be an address or a network'],
  ['[[suppress]]\nreason = "x"\nhost = "10.0.0.0/33"', 3, 'must be an address or a network'],
  ['[[suppress]]\nreason = "x"\nrule = "scan"', 3, 'no rule is called "scan"'],
  ['[[suppress]]\nreason = "x"\nport = 70000', 3, 'port must be a number'],
  ['[rules.port-scan]\nports = = 3', 2, ''],
  ['rules = 5', 1, 'rules must be tables'],
  ['[rules]\nport-scan = 1979-05-27', 2, 'must be a table'],
  [`a${' '.repeat(1e6)}b`, 1, 'illegal character'],
  [`${'a.'.repeat(50_000)}a = 1`, 1, '"a" is not known'],
  ['suppress = 5', 1, 'suppress must be tables'],
])('%j is an error that names its line', (text, line, problem) => {
  expect(() => parseRulesFile(text, 'r.toml')).toThrow(new RegExp(`^r\\.toml, line ${line}: .*${problem}`))
})

test('lines of a million spaces are read: steps for each pair of them would not end in time', () => {
  const { options } = parseRulesFile(`[rules.port-scan]\n${' '.repeat(1e6)}\nports${' '.repeat(1e6)}= 30`, 'r.toml')
  expect(options.get('port-scan')).toEqual({ ports: 30 })
})

test('the printed file is the defaults: as it is, and with every comment sign before a threshold taken away', () => {
  const text = rulesAsToml()
  expect(parseRulesFile(text, 'all.toml')).toMatchObject({ suppressions: [] })
  const open = text.replace(/^#([a-z_]+ = [\d.]+)$/gm, '$1')
  const { options, off } = parseRulesFile(open, 'all.toml')
  expect(off.size).toBe(0)
  for (const rule of RULES) {
    for (const [name, option] of Object.entries(rule.options)) expect(options.get(rule.id), rule.id).toHaveProperty(name, option.default)
  }
  expect(Object.keys((parse(open) as { rules: object }).rules)).toEqual(RULES.map(({ id }) => id))
})

test('every rule has a description and a source', () => {
  const ids = RULES.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const rule of RULES) {
    expect(rule.id).toMatch(/^[a-z]+(-[a-z0-9]+)*$/)
    expect(rule.source.length, rule.id).toBeGreaterThan(10)
    expect(rule.technique ?? 'T1000', rule.id).toMatch(/^T\d{4}(\.\d{3})?$/)
    for (const [name, option] of Object.entries(rule.options)) expect(option.description, `${rule.id} ${name}`).not.toBe('')
  }
  for (const id of ids) expect(rulesAsText()).toContain(`${id} (version `)
})
