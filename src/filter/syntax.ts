// The syntax tree of a filter.
import type { FieldName } from './fields.ts'
import type { Value } from './values.ts'

export interface Term {
  readonly kind: 'term'
  /** "" is a word without a field: it is looked for in names, addresses and applications. */
  readonly field: FieldName | ''
  /** One of these values must match. */
  readonly values: readonly Value[]
  /** Position of the term in the text. */
  readonly start: number
  readonly end: number
}

/** `all`, the empty filter, matches everything. */
export type Filter =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | Term

export const ALL: Filter = { kind: 'all' }

/** The text is not a valid filter: the message says why, `start` and `end` say where. */
export class FilterError extends Error {
  override name = 'FilterError'
  readonly start: number
  readonly end: number
  constructor(message: string, start: number, end: number) {
    super(message)
    this.start = start
    this.end = end
  }
}

/** A value as it is written in a filter, quoted if necessary. */
export function quote(value: string): string {
  return /^[^\s()",|&\\]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`
}
