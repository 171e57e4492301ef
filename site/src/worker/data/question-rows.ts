// Rows of dns_queries as columns, read on first use.
import type { TextColumn } from '../../../../src/filter/source.ts'
import { isCount, isTime } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import { TextBuilder } from './rows.ts'
import { countRows } from './table-shape.ts'

export interface QuestionColumns {
  count: number
  /** Row number of the flow. */
  flow: Int32Array
  atUs: Float64Array
  name: TextColumn
  type: TextColumn
  code: TextColumn
  answers: TextColumn
  /** -1: question or answer was not seen. */
  answerUs: Float64Array
}

export const readQuestions = oncePerReport(({ database, rows }): QuestionColumns => {
  const count = countRows(database, 'dns_queries')
  const [name, type, code, answers] = [0, 1, 2, 3].map(() => new TextBuilder(count)) as [TextBuilder, TextBuilder, TextBuilder, TextBuilder]
  const [flows, atUs, answerUs] = [new Int32Array(count), new Float64Array(count), new Float64Array(count)]
  const columns: QuestionColumns = { count, flow: flows, atUs, name, type, code, answers, answerUs }
  let at = 0
  forEachRow(database, 'SELECT flow_id, at_us, name, type, response_code, answers, answer_us FROM dns_queries ORDER BY id', (row) => {
    const values = row.get()
    const flow = rows.rowOfFlow(values[0] as number)
    if (flow < 0 || !isTime(values[1])) return // its flow is not shown, or its time is impossible
    columns.flow[at] = flow
    columns.atUs[at] = values[1]
    name.set(at, values[2] === '' ? '.' : values[2])
    type.set(at, values[3])
    code.set(at, values[4])
    answers.set(at, values[5])
    answerUs[at] = isCount(values[6]) ? values[6] : -1
    at++
  })
  columns.count = at
  return columns
})
