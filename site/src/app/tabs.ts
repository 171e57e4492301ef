// The views as tabs (ARIA Authoring Practices: tabs): one panel each, filled when it is first opened. Globe and map are the stage behind.
import { focusShown } from '../session/focus-shown.ts'
import { isTaken } from '../session/keys.ts'
import { isOnStage, type ViewName } from '../session/session.ts'
import type { BuiltView, Player, View } from '../session/view.ts'
import { byId, make } from '../ui/dom.ts'
import type { Theme } from '../ui/palette.ts'
import { toast } from '../ui/toast.ts'

export class Tabs {
  readonly #list = byId('tabs')
  readonly #panels = byId('views')
  readonly #views: readonly View[]
  readonly #tabs = new Map<ViewName, HTMLButtonElement>()
  readonly #built = new Map<ViewName, { panel: HTMLElement; view: BuiltView }>()
  readonly #choose: (view: ViewName) => void
  /** Views that cannot be shown, and why. */
  readonly #refused = new Map<ViewName, string>()
  #shown: ViewName | null = null
  #player: Player | null = null

  /** `choose` is called when a reader picks a tab; show() then opens it. */
  constructor(views: readonly View[], choose: (view: ViewName) => void) {
    this.#views = views
    this.#choose = choose
    for (const { name, label, key } of views) {
      const tab = make('button', '', label)
      tab.type = 'button'
      tab.id = `tab-${name}`
      tab.setAttribute('role', 'tab')
      tab.setAttribute('aria-keyshortcuts', key)
      tab.addEventListener('click', () => this.#pick(name))
      this.#tabs.set(name, tab)
      this.#list.append(tab)
    }
    this.#list.addEventListener('keydown', (event) => this.#onKey(event))
    document.addEventListener('keydown', (event) => {
      if (isTaken(event)) return
      const view = views.find(({ key }) => key === event.key)
      if (!view) return
      event.preventDefault()
      this.#pick(view.name)
    })
  }

  /** The report is open: panels may be filled. */
  load(player: Player): void {
    this.#player = player
    const shown = this.#shown
    this.#shown = null
    if (shown) this.show(shown)
  }

  /** A view that this browser cannot show: its tab says why. */
  refuse(name: ViewName, why: string): void {
    this.#refused.set(name, why)
    const tab = this.#tabs.get(name)!
    tab.setAttribute('aria-disabled', 'true')
    tab.title = why
  }

  has(name: ViewName): boolean {
    return this.#tabs.has(name) && !this.#refused.has(name)
  }

  #pick(name: ViewName): void {
    const why = this.#refused.get(name)
    if (why === undefined) this.#choose(name)
    else toast(why)
  }

  show(name: ViewName): void {
    if (name === this.#shown) return
    const hadFocus = document.activeElement !== document.body
    const before = this.#shown && this.#built.get(this.#shown)
    if (before) {
      before.panel.hidden = true
      before.view.hide?.()
    }
    this.#shown = name
    document.documentElement.dataset.view = name
    for (const [view, tab] of this.#tabs) {
      tab.setAttribute('aria-selected', String(view === name))
      tab.tabIndex = view === name ? 0 : -1
    }
    this.#tabs.get(name)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    const built = this.#build(name)
    this.#panels.hidden = !built
    if (built) {
      built.panel.hidden = false
      built.view.show?.()
    }
    if (hadFocus) focusShown()
  }

  paint(theme: Theme): void {
    for (const { view } of this.#built.values()) view.paint?.(theme)
  }

  #build(name: ViewName) {
    const view = this.#views.find((candidate) => candidate.name === name)
    if (!view || !this.#player || isOnStage(name)) return null
    const known = this.#built.get(name)
    if (known) return known
    const panel = make('section', `view ${name}`)
    panel.id = `view-${name}`
    panel.setAttribute('role', 'tabpanel')
    panel.setAttribute('aria-labelledby', `tab-${name}`)
    this.#tabs.get(name)!.setAttribute('aria-controls', panel.id)
    this.#panels.append(panel)
    const built = { panel, view: view.build(panel, this.#player) }
    this.#built.set(name, built)
    return built
  }

  #onKey(event: KeyboardEvent): void {
    const open = [...this.#tabs].filter(([name]) => this.has(name))
    const at = open.findIndex(([name]) => name === this.#shown)
    const moves: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1 + open.length, Home: 0, End: open.length - 1 }
    const to = moves[event.key]
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const [name, tab] = open[to % open.length]
    tab.focus()
    this.#choose(name)
  }
}
