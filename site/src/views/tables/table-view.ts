// One table with its totals, choice of columns and export; it is listed again when filter or span change.
import { addTerm } from '../../../../src/filter/terms.ts'
import type { Selection } from '../../model/selection.ts'
import { type Cell, type Column, FIRST_SORT, isNumberKind, type Sort, TABLES, type TableName } from '../../model/table-columns.ts'
import type { ListQuestion } from '../../protocol/messages.ts'
import { onZone } from '../../session/session.ts'
import type { Player } from '../../session/view.ts'
import { announce, make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatHostile } from '../../ui/format.ts'
import { type MenuItem, makeMenuButton, openMenu } from '../../ui/menu.ts'
import { Grid } from './grid.ts'
import { PAGE_ROWS } from './grid-pages.ts'

export interface TableSpec {
  table: TableName
  /** Name of the table; `one` and `many` name its rows. */
  label: string
  one: string
  many: string
  /** Text shown when the report has no rows of this kind. */
  none: string
  /** Says how many rows are missing because of memory limits; "" for none. */
  leftOut?: string
  /** Element beside the totals, left of the buttons. */
  extra?: HTMLElement
  /** The selection that a click on a row makes. */
  selection(key: string | number): Selection
  open(key: string | number): void
  /** Menu items that export what is shown. */
  files(list: ListQuestion, columns: readonly Column[]): MenuItem[]
}

export class TableView {
  readonly element = make('div', 'table-view')
  readonly #player: Player
  readonly #spec: TableSpec
  readonly #grid: Grid
  readonly #totals = make('p', 'totals-line')
  readonly #empty = make('div', 'empty')
  #asked: AbortController | null = null
  #list: ListQuestion | null = null
  #isShown = false
  #isStale = true
  #listedWith = ''

  constructor(player: Player, spec: TableSpec) {
    this.#player = player
    this.#spec = spec
    const { session } = player
    this.#grid = new Grid(spec.label, {
      fetch: (from, to, signal) =>
        player.client.ask('page', { list: this.#list!, columns: this.#shown.map(({ id }) => id), from, to }, signal),
      sort: (column) => this.#sortBy(column),
      select: (key) => session.set({ selection: spec.selection(key) }),
      open: (key) => spec.open(key),
      menu: (column, cell, key, x, y) => openMenu('Value', this.#valueItems(column, cell, key), x, y),
      narrow: (column, cell, isWithout) => this.#narrow(column, cell, isWithout),
    })
    const bar = make('header', 'view-bar')
    const columns = makeMenuButton('Columns', () => this.#columnItems())
    const files = makeMenuButton('Export', () => (this.#list ? spec.files(this.#list, this.#shown) : []))
    bar.append(...(spec.extra ? [spec.extra] : []), this.#totals, columns, files)
    this.#empty.hidden = true
    this.element.append(bar, this.#grid.element, this.#empty)
    session.subscribe(
      (_, changed) => (changed.has('filterText') || changed.has('span') || this.#settings !== this.#listedWith) && this.#stale(),
      ['filterText', 'span', 'options'],
    )
    onZone(session, () => this.#stale())
    session.subscribe(() => this.#grow(), ['grown'])
    session.subscribe(() => this.#mark(), ['selection'])
  }

  show(): void {
    this.#isShown = true
    if (this.#isStale) void this.#load()
  }

  hide(): void {
    this.#isShown = false
  }

  /** Columns and sort order as written in a link. */
  get #settings(): string {
    const { options } = this.#player.session.state
    return `${options[`${this.#spec.table}.columns`] ?? ''} ${options[`${this.#spec.table}.sort`] ?? ''}`
  }

  get #columns(): readonly Column[] {
    return TABLES[this.#spec.table]
  }

  get #shown(): readonly Column[] {
    const chosen = this.#player.session.state.options[`${this.#spec.table}.columns`]?.split(',')
    const shown = chosen ? this.#columns.filter(({ id }) => chosen.includes(id)) : []
    return shown.length > 0 ? shown : this.#columns.filter(({ isExtra }) => !isExtra)
  }

  get #sort(): Sort {
    const text = this.#player.session.state.options[`${this.#spec.table}.sort`] ?? ''
    const column = text.replace(/^-/, '')
    return this.#columns.some(({ id }) => id === column) ? { column, isDescending: text.startsWith('-') } : FIRST_SORT[this.#spec.table]
  }

  #stale(): void {
    this.#isStale = true
    if (this.#isShown) void this.#load()
  }

  /** Shows new rows of a running capture, unless the reader has the focus in the table. */
  #grow(): void {
    this.#isStale = true
    if (this.#isShown && !this.#grid.element.contains(document.activeElement)) void this.#load(true)
  }

  async #load(keepsPlace = false): Promise<void> {
    const { filterText, span } = this.#player.session.state
    const list: ListQuestion = { table: this.#spec.table, scope: { filterText, span }, sort: this.#sort }
    const shown = this.#shown
    this.#asked?.abort()
    const asked = new AbortController()
    this.#asked = asked
    this.#isStale = false
    this.#listedWith = this.#settings
    try {
      const { totals } = await this.#player.client.ask('list', list, asked.signal)
      const columns = shown.map(({ id }) => id)
      const first = await this.#player.client.ask('page', { list, columns, from: 0, to: PAGE_ROWS }, asked.signal)
      this.#list = list
      this.#grid.show(shown, list.sort, totals.rows, first, keepsPlace)
      const { one, many } = this.#spec
      const flows = this.#spec.table === 'flows' ? [] : [formatCounted(totals.flows, 'flow')]
      const sums = totals.flows === 0 ? [] : [...flows, formatBytes(totals.bytes), formatCounted(totals.packets, 'packet')]
      this.#totals.textContent = [
        `${formatCount(totals.rows)} ${totals.rows === 1 ? one : many}`,
        ...sums,
        ...(this.#spec.leftOut ? [this.#spec.leftOut] : []),
      ].join(' · ')
      this.#showEmpty(totals.rows === 0, filterText !== '', span !== null)
      await this.#mark()
    } catch (error) {
      if (asked.signal.aborted) return
      this.#isStale = true
      this.#totals.textContent = `This table cannot be shown: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  #showEmpty(isEmpty: boolean, isFiltered: boolean, isSpan: boolean): void {
    this.#empty.hidden = !isEmpty
    this.#grid.element.hidden = isEmpty
    if (!isEmpty) return
    const { session } = this.#player
    if (!isFiltered && !isSpan) {
      this.#empty.replaceChildren(make('p', '', this.#spec.none))
      return
    }
    const why = isFiltered && isSpan ? 'the filter and the chosen time' : isFiltered ? 'the filter' : 'the chosen time'
    const clear = make('button', 'button', isFiltered ? 'Clear the filter' : 'Show the whole capture')
    clear.type = 'button'
    clear.addEventListener('click', () => (isFiltered ? session.filterBy('') : session.set({ span: null })))
    this.#empty.replaceChildren(make('p', '', `No ${this.#spec.many} pass ${why}.`), clear)
  }

  /** Marks the selected row, and scrolls to it when the selection was made elsewhere. */
  async #mark(): Promise<void> {
    const { selection } = this.#player.session.state
    const key = keyOf(selection)
    const isMine = selection !== null && key !== null && this.#spec.selection(key).kind === selection.kind
    this.#grid.select(isMine ? key : null)
    if (!isMine || !this.#isShown || !this.#list || this.#grid.element.contains(document.activeElement)) return
    const row = await this.#player.client.ask('find', { list: this.#list, key })
    if (row >= 0) this.#grid.scrollTo(row)
  }

  #sortBy(column: Column): void {
    const before = this.#sort
    const isDescending = before.column === column.id ? !before.isDescending : isNumberKind(column.kind) && column.kind !== 'time'
    this.#player.session.option(`${this.#spec.table}.sort`, `${isDescending ? '-' : ''}${column.id}`)
    announce(`Sorted by ${column.label}, ${isDescending ? 'descending' : 'ascending'}`)
  }

  #columnItems(): MenuItem[] {
    return this.#columns.map((column) => ({
      label: column.label,
      isChecked: this.#shown.includes(column),
      run: () => {
        const now = this.#shown.map(({ id }) => id)
        const next = now.includes(column.id) ? now.filter((id) => id !== column.id) : [...now, column.id]
        if (next.length > 0) this.#player.session.option(`${this.#spec.table}.columns`, next.join(','))
      },
    }))
  }

  #valueItems(column: Column, cell: Cell, key: string | number): MenuItem[] {
    const { session } = this.#player
    const items: MenuItem[] = []
    const term = cell === null || cell === '' ? undefined : column.term?.(cell)
    if (term) {
      const shown = formatHostile(term, 48)
      items.push({ label: session.isNarrowed(term) ? `Remove ${shown}` : `Only ${shown}`, run: () => session.narrow(term) })
      items.push({ label: `Without ${shown}`, run: () => this.#narrow(column, cell, true) })
    }
    items.push({ label: 'Open', isApart: items.length > 0, run: () => this.#spec.open(key) })
    if (cell !== null) items.push({ label: 'Copy value', run: () => void navigator.clipboard?.writeText(String(cell)) })
    return items
  }

  #narrow(column: Column, cell: Cell, isWithout: boolean): void {
    const { session } = this.#player
    const term = cell === null || cell === '' ? undefined : column.term?.(cell)
    if (!term) return
    if (isWithout) session.filterBy(addTerm(session.state.filterText, `-${term}`))
    else session.narrow(term)
  }
}

function keyOf(selection: Selection | null): string | number | null {
  if (selection?.kind === 'flow') return selection.id
  if (selection?.kind === 'host') return selection.ip
  return selection?.kind === 'name' ? selection.name : null
}
