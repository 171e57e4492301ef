// What is in focus, as a chip beside the filter: the picture dims everything else, so the reader must see it and be able to end it.
import { formatCountry } from '../../../src/geo/country-name.ts'
import { placeName, type Report } from '../model/report.ts'
import type { Selection } from '../model/selection.ts'
import { isTaken } from '../session/keys.ts'
import type { Session } from '../session/session.ts'
import { byId, make } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'

/** `report`: null as long as it is not open. */
export function startFocusChip(session: Session, report: () => Report | null): void {
  const chip = make('button', 'pill')
  chip.id = 'focus-chip'
  chip.type = 'button'
  chip.title = 'In focus: the picture dims everything else. Click or Esc to end it'
  const text = make('span')
  const cross = make('span', '', '×')
  cross.setAttribute('aria-hidden', 'true')
  chip.append(text, cross)
  byId('filter-note').before(chip)
  const end = () => session.set({ selection: null })
  chip.addEventListener('click', end)
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !isTaken(event) && event.target === document.body) end()
  })
  const show = () => {
    const { selection } = session.state
    chip.hidden = selection === null
    const name = selection && formatHostile(nameOf(selection, report()), 40)
    text.textContent = `Focus: ${name}`
    chip.setAttribute('aria-label', `Focus: ${name}. End it`)
  }
  session.subscribe(show, ['selection', 'alerts'])
  show()
}

function nameOf(selection: Selection, report: Report | null): string {
  switch (selection.kind) {
    case 'host':
      return selection.ip
    case 'station':
      return selection.mac
    case 'name':
      return selection.name
    case 'country':
      return formatCountry(selection.code)
    case 'flow':
      return `flow ${selection.id}`
    case 'alert':
      return report?.alerts.find(({ id }) => id === selection.id)?.title ?? `finding ${selection.id}`
    case 'place':
      return report?.places[selection.place] ? placeName(report.places[selection.place]) : 'a place'
    case 'route': {
      const { routes, places } = report ?? {}
      if (!routes || !places || selection.route >= routes.count) return 'an arc'
      return [routes.source, routes.target].map((end) => placeName(places[end[selection.route]])).join(' → ')
    }
  }
}
