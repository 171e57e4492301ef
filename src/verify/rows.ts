// Two databases with one schema, a new one and the one to check -> every row and value that differs; the first few of each table in detail.
import { formatCount } from '../report/figures.ts'
import { rowsOf } from '../sqlite/query.ts'
import type { SqlDatabase, SqlStatement, SqlValue } from '../types.ts'
import { agrees, type Check, differs } from './check.ts'
import { attempt, DATABASE } from './query.ts'

/** Most differences of a table that are listed one by one. */
const MAX_LISTED = 5
/** Longest value that is printed, UTF-16 units. */
const MAX_VALUE = 120

/** Tables, meta keys and columns that are not compared, because their inputs are not available. */
export interface Exempt {
  tables: ReadonlySet<string>
  /** Keys of the table meta. */
  metaKeys: ReadonlySet<string>
  /** Columns of other tables, as "flows.state". */
  columns: ReadonlySet<string>
}

/** Whether all rows are compared. */
export function isWhole({ tables, metaKeys, columns }: Exempt): boolean {
  return tables.size + metaKeys.size + columns.size === 0
}

/** The columns of a table: its key columns, and all columns. */
interface Shape {
  keys: string[]
  columns: string[]
}

/** One check for a table that agrees; otherwise a check for each of the first differences, and one with their number. */
export function compareTables(expected: SqlDatabase, found: SqlDatabase, exempt: Exempt): Check[] {
  const tables = rowsOf(expected, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rootpage").map(([name]) => String(name))
  return tables.filter((table) => !exempt.tables.has(table)).flatMap((table) => compareTable(expected, found, table, exempt))
}

function compareTable(expected: SqlDatabase, found: SqlDatabase, table: string, exempt: Exempt): Check[] {
  const listed: Check[] = []
  let differences = 0
  let rows = 0
  const report = (what: string, detail: string): void => {
    if (differences++ < MAX_LISTED) listed.push(differs(DATABASE, `${table} ${what}`, detail))
  }
  const total = attempt(table, () => {
    const shape = shapeOf(expected, table)
    for (const [mine, theirs] of pairs(select(expected, table, shape), select(found, table, shape), shape.keys.length)) {
      rows++
      const row = (mine ?? theirs)!
      if (table === 'meta' && exempt.metaKeys.has(String(row[0]))) continue
      const name = `row ${shape.keys.map((key, i) => (shape.keys.length === 1 ? show(row[i]!) : `${key} ${show(row[i]!)}`)).join(', ')}`
      if (theirs === null) report(name, `is missing: ${describe(shape, row)}`)
      else if (mine === null) report(name, `was added: ${describe(shape, row)}`)
      else {
        for (const [i, column] of shape.columns.entries()) {
          const at = shape.keys.length + i
          if (mine[at] === theirs[at] || exempt.columns.has(`${table}.${column}`)) continue
          report(`${name}, ${column}`, `made again ${show(mine[at]!)}, found ${show(theirs[at]!)}`)
        }
      }
    }
    return differences === 0
      ? agrees(DATABASE, `table ${table} made again`, `${formatCount(rows)} rows alike`)
      : differs(DATABASE, `table ${table} made again`, `${formatCount(differences)} rows or values are not those of the capture`)
  })
  return [...listed, total]
}

/** Rows are identified by their key; in a table without key, by their position. */
function shapeOf(database: SqlDatabase, table: string): Shape {
  const columns = rowsOf(database, 'SELECT name, pk FROM pragma_table_info(?)', [table]).map(
    ([name, pk]) => [String(name), Number(pk)] as const,
  )
  const keys = columns.filter(([, pk]) => pk > 0).sort(([, a], [, b]) => a - b)
  const names = keys.map(([name]) => name)
  return {
    keys: names.length === 0 ? ['rowid'] : names,
    columns: columns.filter(([, pk]) => pk === 0).map(([name]) => name),
  }
}

/** Key columns first. Names come from this program's own schema. */
function select(database: SqlDatabase, table: string, { keys, columns }: Shape): SqlStatement {
  return database.prepare(`SELECT ${[...keys, ...columns].join()} FROM ${table} ORDER BY ${keys.join()}`)
}

/** Pairs of rows of two ordered queries: both rows if their keys are equal, otherwise only the row with the lower key. */
function* pairs(a: SqlStatement, b: SqlStatement, keys: number): Generator<[SqlValue[] | null, SqlValue[] | null]> {
  try {
    const next = (statement: SqlStatement): SqlValue[] | null => (statement.step() ? statement.get() : null)
    let left = next(a)
    let right = next(b)
    while (left !== null || right !== null) {
      const order = left === null ? 1 : right === null ? -1 : compareKeys(left, right, keys)
      yield [order <= 0 ? left : null, order >= 0 ? right : null]
      if (order <= 0) left = next(a)
      if (order >= 0) right = next(b)
    }
  } finally {
    a.free()
    b.free()
  }
}

function compareKeys(a: SqlValue[], b: SqlValue[], keys: number): number {
  for (let i = 0; i < keys; i++) {
    const order = compareValues(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return 0
}

/** SQLite's order of integers and texts, the only types of keys. */
function compareValues(a: SqlValue, b: SqlValue): number {
  if (a === b) return 0
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== 'string' || typeof b !== 'string') return typeof a === 'number' ? -1 : 1
  return compareTexts(a, b)
}

/** The order of UTF-8 bytes: the order of code points, which differs from that of UTF-16. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Surrogates encode code points above U+FFFF, so they are sorted last. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}

function describe({ keys, columns }: Shape, row: SqlValue[]): string {
  return columns
    .slice(0, 8)
    .map((column, i) => `${column} ${show(row[keys.length + i]!)}`)
    .join(', ')
}

function show(value: SqlValue): string {
  if (typeof value === 'number') return String(value)
  if (value === null) return 'null'
  if (typeof value !== 'string') return `${formatCount(value.length)} bytes`
  return `"${value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value}"`
}

/** For databases with equal rows: finds differences that no table shows. */
export function checkSameBytes(expected: Uint8Array, found: Uint8Array): Check {
  const length = Math.min(expected.length, found.length)
  let at = 0
  while (at < length && expected[at] === found[at]) at++
  const subject = 'bytes that no table shows'
  return at === length && expected.length === found.length
    ? agrees(DATABASE, subject)
    : differs(
        DATABASE,
        subject,
        `from byte ${formatCount(at)} on the file differs from the reproduced one (unused space, or pages in another order)`,
      )
}
