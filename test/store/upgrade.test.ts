// A report made before hosts had a name of their own is read like any other.
import initSqlJs from 'sql.js'
import { expect, test } from 'vitest'
import { readHosts } from '../../src/store/read-hosts.ts'
import { addMissingColumns } from '../../src/store/upgrade.ts'
import { makeOffice } from '../support/database.ts'

test('columns that an older database lacks are added, empty', async () => {
  const database = await makeOffice()
  const { Database } = await initSqlJs()
  database.run('ALTER TABLE hosts DROP COLUMN name')
  database.run('ALTER TABLE hosts DROP COLUMN name_source')
  database.run('DROP TABLE retransmissions')
  database.run('DROP TABLE link_traffic')
  const older = new Database(database.export())
  addMissingColumns(older)
  expect(readHosts(older, 2).map(({ ip, name }) => [ip, name])).toEqual([
    ['10.0.0.1', null],
    ['92.1.1.1', null],
  ])
  expect(older.exec('SELECT count(*) FROM retransmissions')[0].values).toEqual([[0]])
  expect(older.exec('SELECT count(*) FROM link_traffic')[0].values).toEqual([[0]])
  const schema = () => older.exec('SELECT sql FROM sqlite_schema')
  const before = schema()
  addMissingColumns(older)
  expect(schema()).toEqual(before)
})
