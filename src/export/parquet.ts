// A report -> Parquet files for a lake: a folder a table, then day and sensor as Hive names them (flows/day=2026-03-02/sensor=NAME/ID.parquet), so that
// DuckDB, ClickHouse, Spark and pandas read only what a question is about. The same report gives the same files.
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { ByteWriter, parquetWrite, type SchemaElement } from 'hyparquet-writer'
import { isoTime } from '../iso-time.ts'
import { type Kind, LAKE_TABLES, type LakeColumn } from './lake-tables.ts'
import type { ReportRows } from './report-rows.ts'

export interface ParquetFile {
  /** Index in LAKE_TABLES. */
  table: number
  /** Below the lake's folder, with slashes. */
  path: string
  rows: number
  bytes: Uint8Array
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const
const TYPES: Record<Kind, Omit<SchemaElement, 'name'>> = {
  text: TEXT,
  word: TEXT,
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
  int: { type: 'INT32' },
  long: { type: 'INT64' },
  double: { type: 'DOUBLE' },
}

export interface LakeOptions {
  /** Who captured it; default: the report's name. */
  sensor?: string | undefined
  /** Without them, that column is unset: they follow from the ends, cannot be compressed, and are almost half of all bytes. */
  hasCommunityIds: boolean
  /** Of a database: rows have the columns LABELS, as no folder says whose they are. */
  version?: number | undefined
  /** zstd, provided by the platform. */
  compress(bytes: Uint8Array): Uint8Array
}

/** Whose a row of a database is: sensor and id of its report; of two versions of them, the later one is complete. */
export const LABELS = { sensor: 'word', report: 'word', version: 'long' } as const satisfies Record<string, Kind>

export function* parquetFiles(report: ReportRows, { sensor, hasCommunityIds, version, compress }: LakeOptions): Generator<ParquetFile> {
  const ofSensor = sensorName(sensor ?? report.name)
  const labels = version === undefined ? [] : labelColumns({ sensor: ofSensor, report: report.id, version })
  const shown = (one: LakeColumn<unknown>) => (one.name === 'community_id' && !hasCommunityIds ? { ...one, value: () => null } : one)
  for (const [table, { name, columns, rows, timeOf }] of LAKE_TABLES.entries()) {
    const byDay = new Map<string, unknown[]>()
    for (const row of rows(report)) {
      const day = isoTime(timeOf(row)).slice(0, -'T00:00:00.000000Z'.length)
      const ofDay = byDay.get(day) ?? []
      byDay.set(day, ofDay)
      ofDay.push(row)
    }
    for (const day of [...byDay.keys()].sort()) {
      const ofDay = byDay.get(day)!
      byDay.delete(day)
      const path = `${name}/day=${day}/sensor=${partitionValue(ofSensor)}/${report.id}.parquet`
      ofDay.sort((a, b) => timeOf(a) - timeOf(b))
      yield { table, path, rows: ofDay.length, bytes: encode([...labels, ...columns.map(shown)], ofDay, compress) }
    }
  }
}

function labelColumns(values: Record<keyof typeof LABELS, string | number>): LakeColumn<unknown>[] {
  return (Object.keys(LABELS) as (keyof typeof LABELS)[]).map((name) => {
    return { name, kind: LABELS[name], isOptional: false, value: () => values[name] }
  })
}

function encode(columns: readonly LakeColumn<unknown>[], rows: readonly unknown[], compress: LakeOptions['compress']): Uint8Array {
  const writer = new ByteWriter()
  parquetWrite({
    writer,
    createdBy: 'rtnvis',
    codec: 'ZSTD',
    compressors: { ZSTD: compress },
    rowGroupSize: ROW_GROUP,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...TYPES[kind] })),
    ],
    columnData: columns.map(({ name, kind, value, encoding }) => ({
      name,
      data: rows.map((row) => stored(kind, value(row))),
      ...(encoding && { encoding }),
    })),
  })
  return writer.getBytes()
}

/** Rows that are compressed together, with one dictionary a column; readers skip groups by their least and greatest values. */
const ROW_GROUP = 500_000

function stored(kind: Kind, value: string | number | null): string | number | bigint | undefined {
  if (value === null) return undefined
  return kind === 'time' || kind === 'long' ? BigInt(value) : value
}

/** A sensor's name as rows have it. */
export function sensorName(text: string): string {
  return [...text].slice(0, 60).join('') || 'unknown'
}

/** A sensor's name as Hive writes the value of a partition: other characters as %XX of their UTF-8. */
export function partitionValue(text: string): string {
  return [...text].map((character) => (/[\w.-]/.test(character) ? character : percent(character))).join('')
}

function percent(character: string): string {
  return Array.from(utf8ToBytes(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
