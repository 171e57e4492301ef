// The numbers of a chart as a plain table, for readers who do not see the chart, and for copying.
import { make } from '../ui/dom.ts'
import { addHead, framed, type TableHead } from '../ui/table.ts'

/** Cells are text; the first cell of a row is its heading. `press` makes this heading a button. */
export function makeDataTable(caption: string, columns: TableHead[], rows: string[][], press?: (row: number) => void): HTMLElement {
  const table = make('table')
  table.append(make('caption', 'unseen', caption))
  addHead(table, columns)
  const body = table.createTBody()
  rows.forEach((texts, index) => {
    const row = make('tr')
    texts.forEach((text, column) => {
      const cell = make(column === 0 ? 'th' : 'td', columns[column]?.isNumber ? 'number' : '')
      if (cell instanceof HTMLTableCellElement && column === 0) cell.scope = 'row'
      if (column === 0 && press) {
        const button = make('button', 'link')
        button.type = 'button'
        button.append(make('bdi', '', text))
        button.addEventListener('click', () => press(index))
        cell.append(button)
      } else cell.append(make('bdi', '', text))
      row.append(cell)
    })
    body.append(row)
  })
  return framed(table, caption)
}
