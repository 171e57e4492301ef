// The names that `rtnvis export --to` takes; apart from the formats, so that every start of the program need not load them.

export const FORMAT_NAMES = ['zeek', 'eve', 'ecs', 'ocsf', 'csv', 'geojson', 'netflow-csv', 'stix', 'misp', 'parquet'] as const

export type FormatName = (typeof FORMAT_NAMES)[number]

/** Formats whose records are texts in a fixed number of files. */
export type TextFormatName = Exclude<FormatName, 'parquet'>
