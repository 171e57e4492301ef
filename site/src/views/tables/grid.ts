// A table of any length: only visible rows are elements, values are fetched in pages. ARIA grid pattern with one tab stop.
import { type Cell, type CellKind, type Column, isNumberKind, type Sort } from '../../model/table-columns.ts'
import { make } from '../../ui/dom.ts'
import { hasSeveralDays } from '../../ui/format.ts'
import { copyCells } from './copy-cells.ts'
import { formatCell, titleOfCell } from './formats.ts'
import { type FetchPage, type GridPage, GridPages } from './grid-pages.ts'

/** Height of a row in CSS pixels; tables.css has the same value. */
const ROW_HEIGHT = 30
/** Characters of a hardware address, and more than an IPv4 address has. */
const LONG_ADDRESS = 17

/** Smallest share of its width that a column keeps in a narrow table: an IPv4 address still fits. */
const LEAST_SHARE: Partial<Record<CellKind, number>> = { text: 0.62, address: 0.85 }
/** A letter of a column's head, and what is beside the head, CSS pixels: it can be read in a narrow table, too. */
const LETTER_WIDTH = 7.6
const CELL_PADDING = 20
/** What a date before a time takes, CSS pixels. */
const DATE_WIDTH = 80
/** Rows drawn outside the visible part, so that slow scrolling shows no empty rows. */
const OVERSCAN = 6
/** Browsers limit the height of an element to about 17 million pixels; in longer tables the scroll position is scaled. */
const HIGHEST = 15_000_000

export interface GridEvents {
  fetch: FetchPage
  sort(column: Column): void
  select(key: string | number): void
  open(key: string | number): void
  /** Opens the menu of a value; x and y are its position on the page. */
  menu(column: Column, cell: Cell, key: string | number, x: number, y: number): void
  /** Adds a value to the filter (+), or its negation (-). */
  narrow(column: Column, cell: Cell, isWithout: boolean): void
}

let grids = 0

export class Grid {
  readonly element: HTMLElement
  readonly #head: HTMLElement
  readonly #space: HTMLElement
  readonly #events: GridEvents
  readonly #id = `grid-${++grids}`
  #columns: readonly Column[] = []
  #sort: Sort = { column: '', isDescending: false }
  #count = 0
  readonly #pages: GridPages
  readonly #rows = new Map<number, HTMLElement>()
  #active = { row: 0, column: 0 }
  #selected: string | number | null = null
  #isWaiting = false

  constructor(label: string, events: GridEvents) {
    this.#events = events
    this.#pages = new GridPages(events.fetch)
    this.element = make('div', 'grid')
    this.element.tabIndex = 0
    this.element.setAttribute('role', 'grid')
    this.element.setAttribute('aria-label', label)
    this.element.setAttribute('aria-readonly', 'true')
    this.#head = make('div', 'grid-head')
    this.#head.setAttribute('role', 'row')
    this.#head.setAttribute('aria-rowindex', '1')
    this.#space = make('div', 'grid-space')
    this.#space.setAttribute('role', 'rowgroup')
    this.element.append(this.#head, this.#space)
    this.element.addEventListener('scroll', () => this.#later(), { passive: true })
    this.element.addEventListener('keydown', (event) => this.#onKey(event))
    this.element.addEventListener('focus', () => this.#markActive())
    this.#space.addEventListener('click', (event) => this.#onPointer(event, (key) => events.select(key)))
    this.#space.addEventListener('dblclick', (event) => this.#onPointer(event, (key) => events.open(key)))
    this.#space.addEventListener('contextmenu', (event) => {
      this.#onPointer(event, () => this.#openMenu(event.clientX, event.clientY))
      event.preventDefault()
    })
    this.#space.addEventListener('copy', (event) => copyCells(event, this.#space))
    new ResizeObserver(() => this.#later()).observe(this.element)
  }

  /** Shows a list of `count` rows from its top, or from the current row if `keepsPlace`; `first` is its first page. */
  show(columns: readonly Column[], sort: Sort, count: number, first: GridPage, keepsPlace = false): void {
    const isSameShape = columns.map(({ id }) => id).join() === this.#columns.map(({ id }) => id).join()
    this.#columns = columns
    this.#sort = sort
    this.#count = count
    this.#pages.reset(first)
    for (const row of this.#rows.values()) row.remove()
    this.#rows.clear()
    this.#active = { row: Math.min(this.#active.row, Math.max(0, count - 1)), column: isSameShape ? this.#active.column : 0 }
    this.element.setAttribute('aria-rowcount', String(count + 1))
    this.element.setAttribute('aria-colcount', String(columns.length))
    const wide = columns.map(({ kind, width }) => (kind === 'time' && hasSeveralDays() ? width + DATE_WIDTH : width))
    const least = columns.map(({ kind, label }, at) => {
      const share = Math.round(wide[at] * (LEAST_SHARE[kind] ?? 1))
      return Math.min(wide[at], Math.max(share, Math.ceil(CELL_PADDING + label.length * LETTER_WIDTH)))
    })
    const tracks = wide.map((width, at) => (least[at] < width ? `minmax(${least[at]}px, ${width}fr)` : `${width}px`))
    this.element.style.setProperty('--columns', tracks.join(' '))
    this.element.style.setProperty('--width', `${least.reduce((sum, width) => sum + width, 0)}px`)
    this.#space.style.height = `${Math.min(count * ROW_HEIGHT, HIGHEST)}px`
    if (!keepsPlace) {
      this.element.scrollTop = 0
      this.#active.row = 0
    }
    this.#drawHead()
    this.#draw()
  }

  /** Marks the row with this key; null marks none. */
  select(key: string | number | null): void {
    this.#selected = key
    for (const row of this.#rows.values()) row.setAttribute('aria-selected', String(row.dataset.key === String(key)))
  }

  scrollTo(row: number): void {
    const view = this.#viewHeight
    const at = row * ROW_HEIGHT
    if (at < this.#offset || at + ROW_HEIGHT > this.#offset + view) this.element.scrollTop = (at - view / 2) / this.#scale
    this.#active.row = row
    this.#draw()
  }

  get #viewHeight(): number {
    return Math.max(ROW_HEIGHT, this.element.clientHeight - ROW_HEIGHT)
  }

  /** Pixels of the table for one pixel of scrolling. */
  get #scale(): number {
    const whole = this.#count * ROW_HEIGHT
    const view = this.#viewHeight
    return whole <= HIGHEST ? 1 : (whole - view) / (HIGHEST - view)
  }

  /** Pixels from the top of the table to the top of the visible part. */
  get #offset(): number {
    return this.element.scrollTop * this.#scale
  }

  #later(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    requestAnimationFrame(() => {
      this.#isWaiting = false
      this.#draw()
    })
  }

  #draw(): void {
    if (this.element.clientHeight === 0) return
    const offset = this.#offset
    const from = Math.max(0, Math.floor(offset / ROW_HEIGHT) - OVERSCAN)
    const to = Math.min(this.#count, Math.ceil((offset + this.#viewHeight) / ROW_HEIGHT) + OVERSCAN)
    for (const [index, row] of this.#rows)
      if (index < from || index >= to) {
        row.remove()
        this.#rows.delete(index)
      }
    const shift = this.element.scrollTop - offset
    // In their order: that of a selection with the mouse, and of paper.
    let below: HTMLElement | null = null
    for (let index = to - 1; index >= from; index--) {
      let row = this.#rows.get(index)
      if (!row) {
        row = this.#makeRow(index)
        this.#rows.set(index, row)
        this.#space.insertBefore(row, below)
      }
      row.style.transform = `translateY(${index * ROW_HEIGHT + shift}px)`
      below = row
    }
    this.#pages.need(from, to, this.#count, (first, end) => {
      for (const [index, row] of this.#rows) if (index >= first && index < end) this.#fill(row, index)
    })
    this.#markActive()
  }

  #makeRow(index: number): HTMLElement {
    const row = make('div', index % 2 === 1 ? 'grid-row odd' : 'grid-row')
    row.setAttribute('role', 'row')
    row.setAttribute('aria-rowindex', String(index + 2))
    row.dataset.index = String(index)
    this.#columns.forEach((column, at) => {
      const cell = make('div', isNumberKind(column.kind) ? 'grid-cell number' : `grid-cell ${column.kind}`)
      cell.setAttribute('role', 'gridcell')
      cell.setAttribute('aria-colindex', String(at + 1))
      cell.id = `${this.#id}-${index}-${at}`
      row.append(cell)
    })
    this.#fill(row, index)
    return row
  }

  #fill(row: HTMLElement, index: number): void {
    const values = this.#pages.row(index)
    row.setAttribute('aria-busy', String(!values))
    if (!values) return
    row.dataset.key = String(values.key)
    row.setAttribute('aria-selected', String(values.key === this.#selected))
    this.#columns.forEach((column, at) => {
      const cell = row.children[at] as HTMLElement
      const value = values.cells[at] ?? null
      fillCell(cell, column, formatCell(column, value))
      const title = titleOfCell(column, value)
      if (title) cell.title = title
    })
  }

  #drawHead(): void {
    const focused = this.#head.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.column : undefined
    this.#head.replaceChildren(
      ...this.#columns.map((column, at) => {
        const head = make('div', isNumberKind(column.kind) ? 'grid-cell number' : 'grid-cell')
        head.setAttribute('role', 'columnheader')
        head.setAttribute('aria-colindex', String(at + 1))
        const isSorted = column.id === this.#sort.column
        head.setAttribute('aria-sort', isSorted ? (this.#sort.isDescending ? 'descending' : 'ascending') : 'none')
        const button = make('button', '', column.label)
        button.type = 'button'
        button.dataset.column = column.id
        button.title = column.about ? `${column.about}. Click to sort` : `Sort by ${column.label.toLowerCase()}`
        button.addEventListener('click', () => this.#events.sort(column))
        head.append(button)
        return head
      }),
    )
    if (focused) this.#head.querySelector<HTMLElement>(`[data-column="${focused}"]`)?.focus()
  }

  #markActive(): void {
    this.#space.querySelector('.active')?.classList.remove('active')
    const cell = document.getElementById(`${this.#id}-${this.#active.row}-${this.#active.column}`)
    if (cell) {
      cell.classList.add('active')
      this.element.setAttribute('aria-activedescendant', cell.id)
    } else this.element.removeAttribute('aria-activedescendant')
  }

  #onPointer(event: MouseEvent, act: (key: string | number) => void): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('.grid-row')
    const cell = (event.target as HTMLElement).closest<HTMLElement>('.grid-cell')
    if (!row || !cell) return
    const index = Number(row.dataset.index)
    this.#active = { row: index, column: [...row.children].indexOf(cell) }
    this.#markActive()
    const values = this.#pages.row(index)
    if (values) act(values.key)
  }

  #openMenu(x: number, y: number): void {
    const values = this.#pages.row(this.#active.row)
    const column = this.#columns[this.#active.column]
    if (values && column) this.#events.menu(column, values.cells[this.#active.column] ?? null, values.key, x, y)
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.element || event.altKey || event.metaKey) return
    const { row, column } = this.#active
    const pageRows = Math.max(1, Math.floor(this.#viewHeight / ROW_HEIGHT) - 1)
    const moves: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + pageRows, column],
      PageUp: [row - pageRows, column],
      Home: event.ctrlKey ? [0, 0] : [row, 0],
      End: event.ctrlKey ? [this.#count - 1, this.#columns.length - 1] : [row, this.#columns.length - 1],
    }
    const move = moves[event.key]
    const values = this.#pages.row(row)
    if (move) {
      this.#active = {
        row: Math.max(0, Math.min(this.#count - 1, move[0])),
        column: Math.max(0, Math.min(this.#columns.length - 1, move[1])),
      }
      this.#reveal()
    } else if (!values || event.ctrlKey) return
    else if (event.key === 'Enter') this.#events.open(values.key)
    else if (event.key === ' ') this.#events.select(values.key)
    else if (event.key === '+' || event.key === '-')
      this.#events.narrow(this.#columns[column], values.cells[column] ?? null, event.key === '-')
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const box = document.getElementById(`${this.#id}-${row}-${column}`)?.getBoundingClientRect()
      this.#openMenu(box?.left ?? 0, box?.bottom ?? 0)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Scrolls by the smallest distance that makes the active cell visible. */
  #reveal(): void {
    const at = this.#active.row * ROW_HEIGHT
    const view = this.#viewHeight
    if (at < this.#offset) this.element.scrollTop = at / this.#scale
    else if (at + ROW_HEIGHT > this.#offset + view) this.element.scrollTop = (at + ROW_HEIGHT - view) / this.#scale
    this.#draw()
    document
      .getElementById(`${this.#id}-${this.#active.row}-${this.#active.column}`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' })
  }
}

/** A long address (IPv6) keeps its last groups where there is no room for all of it: addresses of a network differ there alone. */
function fillCell(cell: HTMLElement, { kind }: Column, text: string): void {
  const at = kind === 'address' && text.length > LONG_ADDRESS ? text.lastIndexOf(':', text.lastIndexOf(':') - 1) : -1
  cell.classList.toggle('split', at > 0)
  if (at > 0) cell.replaceChildren(make('span', '', text.slice(0, at)), make('span', '', text.slice(at)))
  else cell.textContent = text
}
