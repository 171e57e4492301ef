// A filter -> the WHERE of a SELECT over traffic.sqlite that finds the same flows.
import type { SqlContext } from './field.ts'
import { fieldNamed } from './fields.ts'
import type { Filter } from './syntax.ts'

/** A SELECT of all columns of the flows that pass, with both addresses; `span` in microseconds since the first packet. */
export function selectFlowsSql(filter: Filter, context: SqlContext, span: { fromUs: number; toUs: number } | null): string {
  const conditions =
    filter.kind === 'and' ? filter.parts.map((part) => sqlOf(part, context)) : filter.kind === 'all' ? [] : [sqlOf(filter, context)]
  if (span)
    conditions.push(
      `f.first_us <= ${context.firstUs + Math.round(span.toUs)} AND f.last_us >= ${context.firstUs + Math.round(span.fromUs)}`,
    )
  return [
    'SELECT c.ip AS client, s.ip AS server, f.*',
    'FROM flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id',
    ...(conditions.length > 0
      ? [`WHERE ${conditions.map((condition) => (conditions.length > 1 ? `(${condition})` : condition)).join('\n  AND ')}`]
      : []),
    'ORDER BY f.id;',
  ].join('\n')
}

/** A condition on f (flows), c and s (its hosts). */
export function sqlOf(filter: Filter, context: SqlContext): string {
  switch (filter.kind) {
    case 'all':
      return '1'
    case 'not':
      return `NOT coalesce(${sqlOf(filter.part, context)}, 0)` // NULL, a missing value, counts as no match
    case 'term':
      return either(filter.values.map((value) => fieldNamed(filter.field).sql(value, context)))
    default:
      return filter.parts.map((part) => `(${sqlOf(part, context)})`).join(filter.kind === 'and' ? ' AND ' : ' OR ')
  }
}

const either = (conditions: string[]): string =>
  conditions.length === 1 ? conditions[0] : conditions.map((one) => `(${one})`).join(' OR ')
