// The fields of the filter language by their words. Order is the order of completion and of the manual's table.
import type { Field } from './field.ts'
import { END_FIELDS } from './fields/ends.ts'
import { BARE_WORD, FACT_FIELDS } from './fields/facts.ts'
import { FLOW_FIELDS } from './fields/flows.ts'

export const FIELDS = { ...END_FIELDS, ...FLOW_FIELDS, ...FACT_FIELDS } satisfies Record<string, Field>

export type FieldName = keyof typeof FIELDS

const BY_WORD = new Map<string, FieldName>(
  Object.entries<Field>(FIELDS).flatMap(([name, { aliases = [] }]) =>
    [name, ...aliases].map((word): [string, FieldName] => [word, name as FieldName]),
  ),
)

/** The field a word stands for, in any case, or null. */
export function fieldOf(word: string): FieldName | null {
  return BY_WORD.get(word.toLowerCase()) ?? null
}

/** What a field declares; '' is a bare word. */
export function fieldNamed(name: FieldName | ''): Field {
  return name === '' ? BARE_WORD : FIELDS[name]
}
