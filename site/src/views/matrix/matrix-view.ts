// The view Matrix: who sends how much to whom, without geography. Countries, networks or hosts; a press on a cell is a filter.
import type { MatrixBy, Share } from '../../protocol/answers.ts'
import type { BuiltView, Player } from '../../session/view.ts'
import { announce, download, make } from '../../ui/dom.ts'
import { formatCounted } from '../../ui/format.ts'
import { fileStem } from '../tables/export-files.ts'
import { describe, formatValue, type MatrixOrder, makeMatrixTable } from './matrix-table.ts'

/** Rows and columns, at most; the CSV has all pairs. */
const MOST = 40

const CHOICES = {
  of: { label: 'Rows and columns', values: { country: 'Countries', network: 'Networks', host: 'Hosts' } },
  by: { label: 'Cells', values: { bytes: 'Bytes', packets: 'Packets', flows: 'Flows' } },
  order: { label: 'Order', values: { size: 'Largest first', name: 'By name' } },
} as const

type Choice = keyof typeof CHOICES

export function buildMatrixView(panel: HTMLElement, { client, session, report }: Player): BuiltView {
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
  const draw = async () => {
    if (!isShown) return
    const by = chosen<keyof Share>('by')
    const order = chosen<MatrixOrder>('order')
    for (const [name, select] of selects) select.value = chosen(name)
    const question = { ...scopeNow(), by, most: MOST }
    const key = JSON.stringify([question, order, session.state.grown])
    if (key === drawn) return
    asked?.abort()
    const turn = new AbortController()
    asked = turn
    try {
      const matrix = await client.ask('matrix', question, turn.signal)
      drawn = key
      const hadFocus = scroller.contains(document.activeElement)
      const isEmpty = matrix.total.flows === 0
      const table = makeMatrixTable(matrix, by, order, { choose })
      scroller.replaceChildren(isEmpty ? make('p', 'empty', 'No flow passes the filter.') : table)
      if (hadFocus) scroller.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true })
      status.textContent = `${formatCounted(matrix.rows.length, 'row')} × ${formatCounted(matrix.columns.length, 'column')} · ${describe(matrix.total)}`
      const most = matrix[by].reduce((largest, value) => Math.max(largest, value), 0)
      scale.replaceChildren(make('span', '', '0'), make('i'), make('span', '', `${formatValue(most, by)} (shade by the square root)`))
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
  }
}
