// The view Alerts: findings, most severe first, with their evidence; without findings, the reason.
import type { Incident } from '../../../../src/report/incident.ts'
import { SEVERITIES } from '../../../../src/types.ts'
import type { AlertDetail } from '../../protocol/messages.ts'
import type { BuiltView, Player, View } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatCount, formatCounted, formatHostile, formatMoment } from '../../ui/format.ts'
import { makeSeverity } from '../detail/parts.ts'
import { makeCard } from './card.ts'
import { makeIncident } from './incident.ts'

const MOST_SEVERE_FIRST: readonly string[] = [...SEVERITIES].reverse()

/** Most alerts in the list; the filters reach the others. */
const SHOWN = 300

class AlertsView implements BuiltView {
  readonly #player: Player
  readonly #chips = make('div', 'chips')
  readonly #note = make('p', 'totals-line')
  readonly #list = make('ul', 'alert-rows')
  readonly #card = make('div', 'alert-detail')
  #alerts: AlertDetail[] = []
  #incidents: Incident[] = []
  #isShown = false
  #isStale = true

  constructor(panel: HTMLElement, player: Player) {
    this.#player = player
    const bar = make('header', 'view-bar')
    this.#chips.setAttribute('role', 'group')
    this.#chips.setAttribute('aria-label', 'Severity and rule')
    bar.append(this.#note, this.#chips)
    this.#list.setAttribute('aria-label', 'Alerts')
    this.#card.tabIndex = 0
    this.#card.setAttribute('role', 'region')
    this.#card.setAttribute('aria-label', 'Alert')
    const body = make('div', 'alerts-body')
    body.append(this.#list, this.#card)
    panel.append(bar, body)
    const { session } = player
    session.subscribe(() => this.#stale(), ['filterText', 'span', 'grown'])
    session.subscribe(() => this.#isShown && this.#draw(), ['selection', 'options'])
    this.#list.addEventListener('keydown', (event) => this.#onKey(event))
  }

  show(): void {
    this.#isShown = true
    if (this.#isStale) void this.#load()
    else this.#draw()
  }

  hide(): void {
    this.#isShown = false
  }

  #stale(): void {
    this.#isStale = true
    if (this.#isShown) void this.#load()
  }

  async #load(): Promise<void> {
    const { filterText, span } = this.#player.session.state
    this.#isStale = false
    const { client } = this.#player
    const [alerts, incidents] = await Promise.all([client.ask('alerts', { filterText, span }), client.ask('incidents', null)])
    this.#incidents = incidents ?? []
    const rank = (severity: string) => (MOST_SEVERE_FIRST.indexOf(severity) + 1 || 9) - 1
    this.#alerts = alerts.sort((a, b) => rank(a.severity) - rank(b.severity) || a.firstUs - b.firstUs || a.id - b.id)
    this.#draw()
  }

  get #chosen(): { severity: string; rule: string } {
    const { options } = this.#player.session.state
    return { severity: options['alerts.severity'] ?? '', rule: options['alerts.rule'] ?? '' }
  }

  #draw(): void {
    const { severity, rule } = this.#chosen
    const shown = this.#alerts.filter((alert) => (!severity || alert.severity === severity) && (!rule || alert.rule === rule))
    this.#drawChips()
    const count = formatCounted(shown.length, 'alert')
    this.#note.textContent = shown.length > SHOWN ? `${count}, the first ${formatCount(SHOWN)} listed: choose a severity or rule` : count
    if (shown.length === 0) {
      this.#list.replaceChildren()
      this.#card.replaceChildren(this.#explainNothing())
      this.#card.parentElement!.dataset.empty = 'true'
      return
    }
    this.#card.parentElement!.dataset.empty = 'false'
    const { selection } = this.#player.session.state
    const current = shown.find(({ id }) => selection?.kind === 'alert' && selection.id === id) ?? shown[0]
    const hadFocus = [this.#list, this.#card].some((part) => part.contains(document.activeElement))
    this.#list.replaceChildren(...shown.slice(0, SHOWN).map((alert) => this.#makeRow(alert, alert === current)))
    const row = this.#list.querySelector<HTMLElement>('[aria-current=true]')
    row?.scrollIntoView({ block: 'nearest' })
    if (hadFocus) row?.focus()
    const related = this.#alerts.filter(({ storyId, id }) => storyId === current.storyId && id !== current.id)
    const incident = this.#incidents.find(({ id }) => id === current.storyId)
    this.#card.replaceChildren(makeCard(this.#player, current, related, incident && makeIncident(this.#player, incident)))
    this.#card.scrollTop = 0
  }

  #makeRow(alert: AlertDetail, isCurrent: boolean): HTMLElement {
    const item = make('li')
    const button = make('button')
    button.type = 'button'
    button.setAttribute('aria-current', String(isCurrent))
    button.tabIndex = isCurrent ? 0 : -1
    const line = make('small')
    line.append(
      make('bdi', '', formatHostile(alert.rule, 40)),
      ` · ${formatMoment(alert.firstUs)} · ${formatCounted(alert.flowCount, 'flow')}`,
    )
    button.append(makeSeverity(alert.severity), make('span', 'title', formatHostile(alert.title, 200)), line)
    button.addEventListener('click', () => this.#player.session.set({ selection: { kind: 'alert', id: alert.id } }))
    item.append(button)
    return item
  }

  /** One button for each severity and each rule that occurs. The first press shows only its alerts, the second press shows all again. */
  #drawChips(): void {
    const { session } = this.#player
    const chosen = this.#chosen
    const makeChip = (kind: 'severity' | 'rule', value: string, count: number) => {
      const chip = make('button', 'pill')
      chip.type = 'button'
      chip.setAttribute('aria-pressed', String(chosen[kind] === value))
      if (kind === 'severity') chip.append(makeSeverity(value))
      else chip.append(formatHostile(value, 40))
      chip.append(make('small', '', formatCount(count)))
      chip.addEventListener('click', () => session.option(`alerts.${kind}`, chosen[kind] === value ? null : value))
      return chip
    }
    const countBy = (of: (alert: AlertDetail) => string) => {
      const counts = new Map<string, number>()
      for (const alert of this.#alerts) counts.set(of(alert), (counts.get(of(alert)) ?? 0) + 1)
      return counts
    }
    const severities = countBy(({ severity }) => severity)
    const rules = countBy(({ rule }) => rule)
    const focused = this.#chips.contains(document.activeElement)
      ? [...this.#chips.children].indexOf(document.activeElement as HTMLElement)
      : -1
    this.#chips.replaceChildren(
      ...MOST_SEVERE_FIRST.filter((severity) => severities.has(severity)).map((severity) =>
        makeChip('severity', severity, severities.get(severity)!),
      ),
      ...[...rules].sort().map(([rule, count]) => makeChip('rule', rule, count)),
    )
    if (focused >= 0) (this.#chips.children[focused] as HTMLElement | undefined)?.focus()
  }

  /** Explains an empty list: the filter excludes all alerts, no rule found anything, or detection was off. */
  #explainNothing(): HTMLElement {
    const { session, report } = this.#player
    const box = make('div', 'empty')
    const isNarrowed =
      session.state.filterText !== '' || session.state.span !== null || this.#chosen.severity !== '' || this.#chosen.rule !== ''
    if (report.alerts.length > 0 && isNarrowed) {
      const clear = make('button', 'button', 'Show all alerts')
      clear.type = 'button'
      clear.addEventListener('click', () => {
        session.filterBy('')
        session.option('alerts.severity', null)
        session.option('alerts.rule', null)
        session.set({ span: null })
      })
      box.append(make('p', '', 'No alert passes what is chosen: filter, time, severity or rule.'), clear)
      return box
    }
    const { rules_version: version, rules_off: off, findings_suppressed: suppressed } = report.meta
    if (!version) {
      box.append(
        make('h2', '', 'Not searched'),
        make('p', '', 'This report was made without the detection rules. Analyse the capture again to run them.'),
      )
      return box
    }
    box.append(
      make('h2', '', 'Nothing found'),
      make(
        'p',
        '',
        `All rules (version ${formatHostile(version, 20)}) were applied to this capture and none matched. This does not prove that nothing is wrong: rules find only known patterns.`,
      ),
    )
    if (off) box.append(make('p', 'quiet', `Switched off: ${formatHostile(off, 300)}.`))
    const hidden = countSuppressed(suppressed)
    if (hidden > 0)
      box.append(
        make('p', 'quiet', `${formatCount(hidden)} ${hidden === 1 ? 'finding was' : 'findings were'} suppressed by the rules file.`),
      )
    return box
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const row = (event.target as HTMLElement).closest('li')
    if (!step || !row) return
    event.preventDefault()
    event.stopPropagation()
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling
    next?.querySelector('button')?.click()
  }
}

function countSuppressed(json: string | undefined): number {
  try {
    const list: unknown = JSON.parse(json || '[]')
    return Array.isArray(list) ? list.reduce((sum: number, entry) => sum + (Number(entry?.findings) || 0), 0) : 0
  } catch {
    return 0
  }
}

export const ALERTS_VIEW: View = { name: 'alerts', label: 'Alerts', key: '4', build: (panel, player) => new AlertsView(panel, player) }
