// flows.community_id -> the text of each row of flows, read on first use: nearly every conversation has its own.
import type { TextColumn } from '../../../../src/filter/source.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import { TextBuilder } from './rows.ts'

export const communityIds = oncePerReport(({ database, rows }): TextColumn => {
  const column = new TextBuilder(rows.flows.count)
  forEachRow(database, 'SELECT id, community_id FROM flows', (found) => {
    const [id, text] = found.get()
    const row = rows.rowOfFlow(id as number)
    if (row >= 0) column.set(row, text)
  })
  return column
})
