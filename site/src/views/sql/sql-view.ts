// The SQL view: schema, editor, examples and results. Everything from the database is set as text.
import type { StatementInput } from '../../editor/sql-editor.ts'
import { BOUNDS, type ConsoleCell, type ConsoleResult, type ConsoleTable } from '../../protocol/console-result.ts'
import { nextTurn } from '../../protocol/time-slicing.ts'
import type { BuiltView, Player } from '../../session/view.ts'
import { announce, download, make } from '../../ui/dom.ts'
import { formatCount, formatCounted, formatHostile } from '../../ui/format.ts'
import { addHead, framed } from '../../ui/table.ts'
import { ConsoleClient, LIMIT_SECONDS, Stopped } from './console-client.ts'
import { EXAMPLES } from './examples.ts'
import { explainError } from './explain.ts'
import { startStatementInput } from './statement-input.ts'

export function buildSqlView(panel: HTMLElement, { client, session }: Player): BuiltView {
  const connection = new ConsoleClient(() => client.ask('database', null))
  let tables: ConsoleTable[] = []
  let isRunning = false
  let isStale = false
  /** Number of the latest run: an older run must not show its result. */
  let turns = 0

  let input!: StatementInput
  const editor = make('div', 'sql-editor')
  const run = makeButton('Run', 'button primary')
  run.setAttribute('aria-keyshortcuts', 'Control+Enter')
  run.title = 'Run (Ctrl+Enter)'
  const stop = makeButton('Stop', 'button')
  const csv = makeButton('CSV', 'button')
  csv.setAttribute('aria-label', 'Download the result as CSV')
  const examples = make('select')
  examples.setAttribute('aria-label', 'Examples')
  examples.append(new Option('Examples…', ''), ...EXAMPLES.map(({ title }, index) => new Option(title, String(index))))
  const status = make('p', 'sql-status')
  const result = make('div', 'sql-result')
  const schema = make('div', 'sql-schema')
  schema.setAttribute('role', 'group')
  schema.setAttribute('aria-label', 'Tables of the database')

  const tools = make('div', 'sql-tools')
  tools.append(run, stop, examples, csv, status)
  const main = make('div', 'sql-main')
  main.append(editor, tools, result)
  const layout = make('div', 'sql-layout')
  layout.append(schema, main)
  panel.append(layout)

  /** A button that had the focus and can no longer be pressed gives it to the one that can. */
  let pressed = run
  const setRunning = (is: boolean) => {
    const focused = document.activeElement
    isRunning = is
    run.disabled = csv.disabled = is
    stop.disabled = !is
    panel.toggleAttribute('aria-busy', is)
    if (is && (focused === run || focused === csv)) {
      pressed = focused as HTMLButtonElement
      stop.focus()
    } else if (!is && focused === stop) pressed.focus()
  }
  const tell = (text: string, kind: 'plain' | 'error' = 'plain') => {
    status.textContent = text
    status.dataset.kind = kind
    announce(text)
  }
  setRunning(false)

  const perform = async (work: (sql: string, isCurrent: () => boolean) => Promise<void>) => {
    const sql = input.text
    if (sql.trim() === '') return
    if (isRunning) connection.stop('Stopped for a newer query.')
    const turn = ++turns
    setRunning(true)
    status.dataset.kind = 'plain'
    status.textContent = 'Running…'
    try {
      await work(sql, () => turn === turns && isRunning)
    } catch (error) {
      if (turn !== turns) return // a newer run shows its own result
      const message = error instanceof Error ? error.message : String(error)
      result.replaceChildren() // rows of an earlier query would look like the result of this one
      tell(error instanceof Stopped ? message : explainError(message, tables), 'error')
    }
    if (turn === turns) setRunning(false)
  }
  const runNow = () =>
    perform(async (sql, isCurrent) => {
      if (isStale) connection.close() // so that the next query opens a copy with the newer rows
      isStale = false
      const answer = await connection.run(sql)
      session.option('sql', sql === EXAMPLES[0].sql || sql.length > 2000 ? null : sql)
      result.replaceChildren()
      if (answer.columns.length > 0) await showResult(result, answer, isCurrent)
      if (isCurrent()) tell(summarize(answer))
    })

  run.addEventListener('click', runNow)
  stop.addEventListener('click', () => {
    connection.stop('Stopped.')
    setRunning(false) // the rows shown so far stay
    tell('Stopped.', 'error')
  })
  csv.addEventListener('click', () =>
    perform(async (sql) => {
      const answer = await connection.csv(sql)
      download('query.csv', 'text/csv;charset=utf-8', answer.csv)
      const cut = answer.isCut ? '; it was cut there, the result has more. Select fewer with LIMIT and OFFSET' : ''
      tell(`CSV downloaded: ${formatCounted(answer.rows, 'row')}${cut}.`)
    }),
  )
  const runExample = (index: number) => {
    input.text = EXAMPLES[index].sql
    if (result.contains(document.activeElement)) run.focus() // the result takes the place of the button
    runNow()
  }
  examples.addEventListener('change', () => {
    if (examples.value === '') return
    runExample(Number(examples.value))
    examples.value = ''
  })
  result.append(makeStart(runExample))

  const insert = (text: string) => {
    input.insert(text)
    input.focus()
  }
  const openSchema = async () => {
    status.textContent = 'Opening a copy of the database for the console…'
    try {
      tables = await connection.open()
      input.setTables(tables)
      schema.replaceChildren(...tables.map((table) => makeTable(table, insert)))
      if (!isRunning) status.textContent = `Reads only; a query may run ${LIMIT_SECONDS} seconds. Ctrl+Enter runs.`
    } catch (error) {
      tell(explainError(error instanceof Error ? error.message : String(error), tables), 'error')
    }
  }
  session.subscribe(() => {
    isStale = true
  }, ['grown'])
  startStatementInput(editor, session.state.options.sql ?? EXAMPLES[0].sql, runNow, (next) => {
    input = next
    input.setTables(tables)
  })
  openSchema()
  return {}
}

function makeButton(text: string, className: string): HTMLButtonElement {
  const button = make('button', className, text)
  button.type = 'button'
  return button
}

/** A table of the schema: it opens to show its columns; a press on a name writes it into the editor. */
function makeTable({ name, rows, columns }: ConsoleTable, insert: (text: string) => void): HTMLElement {
  const details = make('details')
  const summary = make('summary')
  summary.append(make('b', '', name), ' ', make('small', '', rows === null ? 'view' : formatCounted(rows, 'row')))
  const list = make('ul')
  list.append(
    ...columns.map((column) => {
      const button = makeButton('', 'column')
      button.append(make('span', 'column-name', column.name), ' ', make('small', '', column.type.toLowerCase()))
      button.title = column.about ? `${column.name}: ${column.about}` : column.name
      button.addEventListener('click', () => insert(column.name))
      const item = make('li')
      item.append(button)
      if (column.about) item.append(make('p', '', column.about))
      return item
    }),
  )
  details.append(summary, list)
  return details
}

/** Shown before the first query: the examples. */
function makeStart(run: (index: number) => void): HTMLElement {
  const start = make('div', 'sql-start')
  const list = make('ul')
  list.append(
    ...EXAMPLES.map(({ title }, index) => {
      const button = makeButton(title, 'button')
      button.addEventListener('click', () => run(index))
      const item = make('li')
      item.append(button)
      return item
    }),
  )
  start.append(make('p', '', 'Write a SELECT over the tables of this report, or begin with one of these:'), list)
  return start
}

function summarize({ rows, columns, columnCount, isCut, cutTexts, milliseconds, statements }: ConsoleResult): string {
  const of = statements > 1 ? `the last result of ${statements} statements · ` : ''
  const took = `${of}${formatCount(Math.max(1, milliseconds))} ms`
  if (columns.length === 0) return `Nothing to show · ${took}`
  const left = [
    isCut ? `The first ${formatCounted(rows.length, 'row')}; there are more` : formatCounted(rows.length, 'row'),
    ...(columnCount > columns.length ? [`the first ${columns.length} of ${formatCount(columnCount)} columns`] : []),
    ...(cutTexts > 0 ? [`${formatCounted(cutTexts, 'text')} cut at ${BOUNDS.cell} characters`] : []),
  ].join(', ')
  const isWhole = !isCut && columnCount === columns.length && cutTexts === 0
  return `${left}${isWhole ? '' : ' (the CSV has up to 500,000 rows, uncut)'} · ${took}`
}

/** Cells made before the page's thread is free for other work. */
const SLICE = 2000

/** Shows the rows as a table, in slices; stops when `isCurrent` returns false. */
async function showResult(place: HTMLElement, { columns, rows, columnCount }: ConsoleResult, isCurrent: () => boolean): Promise<void> {
  const table = make('table')
  table.append(make('caption', 'unseen', 'Result'))
  const isNumber = columns.map(
    (_, column) => rows.some((row) => typeof row[column] === 'number') && rows.every((row) => typeof row[column] !== 'string'),
  )
  addHead(
    table,
    columns.map((name, column) => ({ title: formatHostile(name, 60), isNumber: isNumber[column] })),
  )
  const body = table.createTBody()
  place.append(framed(table, 'Result'))
  table.ariaColCount = String(columnCount)
  const step = Math.max(1, Math.floor(SLICE / columns.length))
  for (let from = 0; from < rows.length && isCurrent(); from += step) {
    body.append(
      ...rows.slice(from, from + step).map((values) => {
        const row = make('tr')
        row.append(...values.map((value, column) => makeCell(value, isNumber[column])))
        return row
      }),
    )
    await nextTurn()
  }
}

function makeCell(value: ConsoleCell, isNumber: boolean): HTMLTableCellElement {
  const cell = make('td', isNumber ? 'number' : '')
  if (value === null) cell.append(make('i', 'null', 'null'))
  else cell.append(make('bdi', '', formatHostile(String(value), BOUNDS.cell + 1)))
  return cell
}
