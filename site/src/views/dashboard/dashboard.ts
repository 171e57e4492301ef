// The dashboard: one chart for each question (when, who, where, what, how). Each chart can change the filter and has a table.
import { formatCountry } from '../../../../src/geo/country-name.ts'
import { makeBarList, replaceBars } from '../../charts/bar-list.ts'
import { seek } from '../../model/clock.ts'
import { stateOf } from '../../model/conn-states.ts'
import { RANKED, RANKED_CARDS, type RankedCard } from '../../model/ranked-cards.ts'
import type { Breakdown, Dashboard, Entry, Share } from '../../protocol/answers.ts'
import { onZone } from '../../session/session.ts'
import type { BuiltView, Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDuration, formatHostile, formatInstant, formatShort } from '../../ui/format.ts'
import { colourOf, colourSlots, OTHERS, type Theme } from '../../ui/palette.ts'
import { Card, type CardTable } from './card.ts'
import { RatesCard } from './rates-card.ts'
import { showSizes } from './sizes-card.ts'
import { whenShown } from './when-shown.ts'

/** Most rows of a chart; its table has more. */
const ROWS = 10

const MEASURES = { bytes: 'Bytes', packets: 'Packets', flows: 'Flows' } as const
type Measure = keyof typeof MEASURES

export function buildDashboard(panel: HTMLElement, player: Player): BuiltView {
  const { session, client } = player
  let slots = colourSlots(player.report.applications)
  const summary = make('p', 'dashboard-summary')
  const measure = chooser('Rank by', MEASURES, session.state.options.rank)
  const cards = Object.fromEntries(RANKED.map((id) => [id, new Card(id, RANKED_CARDS[id].title)])) as Record<RankedCard, Card>
  const sizes = new Card('sizes', 'Packet sizes')
  const rates = new RatesCard('rates', 'Traffic over time', player, {
    seek: (us) => session.set({ clock: seek(session.state.clock, us) }),
    brush: (span) => session.set({ span }),
  })
  const newFlows = new RatesCard('new-flows', 'New flows', player, rates.events)
  const tools = make('div', 'dashboard-tools')
  tools.append(summary, measure.element)
  const grid = make('div', 'cards')
  grid.append(rates.card.element, newFlows.card.element, ...RANKED.map((id) => cards[id].element), sizes.element)
  panel.append(tools, grid)

  let latest: Dashboard | null = null
  let askedFilter: string | null = null

  const show = () => {
    if (!latest) return
    const { span } = session.state
    const { firstUs } = player.report.timeline
    summary.textContent = `${span ? `${formatInstant(firstUs + span.fromUs)}, ${formatDuration(span.toUs - span.fromUs)}` : 'Whole capture'} · ${formatCounted(latest.total.flows, 'flow')} · ${formatShort(latest.total.packets)} ${latest.total.packets === 1 ? 'packet' : 'packets'} · ${formatBytes(latest.total.bytes)}`
    for (const id of RANKED) showRanked(id, latest[id], latest.total)
    showSizes(sizes, latest.sizes, {
      narrow: (term) => session.narrow(term),
      isNarrowed: (term) => session.isNarrowed(term),
    })
  }

  const showRanked = (id: RankedCard, breakdown: Breakdown, total: Share) => {
    const by = measure.value
    const press = (index: number) => session.narrow(breakdown.entries[index].term)
    const shown = breakdown.entries.slice(0, ROWS)
    replaceBars(
      cards[id].body,
      shown.length > 0
        ? makeBarList(
            shown.map((entry) => ({
              ...wordsOf(id, entry),
              value: entry[by],
              text: formatMeasure(by, entry[by]),
              colour: colourFor(id, entry),
              hint: `Filter by ${entry.term}`,
              isPressed: session.isNarrowed(entry.term),
            })),
            press,
          )
        : make('p', 'none', RANKED_CARDS[id].none),
    )
    const rest = breakdown.total - shown.length
    cards[id].show(
      () => rankedTable(id, breakdown.entries, total, press),
      rest > 0
        ? `${formatCount(rest)} more${breakdown.total > breakdown.entries.length ? `; the table has the first ${breakdown.entries.length}` : ' in the table'}.`
        : '',
      breakdown.total > 0 ? formatCount(breakdown.total) : '',
    )
  }

  const colourFor = (id: RankedCard, { application, label }: Entry) => {
    if (id === 'outcomes') return `var(--outcome-${stateOf(label).kind})`
    return application >= 0 ? colourOf(player.theme(), slots[application] ?? OTHERS) : 'var(--located)'
  }

  const answers = whenShown(panel, summary, async (signal) => {
    const startedMs = performance.now()
    const { filterText, span } = session.state
    askedFilter = filterText
    slots = colourSlots(player.report.applications)
    await Promise.all([
      client.ask('dashboard', { filterText, span, by: measure.value }, signal).then((answer) => {
        latest = answer
        show()
      }),
      rates.refresh(signal),
    ])
    newFlows.show(rates.latest)
    performance.clearMeasures('dashboard')
    performance.measure('dashboard', { start: startedMs })
  })

  measure.onChange((by) => {
    session.option('rank', by === 'bytes' ? null : by)
    answers.refresh()
  })
  // In a running capture `matching` changes with every update; `grown` changes slowly enough for a reader.
  session.subscribe(({ matching }) => matching?.filterText !== askedFilter && answers.refresh(), ['matching'])
  session.subscribe(answers.refresh, ['span', 'grown'])
  onZone(session, answers.refresh)
  session.subscribe(({ clock }) => answers.isShown && rates.showPosition(clock.positionUs), ['clock'])
  return {
    show() {
      rates.layOut()
      newFlows.layOut()
      answers.show()
    },
    hide: answers.hide,
    paint(_: Theme) {
      rates.paint()
      newFlows.paint()
      show()
    },
  }
}

function wordsOf(id: RankedCard, { label, detail }: Entry): { label: string; detail: string; code: string } {
  if (id === 'countries') return { label: formatCountry(label), detail: '', code: label }
  if (id === 'outcomes') return { label: stateOf(label).text, detail: '', code: label }
  return { label: formatHostile(label, 60), detail: formatHostile(detail, 60), code: '' }
}

function formatMeasure(by: Measure, value: number): string {
  return by === 'bytes' ? formatBytes(value) : formatShort(value)
}

function rankedTable(id: RankedCard, entries: Entry[], total: Share, press: (row: number) => void): CardTable {
  const named = entries.map((entry) => ({ entry, ...wordsOf(id, entry) }))
  const hasSecond = named.some(({ detail, code }) => detail || code)
  const share = (value: number, of: number) => (of > 0 ? `${((value / of) * 100).toFixed(1)} %` : '')
  return {
    columns: [
      { title: RANKED_CARDS[id].title, isNumber: false },
      ...(hasSecond ? [{ title: id === 'countries' || id === 'outcomes' ? 'Code' : 'Address', isNumber: false }] : []),
      { title: 'Bytes', isNumber: true },
      { title: 'Share of bytes', isNumber: true },
      { title: 'Packets', isNumber: true },
      { title: 'Flows', isNumber: true },
    ],
    rows: named.map(({ entry, label, detail, code }) => [
      label,
      ...(hasSecond ? [detail || code] : []),
      formatBytes(entry.bytes),
      share(entry.bytes, total.bytes),
      formatCount(entry.packets),
      formatCount(entry.flows),
    ]),
    cells: named.map(({ entry, label, detail, code }) => [
      id === 'talkers' ? entry.label : label,
      ...(hasSecond ? [detail || code] : []),
      entry.bytes,
      total.bytes > 0 ? Number((entry.bytes / total.bytes).toFixed(6)) : 0,
      entry.packets,
      entry.flows,
    ]),
    press,
  }
}

interface Chooser<Value extends string> {
  element: HTMLElement
  readonly value: Value
  onChange(listener: (value: Value) => void): void
}

/** A labelled <select> with the keys of `choices`. If `chosen` is none of them, the first is selected. */
function chooser<Value extends string>(label: string, choices: Record<Value, string>, chosen: string | undefined): Chooser<Value> {
  const element = make('label', 'labelled')
  const select = make('select')
  for (const [value, text] of Object.entries<string>(choices)) select.append(new Option(text, value, false, value === chosen))
  element.append(make('span', '', label), select)
  return {
    element,
    get value() {
      return select.value as Value
    },
    onChange: (listener) => select.addEventListener('change', () => listener(select.value as Value)),
  }
}
