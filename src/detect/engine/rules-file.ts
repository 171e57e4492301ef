// The text of a --rules file (TOML 1.0) -> settings. An unknown name is an error: a misspelt threshold would otherwise have no effect.
import { parse, TomlError } from 'smol-toml'
import { parseAddress } from '../../decode/address.ts'
import { UsageError } from '../../errors.ts'
import { RULES } from '../rules/index.ts'
import type { RuleOption } from './finding.ts'
import type { Settings, Suppression } from './settings.ts'

const SUPPRESSION_KEYS = ['reason', 'rule', 'host', 'source', 'target', 'port', 'name']

/** Parts of the longest name with a meaning, rules.<id>.<key>: no line is asked for of a longer one. */
const MAX_PARTS = 3

type Table = Record<string, unknown>

/**
 * @param file its name, for errors
 * @throws UsageError naming file and line
 */
export function parseRulesFile(text: string, file: string): Settings {
  const fail = (line: number, problem: string): never => {
    throw new UsageError(`${file}, line ${line}: ${problem}`)
  }
  const lines = new LineFinder(text)
  const document = parseToml(text, fail)
  for (const key of Object.keys(document)) {
    if (key !== 'rules' && key !== 'suppress') fail(lines.of([key]), `"${key}" is not known; there are [rules.<id>] and [[suppress]]`)
  }
  const options = new Map<string, Record<string, number>>()
  const off = new Set<string>()
  const { rules = {}, suppress = [] } = document
  if (!isTable(rules)) return fail(lines.of(['rules']), 'rules must be tables: [rules.<id>]')
  for (const [id, given] of Object.entries(rules)) {
    const rule = RULES.find((known) => known.id === id)
    if (rule === undefined) return fail(lines.of(['rules', id]), `no rule is called "${id}"; \`rtnvis rules\` lists them`)
    if (!isTable(given)) return fail(lines.of(['rules', id]), `[rules.${id}] must be a table`)
    const values: Record<string, number> = {}
    for (const [key, value] of Object.entries(given)) {
      const line = lines.of(['rules', id, key])
      if (key === 'off') {
        if (typeof value !== 'boolean') fail(line, 'off must be true or false')
        if (value === true) off.add(id)
      } else if (!Object.hasOwn(rule.options, key)) {
        fail(line, `${id} has no threshold "${key}"; it has ${['off', ...Object.keys(rule.options)].join(', ')}`)
      } else {
        const least = leastOf(rule.options[key])
        if (typeof value !== 'number' || !Number.isFinite(value) || value < least) fail(line, `${key} must be a number, ${least} or more`)
        values[key] = value as number
      }
    }
    options.set(id, values)
  }
  if (!Array.isArray(suppress) || !suppress.every(isTable)) return fail(lines.of(['suppress']), 'suppress must be tables: [[suppress]]')
  const suppressions = suppress.map((given, i) => suppressionOf(given, (key) => lines.of(['suppress', String(i), key]), fail))
  return { options, off, suppressions }
}

function parseToml(text: string, fail: (line: number, problem: string) => never): Table {
  try {
    return parse(text) as Table
  } catch (error) {
    if (error instanceof TomlError) return fail(error.line, error.message.split('\n')[0].replace(/^Invalid TOML document: /, ''))
    throw error
  }
}

function suppressionOf(given: Table, lineOf: (key: string) => number, fail: (line: number, problem: string) => never): Suppression {
  const line = lineOf('')
  for (const key of Object.keys(given)) {
    if (!SUPPRESSION_KEYS.includes(key)) fail(lineOf(key), `"${key}" is not known; a suppression has ${SUPPRESSION_KEYS.join(', ')}`)
  }
  const text = (key: string): string | undefined => {
    const value = given[key]
    if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) fail(lineOf(key), `${key} must be a text`)
    return value as string | undefined
  }
  const network = (key: string): string | undefined => {
    const value = text(key)
    if (value !== undefined && !isNetwork(value))
      fail(lineOf(key), `${key} must be an address or a network, such as 10.0.0.5 or 10.0.0.0/8`)
    return value
  }
  const reason = text('reason') ?? fail(line, 'a suppression needs a reason')
  const rule = text('rule')
  if (rule !== undefined && !RULES.some(({ id }) => id === rule))
    fail(lineOf('rule'), `no rule is called "${rule}"; \`rtnvis rules\` lists them`)
  const { port } = given
  if (port !== undefined && !(Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535)) {
    fail(lineOf('port'), 'port must be a number from 0 to 65535')
  }
  const fields = {
    rule,
    host: network('host'),
    source: network('source'),
    target: network('target'),
    port: port as number | undefined,
    name: text('name')
      ?.toLowerCase()
      .replace(/^\*?\./, ''),
  }
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  if (Object.keys(set).length === 0) fail(line, 'this would suppress everything: say which rule, host, source, target, port or name')
  return { line, reason, ...set }
}

/** Whole numbers without a unit count what is seen, and no finding is of nothing; durations, shares and distances may be 0. */
function leastOf(option: RuleOption): number {
  return option.unit === '' && Number.isInteger(option.default) ? 1 : 0
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function isNetwork(text: string): boolean {
  const [address, length, ...rest] = text.split('/')
  const bytes = parseAddress(address)
  if (bytes === null || rest.length > 0) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bytes.length * 8)
}

/** The lines of keys; the parser gives lines only for its own errors. Keys of nested inline tables have the line of the outermost table. */
class LineFinder {
  private readonly lines = new Map<string, number>()

  constructor(text: string) {
    let table: string[] = []
    let suppressions = 0
    for (const [i, line] of text.split('\n').entries()) {
      const header = /^\s*(\[\[?)([^\]]+)\]/.exec(line)
      // No regular expression: one with spaces on both sides of the key takes squares of the line's length.
      const key = line.slice(0, Math.max(0, line.indexOf('=')))
      if (header !== null) {
        table = partsOf(header[2])
        if (header[1] === '[[' && table[0] === 'suppress') table = ['suppress', String(suppressions++)]
        this.note(table, i + 1)
      } else if (key !== '' && !/[#[\]]/.test(key)) this.note([...table, ...partsOf(key)], i + 1)
    }
  }

  /** 1 if it is not found. */
  of(path: string[]): number {
    for (let length = path.length; length > 0; length--) {
      const line = this.lines.get(keyOf(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return 1
  }

  private note(path: string[], line: number): void {
    for (let length = 1; length <= Math.min(path.length, MAX_PARTS); length++) {
      const key = keyOf(path.slice(0, length))
      if (!this.lines.has(key)) this.lines.set(key, line)
    }
  }
}

function partsOf(dotted: string): string[] {
  return dotted.split('.', MAX_PARTS).map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'))
}

function keyOf(path: string[]): string {
  return path.filter((part) => part !== '').join('\n')
}
