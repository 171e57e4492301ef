// The nodes of the local network as buttons for keyboards and screen readers: arrow keys move along, Enter does what a click does.
import { make } from '../../ui/dom.ts'

/** Buttons at most; the table of hosts has all. */
const MOST = 400

export class NodeList {
  readonly #list = make('div', 'node-list unseen')
  readonly #point: (node: number) => void
  readonly #open: (node: number) => void

  /** `point` is called with the node that has the focus, or -1. */
  constructor(within: HTMLElement, point: (node: number) => void, open: (node: number) => void) {
    this.#point = point
    this.#open = open
    this.#list.setAttribute('role', 'toolbar')
    this.#list.setAttribute('aria-label', 'Hosts and networks, most bytes first')
    within.append(this.#list)
    this.#list.addEventListener('keydown', (event) => this.#onKey(event))
    this.#list.addEventListener('focusout', () => this.#point(-1))
  }

  /** `nodes` in the order of the buttons, with what each says. */
  load(nodes: readonly { node: number; text: string }[]): void {
    const focused = this.#list.contains(document.activeElement) ? (document.activeElement as HTMLButtonElement).value : null
    const buttons = nodes.slice(0, MOST).map(({ node, text }, index) => {
      const button = make('button', '', text)
      button.type = 'button'
      button.value = String(node)
      button.tabIndex = index === 0 ? 0 : -1
      button.addEventListener('focus', () => this.#point(node))
      button.addEventListener('click', () => this.#open(node))
      return button
    })
    this.#list.replaceChildren(...buttons)
    if (focused !== null) buttons.find(({ value }) => value === focused)?.focus({ preventScroll: true })
  }

  #onKey(event: KeyboardEvent): void {
    const buttons = [...this.#list.querySelectorAll('button')]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const moves: Record<string, number> = {
      ...{ ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1 },
      ...{ Home: 0, End: buttons.length - 1 },
    }
    const to = moves[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    event.stopPropagation()
    const next = buttons.at(to % buttons.length)!
    buttons[at].tabIndex = -1
    next.tabIndex = 0
    next.focus({ preventScroll: true })
  }
}
