// `rtnvis query`: SQL and a lake -> rows on standard output.

import { UsageError } from '../../errors.ts'
import { formatCount } from '../../number-format.ts'
import { formatObjects, formatRows, formatTable, plainValue, type Value } from '../lake/answers.ts'
import { Lake } from '../lake/lake.ts'
import type { QueryFlags, Run } from './options.ts'
import { print, say } from './terminal.ts'

export type QueryOptions = QueryFlags & Pick<Run, 'interrupt'>

/** Rows of a table: its columns are as wide as their widest cell, so all are kept until the last one is known. */
const TABLE_ROWS = 1000

/** @throws CaptureError, UsageError: one line for the user */
export async function runQuery(sql: string, path: string, { csv, json, interrupt }: QueryOptions): Promise<void> {
  if (csv && json) throw new UsageError('--csv or --json: choose one of them')
  const lake = await Lake.open(path, interrupt)
  try {
    const result = await lake.ask(sql)
    const names = result.deduplicatedColumnNames()
    const chunks = lake.rowsOf(result)
    if (csv) await printCsv(names, chunks)
    else if (json) await printObjects(names, chunks)
    else await printTable(names, chunks)
  } catch (error) {
    if (!interrupt.aborted) throw error
  } finally {
    await lake.close()
  }
}

type Chunks = ReturnType<Lake['rowsOf']>

async function printCsv(names: string[], chunks: Chunks): Promise<void> {
  await print(formatRows(names, []))
  for await (const rows of chunks)
    await print(
      formatRows(
        null,
        rows.map((row) => row.map(plainValue)),
      ),
    )
}

async function printObjects(names: string[], chunks: Chunks): Promise<void> {
  let before = '[\n'
  for await (const rows of chunks) {
    if (rows.length === 0) continue
    await print(
      before +
        formatObjects(
          names,
          rows.map((row) => row.map(plainValue)),
        ),
    )
    before = ',\n'
  }
  await print(before === ',\n' ? '\n]\n' : '[]\n')
}

async function printTable(names: string[], chunks: Chunks): Promise<void> {
  const shown: Value[][] = []
  let isAll = true
  for await (const rows of chunks) {
    isAll = shown.length + rows.length <= TABLE_ROWS
    for (const row of rows.slice(0, TABLE_ROWS - shown.length)) shown.push(row.map(plainValue))
    if (!isAll) break
  }
  await print(formatTable(names, shown))
  if (!isAll) say(`only the first ${formatCount(TABLE_ROWS)} rows are shown: --csv and --json print all`)
}
