// The legend: one button an application, in its colour; a press shows only that one, another press all.
import { byId, make } from './dom.ts'
import { formatHostile } from './format.ts'
import { COLOUR_COUNT, colourOf, type Theme } from './palette.ts'

/** Fills the legend; `slots` has the colour of each application. Past the number of colours, applications share one: they are left out. */
export function showLegend(applications: string[], slots: number[], theme: Theme, choose: (application: number | null) => void): void {
  byId('legend').replaceChildren(
    ...applications.slice(0, COLOUR_COUNT).map((application, index) => {
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
}

/** Marks the application that is shown alone, or none. */
export function markLegend(application: number | null): void {
  for (const button of byId('legend').querySelectorAll('button'))
    button.setAttribute('aria-pressed', String(Number(button.value) === application))
}
