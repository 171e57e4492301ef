// Changes of a filter text by clicks: a term is added at the end, or removed.
import { type FieldName, fieldOf } from './fields.ts'
import { readTokens, type Token } from './lexer.ts'
import { parseFilter } from './parser.ts'
import { FilterError, quote } from './syntax.ts'

interface Part {
  start: number
  end: number
  isNegated: boolean
  token: Extract<Token, { kind: 'term' }>
}

/** The terms that are combined with "and" at the top level; none when the top level is an "or" or the text is invalid. */
function outerTerms(text: string): Part[] {
  const parts: Part[] = []
  let depth = 0
  let before: Token | null = null
  for (const token of readable(text)) {
    if (token.kind === 'open') depth++
    else if (token.kind === 'close') depth--
    else if (depth === 0 && token.kind === 'or') return []
    else if (depth === 0 && token.kind === 'term') {
      const isNegated = before?.kind === 'not'
      parts.push({ start: isNegated ? before!.start : token.start, end: token.end, isNegated, token })
    }
    before = token
  }
  return parts
}

function readable(text: string): Token[] {
  try {
    parseFilter(text)
    return readTokens(text)
  } catch (error) {
    if (error instanceof FilterError) return []
    throw error
  }
}

function findTerm(text: string, term: string): Part | undefined {
  const wanted = term.trim().toLowerCase()
  return outerTerms(text).find(({ start, end }) => text.slice(start, end).toLowerCase() === wanted)
}

export function hasTerm(text: string, term: string): boolean {
  return findTerm(text, term) !== undefined
}

export function toggleTerm(text: string, term: string): string {
  const found = findTerm(text, term)
  return found ? cut(text, found) : addTerm(text, term)
}

function cut(text: string, { start, end }: Part): string {
  const before = text.slice(0, start).replace(/(?:^|\s+)(?:and|&&)?\s*$/i, '')
  const after = text.slice(end).replace(/^\s*(?:(?:and|&&)(?=[\s(]))?\s*/i, '')
  return [before, after].filter((part) => part !== '').join(' ')
}

/** Adds a term; a text with "or" at the top level is put in parentheses, an invalid text is replaced. */
export function addTerm(text: string, term: string): string {
  const before = text.trim()
  if (term === '') return before
  if (before === '' || readable(before).length === 0) return term
  return parseFilter(before).kind === 'or' ? `(${before}) ${term}` : `${before} ${term}`
}

/** The value of the only top-level term with this field; null otherwise. For a drop-down. */
export function valueIn(text: string, field: FieldName): string | null {
  const parts = outerTerms(text).filter(({ token, isNegated }) => !isNegated && token.comparison === ':' && fieldOf(token.word) === field)
  return parts.length === 1 ? parts[0].token.value : null
}

/** Makes this the only top-level term with its field; null removes it. */
export function setValue(text: string, field: FieldName, value: string | null): string {
  let next = text
  for (;;) {
    const part = outerTerms(next).find(({ token, isNegated }) => !isNegated && token.comparison === ':' && fieldOf(token.word) === field)
    if (!part) break
    next = cut(next, part)
  }
  return value === null ? next : addTerm(next, `${field}:${quote(value)}`)
}
