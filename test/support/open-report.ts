// A database as the page's worker has it open, beside the same file for sqlite3.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll } from 'vitest'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { OpenReport } from '../../site/src/worker/data/report-state.ts'
import { sqlite3 } from './sqlite3.ts'

export interface OpenedReport {
  report: OpenReport
  /** The numbers of the only row that sqlite3 gives. */
  ask(sql: string): number[]
}

/** Opens the database before the tests of a file or group. The object is filled then. */
export function useOpenReport(makeDatabase: () => Promise<Uint8Array>): OpenedReport {
  const opened = {} as OpenedReport
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtnvis-open-'))
    const file = join(folder, 'traffic.sqlite')
    const bytes = await makeDatabase()
    await writeFile(file, bytes)
    opened.report = openReport(new (await initSqlJs()).Database(bytes), null)
    opened.ask = (sql) => sqlite3(file, sql).trim().split('|').map(Number)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return opened
}
