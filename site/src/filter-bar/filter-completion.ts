// Suggestions below the filter (ARIA combobox with a listbox): arrow keys choose, Enter or Tab accepts, Escape closes.
import { applySuggestion, type CursorContext, placeAt, type Suggestion, suggestFields } from '../../../src/filter/completion.ts'
import type { ReportClient } from '../protocol/client.ts'
import { byId, make } from '../ui/dom.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'

export function startCompletion(client: ReportClient, take: () => void): void {
  const input = byId<HTMLInputElement>('filter-text')
  const list = byId('filter-suggestions')
  let place: CursorContext | null = null
  let suggestions: Suggestion[] = []
  let chosen = -1
  let asked: AbortController | null = null

  const close = () => {
    asked?.abort()
    suggestions = []
    chosen = -1
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  }
  const choose = (index: number) => {
    chosen = index
    for (const [at, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(at === index))
    const option = list.children[index]
    if (option) {
      input.setAttribute('aria-activedescendant', option.id)
      option.scrollIntoView({ block: 'nearest' })
    } else input.removeAttribute('aria-activedescendant')
  }
  const accept = (index: number) => {
    if (!place || !suggestions[index]) return
    const isField = suggestions[index].flows === null
    const { text, cursor } = applySuggestion(input.value, place, suggestions[index])
    input.value = text
    input.setSelectionRange(cursor, cursor)
    if (isField) void suggest()
    else {
      close()
      take()
    }
  }
  const suggest = async () => {
    asked?.abort()
    const turn = new AbortController()
    asked = turn
    place = placeAt(input.value, input.selectionStart ?? input.value.length)
    const { field, begun, rest } = place
    try {
      suggestions = field ? await client.ask('complete', { field, begun, rest }, turn.signal) : suggestFields(begun)
    } catch {
      return // cancelled by a newer question, or the report is not open yet
    }
    if (turn.signal.aborted || document.activeElement !== input) return
    list.replaceChildren(
      ...suggestions.map(({ label, about, flows }, index) => {
        const option = make('li')
        option.id = `suggestion-${index}`
        option.setAttribute('role', 'option')
        option.append(make('bdi', '', formatHostile(label, 80)), make('small', '', formatHostile(about, 120)))
        if (flows !== null) option.append(make('b', '', formatCounted(flows, 'flow')))
        option.addEventListener('pointerdown', (event) => {
          event.preventDefault()
          accept(index)
        })
        return option
      }),
    )
    list.hidden = suggestions.length === 0
    input.setAttribute('aria-expanded', String(suggestions.length > 0))
    choose(-1)
  }
  input.addEventListener('input', () => void suggest())
  input.addEventListener('click', () => void suggest())
  input.addEventListener('blur', close)
  input.addEventListener('keydown', (event) => {
    const count = suggestions.length
    if (event.key === 'ArrowDown' && count === 0) void suggest()
    else if (event.key === 'ArrowDown') choose((chosen + 1) % count)
    else if (event.key === 'ArrowUp' && count > 0) choose((chosen - 1 + count) % count)
    else if ((event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) && chosen >= 0) accept(chosen)
    else if (event.key === 'Escape' && count > 0) close()
    else {
      if (event.key === 'Enter') close()
      return
    }
    event.preventDefault()
    event.stopPropagation()
  })
}
