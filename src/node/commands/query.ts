// `rtnvis query`: SQL and a lake or database -> rows on standard output.

import { UsageError } from '../../errors.ts'
import { formatCount } from '../../number-format.ts'
import { formatObjects, formatRows, formatTable, type Value } from '../lake/answers.ts'
import type { Answer, FlowStore } from '../lake/flow-store.ts'
import { openStore } from '../lake/open-store.ts'
import type { QueryFlags, Run } from './options.ts'
import { print, say } from './terminal.ts'

export type QueryOptions = QueryFlags & Pick<Run, 'interrupt'>

/** Rows of a table: its columns are as wide as their widest cell, so all are kept until the last one is known. */
const TABLE_ROWS = 1000

/** @throws CaptureError, UsageError: one line for the user */
export async function runQuery(sql: string, path: string, { csv, json, interrupt }: QueryOptions): Promise<void> {
  if (csv && json) throw new UsageError('--csv or --json: choose one of them')
  let store: FlowStore | undefined
  try {
    store = await openStore(path, interrupt)
    const { names, chunks } = await store.ask(sql)
    if (csv) await printCsv(names, chunks)
    else if (json) await printObjects(names, chunks)
    else await printTable(names, chunks)
  } catch (error) {
    if (!interrupt.aborted) throw error
  } finally {
    await store?.close()
  }
}

type Chunks = Answer['chunks']

async function printCsv(names: string[], chunks: Chunks): Promise<void> {
  await print(formatRows(names, []))
  for await (const rows of chunks) await print(formatRows(null, rows))
}

async function printObjects(names: string[], chunks: Chunks): Promise<void> {
  let before = '[\n'
  for await (const rows of chunks) {
    if (rows.length === 0) continue
    await print(before + formatObjects(names, rows))
    before = ',\n'
  }
  await print(before === ',\n' ? '\n]\n' : '[]\n')
}

async function printTable(names: string[], chunks: Chunks): Promise<void> {
  const shown: Value[][] = []
  let isAll = true
  for await (const rows of chunks) {
    isAll = shown.length + rows.length <= TABLE_ROWS
    for (const row of rows.slice(0, TABLE_ROWS - shown.length)) shown.push(row)
    if (!isAll) break
  }
  await print(formatTable(names, shown))
  if (!isAll) say(`only the first ${formatCount(TABLE_ROWS)} rows are shown: --csv and --json print all`)
}
