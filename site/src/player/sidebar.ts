// The sidebar: asks the worker for the numbers of the moment or of the whole capture and shows them. Every value is set as text.
import type { ReportClient } from '../worker/client.ts'
import type { Share, Span } from '../worker/counted.ts'
import type { Subject } from '../worker/flow-list.ts'
import type { Ranked, Ranking, Tally } from '../worker/tally.ts'
import { byId, make } from './dom.ts'
import { formatBytes, formatCount, formatCountry, formatHostile, formatShort } from './format.ts'
import type { Report } from './report.ts'

export interface SidebarEvents {
  open(subject: Subject, title: string): void
  /** Null: all. */
  choose(field: 'app' | 'proto', value: string | null): void
  span(): void
}

/** While playing, numbers that change faster than this cannot be read. */
const REFRESH_MS = 250

export class Sidebar {
  readonly #client: ReportClient
  readonly #events: SidebarEvents
  readonly #selects = { application: byId<HTMLSelectElement>('filter-application'), transport: byId<HTMLSelectElement>('filter-transport') }
  #isAsking = false
  #again: { span: Span; filterText: string } | null = null
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(client: ReportClient, events: SidebarEvents) {
    this.#client = client
    this.#events = events
    for (const [field, select] of [
      ['app', this.#selects.application],
      ['proto', this.#selects.transport],
    ] as const)
      select.addEventListener('change', () => events.choose(field, select.value || null))
    for (const radio of document.getElementsByName('span')) radio.addEventListener('change', () => events.span())
    byId('show-local').addEventListener('click', () => events.open({ kind: 'local' }, 'Within the origin'))
    byId('show-unlocated').addEventListener('click', () => events.open({ kind: 'unlocated' }, 'Unlocated'))
    byId('show-flows').addEventListener('click', () => events.open({ kind: 'all' }, 'All flows'))
  }

  /** Whether the numbers are those of the moment. */
  get isMoment(): boolean {
    return (document.querySelector('input[name=span]:checked') as HTMLInputElement | null)?.value === 'moment'
  }

  /** Shows what the filter says of application and transport; null: nothing, or more than a drop-down can. */
  showFilter(application: string | null, transport: string | null): void {
    this.#selects.application.value = application ?? ''
    this.#selects.transport.value = transport ?? ''
    for (const select of Object.values(this.#selects)) if (select.selectedIndex < 0) select.value = ''
  }

  load(report: Report): void {
    // A running capture grows: what is new is added, the choice stays.
    const fill = (select: HTMLSelectElement, names: string[]) =>
      select.append(...names.slice(select.length - 1).map((name) => new Option(formatHostile(name, 40), name)))
    fill(this.#selects.application, report.applications)
    fill(this.#selects.transport, report.transports)
    const { geoip_attribution: attribution, geoip_database: database, geoip_build_date: date } = report.meta
    byId('attribution').textContent = [
      attribution || 'No geolocation database was used.',
      database ? `Places: ${database}${date ? `, ${date.slice(0, 10)}` : ''}.` : '',
    ]
      .filter(Boolean)
      .join(' ')
  }

  /** Brings the numbers up to date; `isUrgent` skips the pause between two refreshes. */
  refresh(span: Span, filterText: string, isUrgent: boolean): void {
    const now = performance.now()
    if (this.#isAsking || (!isUrgent && now - this.#lastMs < REFRESH_MS)) {
      if (isUrgent || this.#isAsking) this.#again = { span, filterText }
      return
    }
    this.#isAsking = true
    this.#lastMs = now
    this.#client.ask('tally', { span, filterText }).then(
      (tally) => {
        this.#show(tally)
        this.#isAsking = false
        const again = this.#again
        this.#again = null
        if (again) this.refresh(again.span, again.filterText, true)
      },
      () => {
        this.#isAsking = false
      },
    )
  }

  #show(tally: Tally): void {
    byId('total-bytes').textContent = formatBytes(tally.total.bytes)
    byId('total-packets').textContent = formatShort(tally.total.packets)
    byId('total-flows').textContent = formatShort(tally.total.flows)
    byId('total-hosts').textContent = formatShort(tally.hosts)
    for (const name of ['located', 'local', 'unlocated'] as const) this.#showShare(name, tally[name], tally.total)
    const unlocated = tally.publicHosts - tally.locatedHosts
    byId('located-hosts').textContent =
      tally.publicHosts === 0
        ? 'No public hosts.'
        : `${formatCount(tally.locatedHosts)} of ${formatCount(tally.publicHosts)} public hosts located${unlocated > 0 ? `, ${formatCount(unlocated)} not` : ''}.`
    this.#rank('countries', tally.countries, tally.total, (row) => ({
      label: formatCountry(row.label),
      before: row.label,
      subject: { kind: 'country', country: String(row.key) },
    }))
    this.#rank('places', tally.places, tally.total, (row) => ({
      label: row.label,
      before: '',
      subject: { kind: 'place', place: Number(row.key) },
    }))
    this.#rank('hosts', tally.rankedHosts, tally.total, (row) => ({
      label: row.label,
      before: '',
      subject: { kind: 'host', host: Number(row.key) },
    }))
    this.#rank('applications', tally.applications, tally.total, (row) => ({
      label: row.label,
      before: '',
      subject: { kind: 'application', application: Number(row.key) },
    }))
  }

  #showShare(name: 'located' | 'local' | 'unlocated', share: Share, total: Share): void {
    byId(`share-${name}`).textContent = `${formatBytes(share.bytes)} · ${formatShort(share.flows)} ${share.flows === 1 ? 'flow' : 'flows'}`
    byId(`meter-${name}`).style.flexGrow = String(total.bytes > 0 ? share.bytes / total.bytes : 0)
  }

  #rank(id: string, ranking: Ranking, total: Share, describe: (row: Ranked) => { label: string; before: string; subject: Subject }): void {
    const list = byId(id)
    byId(`${id}-total`).textContent = ranking.total > 0 ? formatCount(ranking.total) : ''
    const focused = list.contains(document.activeElement) ? [...list.children].findIndex((row) => row.contains(document.activeElement)) : -1
    list.replaceChildren(
      ...ranking.top.map((row) => {
        const { label, before, subject } = describe(row)
        const shown = formatHostile(label)
        const button = make('button')
        button.type = 'button'
        const name = make('span', 'name')
        if (before) name.append(make('span', 'code', before))
        name.append(make('bdi', '', shown))
        if (row.detail) name.append(make('small', '', formatHostile(row.detail)))
        button.append(name, make('b', '', formatBytes(row.bytes)))
        button.title = `${shown}${row.detail ? ` (${formatHostile(row.detail)})` : ''}: show flows`
        button.style.setProperty('--share', `${total.bytes > 0 ? (row.bytes / total.bytes) * 100 : 0}%`)
        button.addEventListener('click', () => this.#events.open(subject, shown))
        const item = make('li')
        item.append(button)
        return item
      }),
    )
    if (ranking.top.length === 0) list.append(make('li', 'none', 'None'))
    if (focused >= 0) list.children[Math.min(focused, list.children.length - 1)]?.querySelector('button')?.focus()
  }
}
