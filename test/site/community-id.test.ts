// flows.community_id -> the column of the table, and the page of a flow.
import initSqlJs from 'sql.js'
import { beforeAll, expect, test } from 'vitest'
import { describeFlow } from '../../site/src/worker/answers/details.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { listFlowRows } from '../../site/src/worker/tables/flows.ts'
import { sortRows } from '../../site/src/worker/tables/source.ts'
import { addMissingColumns } from '../../src/store/upgrade.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'

const ID = '1:LQU9qZlK+B5F3KDmev6m5PMibrg='

let bytes: Uint8Array
let report: OpenReport

beforeAll(async () => {
  bytes = await makeFilterDatabase() // of its flows, only number 2 has an id
  report = openReport(new (await initSqlJs()).Database(bytes), null)
})

test('the table has it, and sorts flows without one last', () => {
  const { columns, rows } = listFlowRows(report, report.matches.mask('flow:1..3'))
  const { communityId } = columns
  expect([...rows].map((row) => communityId.value(row))).toEqual([null, ID, null])
  for (const isDescending of [true, false])
    expect([...sortRows(rows, communityId.rank(), isDescending)].map((row) => communityId.value(row))).toEqual([ID, null, null])
})

test('the page of a flow has it', () => {
  expect([2, 3].map((id) => describeFlow(report, { id })!.communityId)).toEqual([ID, null])
})

test('a report of an older version, without the column, has none', async () => {
  const older = new (await initSqlJs()).Database(bytes)
  older.run('ALTER TABLE flows DROP COLUMN community_id')
  addMissingColumns(older as unknown as SqlDatabase)
  const opened = openReport(older, null)
  expect([...opened.matches.mask(`communityid:${ID}`)]).toEqual(Array(8).fill(0))
  expect(describeFlow(opened, { id: 2 })!.communityId).toBeNull()
})
