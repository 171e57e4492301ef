// The names that `rtnvis export --to` takes; apart from the formats, so that every start of the program need not load them.

export const FORMAT_NAMES = ['zeek', 'eve', 'ecs', 'ocsf', 'csv', 'geojson', 'netflow-csv', 'stix', 'misp', 'parquet'] as const

export type FormatName = (typeof FORMAT_NAMES)[number]

/** Statements on standard output, without a report. */
export const DDL = 'clickhouse-ddl'

/** What `rtnvis export --to` takes: a format, the address of a ClickHouse database, or DDL. */
export type ExportTarget = FormatName | typeof DDL | `clickhouse://${string}`

/** Formats whose records are texts in a fixed number of files. */
export type TextFormatName = Exclude<FormatName, 'parquet'>
