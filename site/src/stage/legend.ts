// The legend: one button per story of findings, one per application in its colour, and one for those that share the last colour; a press shows
// only that one, another press all.
import { quote } from '../../../src/filter/syntax.ts'
import { addTerm, hasTerm, setValue, toggleTerm, valueIn } from '../../../src/filter/terms.ts'
import type { Report } from '../model/report.ts'
import type { Session } from '../session/session.ts'
import { byId, make } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'
import { ALERT, colourOf, OTHERS, type Theme } from '../ui/palette.ts'
import { type StoryEntry, storyEntries } from './legend-stories.ts'

/** The entry of the struck-out places. */
const NOT_THERE: StoryEntry = {
  name: '✕ not there',
  term: 'place:impossible',
  shows:
    'hosts that cannot be at their places: light in fibre does not get there in their round-trip times. The dashed circle around the origin: as far away as they can be; of the place that is pointed at or chosen, else the widest',
}

/** How many applications share the last colour; "" for none. */
export function othersLabel(applications: readonly string[]): string {
  const others = applications.length - OTHERS
  return others > 0 ? `${others} ${others === 1 ? 'other' : 'others'}` : ''
}

export class Legend {
  readonly #session: Session
  readonly #effects: () => StoryEntry[]
  readonly #list = byId('legend')
  #applications: string[] = []
  /** Entries that are no applications. Their buttons have the numbers above OTHERS. */
  #marks: StoryEntry[] = []

  /** `effects`: entries of sparks and pulses, as they are now. */
  constructor(session: Session, effects: () => StoryEntry[]) {
    this.#session = session
    this.#effects = effects
    // How beats are drawn depends on the speed.
    for (const event of ['pointerenter', 'focusin']) this.#list.addEventListener(event, () => this.#renewTitles())
  }

  /** `slots` has the colour of each application. */
  load({ applications, alerts, places }: Report, slots: number[], theme: Theme): void {
    this.#applications = applications
    const stories = storyEntries(alerts)
    const isSomeNotThere = places.some(({ reachKm }) => reachKm !== undefined)
    this.#marks = [...stories, ...this.#effects(), ...(isSomeNotThere ? [NOT_THERE] : [])]
    const marks = this.#marks.map(({ name }, index) => this.#makeButton(name, OTHERS + 1 + index, ALERT[theme]))
    const buttons = marks.splice(0, stories.length)
    for (const [index, name] of applications.slice(0, OTHERS).entries())
      buttons.push(this.#makeButton(formatHostile(name, 24), index, colourOf(theme, slots[index])))
    const others = othersLabel(applications)
    if (others) buttons.push(this.#makeButton(others, OTHERS, colourOf(theme, OTHERS)))
    buttons.push(...marks)
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
    const mark = this.#marks.findIndex(({ term }) => hasTerm(filterText, term))
    if (mark >= 0) return OTHERS + 1 + mark
    if (this.#showsOthers(filterText)) return OTHERS
    const application = valueIn(filterText, 'app')
    return application === null ? -1 : this.#applications.indexOf(application)
  }

  #makeButton(text: string, index: number, colour: string): HTMLButtonElement {
    const button = make('button', '', text)
    button.type = 'button'
    button.value = String(index)
    const others = index === OTHERS ? formatHostile(this.#applications.slice(OTHERS).join(', '), 200) : text
    button.title = `Show only ${this.#marks[index - OTHERS - 1]?.shows ?? others}`
    button.style.setProperty('--colour', colour)
    button.addEventListener('click', () => this.#choose(button.getAttribute('aria-pressed') === 'true' ? null : index))
    return button
  }

  #renewTitles(): void {
    for (const { name, shows } of this.#effects()) {
      const index = this.#marks.findIndex((mark) => mark.name === name)
      const button = this.#list.querySelector<HTMLButtonElement>(`[value="${OTHERS + 1 + index}"]`)
      if (button) button.title = `Show only ${shows}`
    }
  }

  #choose(index: number | null): void {
    let text = this.#session.state.filterText
    for (const [at, { term }] of this.#marks.entries())
      if (hasTerm(text, term) !== (index === OTHERS + 1 + at)) text = toggleTerm(text, term)
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
