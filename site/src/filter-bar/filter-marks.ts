// The filter's text and cursor -> marks below its letters: where it is wrong, and the pair of parentheses at the cursor.
import { LONGEST_FILTER, readTokens } from '../../../src/filter/lexer.ts'
import { byId, make } from '../ui/dom.ts'

interface Range {
  start: number
  end: number
}

/** Returns a function that takes where the text is wrong, until it changes; null: nowhere. */
export function startMarks(input: HTMLInputElement): (wrong: Range | null) => void {
  const element = byId('filter-marks')
  let wrong: Range | null = null
  let drawn = ''

  const scroll = () => {
    element.scrollLeft = input.scrollLeft
  }
  const draw = () => {
    const text = input.value
    const pair = document.activeElement === input ? pairAt(text, input.selectionStart, input.selectionEnd) : []
    const toDraw = wrong || pair.length > 0 ? JSON.stringify([text, wrong?.start, wrong?.end, pair]) : ''
    if (toDraw !== drawn) element.replaceChildren(...(toDraw === '' ? [] : marked(text, wrong, pair)))
    drawn = toDraw
    scroll()
  }
  input.addEventListener('input', () => {
    wrong = null
    draw()
  })
  for (const event of ['keyup', 'click', 'focus', 'blur', 'select']) input.addEventListener(event, draw)
  input.addEventListener('scroll', scroll)
  return (range) => {
    wrong = range
    draw()
  }
}

/** The parenthesis before or behind the cursor, and its counterpart; none in quotes, or without one. */
export function pairAt(text: string, from: number | null, to: number | null): Range[] {
  if (from === null || from !== to || text.length > LONGEST_FILTER) return []
  let found: Range[] = []
  const open: Range[] = []
  try {
    for (const { kind, start, end } of readTokens(text)) {
      if (kind === 'open') open.push({ start, end })
      const first = kind === 'close' ? open.pop() : undefined
      if (first && [start, end, first.start, first.end].includes(from)) found = [first, { start, end }]
    }
  } catch {
    return [] // a quotation mark is never closed
  }
  return found
}

/** The text in pieces, those with a mark in an element of their own. What is wrong at the end has a mark behind it. */
function marked(text: string, wrong: Range | null, pair: Range[]): Node[] {
  const end = wrong ? Math.max(wrong.end, wrong.start + 1) : 0
  const whole = text.padEnd(end, '\u00a0')
  const edges = new Set([
    0,
    whole.length,
    ...[...pair, ...(wrong ? [{ start: wrong.start, end }] : [])].flatMap((range) => [range.start, range.end]),
  ])
  const sorted = [...edges].filter((edge) => edge <= whole.length).sort((a, b) => a - b)
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index]
    const isWrong = wrong !== null && from >= wrong.start && to <= end
    const isPair = pair.some((range) => range.start === from)
    return make('span', [isWrong ? 'wrong' : '', isPair ? 'pair' : ''].join(' ').trim(), whole.slice(from, to))
  })
}
