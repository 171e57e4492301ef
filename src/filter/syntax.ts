// What a filter is once it is read.
import type { FieldName } from './fields.ts'
import type { Value } from './values.ts'

export interface Term {
  readonly kind: 'term'
  /** '' is a bare word: looked for in names, addresses and applications. */
  readonly field: FieldName | ''
  /** Any of these will do. */
  readonly values: readonly Value[]
  /** Where the term stands in the text. */
  readonly start: number
  readonly end: number
}

/** `all` passes everything: the empty filter. */
export type Filter =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | Term

export const ALL: Filter = { kind: 'all' }

/** The filter cannot be read; the message says why, `start` and `end` where. */
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

/** A value as it must be written in a filter: quoted where it would be read otherwise. */
export function quote(value: string): string {
  return /^[^\s()",|&\\]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`
}
