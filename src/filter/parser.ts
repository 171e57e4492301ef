// Filter text -> Filter, or a FilterError that says what to write instead.
//   filter = either { "or" either } ; either = one { ["and"] one } ; one = { "-" } ( "(" filter ")" | term )
import { FIELDS, fieldNamed, fieldOf } from './fields.ts'
import { readTokens, type Token } from './lexer.ts'
import { ALL, type Filter, FilterError, type Term } from './syntax.ts'
import { isNumeric, readValue, type Value } from './values.ts'

/** Most levels of parentheses and negations: nobody types more. */
const DEEPEST = 64

export function parseFilter(text: string): Filter {
  const tokens = readTokens(text)
  if (tokens.length === 0) return ALL
  let at = 0
  let depth = 0

  const end = text.length
  const peek = (): Token | undefined => tokens[at]

  function readEither(): Filter {
    const parts = [readAll()]
    while (peek()?.kind === 'or') {
      at++
      parts.push(readAll())
    }
    return parts.length === 1 ? parts[0] : { kind: 'or', parts }
  }

  function readAll(): Filter {
    const parts = [readOne()]
    for (let token = peek(); token && token.kind !== 'or' && token.kind !== 'close'; token = peek()) {
      if (token.kind === 'and') at++
      parts.push(readOne())
    }
    return parts.length === 1 ? parts[0] : { kind: 'and', parts }
  }

  function readOne(): Filter {
    const token = tokens[at++]
    if (!token) throw new FilterError('Something is missing at the end', Math.max(0, end - 1), end)
    if (++depth > DEEPEST) throw new FilterError(`Parentheses and negations reach more than ${DEEPEST} deep`, token.start, token.end)
    try {
      if (token.kind === 'not') return { kind: 'not', part: readOne() }
      if (token.kind === 'term') return readTerm(token)
      if (token.kind !== 'open') {
        const what =
          token.kind === 'close' && depth === 1
            ? 'A “)” has no “(” before it'
            : `Something is missing before “${text.slice(token.start, token.end)}”`
        throw new FilterError(what, token.start, token.end)
      }
      const inner = readEither()
      if (tokens[at++]?.kind !== 'close') throw new FilterError('The “(” is never closed', token.start, token.end)
      return inner
    } finally {
      depth--
    }
  }

  const filter = readEither()
  const rest = peek()
  if (rest) throw new FilterError('A “)” has no “(” before it', rest.start, rest.end)
  return filter
}

function readTerm({ word, comparison, value, isQuoted, start, end }: Extract<Token, { kind: 'term' }>): Filter {
  const field = word === '' ? '' : fieldOf(word)
  if (field === null) {
    const near = nearestField(word)
    throw new FilterError(`There is no field “${word}”${near ? `; did you mean ${near}:?` : ''}`, start, start + word.length)
  }
  const { kind, words, example } = fieldNamed(field)
  if (field !== '' && comparison !== ':' && comparison !== '!=' && !isNumeric(kind))
    throw new FilterError(`${field} takes “:”, not “${comparison}”: ${example}`, start, end)
  if (value === '' && !isQuoted)
    throw new FilterError(field === '' ? 'Something is missing here' : `${field}: needs a value: ${example}`, start, end)
  // A list means "or"; a quoted value is one text.
  const texts = isQuoted || field === '' ? [value] : value.split(',').filter((part) => part !== '')
  if (texts.length === 0) throw new FilterError(`${word}: needs a value`, start, end)
  const values: Value[] = texts.map((text) => {
    if (words && !words.includes(text.toLowerCase())) throw new FilterError(`${field}: is one of ${words.join(', ')}`, start, end)
    const read = readValue(kind, comparison, text, isQuoted)
    if (typeof read === 'string') throw new FilterError(read, start, end)
    return read
  })
  const term: Term = { kind: 'term', field, values, start, end }
  return comparison === '!=' ? { kind: 'not', part: term } : term
}

/** The field closest to a misspelt word: with one letter added, removed or changed, or two letters swapped. */
function nearestField(word: string): string | null {
  const lower = word.toLowerCase()
  for (const name of Object.keys(FIELDS)) if (isNear(lower, name)) return name
  return Object.keys(FIELDS).find((name) => lower.length > 1 && name.startsWith(lower)) ?? null
}

function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let from = 0
  while (from < a.length && a[from] === b[from]) from++
  const restA = a.slice(from)
  const restB = b.slice(from)
  return (
    restA.slice(1) === restB ||
    restB.slice(1) === restA ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  )
}
