// A route of the API: path, parameters and answer.

import type { Permission } from './access/roles.ts'
import type { Parameter, Values } from './parameters.ts'
import type { Question } from './questions.ts'
import type { TrafficRow } from './traffic-query.ts'

/** The reports that the API answers from. */
export interface Source {
  /** Names of the reports; [""] if there is only one. */
  names(): Promise<string[]>
  /**
   * Asks a report's database.
   * @param signal aborted when the client no longer waits
   * @returns JSON
   * @throws DatabaseError
   */
  query(report: string, question: Question, values: Values, signal: AbortSignal): Promise<string>
  /** Name of the newest report; undefined if there is no choice. */
  newest?(): Promise<string | undefined>
  /** Answers /api/traffic without the database, if newer packets are in memory. */
  traffic?(values: Values): TrafficRow[]
  /** Lines for /metrics, in Prometheus' text format. */
  metrics(): string
}

export interface Route {
  path: string
  summary: string
  needs: Permission
  parameters: Parameter[]
  /** Name of a schema in openapi.ts. */
  answers: string
  /** A string is already JSON. */
  answer(values: Values, signal: AbortSignal): Promise<unknown>
}
