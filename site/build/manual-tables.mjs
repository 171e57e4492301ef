// Declarations of the program and the page -> the reference tables of the manual. A page names its tables in its front matter.
import { RULES } from '../../src/detect/rules/index.ts'
import { FIELDS } from '../../src/filter/fields.ts'
import { program } from '../../src/node/program.ts'
import { apiRoutes } from '../../src/node/serve/api.ts'
import { describeParameter } from '../../src/node/serve/parameters.ts'
import { TABLES as SCHEMA } from '../../src/store/schema.ts'
import { KEYS, POINTER } from '../src/session/keys.ts'
import figures from './measured-rules.json' with { type: 'json' }

/** Code in a cell is in backticks, as in Markdown. */
const code = (text) => `\`${text}\``

/** name in the front matter -> [{ title, head, rows }] */
const MAKERS = {
  'options of analyze': () => [optionsOf('analyze')],
  'options of live': () => [optionsOf('live', ['analyze', 'serve'])],
  'options of serve': () => [optionsOf('serve')],
  'options of slice': () => [optionsOf('slice')],
  'options of export': () => [optionsOf('export')],
  'options of query': () => [optionsOf('query')],
  'options of report': () => [optionsOf('report')],
  'options of merge': () => [optionsOf('merge')],
  'options of watch': () => [optionsOf('watch')],
  'options of detect': () => [optionsOf('detect')],
  'options of verify': () => [optionsOf('verify')],
  'filter fields': () => [filterFields()],
  keys: () => [...KEYS, POINTER].map(keys),
  rules: () => [rules(), thresholds()],
  measured: () => [measured()],
  columns: () => [...SCHEMA.matchAll(/CREATE TABLE (\w+) \(\n([\s\S]*?)\n\) STRICT/g)].map(([, name, body]) => columns(name, body)),
  api: () => [addresses(), parameters()],
}

export function tablesNamed(names) {
  return names.flatMap((name) => {
    if (!Object.hasOwn(MAKERS, name)) throw new Error(`"${name}" is no table of the manual; known: ${Object.keys(MAKERS).join(', ')}`)
    return MAKERS[name]()
  })
}

/** The options of a command without those that the commands in `without` have, too. */
function optionsOf(name, without = []) {
  const commands = program('', {}).commands
  const optionsNamed = (wanted) => commands.find((command) => command.name() === wanted).options
  const elsewhere = new Set(without.flatMap((other) => optionsNamed(other).map(({ long }) => long)))
  const rows = optionsNamed(name)
    .filter(({ long }) => !elsewhere.has(long))
    .map(({ flags, description, defaultValue }) => {
      const isTold = defaultValue === undefined || typeof defaultValue === 'boolean' || Array.isArray(defaultValue)
      return [code(flags), isTold ? description : `${description} (default: ${defaultValue})`]
    })
  return { title: `Options of ${name}`, head: ['Option', 'Meaning'], rows }
}

function filterFields() {
  const rows = Object.entries(FIELDS).map(([name, { about, example, aliases = [] }]) => [
    [name, ...aliases].map(code).join(', '),
    about,
    code(example),
  ])
  return { title: 'Filter fields', head: ['Field', 'Meaning', 'Example'], rows }
}

function keys({ title, keys }) {
  return { title: `Keys: ${title}`, head: ['Key', 'Does'], rows: keys.map(({ keys, does }) => [keys.map(code).join(', '), does]) }
}

function rules() {
  const rows = RULES.map(({ id, title, severity, technique, source }) => [code(id), title, severity, technique ?? '', source])
  return { title: 'Rules', head: ['Rule', 'Finds', 'At most', 'ATT&CK', 'Method'], rows }
}

function thresholds() {
  const rows = RULES.flatMap(({ id, options }) =>
    Object.entries(options).map(([name, { default: value, unit, description }]) => [
      code(id),
      code(name),
      `${value} ${unit}`.trim(),
      description,
    ]),
  )
  return { title: 'Thresholds', head: ['Rule', 'Threshold', 'Default', 'Meaning'], rows }
}

/** What `npm run evaluate -- --seed 2 --measured` wrote. */
function measured() {
  const percent = (share) => `${(100 * share).toFixed(1)} %`
  const rows = RULES.filter(({ id }) => figures[id]?.happened > 0).map(({ id }) => {
    const { happened, recall, precision } = figures[id]
    return [code(id), String(happened), percent(recall), percent(precision)]
  })
  return { title: 'Measured', head: ['Rule', 'Happened', 'Recall', 'Precision'], rows }
}

function columns(table, body) {
  const rows = body.split('\n').flatMap((line) => {
    const [, name, type, rest, comment] = /^ {2}(\w+) (INTEGER|TEXT|REAL|BLOB|ANY)([^-]*?),? *(?:-- (.*))?$/.exec(line) ?? []
    if (name === undefined) return []
    const mayBeNull = !/NOT NULL|PRIMARY KEY/.test(rest)
    const refers = /REFERENCES (\w+)\((\w+)\)/.exec(rest)
    const told = [refers ? `${code(`${refers[1]}.${refers[2]}`)}` : '', comment ?? ''].filter((text) => text !== '').join('; ')
    return [[code(name), `${type.toLowerCase()}${mayBeNull ? ' or null' : ''}`, told]]
  })
  return { title: `Table ${table}`, head: ['Column', 'Type', 'Meaning'], rows }
}

const ROUTES = apiRoutes({})

function addresses() {
  const rows = ROUTES.map(({ path, summary, parameters }) => [code(path), summary, parameters.map(({ name }) => code(name)).join(', ')])
  return { title: 'Addresses of the API', head: ['Address', 'Answers', 'Parameters'], rows }
}

/** A row for each meaning of a name: `limit` counts packets at one address and rows at others. */
function parameters() {
  const seen = new Map()
  for (const { path, parameters } of ROUTES) {
    for (const parameter of parameters) {
      const { name, description, schema } = describeParameter(parameter)
      const row = [code(name), description, valuesOf(schema)]
      const key = row.join('\n')
      seen.set(key, seen.get(key) ?? [...row, []])
      seen.get(key)[3].push(code(path))
    }
  }
  const rows = [...seen.values()].map(([name, meaning, values, paths]) => [name, paths.join(', '), meaning, values])
  return { title: 'Parameters of the API', head: ['Parameter', 'Of', 'Meaning', 'Values'], rows }
}

function valuesOf({ type, enum: values, minimum, maximum }) {
  if (values) return values.map(code).join(', ')
  return minimum === undefined ? `${type ?? 'time'}` : `${minimum} to ${maximum}`
}
