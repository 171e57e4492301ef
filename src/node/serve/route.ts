// A route of the API: where it is, what it takes, what it answers.
import type { SqlDatabase } from '../../types.ts'
import type { Parameter, Values } from './parameters.ts'
import type { TrafficRow } from './traffic-query.ts'

/** What the API asks. */
export interface Source {
  /** Names of the reports; [""] where there is only one. */
  names(): Promise<string[]>
  /** An open database, to be used before the next await. */
  database(name: string): Promise<SqlDatabase>
  /** Name of the report made last; undefined where there is no choice. */
  newest?(): Promise<string | undefined>
  /** Answers /api/traffic without the database, where newer packets are at hand. */
  traffic?(values: Values): TrafficRow[]
  /** Lines for /metrics, in Prometheus' text format. */
  metrics(): string
}

export interface Route {
  path: string
  summary: string
  parameters: Parameter[]
  /** Name of a schema in openapi.ts. */
  answers: string
  /** A text is JSON already. */
  answer(values: Values): Promise<unknown>
}
