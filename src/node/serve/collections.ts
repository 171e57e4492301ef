// The lists of the API: flows, hosts and alerts, each a SELECT with filters, a sort order and pages. Properties have the names of the columns.

import { rowsOf } from '../../sqlite/query.ts'
import { SEVERITY_RANK } from '../../store/expressions.ts'
import { FLOW_COLUMNS, type FlowColumn } from '../../store/flow-columns.ts'
import { SEVERITIES, type SqlDatabase, type SqlValue } from '../../types.ts'
import type { Parameter, Values } from './parameters.ts'

export interface Collection {
  /** Path under /api/, and name of the list in the answer. */
  name: 'flows' | 'hosts' | 'alerts'
  description: string
  parameters: Parameter[]
  /** SQL expression of each field. */
  fields: Record<string, string>
  from: string
  /** SQL condition of each filter; each "?" is the filter's value. */
  filters: Record<string, string>
  orders: Record<string, string>
}

export interface Page {
  /** Number of all matches. */
  total: number
  /** Offset of the next page; null on the last page. */
  next: number | null
  items: Record<string, unknown>[]
}

const text = (name: string, description: string, example: string, maxLength = 60): Parameter => ({
  name,
  description,
  schema: { type: 'string', maxLength, example },
})

function paging(orders: readonly string[]): Parameter[] {
  return [
    { name: 'limit', description: 'Rows of a page', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
    { name: 'offset', description: 'Rows before the page', schema: { type: 'integer', minimum: 0, maximum: 1e9, default: 0 } },
    { name: 'order', description: `Order of the rows; default ${orders[0]}`, schema: { type: 'string', maxLength: 20, enum: orders } },
  ]
}

const TIMES: Parameter[] = [
  { name: 'since', description: 'Only what ended at this time or later', schema: { type: 'time' } },
  { name: 'until', description: 'Only what began at this time or earlier', schema: { type: 'time' } },
]

const FLOW_ORDERS = { first: 'f.id', recent: 'f.last_us DESC, f.id', bytes: 'f.client_bytes + f.server_bytes DESC, f.id' }
const HOST_ORDERS = { bytes: 'h.sent_bytes + h.received_bytes DESC, h.id', first: 'h.id', recent: 'h.last_us DESC, h.id' }
const ALERT_ORDERS = { severity: `${SEVERITY_RANK}, a.id`, first: 'a.first_us, a.id', recent: 'a.last_us DESC, a.id' }

const columns = (table: string, names: string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map((name) => [name, `${table}.${name}`]))

export const COLLECTIONS: Collection[] = [
  {
    name: 'flows',
    description: 'Conversations, one row each',
    parameters: [
      ...paging(Object.keys(FLOW_ORDERS)),
      ...TIMES,
      text('host', 'Address of either end', '192.0.2.7'),
      text('transport', 'tcp, udp, icmp, ...', 'tcp'),
      text('application', 'tls, dns, ssh, ...', 'tls'),
      text('state', 'Zeek conn_state', 'S0'),
      text('country', 'ISO 3166-1 alpha-2 code of either end', 'KE', 2),
      { name: 'port', description: 'Port of either end', schema: { type: 'integer', minimum: 0, maximum: 65_535 } },
    ],
    fields: {
      id: 'f.id',
      ...Object.assign({}, ...FLOW_COLUMNS.map(({ name, api }: FlowColumn) => api ?? { [name]: `f.${name}` })),
      client_country: 'cp.country_code',
      server_country: 'sp.country_code',
    },
    from: `flows f JOIN hosts c ON c.id = f.client_host_id JOIN hosts s ON s.id = f.server_host_id
      LEFT JOIN places cp ON cp.id = c.place_id LEFT JOIN places sp ON sp.id = s.place_id`,
    filters: {
      since: 'f.last_us >= ?',
      until: 'f.first_us <= ?',
      host: 'lower(?) IN (c.ip, s.ip)',
      transport: 'f.transport = lower(?)',
      application: 'f.application = lower(?)',
      state: 'f.state = upper(?)',
      country: 'upper(?) IN (cp.country_code, sp.country_code)',
      port: '? IN (f.client_port, f.server_port)',
    },
    orders: FLOW_ORDERS,
  },
  {
    name: 'hosts',
    description: 'Addresses and where they are',
    parameters: [
      ...paging(Object.keys(HOST_ORDERS)),
      ...TIMES,
      text('ip', 'The address', '192.0.2.7'),
      text('scope', 'public, private, multicast, ...', 'public'),
      text('country', 'ISO 3166-1 alpha-2 code', 'KE', 2),
      text('name', 'Part of one of its names', 'example.org', 253),
      { name: 'located', description: 'Whether the place is known', schema: { type: 'boolean' } },
    ],
    fields: {
      ...columns('h', 'id ip scope asn as_name first_us last_us sent_packets received_packets sent_bytes received_bytes name name_source'),
      ...columns('p', 'latitude_deg longitude_deg city country_code country precision'),
    },
    from: 'hosts h LEFT JOIN places p ON p.id = h.place_id',
    filters: {
      since: 'h.last_us >= ?',
      until: 'h.first_us <= ?',
      ip: 'h.ip = lower(?)',
      scope: 'h.scope = lower(?)',
      country: 'p.country_code = upper(?)',
      name: 'EXISTS (SELECT 1 FROM names n WHERE n.host_id = h.id AND instr(n.name, lower(?)) > 0)',
      located: '(p.id IS NOT NULL) = ?',
    },
    orders: HOST_ORDERS,
  },
  {
    name: 'alerts',
    description: 'Findings of the detection rules',
    parameters: [
      ...paging(Object.keys(ALERT_ORDERS)),
      ...TIMES,
      {
        name: 'severity',
        description: 'Only of this severity',
        schema: { type: 'string', maxLength: 10, enum: [...SEVERITIES] },
      },
      text('rule', 'Only of this rule', 'port-scan'),
      text('host', 'Address of source or target', '192.0.2.7'),
    ],
    fields: {
      ...columns('a', 'id rule rule_version severity severity_reason title next_step first_us last_us'),
      source_ip: 's.ip',
      target_ip: 't.ip',
      ...columns('a', 'technique flows story_id evidence'),
    },
    from: 'alerts a LEFT JOIN hosts s ON s.id = a.source_host_id LEFT JOIN hosts t ON t.id = a.target_host_id',
    filters: {
      since: 'a.last_us >= ?',
      until: 'a.first_us <= ?',
      severity: 'a.severity = ?',
      rule: 'a.rule = ?',
      host: 'lower(?) IN (s.ip, t.ip)',
    },
    orders: ALERT_ORDERS,
  },
]

export function readPage(database: SqlDatabase, collection: Collection, values: Values): Page {
  const conditions: string[] = []
  const bound: SqlValue[] = []
  for (const [name, condition] of Object.entries(collection.filters)) {
    const value = values[name]
    if (value === undefined) continue
    conditions.push(condition)
    bound.push(typeof value === 'boolean' ? Number(value) : value)
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const order = collection.orders[(values.order as string | undefined) ?? Object.keys(collection.orders)[0]]
  const limit = values.limit as number
  const offset = values.offset as number
  const [[total] = [0]] = rowsOf(database, `SELECT count(*) FROM ${collection.from} ${where}`, bound)
  const names = Object.keys(collection.fields)
  const fields = Object.values(collection.fields).map((field) => presentField(database, field))
  const rows = rowsOf(database, `SELECT ${fields.join(', ')} FROM ${collection.from} ${where} ORDER BY ${order} LIMIT ? OFFSET ?`, [
    ...bound,
    limit,
    offset,
  ])
  return {
    total: Number(total),
    next: offset + rows.length < Number(total) ? offset + rows.length : null,
    items: rows.map((row) =>
      Object.fromEntries(names.map((name, index) => [name, name === 'evidence' ? parse(row[index]!) : row[index]!])),
    ),
  }
}

/** In reports of earlier versions, missing columns of alerts are null. */
function presentField(database: SqlDatabase, field: string): string {
  if (!field.startsWith('a.')) return field
  return rowsOf(database, "SELECT 1 FROM pragma_table_info('alerts') WHERE name = ?", [field.slice(2)]).length > 0 ? field : 'NULL'
}

function parse(json: SqlValue): unknown {
  try {
    return JSON.parse(String(json))
  } catch {
    return json
  }
}
