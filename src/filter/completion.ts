// Suggestions at the cursor: fields while a word is typed, comparisons after a field, values after the colon.
import type { Field } from './field.ts'
import { FIELDS, type FieldName, fieldNamed, fieldOf } from './fields.ts'
import { quote } from './syntax.ts'
import { type Comparison, isNumeric, type ValueKind } from './values.ts'

/** The part of the text that a suggestion replaces. */
export interface CursorContext {
  start: number
  end: number
  /** Null while a field is typed. */
  field: FieldName | null
  /** The typed part, without quotation marks. */
  begun: string
  /** The filter without the term at the cursor; suggestions are counted under it. */
  rest: string
}

export interface Suggestion {
  /** The text that is written into the filter. */
  text: string
  label: string
  about: string
  /** Number of flows with this value; null for a field. */
  flows: number | null
}

export function placeAt(text: string, cursor: number): CursorContext {
  const before = text.slice(0, cursor)
  const term = /[^\s()]*$/.exec(
    openQuote(before) ? before.replace(/[^\s]*"[^"]*$/, (piece) => piece.replaceAll(/\s/g, '\u0001')) : before,
  )![0]
  const start = cursor - term.length
  const sign = term.startsWith('-') || term.startsWith('!') ? 1 : 0
  const head = /^([A-Za-z][\w.]*)(?::|!=|==?)/.exec(term.slice(sign))
  const field = head ? fieldOf(head[1]) : null
  const after = /^[^\s()]*/.exec(text.slice(cursor))![0].length
  const rest = `${text.slice(0, start)} ${text.slice(cursor + after)}`.trim()
  if (!head || !field) return { start: start + sign, end: cursor + after, field: null, begun: term.slice(sign), rest }
  const value = term.slice(sign + head[0].length)
  const at = start + sign + head[0].length + (value.startsWith('"') ? 0 : value.lastIndexOf(',') + 1)
  return { start: at, end: cursor + after, field, begun: text.slice(at, cursor).replace(/^"/, ''), rest }
}

function openQuote(text: string): boolean {
  return (text.match(/"/g)?.length ?? 0) % 2 === 1
}

/** Fields that begin so; after the whole name of one, first its comparisons. */
export function suggestFields(begun: string): Suggestion[] {
  const lower = begun.toLowerCase()
  const exact = fieldOf(lower)
  const fields = Object.entries<Field>(FIELDS)
    .filter(([name]) => name.startsWith(lower) && name !== exact)
    .map(([name, { kind, about, example }]) => ({
      text: LARGER_ASKED.includes(kind) ? `${name}>` : `${name}:`,
      label: name,
      about: `${about}. ${example}`,
      flows: null,
    }))
  return exact ? [...suggestComparisons(lower, fieldNamed(exact)), ...fields] : fields
}

const COMPARISONS: readonly [Comparison, string][] = [
  [':', 'is'],
  ['!=', 'is not'],
  ['>', 'is more than'],
  ['<', 'is less than'],
  ['>=', 'is at least'],
  ['<=', 'is at most'],
]

function suggestComparisons(word: string, { kind, about }: Field): Suggestion[] {
  return COMPARISONS.filter(([sign]) => sign === ':' || sign === '!=' || isNumeric(kind)).map(([sign, means]) => ({
    text: `${word}${sign}`,
    label: `${word}${sign}`,
    about: sign === ':' ? about : means,
    flows: null,
  }))
}

/** Kinds for which "larger than" is more useful than a single value. */
const LARGER_ASKED: readonly ValueKind[] = ['bytes', 'count', 'duration', 'share']

/** The filter after a suggestion was inserted, and the new position of the cursor. */
export function applySuggestion(text: string, place: CursorContext, suggestion: Suggestion): { text: string; cursor: number } {
  const isField = suggestion.flows === null
  const written = isField ? suggestion.text : `${quote(suggestion.text)} `
  const after = text.slice(place.end).replace(/^\s+/, '')
  return { text: `${text.slice(0, place.start)}${written}${after}`, cursor: place.start + written.length }
}
