// `rtnvis rules`: every rule with its thresholds and their sources, as a table, as a TOML file to edit, or as JSON.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Rule } from '../../detect/engine/finding.ts'
import { parseRulesFile } from '../../detect/engine/rules-file.ts'
import type { Settings } from '../../detect/engine/settings.ts'
import { RULES } from '../../detect/rules/index.ts'
import { UsageError } from '../../errors.ts'
import type { NamedFile } from '../../types.ts'
import { reasonOf } from '../input/input.ts'
import type { RulesFlags } from './options.ts'
import { print, printJson } from './terminal.ts'

const WIDTH = 100

/** Prints all rules on stdout. */
export function runRules({ toml, json }: RulesFlags): Promise<void> {
  return json ? printJson(RULES.map(toData)) : print(toml ? rulesAsToml() : rulesAsText())
}

/** @throws UsageError with file and line */
export async function openRules(file: string | undefined): Promise<{ settings: Settings; input: NamedFile } | null> {
  if (file === undefined) return null
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new UsageError(`--rules ${file}: ${reasonOf(error)}`)
  }
  const settings = parseRulesFile(new TextDecoder().decode(bytes), file)
  return { settings, input: { file: basename(file), sha256: createHash('sha256').update(bytes).digest('hex') } }
}

function toData({ id, version, title, technique, severity, source, options }: Rule) {
  return { id, version, title, technique, severity, source, options }
}

export function rulesAsText(): string {
  return RULES.map(({ id, version, title, technique, severity, source, options }) => {
    const facts = [`version ${version}`, `up to ${severity}`, ...(technique === null ? [] : [`ATT&CK ${technique}`])].join(', ')
    const names = Object.keys(options)
    const longest = Math.max(0, ...names.map((name) => name.length))
    const rows = names.flatMap((name) => {
      const option = options[name]
      const value = `${option.default}${option.unit === '' ? '' : ` ${option.unit}`}`
      return wrapped(`  ${name.padEnd(longest)}  ${value.padEnd(10)}  `, option.description)
    })
    return [`${id} (${facts})`, ...wrapped('  ', title), ...wrapped('  Source: ', source), ...rows, ''].join('\n')
  }).join('\n')
}

/** A file for --rules that has every threshold with its default, commented out. */
export function rulesAsToml(): string {
  const head = [
    '# Thresholds, rules to switch off, and findings not to show: rtnvis analyze --rules FILE.',
    '# All values here are the defaults. Remove the "#" from values that you change; an unknown name is an error.',
    '',
    '# Findings that match all conditions of a [[suppress]] are left out of the report, which states their number and the reason.',
    '#[[suppress]]',
    '#reason = "the vulnerability scanner of the security team"',
    '#rule = "port-scan"        # any of these may be left out, but not all',
    '#source = "10.0.0.5"       # address or network; source, target, or host for either end',
    '#port = 22                 # the one port that it is about',
    '#name = "example.com"      # a domain and all below it',
  ]
  const tables = RULES.map(({ id, title, source, options }) => {
    const rows = Object.entries(options).flatMap(([name, { default: value, unit, description }]) => [
      ...wrapped('# ', `${description}${unit === '' ? '' : ` [${unit}]`}`),
      `#${name} = ${value}`,
    ])
    return ['', ...wrapped('# ', `${title}. Source: ${source}.`), `[rules.${id}]`, '#off = true', ...rows].join('\n')
  })
  return `${[...head, ...tables].join('\n')}\n`
}

/** Wraps a text: the first line after `lead`, the others indented to its end. */
function wrapped(lead: string, text: string): string[] {
  const next = lead.startsWith('#') ? lead : ' '.repeat(lead.length)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && lead.length + line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((part, i) => (i === 0 ? lead : next) + part)
}
