// The sidebar: asks the worker for the numbers at the current position, or of the whole capture. Every value is set as text.
import type { Report } from '../model/report.ts'
import type { Ranked, Ranking, Share, Span, Subject, Tally } from '../protocol/answers.ts'
import type { ReportClient } from '../protocol/client.ts'
import type { SessionState } from '../session/session.ts'
import { byId } from '../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDuration, formatHostile, formatShort } from '../ui/format.ts'
import { showRanking } from './ranking.ts'

export interface SidebarEvents {
  open(subject: Subject, title: string): void
  /** `value` null: no term for this field. */
  choose(field: 'app' | 'proto', value: string | null): void
  span(): void
  /** `isNarrowed`: whether the filter has a term; `narrow` adds it, or removes it. */
  isNarrowed(term: string): boolean
  narrow(term: string): void
}

/** Shortest time between two refreshes while playing, so that the numbers can be read. */
const REFRESH_MS = 250

export class Sidebar {
  readonly #client: ReportClient
  readonly #events: SidebarEvents
  readonly #selects = { application: byId<HTMLSelectElement>('filter-application'), transport: byId<HTMLSelectElement>('filter-transport') }
  /** Of packets that the totals have not. */
  #outside = ''
  #isAsking = false
  #again: { span: Span; filterText: string } | null = null
  #lastMs = Number.NEGATIVE_INFINITY
  /** The reader chose between moment and whole; then playing does not. */
  #isChosen = false

  constructor(client: ReportClient, events: SidebarEvents) {
    this.#client = client
    this.#events = events
    for (const [field, select] of [
      ['app', this.#selects.application],
      ['proto', this.#selects.transport],
    ] as const)
      select.addEventListener('change', () => events.choose(field, select.value || null))
    for (const radio of document.getElementsByName('span'))
      radio.addEventListener('change', () => {
        this.#isChosen = true
        events.span()
      })
    byId('show-local').addEventListener('click', () => events.open({ kind: 'local' }, 'Within the origin'))
    byId('show-unlocated').addEventListener('click', () => events.open({ kind: 'unlocated' }, 'Unlocated'))
    byId('show-flows').addEventListener('click', () => events.open({ kind: 'all' }, 'All flows'))
  }

  /** Whether the sidebar shows the numbers at the current position. */
  get isMoment(): boolean {
    return (document.querySelector('input[name=span]:checked') as HTMLInputElement | null)?.value === 'moment'
  }

  /** Says what the numbers are of: of the moment while it plays, of everything with a picture of the whole, unless the reader chose. */
  follow({ clock, isWhole, span }: Pick<SessionState, 'clock' | 'isWhole' | 'span'>, momentUs: number): void {
    const wanted = isWhole ? 'whole' : clock.isPlaying ? 'moment' : null
    if (wanted && !this.#isChosen) document.querySelector<HTMLInputElement>(`input[name=span][value=${wanted}]`)!.checked = true
    byId('span-moment').textContent = `Moment (${formatDuration(momentUs)})`
    byId('span-whole').textContent = span ? 'Selected span' : 'Whole capture'
  }

  /** Shows the application and transport of the filter; null when the filter has none, or more than a drop-down can show. */
  showFilter(application: string | null, transport: string | null): void {
    this.#selects.application.value = application ?? ''
    this.#selects.transport.value = transport ?? ''
    for (const select of Object.values(this.#selects)) if (select.selectedIndex < 0) select.value = ''
  }

  load(report: Report): void {
    // In a running capture new names are added and the selected one stays selected.
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
    const outside = Number(report.meta.packets) - Number(report.meta.ip_packets)
    this.#outside = outside > 0 ? `${formatCounted(outside, 'more packet')} ${outside === 1 ? 'is' : 'are'} in no conversation.` : ''
    const leftOut = describeLeftOut(report.leftOut)
    byId('left-out').hidden = leftOut === ''
    byId('left-out').textContent = leftOut
  }

  /** Updates the numbers; `isUrgent` updates them without waiting for REFRESH_MS. */
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
        const isAll = span === null && filterText === ''
        byId('outside').hidden = !isAll || this.#outside === ''
        byId('outside').textContent = isAll ? this.#outside : ''
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
    const show = (id: string, ranking: Ranking, subjectOf: (row: Ranked) => Subject) =>
      showRanking(id, ranking, tally.total, {
        isNarrowed: (term) => this.#events.isNarrowed(term),
        narrow: (term) => this.#events.narrow(term),
        open: (row, title) => this.#events.open(subjectOf(row), title),
      })
    show('countries', tally.countries, ({ key }) => ({ kind: 'country', country: String(key) }))
    show('places', tally.places, ({ key }) => ({ kind: 'place', place: Number(key) }))
    show('hosts', tally.rankedHosts, ({ key }) => ({ kind: 'host', host: Number(key) }))
    show('applications', tally.applications, ({ key }) => ({ kind: 'application', application: Number(key) }))
  }

  #showShare(name: 'located' | 'local' | 'unlocated', share: Share, total: Share): void {
    byId(`share-${name}`).textContent = `${formatBytes(share.bytes)} · ${formatShort(share.flows)} ${share.flows === 1 ? 'flow' : 'flows'}`
    byId(`meter-${name}`).style.flexGrow = String(total.bytes > 0 ? share.bytes / total.bytes : 0)
  }
}

/** Says how many rows are not shown; "" for none. */
function describeLeftOut(leftOut: Report['leftOut']): string {
  const tables = Object.entries(leftOut).filter(([, rows]) => rows > 0)
  if (tables.length === 0) return ''
  const each = tables.map(([table, rows]) => `${formatCounted(rows, 'row')} of ${table}`)
  return `Not shown, because a value in them cannot be true: ${each.join(', ')}. This database is damaged, or was changed by another program.`
}
