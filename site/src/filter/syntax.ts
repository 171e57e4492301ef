// What a filter is once it is read.
import type { FieldName } from './fields.ts'
import type { TextPattern } from './pattern.ts'

/** A closed range of numbers; microseconds for times and durations. Open ends are infinite. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** One value of a term, as its field reads it. */
export type Value =
  | { readonly kind: 'text'; readonly text: string; readonly pattern: TextPattern }
  /** First and last address, 32 hexadecimal digits each (IPv4 as ::ffff:a.b.c.d); `text` is as typed. */
  | { readonly kind: 'address'; readonly text: string; readonly first: string; readonly last: string }
  | { readonly kind: 'range'; readonly text: string; readonly range: Range }
  /** Times: relative ones count from the capture's first packet, others from the epoch (UTC). */
  | { readonly kind: 'time'; readonly text: string; readonly range: Range; readonly isRelative: boolean }

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
