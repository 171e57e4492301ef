// The view Matrix: who sends how much to whom, without geography (countries, networks or hosts; a press on a cell is a filter), and its twin: small
// maps by time.
import type { TimeSpan } from '../../model/selection.ts'
import type { MatrixBy, Share, TimeMap } from '../../protocol/answers.ts'
import type { BuiltView, Player } from '../../session/view.ts'
import { announce, download, make } from '../../ui/dom.ts'
import { formatCounted } from '../../ui/format.ts'
import { fileStem } from '../tables/export-files.ts'
import { describe, formatValue, type MatrixOrder, makeMatrixTable } from './matrix-table.ts'
import { makeTimeMaps, makeTimeTable, mostOf } from './time-maps.ts'

/** Rows and columns, at most; the CSV has all pairs. */
const MOST = 40

/** Small maps, at most. */
const SLICES = 12

const CHOICES = {
  as: { label: 'Shown as', values: { matrix: 'Matrix', maps: 'Maps by time' } },
  of: { label: 'Rows and columns', values: { country: 'Countries', network: 'Networks', host: 'Hosts' } },
  by: { label: 'Figures', values: { bytes: 'Bytes', packets: 'Packets', flows: 'Flows' } },
  order: { label: 'Order', values: { size: 'Largest first', name: 'By name' } },
} as const

type Choice = keyof typeof CHOICES

export function buildMatrixView(panel: HTMLElement, { client, session, report, theme }: Player): BuiltView {
  const bar = make('header', 'view-bar')
  const status = make('p', 'matrix-status')
  const selects = new Map<Choice, HTMLSelectElement>()
  for (const [name, { label, values }] of Object.entries(CHOICES) as [Choice, (typeof CHOICES)[Choice]][]) {
    const select = make('select')
    select.setAttribute('aria-label', label)
    select.append(...Object.entries(values).map(([value, text]) => new Option(text, value)))
    select.addEventListener('change', () => session.option(`matrix.${name}`, select.selectedIndex === 0 ? null : select.value))
    selects.set(name, select)
  }
  const csv = make('button', 'button', 'CSV')
  csv.type = 'button'
  csv.setAttribute('aria-label', 'Download all pairs as CSV')
  bar.append(status, ...selects.values(), csv)
  const scroller = make('div', 'table matrix-scroll')
  const scale = make('p', 'matrix-scale')
  panel.append(bar, scroller, scale)

  const chosen = <Value extends string>(name: Choice): Value => {
    const { values } = CHOICES[name]
    const value = session.state.options[`matrix.${name}`]
    return (value && Object.hasOwn(values, value) ? value : Object.keys(values)[0]) as Value
  }
  const scopeNow = () => ({ filterText: session.state.filterText, span: session.state.span, of: chosen<MatrixBy>('of') })
  csv.addEventListener('click', async () =>
    download(`${fileStem(report.meta.report_name ?? '')}-matrix.csv`, 'text/csv;charset=utf-8', await client.ask('matrixCsv', scopeNow())),
  )

  const choose = (from: string | null, to: string | null) => {
    const terms = [from && `from:${from}`, to && `to:${to}`].filter((term) => term !== null)
    // A second press takes the filter away.
    const isOn = terms.every((term) => session.isNarrowed(term))
    for (const term of terms) if (session.isNarrowed(term) === isOn) session.narrow(term)
  }

  let isShown = false
  let asked: AbortController | null = null
  let drawn = ''
  let isTableOpen = false
  const drawMaps = (maps: TimeMap[], by: keyof Share) => {
    const choose = (span: TimeSpan) => {
      const { span: now } = session.state
      session.set({ span: now?.fromUs === span.fromUs && now.toUs === span.toUs ? null : span })
    }
    const pressed = [...scroller.querySelectorAll('.time-map')].indexOf(document.activeElement!)
    const details = make('details', 'time-table')
    details.open = isTableOpen
    details.addEventListener('toggle', () => {
      isTableOpen = details.open
    })
    details.append(make('summary', '', 'As a table'), makeTimeTable(report, maps, by))
    const look = { by, theme: theme(), span: session.state.span, choose }
    scroller.replaceChildren(makeTimeMaps(report, maps, look), details)
    scroller.querySelectorAll<HTMLElement>('.time-map')[pressed]?.focus({ preventScroll: true })
    status.textContent = `${formatCounted(maps.length, 'slice')} of the capture; one selects its span, a second press all`
    showScale(formatValue(mostOf(maps, by), by), 'width of an arc between two countries, by the square root', 'maps')
    announce(status.textContent)
  }
  const showScale = (most: string, about: string, kind: 'matrix' | 'maps') => {
    scale.dataset.kind = kind
    scale.replaceChildren(make('span', '', '0'), make('i'), make('span', '', `${most} (${about})`))
    scale.hidden = false
  }
  const draw = async () => {
    if (!isShown) return
    const by = chosen<keyof Share>('by')
    const order = chosen<MatrixOrder>('order')
    for (const [name, select] of selects) select.value = chosen(name)
    const isMaps = chosen('as') === 'maps'
    for (const name of ['of', 'order'] as const) selects.get(name)!.hidden = isMaps
    csv.hidden = isMaps
    const question = { ...scopeNow(), by, most: MOST }
    const key = JSON.stringify([question, order, isMaps, theme(), session.state.grown])
    if (key === drawn) return
    asked?.abort()
    const turn = new AbortController()
    asked = turn
    try {
      if (isMaps) {
        drawMaps(await client.ask('timeMaps', { filterText: question.filterText, slices: SLICES }, turn.signal), by)
        drawn = key
        return
      }
      const matrix = await client.ask('matrix', question, turn.signal)
      drawn = key
      const hadFocus = scroller.contains(document.activeElement)
      const isEmpty = matrix.total.flows === 0
      const table = makeMatrixTable(matrix, by, order, { choose })
      scroller.replaceChildren(isEmpty ? make('p', 'empty', 'No flow passes the filter.') : table)
      if (hadFocus) scroller.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true })
      status.textContent = `${formatCounted(matrix.rows.length, 'row')} × ${formatCounted(matrix.columns.length, 'column')} · ${describe(matrix.total)}`
      const most = matrix[by].reduce((largest, value) => Math.max(largest, value), 0)
      showScale(formatValue(most, by), 'shade by the square root', 'matrix')
      scale.hidden = isEmpty
      announce(status.textContent)
    } catch (error) {
      if (!turn.signal.aborted) throw error
    }
  }
  session.subscribe(() => void draw(), ['filterText', 'span', 'options', 'grown'])
  return {
    show() {
      isShown = true
      void draw()
    },
    hide() {
      isShown = false
    },
    paint: () => void draw(),
  }
}
