// A ranking in the sidebar: a press on a row adds its term to the filter, a second press removes it; the button at the end shows the flows.
import { formatCountry } from '../../../src/geo/country-name.ts'
import type { Ranked, Ranking, Share } from '../protocol/answers.ts'
import { byId, make } from '../ui/dom.ts'
import { formatBytes, formatCount, formatHostile } from '../ui/format.ts'

export interface RankingEvents {
  /** Whether the filter has this term. */
  isNarrowed(term: string): boolean
  /** Adds the term to the filter; removes it if it is there. */
  narrow(term: string): void
  /** Opens the panel with the flows of a row. */
  open(row: Ranked, title: string): void
}

/** Fills the list with this id. The keyboard focus stays on the row of the same term. */
export function showRanking(id: string, ranking: Ranking, total: Share, events: RankingEvents): void {
  const list = byId(id)
  byId(`${id}-total`).textContent = ranking.total > 0 ? formatCount(ranking.total) : ''
  const before = [...list.querySelectorAll('button')].find((button) => button === document.activeElement)?.title
  list.replaceChildren(...ranking.top.map((row) => makeRow(id, row, total, events)))
  if (ranking.top.length === 0) list.append(make('li', 'none', 'None'))
  if (before !== undefined) {
    const buttons = [...list.querySelectorAll('button')]
    ;(buttons.find(({ title }) => title === before) ?? buttons[0])?.focus()
  }
}

function makeRow(id: string, row: Ranked, total: Share, { isNarrowed, narrow, open }: RankingEvents): HTMLLIElement {
  const isCountry = id === 'countries'
  const shown = formatHostile(isCountry ? formatCountry(row.label) : row.label)
  const detail = formatHostile(row.detail)
  const only = makeButton('row', `Only ${shown}${detail ? ` (${detail})` : ''}`, () => narrow(row.term))
  only.setAttribute('aria-pressed', String(isNarrowed(row.term)))
  only.style.setProperty('--share', `${total.bytes > 0 ? (row.bytes / total.bytes) * 100 : 0}%`)
  const name = make('span', 'name')
  if (isCountry) name.append(make('span', 'code', row.label))
  name.append(make('bdi', '', shown))
  if (detail) name.append(make('small', '', detail))
  only.append(name, make('b', '', formatBytes(row.bytes)))
  const flows = makeButton('flows-of', `Show flows of ${shown}`, () => open(row, shown))
  flows.setAttribute('aria-label', flows.title)
  const item = make('li')
  item.append(only, flows)
  return item
}

function makeButton(className: string, title: string, press: () => void): HTMLButtonElement {
  const button = make('button', className)
  button.type = 'button'
  button.title = title
  button.addEventListener('click', press)
  return button
}
