// Rows of dns_queries as columns: read when they are first asked for.
import type { TextColumn } from '../../filter/match.ts'
import { forEachRow, numberOf } from './database.ts'
import { readOnce } from './read-once.ts'
import { TextBuilder } from './rows.ts'

export interface QuestionColumns {
  count: number
  /** Row number of the flow. */
  flow: Int32Array
  atUs: Float64Array
  name: TextColumn
  type: TextColumn
  code: TextColumn
  answers: TextColumn
}

export const readQuestions = readOnce(({ database, rows }): QuestionColumns => {
  const count = numberOf(database, 'SELECT count(*) FROM dns_queries')
  const [name, type, code, answers] = [0, 1, 2, 3].map(() => new TextBuilder(count)) as [TextBuilder, TextBuilder, TextBuilder, TextBuilder]
  const columns: QuestionColumns = { count, flow: new Int32Array(count), atUs: new Float64Array(count), name, type, code, answers }
  let at = 0
  forEachRow(database, 'SELECT flow_id, at_us, name, type, response_code, answers FROM dns_queries ORDER BY id', (row) => {
    const values = row.get()
    columns.flow[at] = rows.rowOfFlow(Number(values[0]))
    columns.atUs[at] = Number(values[1])
    name.set(at, values[2] === '' ? '.' : values[2])
    type.set(at, values[3])
    code.set(at, values[4])
    answers.set(at, values[5])
    at++
  })
  return columns
})
