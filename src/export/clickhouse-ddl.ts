// The tables of a lake in ClickHouse: the statements that make them, with roll-ups that ClickHouse fills as rows are inserted.
//
// Rows are never updated: an export inserts a new version of a report's rows, then deletes the earlier one, here and in the roll-ups. Their keys have the
// version, so that a sum has rows of one version only, in however many blocks they were inserted.
import { type Kind, LAKE_TABLES, type LakeColumn, type LakeTable } from './lake-tables.ts'
import { LABELS } from './parquet.ts'

const TYPES: Record<Kind, string> = {
  text: 'String',
  word: 'LowCardinality(String)',
  time: "DateTime64(6, 'UTC')",
  int: 'Int32',
  long: 'Int64',
  double: 'Float64',
}

interface RollUp {
  name: string
  interval: string
  keys: readonly string[]
}

/** What a report's dashboard is about; countries of the private side are ''. */
const TRAFFIC = ['transport', 'application', 'client_country_code', 'server_country_code']

const ROLL_UPS: readonly RollUp[] = [
  { name: 'traffic_1m', interval: '1 MINUTE', keys: TRAFFIC },
  { name: 'traffic_5m', interval: '5 MINUTE', keys: TRAFFIC },
  { name: 'traffic_1h', interval: '1 HOUR', keys: TRAFFIC },
  { name: 'pairs_1h', interval: '1 HOUR', keys: ['client_ip', 'server_ip', 'transport', 'application'] },
]

const SUMS = ['client_packets', 'server_packets', 'client_bytes', 'server_bytes']

/** An export looks for the rows that it replaces. */
const INDEX = 'INDEX of_report report TYPE bloom_filter GRANULARITY 1'

const FLOWS = LAKE_TABLES.find(({ name }) => name === 'flows')!

/** Whose rows an export replaces. */
export const CLICKHOUSE_TABLES: readonly string[] = [...LAKE_TABLES, ...ROLL_UPS].map(({ name }) => name)

/** In the order in which they can be run; each may be run again. */
export function clickhouseStatements(): string[] {
  return [...LAKE_TABLES.map(tableOf), ...ROLL_UPS.flatMap((one) => [rollUpTable(one), rollUpView(one)])]
}

export function clickhouseDdl(): string {
  return clickhouseStatements()
    .map((statement) => `${statement};\n`)
    .join('\n')
}

function tableOf({ name, time, columns }: LakeTable<unknown>): string {
  const lines = [...labelLines(), ...columns.map(columnLine), `day Date32 DEFAULT toDate32(${time})`, INDEX]
  return `CREATE TABLE IF NOT EXISTS ${name} (
  ${lines.join(',\n  ')}
) ENGINE = MergeTree PARTITION BY day ORDER BY (sensor, ${time})`
}

function rollUpTable({ name, keys }: RollUp): string {
  const lines = ["time DateTime('UTC')", ...labelLines(), ...keys.map(keyLine), 'flows Int64', ...SUMS.map((sum) => `${sum} Int64`), INDEX]
  return `CREATE TABLE IF NOT EXISTS ${name} (
  ${lines.join(',\n  ')}
) ENGINE = SummingMergeTree((flows, ${SUMS.join(', ')})) PARTITION BY toYYYYMM(time)
ORDER BY (sensor, time, ${[...keys, 'report', 'version'].join(', ')})`
}

function rollUpView({ name, interval, keys }: RollUp): string {
  const groups = ['time', ...Object.keys(LABELS), ...keys]
  const values = [
    `toStartOfInterval(first, INTERVAL ${interval}, 'UTC') AS time`,
    ...Object.keys(LABELS),
    ...keys.map((key) => (flowColumn(key).isOptional ? `ifNull(f.${key}, '') AS ${key}` : key)),
    'toInt64(count()) AS flows',
    ...SUMS.map((sum) => `sum(f.${sum}) AS ${sum}`),
  ]
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${name}_of_flows TO ${name} AS
SELECT ${values.join(',\n  ')}
FROM flows AS f GROUP BY ${groups.join(', ')}`
}

function labelLines(): string[] {
  return Object.entries(LABELS).map(([name, kind]) => `${name} ${TYPES[kind]}`)
}

/** A word may be in a key, where nothing is NULL. */
function keyLine(key: string): string {
  return `${key} ${TYPES[flowColumn(key).kind]}`
}

function columnLine({ name, kind, isOptional }: LakeColumn<unknown>): string {
  const type = !isOptional ? TYPES[kind] : kind === 'word' ? 'LowCardinality(Nullable(String))' : `Nullable(${TYPES[kind]})`
  return `${name} ${type} CODEC(${kind === 'time' ? 'Delta, ' : ''}ZSTD)`
}

function flowColumn(name: string): LakeColumn<unknown> {
  return FLOWS.columns.find((column) => column.name === name)!
}
