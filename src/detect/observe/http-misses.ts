// HTTP answers that a page does not exist -> rushes of them from one server to one client: somebody guesses the names of pages.
import type { FlowTable } from '../../flows/table.ts'
import type { HttpMisses } from './observations.ts'

/** A longer time without a miss ends a rush. */
const PAUSE_US = 60_000_000
/** Rushes of fewer different pages are not kept: a page with broken links, a program that asks for its settings. */
const LEAST_PAGES = 10
/** Different pages told apart in a rush; further ones are not counted. */
export const MAX_PAGES = 256
const MAX_SHOWN = 8
/** Rushes that are not over; beyond it the oldest is. */
const MAX_OPEN = 1024
const MAX_ROWS = 2000

interface Rush extends Omit<HttpMisses, 'pages' | 'missing' | 'found'> {
  missing: Set<string>
  found: Set<string>
}

export class HttpMissesObserver {
  private readonly table: FlowTable
  /** By the hosts and the server's port, the one that began last at the end. */
  private readonly rushes = new Map<string, Rush>()
  private readonly rows: HttpMisses[] = []
  private leftOut = 0

  constructor(table: FlowTable) {
    this.table = table
  }

  /** What is known so far; more packets may follow. */
  finish(): { rows: HttpMisses[]; leftOut: number } {
    const open = [...this.rushes.values()].filter(isRush).map(rowOf)
    const rows = [...this.rows, ...open].slice(0, MAX_ROWS)
    return { rows, leftOut: this.leftOut + this.rows.length + open.length - rows.length }
  }

  /** The status of an answer. @param direction of the server's packets @param target of the request */
  inspect(flow: number, direction: number, status: number, target: string, timeUs: number): void {
    const isMiss = status === 404 || status === 410
    if (!isMiss && this.rushes.size === 0) return
    const key = this.keyOf(flow, direction)
    let rush = this.rushes.get(key)
    if (rush !== undefined && timeUs - rush.lastUs > PAUSE_US) {
      this.end(key, rush)
      rush = undefined
    }
    if (rush === undefined) {
      if (!isMiss) return
      rush = { flow, misses: 0, answers: 0, firstUs: timeUs, lastUs: timeUs, missing: new Set(), found: new Set() }
      this.rushes.set(key, rush)
      if (this.rushes.size > MAX_OPEN) {
        const [oldest] = this.rushes
        this.end(...oldest)
      }
    }
    rush.answers++
    const page = pageOf(target)
    if (isMiss) {
      rush.misses++
      rush.firstUs = Math.min(rush.firstUs, timeUs)
      rush.lastUs = Math.max(rush.lastUs, timeUs)
      if (rush.missing.size < MAX_PAGES) rush.missing.add(page)
    } else if (isThere(status) && rush.found.size < MAX_SHOWN) rush.found.add(page)
  }

  private keyOf(flow: number, direction: number): string {
    const { table } = this
    return direction === 0
      ? `${table.otherHost(flow)} ${table.firstHost(flow)} ${table.firstPort(flow)}`
      : `${table.firstHost(flow)} ${table.otherHost(flow)} ${table.otherPort(flow)}`
  }

  private end(key: string, rush: Rush): void {
    this.rushes.delete(key)
    if (!isRush(rush)) return
    if (this.rows.length < MAX_ROWS) this.rows.push(rowOf(rush))
    else this.leftOut++
  }
}

function isRush({ missing }: Rush): boolean {
  return missing.size >= LEAST_PAGES
}

function rowOf({ missing, found, ...rush }: Rush): HttpMisses {
  return { ...rush, pages: missing.size, missing: [...missing].slice(0, MAX_SHOWN), found: [...found] }
}

/** Success, a folder (servers redirect to its name with a slash), or a page that wants a login. */
function isThere(status: number): boolean {
  return status === 200 || status === 204 || status === 301 || status === 401 || status === 403
}

/** Without the query, which may have secrets. */
function pageOf(target: string): string {
  const end = target.search(/[?;#]/)
  return end < 0 ? target : target.slice(0, end)
}
