// A filter -> the WHERE of a SELECT over traffic.sqlite that finds the same flows.
import { scopeOfWord } from './ends.ts'
import type { FieldName } from './fields.ts'
import type { Filter, Range, Term, Value } from './syntax.ts'

/** What SQL alone cannot say: addresses are texts there, so ranges across octets become lists. */
export interface SqlContext {
  /** The capture's first packet: relative times count from it. */
  firstUs: number
  /** Addresses of the report from `first` to `last` (keys, see address.ts). */
  addressesWithin(first: string, last: string): string[]
}

/** All columns of the flows that pass, with both addresses; `span` in microseconds since the first packet. */
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
      return `NOT coalesce(${sqlOf(filter.part, context)}, 0)` // a flow without the value has not got it
    case 'term':
      return either(filter.values.map((value) => sqlOfValue(filter, value, context)))
    default:
      return filter.parts.map((part) => `(${sqlOf(part, context)})`).join(filter.kind === 'and' ? ' AND ' : ' OR ')
  }
}

const either = (conditions: string[]): string =>
  conditions.length === 1 ? conditions[0] : conditions.map((one) => `(${one})`).join(' OR ')

const text = (value: string): string => `'${value.replaceAll("'", "''").replaceAll('\0', '')}'`

/** The whole of `column`, * and ? as wildcards, case aside. */
function like(column: string, pattern: string): string {
  const lower = pattern.toLowerCase()
  return /[*?]/.test(lower) ? `lower(${column}) GLOB ${text(lower.replaceAll('[', '[[]'))}` : `lower(${column}) = ${text(lower)}`
}

const APPLICATION =
  "coalesce(f.application, CASE WHEN f.transport IN ('tcp', 'udp', 'sctp') THEN 'other ' || f.transport ELSE f.transport END)"
const LABEL =
  "CASE WHEN coalesce(p.city, p.region) <> p.country THEN coalesce(p.city, p.region) || ', ' || p.country " +
  "ELSE coalesce(p.city, p.region, p.country, printf('%.2f, %.2f', p.latitude_deg, p.longitude_deg)) END"

/** The end a field is about, as a condition on h. */
const endOf = (field: FieldName | ''): string =>
  field === 'from' ? 'h.id = f.client_host_id' : field === 'to' ? 'h.id = f.server_host_id' : 'h.id IN (f.client_host_id, f.server_host_id)'

const hasEnd = (field: FieldName | '', condition: string, isPlaced = false): string =>
  `EXISTS (SELECT 1 FROM hosts h${isPlaced ? ' JOIN places p ON p.id = h.place_id' : ''} WHERE ${endOf(field)} AND ${condition})`

const named = (condition: string): string => `EXISTS (SELECT 1 FROM names n WHERE n.host_id = h.id AND ${condition})`

function within(column: string, { from, to }: Range): string {
  if (from === to) return `${column} = ${from}`
  const ends = [Number.isFinite(from) ? `${column} >= ${from}` : '', Number.isFinite(to) ? `${column} <= ${to}` : ''].filter(Boolean)
  return ends.join(' AND ') || `${column} IS NOT NULL`
}

function sqlOfValue({ field }: Term, value: Value, context: SqlContext): string {
  if (value.kind === 'time') {
    const offset = value.isRelative ? context.firstUs : 0
    const { from, to } = value.range
    const ends = [
      Number.isFinite(to) ? `f.first_us <= ${Math.round(to + offset)}` : '',
      Number.isFinite(from) ? `f.last_us >= ${Math.round(from + offset)}` : '',
    ].filter(Boolean)
    return ends.join(' AND ') || '1'
  }
  if (value.kind === 'range') {
    const columns: Partial<Record<FieldName | '', string>> = {
      bytes: '(f.client_bytes + f.server_bytes)',
      packets: '(f.client_packets + f.server_packets)',
      duration: '(f.last_us - f.first_us)',
      flow: 'f.id',
    }
    if (field !== 'port') return within(columns[field]!, value.range)
    return `(${within('f.client_port', value.range)}) OR (${within('f.server_port', value.range)})`
  }
  if (value.kind === 'address') return hasEnd(field, addressSql(value, context))
  return textSql(field, value.text)
}

function addressSql({ first, last }: { first: string; last: string }, context: SqlContext): string {
  const octets = octetPatterns(first, last)
  if (octets && first !== last)
    return octets.length === 1 ? `h.ip GLOB '${octets[0]}'` : `(${octets.map((glob) => `h.ip GLOB '${glob}'`).join(' OR ')})`
  const found = context.addressesWithin(first, last)
  return found.length === 1 ? `h.ip = ${text(found[0])}` : `h.ip IN (${found.map(text).join(', ')})`
}

/** Most patterns a network is written as. */
const MOST_PATTERNS = 32

/** "10.*" for 10.0.0.0/8, sixteen patterns for a /12; null where there would be too many or the range is no such network. */
function octetPatterns(first: string, last: string): string[] | null {
  if (!first.startsWith('00000000000000000000ffff') || !last.startsWith('00000000000000000000ffff')) return null
  const octets = (key: string) => [24, 26, 28, 30].map((at) => Number.parseInt(key.slice(at, at + 2), 16))
  const [low, high] = [octets(first), octets(last)]
  const at = low.findIndex((octet, index) => octet !== high[index])
  if (at < 0 || at === 3 || high[at] - low[at] >= MOST_PATTERNS) {
    const whole = at === 3 && low[3] === 0 && high[3] === 255
    const all =
      at >= 0 &&
      at < 3 &&
      low[at] === 0 &&
      high[at] === 255 &&
      low.slice(at).every((octet) => octet === 0) &&
      high.slice(at).every((octet) => octet === 255)
    if (whole || (all && at > 0)) return [`${low.slice(0, at).join('.')}.*`]
    return null
  }
  if (low.slice(at + 1).some((octet) => octet !== 0) || high.slice(at + 1).some((octet) => octet !== 255)) return null
  if (low[at] === 0 && high[at] === 255 && at > 0) return [`${low.slice(0, at).join('.')}.*`]
  return Array.from({ length: high[at] - low[at] + 1 }, (_, index) => `${[...low.slice(0, at), low[at] + index].join('.')}.*`)
}

function textSql(field: FieldName | '', value: string): string {
  const word = value.toLowerCase()
  switch (field) {
    case 'app':
      return like(APPLICATION, value)
    case 'proto':
      return like('f.transport', value)
    case 'state':
      return like('f.state', value)
    case 'ja4':
      return like('f.ja4', value)
    case 'tunnel':
      if (word === 'any' || word === 'none') return `f.tunnel IS ${word === 'any' ? 'NOT ' : ''}NULL`
      return `${like('f.tunnel', value)} OR ' ' || lower(f.tunnel) || ' ' GLOB ${text(`* ${word.replaceAll('[', '[[]')} *`)}`
    case 'name':
      return `${like('f.server_name', value)} OR ${hasEnd(field, named(like('n.name', value)))}`
    case 'dns':
      return `f.id IN (SELECT flow_id FROM dns_queries WHERE ${like('name', value)})`
    case 'alert':
      return alertSql(word, value)
    case 'is':
      return kindSql(word)
    case '':
      return bareSql(value)
    default:
      return endSql(field, value)
  }
}

function alertSql(word: string, value: string): string {
  if (word === 'any') return 'f.id IN (SELECT flow_id FROM alert_flows)'
  if (word === 'none') return 'f.id NOT IN (SELECT flow_id FROM alert_flows)'
  const number = /^\d{1,15}$/.test(word) ? ` OR a.id = ${Number(word)}` : ''
  return `f.id IN (SELECT flow_id FROM alert_flows JOIN alerts a ON a.id = alert_id WHERE a.severity = ${text(word)} OR ${like('a.rule', value)}${number})`
}

function kindSql(word: string): string {
  const unlocated = '(c.place_id IS NULL OR s.place_id IS NULL)'
  const local =
    "NOT EXISTS (SELECT 1 FROM hosts h LEFT JOIN places p ON p.id = h.place_id WHERE h.id IN (c.id, s.id) AND coalesce(p.precision, '') <> 'origin')"
  if (word === 'unlocated') return unlocated
  if (word === 'local') return local
  if (word === 'located') return `NOT ${unlocated} AND NOT ${local}`
  return `c.ip ${word === 'ipv4' ? 'NOT ' : ''}LIKE '%:%'`
}

function bareSql(value: string): string {
  const lower = value.toLowerCase()
  const inside = (column: string) => (/[*?]/.test(lower) ? like(column, value) : `instr(lower(${column}), ${text(lower)}) > 0`)
  return [
    inside('f.server_name'),
    like(APPLICATION, value),
    like('f.transport', value),
    hasEnd('', `(${inside('h.ip')} OR ${named(inside('n.name'))})`),
  ].join(' OR ')
}

function endSql(field: FieldName, value: string): string {
  const country = () => hasEnd(field, `p.precision <> 'origin' AND (${like('p.country_code', value)} OR ${like('p.country', value)})`, true)
  const host = () => hasEnd(field, `(${like('h.ip', value)} OR ${named(like('n.name', value))})`)
  const scope = (word: string) => hasEnd(field, `h.scope = ${text(word.toLowerCase())}`)
  if (field === 'country') return country()
  if (field === 'place') return hasEnd(field, like(LABEL, value), true)
  if (field === 'scope') return scope(value)
  if (field === 'host') return host()
  if (field === 'asn' || field === 'net') {
    const number = /^(?:as)?(\d{1,10})$/i.exec(value)
    return hasEnd(field, number ? `h.asn = ${Number(number[1])}` : `h.as_name <> '' AND ${like('h.as_name', value)}`)
  }
  if (scopeOfWord(value)) return scope(value)
  return /^[a-z]{2}$/i.test(value) ? country() : host()
}
