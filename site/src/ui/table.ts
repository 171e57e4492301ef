// Parts of tables that every table has alike.
import { make } from './dom.ts'

export interface TableHead {
  title: string
  isNumber?: boolean
}

/** Fills the head with one row; columns of numbers are aligned right. */
export function addHead(table: HTMLTableElement, heads: readonly TableHead[]): void {
  const row = table.createTHead().insertRow()
  for (const { title, isNumber } of heads) {
    const cell = make('th', isNumber ? 'number' : '', title)
    cell.scope = 'col'
    row.append(cell)
  }
}

/** A table that scrolls in its frame, which the keyboard reaches. */
export function framed(table: HTMLTableElement, label: string): HTMLElement {
  const frame = make('div', 'table')
  frame.tabIndex = 0
  frame.setAttribute('role', 'region')
  frame.setAttribute('aria-label', label)
  frame.append(table)
  return frame
}
