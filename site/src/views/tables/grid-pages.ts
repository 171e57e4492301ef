// The values of a long table, fetched in pages when their rows become visible. A request is cancelled when its rows are no longer visible.
import type { Cell } from '../../model/table-columns.ts'

/** Rows in a page. */
export const PAGE_ROWS = 128
/** Pages kept in memory; the oldest is dropped first. */
const KEPT_PAGES = 24

export interface GridPage {
  keys: (string | number)[]
  cells: Cell[][]
}

/** Rows [from, to). */
export type FetchPage = (from: number, to: number, signal: AbortSignal) => Promise<GridPage>

export class GridPages {
  readonly #fetch: FetchPage
  #pages = new Map<number, GridPage>()
  readonly #asked = new Map<number, AbortController>()

  constructor(fetch: FetchPage) {
    this.#fetch = fetch
  }

  /** Starts a new list; `first` is its first page. */
  reset(first: GridPage): void {
    for (const asked of this.#asked.values()) asked.abort()
    this.#asked.clear()
    this.#pages = new Map([[0, first]])
  }

  row(index: number): { key: string | number; cells: Cell[] } | null {
    const page = this.#pages.get(Math.floor(index / PAGE_ROWS))
    const at = index % PAGE_ROWS
    const cells = page?.cells[at]
    return cells ? { key: page.keys[at], cells } : null
  }

  /** Fetches what is missing of rows [from, to) of `count`. `arrived` is called with [first, end) when these rows have arrived. */
  need(from: number, to: number, count: number, arrived: (first: number, end: number) => void): void {
    const first = Math.floor(from / PAGE_ROWS)
    const last = Math.floor(Math.max(from, to - 1) / PAGE_ROWS)
    for (const [page, asked] of this.#asked)
      if (page < first || page > last) {
        asked.abort()
        this.#asked.delete(page)
      }
    for (let page = first; page <= last; page++) {
      if (this.#pages.has(page) || this.#asked.has(page) || page * PAGE_ROWS >= count) continue
      const asked = new AbortController()
      this.#asked.set(page, asked)
      const end = Math.min(count, (page + 1) * PAGE_ROWS)
      this.#fetch(page * PAGE_ROWS, end, asked.signal).then(
        (rows) => {
          this.#asked.delete(page)
          this.#pages.set(page, rows)
          if (this.#pages.size > KEPT_PAGES) this.#pages.delete(this.#pages.keys().next().value!)
          arrived(page * PAGE_ROWS, end)
        },
        () => this.#asked.delete(page),
      )
    }
  }
}
