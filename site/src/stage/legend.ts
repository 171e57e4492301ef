// The legend: one button per application, in its colour, and one for those that share the last colour; a press shows only that one, another
// press all.
import { quote } from '../../../src/filter/syntax.ts'
import { addTerm, hasTerm, setValue, toggleTerm, valueIn } from '../../../src/filter/terms.ts'
import type { Report } from '../model/report.ts'
import { ALERT_SEVERITY } from '../model/routes.ts'
import type { Session } from '../session/session.ts'
import { byId, make } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'
import { ALERT, colourOf, OTHERS, type Theme } from '../ui/palette.ts'

/** The entry of the arcs that a finding is about: they have its colour, whatever their application. */
const FINDINGS = OTHERS + 1
/** The entry of the struck-out places. */
const NOT_THERE = OTHERS + 2
/** Entries that are no applications: what they add to the filter, and what they show. */
const MARKS = [
  { index: FINDINGS, term: 'alert:low,medium,high', shows: 'what a finding of low, medium or high severity is about' },
  {
    index: NOT_THERE,
    term: 'place:impossible',
    shows:
      'hosts that cannot be at their places: light in fibre does not get there in their round-trip times. The dashed circle on the map: as far from the origin as they can be',
  },
]

export function hasFindings({ severity }: Report['routes']): boolean {
  return severity.some((value) => value >= ALERT_SEVERITY)
}

/** How many applications share the last colour; "" for none. */
export function othersLabel(applications: readonly string[]): string {
  const others = applications.length - OTHERS
  return others > 0 ? `${others} ${others === 1 ? 'other' : 'others'}` : ''
}

export class Legend {
  readonly #session: Session
  readonly #list = byId('legend')
  #applications: string[] = []

  constructor(session: Session) {
    this.#session = session
  }

  /** `slots` has the colour of each application. */
  load({ applications, routes, places }: Report, slots: number[], theme: Theme): void {
    this.#applications = applications
    const buttons = applications
      .slice(0, OTHERS)
      .map((name, index) => this.#makeButton(formatHostile(name, 24), index, colourOf(theme, slots[index])))
    const others = othersLabel(applications)
    if (others) buttons.push(this.#makeButton(others, OTHERS, colourOf(theme, OTHERS)))
    if (hasFindings(routes)) buttons.push(this.#makeButton('findings', FINDINGS, ALERT[theme]))
    if (places.some(({ reachKm }) => reachKm !== undefined)) buttons.push(this.#makeButton('✕ not there', NOT_THERE, ALERT[theme]))
    this.#list.replaceChildren(
      ...buttons.map((button) => {
        const item = make('li')
        item.append(button)
        return item
      }),
    )
    this.mark()
  }

  /** Marks what the filter shows alone, if it is one of these. */
  mark(): void {
    const { filterText } = this.#session.state
    const chosen = this.#chosenBy(filterText)
    for (const button of this.#list.querySelectorAll('button')) button.setAttribute('aria-pressed', String(Number(button.value) === chosen))
  }

  /** -1: none of the entries. */
  #chosenBy(filterText: string): number {
    const mark = MARKS.find(({ term }) => hasTerm(filterText, term))
    if (mark !== undefined) return mark.index
    if (this.#showsOthers(filterText)) return OTHERS
    const application = valueIn(filterText, 'app')
    return application === null ? -1 : this.#applications.indexOf(application)
  }

  #makeButton(text: string, index: number, colour: string): HTMLButtonElement {
    const button = make('button', '', text)
    button.type = 'button'
    button.value = String(index)
    const others = index === OTHERS ? formatHostile(this.#applications.slice(OTHERS).join(', '), 200) : text
    button.title = `Show only ${MARKS.find((mark) => mark.index === index)?.shows ?? others}`
    button.style.setProperty('--colour', colour)
    button.addEventListener('click', () => this.#choose(button.getAttribute('aria-pressed') === 'true' ? null : index))
    return button
  }

  #choose(index: number | null): void {
    let text = this.#session.state.filterText
    for (const mark of MARKS) if (hasTerm(text, mark.term) !== (index === mark.index)) text = toggleTerm(text, mark.term)
    if (this.#showsOthers(text)) text = this.#othersTerms.reduce(toggleTerm, text)
    text = setValue(text, 'app', index === null || index >= OTHERS ? null : this.#applications[index])
    if (index === OTHERS) for (const term of this.#othersTerms) if (!hasTerm(text, term)) text = addTerm(text, term)
    this.#session.filterBy(text)
  }

  #showsOthers(text: string): boolean {
    return this.#othersTerms.every((term) => hasTerm(text, term))
  }

  /** All applications but those with a colour of their own. */
  get #othersTerms(): string[] {
    return this.#applications.slice(0, OTHERS).map((name) => `-app:${quote(name)}`)
  }
}
