// The filter's text -> its parts as the editor colours them, by the same tokens that the filter is read from.
import type { StreamParser } from '@codemirror/language'
import { fieldOf } from '../../../src/filter/fields.ts'
import { readTokens } from '../../../src/filter/lexer.ts'
import { FilterError } from '../../../src/filter/syntax.ts'

/** Names of Lezer's tags; null: as other text. */
type Tag = 'propertyName' | 'compareOperator' | 'literal' | 'string' | 'keyword' | 'paren' | null

export interface Part {
  end: number
  tag: Tag
}

/** Parts follow one another from the beginning of the text to its end. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  const add = (start: number, end: number, tag: Tag) => {
    const from = parts.at(-1)?.end ?? 0
    if (start > from) parts.push({ end: start, tag: null })
    if (end > start) parts.push({ end, tag })
  }
  const { tokens, open } = readable(text)
  for (const token of tokens) {
    const { kind, start, end } = token
    if (kind !== 'term') add(start, end, kind === 'open' || kind === 'close' ? 'paren' : 'keyword')
    else {
      const name = start + token.word.length
      const value = token.isQuoted ? text.indexOf('"', name) : end - token.value.length
      add(start, name, fieldOf(token.word) ? 'propertyName' : null)
      add(name, value, 'compareOperator')
      add(value, end, token.isQuoted ? 'string' : token.word === '' ? null : 'literal')
    }
  }
  add(open, text.length, 'string')
  return parts
}

/** Tokens up to a quotation mark that is not closed yet, and where that is. */
function readable(text: string): { tokens: ReturnType<typeof readTokens>; open: number } {
  try {
    return { tokens: readTokens(text), open: text.length }
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    return { tokens: error.start === 0 ? [] : readTokens(text.slice(0, error.start)), open: error.start }
  }
}

/** A line is read at once, at its beginning. */
export const filterParser: StreamParser<{ parts: Part[] }> = {
  name: 'filter',
  startState: () => ({ parts: [] }),
  token(stream, state) {
    if (stream.sol()) state.parts = partsOf(stream.string)
    const part = state.parts.find(({ end }) => end > stream.pos)
    if (part) stream.pos = part.end
    else stream.skipToEnd()
    return part?.tag ?? null
  },
}
