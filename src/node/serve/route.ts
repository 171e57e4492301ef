// A route of the API: where it is, what it takes, what it answers.

import type { Permission } from './access/roles.ts'
import type { Parameter, Values } from './parameters.ts'
import type { Question } from './questions.ts'
import type { TrafficRow } from './traffic-query.ts'

/** What the API asks. */
export interface Source {
  /** Names of the reports; [""] where there is only one. */
  names(): Promise<string[]>
  /**
   * Asks a report's database.
   * @param signal aborted when nobody waits for the answer any more
   * @returns JSON
   * @throws DatabaseError
   */
  ask(report: string, question: Question, values: Values, signal: AbortSignal): Promise<string>
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
  needs: Permission
  parameters: Parameter[]
  /** Name of a schema in openapi.ts. */
  answers: string
  /** A text is JSON already. */
  answer(values: Values, signal: AbortSignal): Promise<unknown>
}
