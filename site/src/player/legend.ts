// The legend: one button an application, in its colour; a press shows only that one, another press all.
import { byId, make } from './dom.ts'
import { formatHostile } from './format.ts'
import { colourOf, OTHERS, type Theme } from './palette.ts'

/** Fills the legend; `slots` has the colour of each application. Those that share the last colour share one entry. */
export function showLegend(applications: string[], slots: number[], theme: Theme, choose: (application: number | null) => void): void {
  byId('legend').replaceChildren(
    ...applications.slice(0, OTHERS).map((application, index) => {
      const button = make('button', '', formatHostile(application, 24))
      button.type = 'button'
      button.value = String(index)
      button.setAttribute('aria-pressed', 'false')
      button.title = `Show only ${button.textContent}`
      button.style.setProperty('--colour', colourOf(theme, slots[index]!))
      button.addEventListener('click', () => choose(button.getAttribute('aria-pressed') === 'true' ? null : index))
      const item = make('li')
      item.append(button)
      return item
    }),
  )
  const others = applications.length - OTHERS
  if (others <= 0) return
  const item = make('li', 'others', `${others} ${others === 1 ? 'other' : 'others'}`)
  item.style.setProperty('--colour', colourOf(theme, OTHERS))
  byId('legend').append(item)
}

/** Marks the application that is shown alone, or none. */
export function markLegend(application: number | null): void {
  for (const button of byId('legend').querySelectorAll('button'))
    button.setAttribute('aria-pressed', String(Number(button.value) === application))
}
