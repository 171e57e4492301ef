// A card of the dashboard: a heading, its chart or the same numbers as a table, and the table as CSV.
import { makeDataTable } from '../../charts/data-table.ts'
import { type Cell, formatCsv } from '../../ui/csv.ts'
import { download, make } from '../../ui/dom.ts'
import type { TableHead } from '../../ui/table.ts'

/** The numbers of a chart, for its table and for the CSV file. */
export interface CardTable {
  columns: TableHead[]
  rows: string[][]
  cells: Cell[][]
  /** When set, the cells of the first column are buttons that call it with their row. */
  press?: (row: number) => void
}

export class Card {
  readonly element = make('section', 'card')
  readonly body = make('div', 'card-body')
  readonly #note = make('p', 'card-note')
  readonly #count = make('small')
  readonly #toggle = make('button', 'button small', 'Table')
  readonly #title: string
  #makeTable: (() => CardTable) | null = null
  #frame: HTMLElement | null = null

  constructor(id: string, title: string) {
    this.#title = title
    const heading = make('h2', '', title)
    heading.id = `card-${id}-title`
    heading.append(' ', this.#count)
    this.element.id = `card-${id}`
    this.element.setAttribute('aria-labelledby', heading.id)
    const csv = make('button', 'button small', 'CSV')
    for (const button of [this.#toggle, csv]) button.type = 'button'
    this.#toggle.setAttribute('aria-pressed', 'false')
    this.#toggle.setAttribute('aria-label', `${title} as a table`)
    csv.setAttribute('aria-label', `Download ${title} as CSV`)
    this.#toggle.addEventListener('click', () => {
      this.#toggle.setAttribute('aria-pressed', String(!this.isTable))
      this.#showTable()
    })
    csv.addEventListener('click', () => {
      const table = this.#makeTable?.()
      if (table)
        download(
          `${id}.csv`,
          'text/csv;charset=utf-8',
          formatCsv(
            table.columns.map((column) => column.title),
            table.cells,
          ),
        )
    })
    const header = make('header')
    header.append(heading, this.#toggle, csv)
    this.element.append(header, this.body, this.#note)
  }

  get isTable(): boolean {
    return this.#toggle.getAttribute('aria-pressed') === 'true'
  }

  /** `makeTable` is called only when the reader opens the table or exports it; `note` is a line below the chart, "" for none. */
  show(makeTable: () => CardTable, note: string, count: string): void {
    this.#makeTable = makeTable
    this.#note.textContent = note
    this.#note.hidden = note === ''
    this.#count.textContent = count
    this.#showTable()
  }

  #showTable(): void {
    this.#frame?.remove()
    this.#frame = null
    this.body.hidden = this.isTable
    if (!this.isTable || !this.#makeTable) return
    const { columns, rows, press } = this.#makeTable()
    this.#frame = makeDataTable(this.#title, columns, rows, press)
    this.body.after(this.#frame)
  }
}
