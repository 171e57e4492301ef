// Filter text -> tokens with their positions, so that an error can show where it is.

import { ownValue } from '../own-value.ts'
import { readAddressRange } from './address.ts'
import { FilterError } from './syntax.ts'
import type { Comparison } from './values.ts'

export type Token =
  | { kind: 'open' | 'close' | 'and' | 'or' | 'not'; start: number; end: number }
  /** `word` and `comparison` are "" for a word without a field; `isQuoted` refers to the value. */
  | { kind: 'term'; word: string; comparison: Comparison | ''; value: string; isQuoted: boolean; start: number; end: number }

/** A field's name and comparison, directly before its value. */
const HEAD = /([A-Za-z][\w.]*)(!=|==|:|=|\s*(?:>=|<=|>|<)\s*)/y
const BARE = /[^\s()"]+/y

/** Longest filter that is read: nobody types a longer one. */
const LONGEST_FILTER = 4096

export function readTokens(text: string): Token[] {
  if (text.length > LONGEST_FILTER) throw new FilterError(`A filter has at most ${LONGEST_FILTER} characters`, 0, text.length)
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const start = at
    const character = text[at]
    if (/\s/.test(character)) at++
    else if (character === '(' || character === ')') {
      at++
      tokens.push({ kind: character === '(' ? 'open' : 'close', start, end: at })
    } else if (character === '-' || character === '!') {
      at++
      tokens.push({ kind: 'not', start, end: at })
    } else {
      const token = readTerm(text, at)
      tokens.push(token)
      at = token.end
    }
  }
  return tokens
}

function readTerm(text: string, start: number): Token {
  HEAD.lastIndex = start
  const isAddress = readAddressRange(readBare(text, start).value) !== null // fe80::1 has a colon, but no field
  const head = isAddress ? null : HEAD.exec(text)
  const from = head ? HEAD.lastIndex : start
  const { value, isQuoted, end } = text[from] === '"' ? readQuoted(text, from) : readBare(text, from)
  if (!head) {
    const connective = isQuoted ? undefined : ownValue(CONNECTIVES, value.toLowerCase())
    if (connective) return { kind: connective, start, end }
    return { kind: 'term', word: '', comparison: '', value, isQuoted, start, end }
  }
  const written = head[2].trim()
  const sign = written === '=' || written === '==' ? ':' : (written as Comparison)
  return { kind: 'term', word: head[1], comparison: sign, value, isQuoted, start, end }
}

const CONNECTIVES: Record<string, 'and' | 'or' | 'not'> = {
  and: 'and',
  '&&': 'and',
  or: 'or',
  '||': 'or',
  '|': 'or',
  not: 'not',
}

function readBare(text: string, from: number): { value: string; isQuoted: boolean; end: number } {
  BARE.lastIndex = from
  const value = BARE.exec(text)?.[0] ?? ''
  return { value, isQuoted: false, end: from + value.length }
}

/** A quoted value: in it, \" is a quotation mark and \\ a backslash. */
function readQuoted(text: string, from: number): { value: string; isQuoted: boolean; end: number } {
  let value = ''
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') return { value, isQuoted: true, end: at + 1 }
    if (text[at] === '\\' && at + 1 < text.length) at++
    value += text[at]
  }
  throw new FilterError('The quotation mark is never closed', from, text.length)
}
