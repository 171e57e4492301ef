// The panel with the flows of the arc, place or row that was clicked. Every value is set as text.
import type { FlowList, FlowQuery, FlowRow } from '../protocol/answers.ts'
import type { ReportClient } from '../protocol/client.ts'
import { announce, byId, download, make } from '../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDuration, formatHostile, formatMoment } from '../ui/format.ts'

export class FlowsPanel {
  readonly #client: ReportClient
  readonly #panel = byId('flows')
  readonly #fileName: () => string
  #query: FlowQuery | null = null
  #opener: Element | null = null
  #terms = ''
  #rows: FlowRow[] = []

  /** `fileName` returns the name of the CSV file, without extension; `narrow` adds the terms of the shown flows to the filter. */
  constructor(client: ReportClient, fileName: () => string, narrow: (terms: string) => void) {
    this.#client = client
    this.#fileName = fileName
    byId('flows-close').addEventListener('click', () => this.close())
    byId('flows-csv').addEventListener('click', () => this.#query && this.downloadCsv(this.#query))
    byId('flows-narrow').addEventListener('click', () => {
      narrow(this.#terms)
      this.close()
    })
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close()
    })
  }

  /** `period`: what the query's span is called. */
  async open(query: FlowQuery, title: string, period: string): Promise<void> {
    this.#query = query
    if (this.#panel.hidden) this.#opener = document.activeElement
    const list = await this.#client.ask('flows', query)
    if (this.#query !== query) return // something else was clicked in the meantime
    this.#terms = list.terms
    byId('flows-title').textContent = title
    byId('flows-summary').textContent = summarize(list, period)
    this.#rows = list.rows
    this.redraw()
    this.#panel.hidden = false
    this.#panel.querySelector('.table')!.scrollTop = 0
    this.#panel.focus({ preventScroll: true })
    announce(`${title}: ${byId('flows-summary').textContent}`)
  }

  /** Times are in another zone. */
  redraw(): void {
    byId('flow-rows').replaceChildren(...this.#rows.map(makeRow))
  }

  close(): void {
    this.#query = null
    this.#panel.hidden = true
    if (this.#opener instanceof HTMLElement) this.#opener.focus({ preventScroll: true })
  }

  async downloadCsv(query: FlowQuery): Promise<void> {
    download(`${this.#fileName()}.csv`, 'text/csv;charset=utf-8', await this.#client.ask('csv', query))
  }
}

function summarize(list: FlowList, period: string): string {
  const flows = formatCounted(list.total, 'flow')
  const cut = list.rows.length < list.total ? `, the ${formatCount(list.rows.length)} with most bytes shown (the CSV has all)` : ''
  return `${flows}${cut} · ${formatBytes(list.bytes)} · ${period}`
}

function makeRow(flow: FlowRow): HTMLTableRowElement {
  const row = make('tr')
  const host = (ip: string, name: string) => {
    const cell = make('td', 'host')
    cell.append(make('bdi', '', formatHostile(name || ip)))
    if (name) cell.append(make('small', '', ip))
    return cell
  }
  const port = flow.serverPort === null ? flow.transport : `${flow.serverPort}/${flow.transport}`
  row.append(
    host(flow.client, flow.clientName),
    host(flow.server, flow.serverName),
    make('td', 'number', port),
    make('td', '', formatHostile(flow.application, 40)),
    make('td', 'number', formatBytes(flow.bytes)),
    make('td', 'number', formatCount(flow.packets)),
    make('td', 'number', formatMoment(flow.firstUs)),
    make('td', 'number', formatDuration(flow.lastUs - flow.firstUs)),
    make('td', '', flow.state),
  )
  return row
}
