// Exports of a database as text, for tests.
import initSqlJs from 'sql.js'
import type { TextFormatName } from '../../src/export/format-names.ts'
import { exportFormat } from '../../src/export/index.ts'
import { ReportRows } from '../../src/export/report-rows.ts'
import { openReportDatabase } from '../../src/store/report-database.ts'
import type { SqlDatabase } from '../../src/types.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'

export async function open(bytes: Uint8Array): Promise<SqlDatabase> {
  const { Database } = await initSqlJs()
  return openReportDatabase((content) => new Database(content) as unknown as SqlDatabase, bytes)
}

/** A database, by default the sample for filters, changed. */
export async function changed(sql: string, bytes?: Uint8Array): Promise<SqlDatabase> {
  const { Database } = await initSqlJs()
  const database = new Database(bytes ?? (await makeFilterDatabase()))
  database.run(sql)
  return open(database.export())
}

/** The files of an export by name, as text. */
export function exported(database: SqlDatabase, name: TextFormatName, isJson = false, isPrivate = false): Record<string, string> {
  const { files, write } = exportFormat(name, { isJson, isPrivate })
  const report = new ReportRows(database)
  const texts = files.map(({ head }) => head?.(report) ?? '')
  const records = files.map(() => 0)
  write(report, (file, text) => {
    texts[file] += (records[file]++ > 0 ? (files[file].between ?? '') : '') + text
  })
  return Object.fromEntries(files.map(({ name: file, tail = '' }, i) => [file, texts[i] + tail]))
}
