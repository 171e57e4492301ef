// Query parameters: declared once, then used for reading, checking, and /openapi.json.
import { isDate } from '../../iso-time.ts'

type Schema =
  | { type: 'integer'; minimum: number; maximum: number; default?: number }
  | { type: 'string'; maxLength: number; pattern?: RegExp; enum?: readonly string[]; example?: string }
  | { type: 'time' }
  | { type: 'boolean' }

export interface Parameter {
  name: string
  description: string
  schema: Schema
}

/** The values of a query: numbers, texts, true; times are microseconds since the epoch. Absent parameters without a default have no entry. */
export type Values = Record<string, string | number | boolean>

/** An invalid query; the message names the parameter and its valid values. */
export class QueryError extends Error {
  override name = 'QueryError'
}

/** @throws QueryError for unknown, repeated or invalid parameters */
export function readQuery(query: URLSearchParams, parameters: Parameter[]): Values {
  const values: Values = {}
  for (const { name, schema } of parameters) if (schema.type === 'integer' && schema.default !== undefined) values[name] = schema.default
  const seen = new Set<string>()
  for (const [name, text] of query) {
    const parameter = parameters.find((known) => known.name === name)
    if (!parameter)
      throw new QueryError(`There is no parameter "${name}" here. Known: ${parameters.map((known) => known.name).join(', ')}.`)
    if (seen.has(name)) throw new QueryError(`"${name}" is given twice.`)
    seen.add(name)
    values[name] = read(name, text, parameter.schema)
  }
  return values
}

function read(name: string, text: string, schema: Schema): string | number | boolean {
  switch (schema.type) {
    case 'integer': {
      const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      if (!(number >= schema.minimum && number <= schema.maximum))
        throw new QueryError(`"${name}" must be a whole number from ${schema.minimum} to ${schema.maximum}.`)
      return number
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new QueryError(`"${name}" must be true or false.`)
      return text === 'true'
    case 'time':
      return readTime(name, text)
    case 'string':
      if (text.length === 0 || text.length > schema.maxLength)
        throw new QueryError(`"${name}" must have 1 to ${schema.maxLength} characters.`)
      if (schema.enum && !schema.enum.includes(text)) throw new QueryError(`"${name}" must be one of ${schema.enum.join(', ')}.`)
      if (schema.pattern && !schema.pattern.test(text)) throw new QueryError(`"${name}" must look like ${schema.example}.`)
      return text
  }
}

/** ISO 8601 with a zone or in UTC, or microseconds since the epoch as in the database. */
function readTime(name: string, text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text)
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  const [, date, time = '00:00', fraction = '', zone = 'Z'] = match ?? []
  const ms = match && isDate(date) ? Date.parse(`${date}T${time}${zone}`) : Number.NaN
  if (Number.isNaN(ms)) throw new QueryError(`"${name}" must be a time as 2026-03-02T10:00:00Z, or microseconds since 1970-01-01 UTC.`)
  return ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** The parameter as OpenAPI 3.1 describes it. */
export function describeParameter({ name, description, schema }: Parameter): object {
  return { name, in: 'query', required: false, description, schema: describeSchema(schema) }
}

function describeSchema(schema: Schema): object {
  switch (schema.type) {
    case 'integer':
    case 'boolean':
      return schema
    case 'time':
      return { type: 'string', examples: ['2026-03-02T10:00:00Z', '1772445600000000'] }
    case 'string': {
      const { maxLength, pattern, enum: values, example } = schema
      return {
        type: 'string',
        maxLength,
        ...(pattern && { pattern: pattern.source }),
        ...(values && { enum: values }),
        ...(example && { examples: [example] }),
      }
    }
  }
}
