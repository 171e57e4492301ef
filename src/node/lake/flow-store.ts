// What `rtnvis query` and `rtnvis report` need of a place with the conversations of many reports: two engines, each a file (lake.ts: DuckDB; clickhouse-store.ts).
import type { Value } from './answers.ts'

export interface FlowStore {
  readonly dialect: Dialect
  /** Rows of a statement of ours, some thousand at a time. @throws UsageError, CaptureError: one line for the user */
  read(sql: string): AsyncIterable<(string | null)[][]>
  /** The same of a statement whose only column is `line`, as text: a line feed follows each. */
  readLines(sql: string): AsyncIterable<Uint8Array>
  /** The answer to a statement of somebody else, which can only read. @throws as read() */
  ask(sql: string): Promise<Answer>
  /** Of all conversations, chosen or not. */
  contents(): Promise<Contents>
  close(): Promise<void>
}

export interface Answer {
  names: string[]
  /** Some thousand rows at a time. */
  chunks: AsyncIterable<Value[][]>
}

/** Null: there are none. */
export type Contents = { firstDay: string; lastDay: string; sensors: readonly string[] } | null

/** What the engines write differently. */
export interface Dialect {
  /** What follows FROM: the rows of the chosen days and sensor. */
  table(name: string): string
  /** Values as the text of a JSON list. */
  list(values: readonly string[]): string
  /** Distinct values of a group as one text, in order, with ", " between; nothing or null for none. */
  distinct(column: string): string
  /** A time as microseconds since the epoch, and the other way round. */
  micros(column: string): string
  time(us: number): string
}

/** Which rows tables have. */
export interface StoreChoice {
  /** YYYY-MM-DD, UTC, inclusive. */
  fromDay: string | null
  toDay: string | null
  sensor: string | null
}

export const EVERYTHING: StoreChoice = { fromDay: null, toDay: null, sensor: null }
