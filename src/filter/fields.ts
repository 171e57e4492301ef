// All fields of the filter language. Completion and the manual's table list them in this order.
import type { Field } from './field.ts'
import { END_FIELDS } from './fields/ends.ts'
import { BARE_WORD, FACT_FIELDS } from './fields/facts.ts'
import { FLOW_FIELDS } from './fields/flows.ts'
import { TCP_FIELDS } from './fields/tcp.ts'

export const FIELDS = { ...END_FIELDS, ...FLOW_FIELDS, ...TCP_FIELDS, ...FACT_FIELDS } satisfies Record<string, Field>

export type FieldName = keyof typeof FIELDS

const BY_WORD = new Map<string, FieldName>(
  Object.entries<Field>(FIELDS).flatMap(([name, { aliases = [] }]) =>
    [name, ...aliases].map((word): [string, FieldName] => [word, name as FieldName]),
  ),
)

/** The field with this name or alias, ignoring case; null for none. */
export function fieldOf(word: string): FieldName | null {
  return BY_WORD.get(word.toLowerCase()) ?? null
}

/** The declaration of a field; "" is a word without a field. */
export function fieldNamed(name: FieldName | ''): Field {
  return name === '' ? BARE_WORD : FIELDS[name]
}
