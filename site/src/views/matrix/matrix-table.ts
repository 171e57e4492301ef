// A matrix -> its table: shaded cells with figures, the sums at the edges, arrow keys from cell to cell. Texts are set as text.
import type { Matrix, MatrixEnd, Share } from '../../protocol/answers.ts'
import { make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatHostile } from '../../ui/format.ts'

export interface MatrixEvents {
  /** A cell or a heading was pressed: `from` and `to` are values of the filter's fields, null where none is meant. */
  choose(from: string | null, to: string | null): void
}

/** Order of rows and columns. */
export type MatrixOrder = 'size' | 'name'

export function formatValue(value: number, by: keyof Share): string {
  return by === 'bytes' ? formatBytes(value) : formatCount(value)
}

export function makeMatrixTable(matrix: Matrix, by: keyof Share, order: MatrixOrder, { choose }: MatrixEvents): HTMLTableElement {
  const rows = sorted(matrix.rows, order)
  const columns = sorted(matrix.columns, order)
  const values = matrix[by]
  const most = values.reduce((largest, value) => Math.max(largest, value), 1)
  const table = make('table', 'matrix-table')
  table.setAttribute('role', 'grid')
  table.setAttribute('aria-label', 'From clients (rows) to servers (columns)')
  const head = make('tr')
  head.append(cornerOf('From ↓ \u2002 to →'), ...columns.map((at) => headingOf(matrix.columns[at], 'col', by, choose)), totalHeading('col'))
  const top = make('thead')
  top.append(head)
  const body = make('tbody')
  for (const row of rows) {
    const line = make('tr')
    const from = matrix.rows[row]
    line.append(headingOf(from, 'row', by, choose))
    for (const column of columns) {
      const to = matrix.columns[column]
      const at = row * matrix.columns.length + column
      const cell = make('td', 'number', values[at] > 0 ? formatValue(values[at], by) : '')
      if (matrix.flows[at] > 0) {
        const share = { bytes: matrix.bytes[at], packets: matrix.packets[at], flows: matrix.flows[at] }
        cell.style.setProperty('--share', String(Math.sqrt(values[at] / most)))
        cell.dataset.filled = 'true'
        cell.setAttribute('aria-label', `${formatHostile(from.label, 60)} to ${formatHostile(to.label, 60)}: ${describe(share)}`)
        cell.title = cell.getAttribute('aria-label')!
        if (from.value && to.value) cell.addEventListener('click', () => choose(from.value, to.value))
      }
      line.append(cell)
    }
    line.append(make('td', 'number sum', formatValue(from[by], by)))
    body.append(line)
  }
  const sums = make('tr', 'sums')
  sums.append(
    totalHeading('row'),
    ...columns.map((at) => make('td', 'number sum', formatValue(matrix.columns[at][by], by))),
    make('td', 'number sum', formatValue(matrix.total[by], by)),
  )
  body.append(sums)
  table.append(top, body)
  walkByKeys(table)
  return table
}

export function describe({ bytes, packets, flows }: Share): string {
  return `${formatBytes(bytes)}, ${formatCounted(packets, 'packet')}, ${formatCounted(flows, 'flow')}`
}

/** Indexes of the ends in order; all others together stay last. */
function sorted(ends: readonly MatrixEnd[], order: MatrixOrder): number[] {
  const all = ends.map((_, at) => at)
  if (order === 'size') return all
  const isRest = (at: number) => Number(ends[at].value === '')
  return all.sort((a, b) => isRest(a) - isRest(b) || ends[a].label.localeCompare(ends[b].label, 'en') || a - b)
}

function cornerOf(text: string): HTMLElement {
  const corner = make('th', 'corner', text)
  corner.scope = 'col'
  return corner
}

function totalHeading(scope: 'row' | 'col'): HTMLElement {
  const heading = make('th', 'sum', 'All')
  heading.scope = scope
  return heading
}

function headingOf(end: MatrixEnd, scope: 'row' | 'col', by: keyof Share, choose: MatrixEvents['choose']): HTMLElement {
  const heading = make('th')
  heading.scope = scope
  const text = make('bdi', '', formatHostile(end.label, 40))
  heading.append(text)
  heading.title = `${formatHostile(end.label, 80)}${end.detail ? ` (${formatHostile(end.detail, 80)})` : ''}: ${formatValue(end[by], by)}`
  if (end.value) {
    heading.dataset.filled = 'true'
    heading.addEventListener('click', () => (scope === 'row' ? choose(end.value, null) : choose(null, end.value)))
  }
  return heading
}

/** One tab stop; arrows, Home and End move it, Enter and Space press. */
function walkByKeys(table: HTMLTableElement): void {
  const at = { row: 1, column: 1 }
  const cellAt = (row: number, column: number) => table.rows[row]?.cells[column]
  const stop = (row: number, column: number) => {
    const cell = cellAt(row, column)
    if (!cell) return
    cellAt(at.row, at.column)?.removeAttribute('tabindex')
    Object.assign(at, { row, column })
    cell.tabIndex = 0
    return cell
  }
  stop(1, 1)
  table.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const { row, column } = at
    const moves: Record<string, [number, number]> = {
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      Home: [row, 0],
      End: [row, table.rows[row].cells.length - 1],
    }
    const move = moves[event.key]
    if (move) stop(...move)?.focus()
    else if (event.key === 'Enter' || event.key === ' ') cellAt(row, column)?.click()
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  table.addEventListener('focusin', (event) => {
    const cell = (event.target as HTMLElement).closest<HTMLTableCellElement>('td, th')
    const line = cell?.parentElement as HTMLTableRowElement | undefined
    if (cell && line && (line.rowIndex !== at.row || cell.cellIndex !== at.column)) stop(line.rowIndex, cell.cellIndex)
  })
}
