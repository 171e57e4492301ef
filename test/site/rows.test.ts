// Tables read straight from the file's pages: the same rows as through the engine, and no page can make it run wild.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import initSqlJs from 'sql.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import type { ReportRows } from '../../site/src/worker/data/row-types.ts'
import { readRows } from '../../site/src/worker/data/rows.ts'
import { columnsOf, rootOf } from '../../site/src/worker/data/table-shape.ts'
import { BLOCK_ROWS, scanTable } from '../../src/sqlite/table-scan.ts'
import { analyzeBytes } from '../support/analysis.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'

const CAPTURE = fileURLToPath(new URL('../../fixtures/demo/input.pcapng', import.meta.url))

let databases: { name: string; bytes: Uint8Array }[]
let sqlite: Awaited<ReturnType<typeof initSqlJs>>

beforeAll(async () => {
  sqlite = await initSqlJs()
  databases = [
    { name: 'rows put in by SQLite', bytes: await makeFilterDatabase() },
    { name: 'pages written by the analyzer', bytes: (await analyzeBytes(await readFile(CAPTURE))).export() },
  ]
})

/** Texts by row instead of numbers: two readings may number them differently. */
function plain({ flows, details, activity, applications, transports }: ReportRows) {
  const text = ({ texts, code }: ReportRows['details']['state']) => Array.from(code, (index) => texts[index] ?? null)
  const { state, serverName, ja4, tunnel, ...numbers } = details
  return { flows, numbers, activity, applications, transports, texts: [state, serverName, ja4, tunnel].map(text) }
}

describe('reading pages', () => {
  it('gives what the engine gives', () => {
    for (const { name, bytes } of databases) {
      const database = new sqlite.Database(bytes)
      const fromPages = plain(atOnce(readRows(database, bytes)))
      expect(fromPages, name).toEqual(plain(atOnce(readRows(database, null))))
      expect(fromPages.flows.count, name).toBeGreaterThan(7)
      // It was the pages that were read, and not the engine after all.
      expect(atOnce(scanTable(bytes, rootOf(database, 'flows'), columnsOf(database, 'flows').length, false, () => {})), name).toBe(true)
      database.close()
    }
  })

  it('leaves out no host that stands for many', () => {
    const database = new sqlite.Database(databases[0].bytes)
    database.run("UPDATE hosts SET ip = '0.0.0.0/0' WHERE id = 1; UPDATE hosts SET ip = 'nowhere' WHERE id = 2")
    const { hosts, leftOut } = atOnce(readRows(database, null))
    expect(hosts.ip).toContain('0.0.0.0/0')
    expect(leftOut.hosts).toBe(1)
    database.close()
  })

  it('leaves long rows to the engine', () => {
    const database = new sqlite.Database(databases[0].bytes)
    database.run('UPDATE flows SET tunnel = ? WHERE id = 4', ['x'.repeat(20_000)])
    const bytes = database.export()
    expect(atOnce(scanTable(bytes, rootOf(database, 'flows'), columnsOf(database, 'flows').length, false, () => {}))).toBe(false)
    expect(plain(atOnce(readRows(database, bytes))).texts[3][3]).toHaveLength(20_000)
    database.close()
  })

  it('ends on any bytes: with rows, or with a no', () => {
    const { bytes } = databases[1]
    const database = new sqlite.Database(bytes)
    const [root, columns] = [rootOf(database, 'flows'), columnsOf(database, 'flows').length]
    database.close()
    let seed = 11
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const answers = new Set<boolean>()
    for (let trial = 0; trial < 300; trial++) {
      const spoilt = bytes.slice()
      // Heads of pages and of rows are where it hurts.
      for (let flip = 0; flip < trial % 40; flip++) spoilt[next(spoilt.length / 4096) * 4096 + next(flip % 2 === 0 ? 64 : 4096)] = next(256)
      let rows = 0
      answers.add(
        atOnce(
          scanTable(spoilt, root, columns, false, (block) => {
            rows += block.count
            for (let column = 0; column < columns; column++) block.numbers(column, Number.NaN, new Float64Array(BLOCK_ROWS))
          }),
        ),
      )
      expect(rows).toBeLessThanOrEqual(spoilt.length)
    }
    expect(answers.size).toBe(2)
  })
})
