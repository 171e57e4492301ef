// The matrix of who sends to whom: its cells, its edges and its CSV are the database's, and each cell is the filter that it stands for.
import { describe, expect, it } from 'vitest'
import type { MatrixBy } from '../../site/src/protocol/answers.ts'
import { atOnce } from '../../site/src/protocol/time-slicing.ts'
import { buildMatrix, matrixCsv } from '../../site/src/worker/answers/matrix.ts'
import { makeFilterDatabase } from '../support/filter-database.ts'
import { useOpenReport } from '../support/open-report.ts'

const opened = useOpenReport(makeFilterDatabase)
const ask = (sql: string) => opened.ask(sql)

const sum = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0)
const build = (of: MatrixBy, most = 40, filterText = '') =>
  atOnce(buildMatrix(opened.report, { of, by: 'bytes', most, filterText, span: null }))

describe('the matrix', () => {
  it.each(['country', 'network', 'host'] as const)('by %s has every flow once, at each edge too, also when it is cut', (of) => {
    const all = ask('SELECT sum(client_bytes + server_bytes), sum(client_packets + server_packets), count(*) FROM flows')
    for (const most of [40, 2]) {
      const matrix = build(of, most)
      expect([matrix.total.bytes, matrix.total.packets, matrix.total.flows]).toEqual(all)
      expect([sum(matrix.bytes), sum(matrix.packets), sum(matrix.flows)]).toEqual(all)
      for (const ends of [matrix.rows, matrix.columns]) expect(sum(ends.map(({ bytes }) => bytes))).toBe(all[0])
      expect(Math.max(matrix.rows.length, matrix.columns.length)).toBeLessThanOrEqual(most)
    }
  })

  it.each(['country', 'network', 'host'] as const)('by %s: each cell is what its filter leaves', (of) => {
    const { rows, columns, bytes, flows } = build(of)
    rows.forEach((from, row) => {
      columns.forEach((to, column) => {
        const at = row * columns.length + column
        const { total } = build(of, 40, `from:${from.value} to:${to.value}`)
        expect([from.label, to.label, total.bytes, total.flows]).toEqual([from.label, to.label, bytes[at], flows[at]])
      })
    })
  })

  it('names what sends and what receives, the largest first', () => {
    const { rows, columns } = build('country')
    expect(rows.map(({ label, value }) => [label, value])).toEqual([
      ['Origin', 'origin'],
      ['Germany', 'DE'], // as many bytes as Brazil, and its host came first
      ['Brazil', 'BR'],
      ['Unlocated', 'unlocated'],
    ])
    expect(columns.map(({ value }) => value).sort()).toEqual(['DE', 'JP', 'origin', 'unlocated'])
  })

  it('as CSV has all pairs, most bytes first', async () => {
    const csv = await atOnce(matrixCsv(opened.report, { of: 'country', filterText: '', span: null })).text()
    const [head, first, ...rest] = csv.trim().split('\r\n')
    expect(head).toBe('from,to,bytes,packets,flows')
    expect(first).toBe('Origin,Germany,5000,10,1')
    expect(sum([first, ...rest].map((line) => Number(line.split(',')[2])))).toBe(
      ask('SELECT sum(client_bytes + server_bytes) FROM flows')[0],
    )
  })
})
