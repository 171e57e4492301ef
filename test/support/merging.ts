// Captures -> reports -> one report, in this thread: what `rtnvis merge` does with threads.
import { createHash } from 'node:crypto'
import { type AnalysisOptions, analyze } from '../../src/analyze.ts'
import { mergeActivity } from '../../src/merge/activity.ts'
import { type MergedTimelines, type MergeOptions, mergeReports } from '../../src/merge/index.ts'
import { mergePackets } from '../../src/merge/packets.ts'
import { readReportRows, readTimelineRows, type TimelineRows } from '../../src/merge/report-rows.ts'
import { writeMergedTcp } from '../../src/merge/tcp.ts'
import { ticksOf } from '../../src/merge/timeline-order.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import type { LeafSink } from '../../src/sqlite/btree-leaves.ts'
import { MemoryPages } from '../../src/sqlite/btree-writer.ts'
import { flowsOf, writeFlows } from '../../src/store/flow-pages.ts'
import { openReportDatabase } from '../../src/store/report-database.ts'
import type { PartOfTable } from '../../src/store/traffic-pages.ts'
import type { CaptureSource, SqlDatabase } from '../../src/types.ts'
import { sourceOf } from './analysis.ts'

const OPTIONS: AnalysisOptions = {
  reportName: 'all',
  programVersion: '0.0.0',
  origin: { name: 'Nairobi, Kenya', latitudeDeg: -1.286389, longitudeDeg: 36.817223, source: 'default' },
  maxPackets: 100_000,
}

export const openDatabase = await loadSqlite()

export function sourceOfFile(name: string, bytes: Uint8Array) {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { ...sourceOf(bytes, bytes.length, `${name}.pcap`), finish: async () => ({ sha256, problem: '' }) }
}

export function analyzedFiles(sources: CaptureSource[]): Promise<Uint8Array> {
  return analyze(sources, { geoip: Promise.resolve(null), openDatabase: Promise.resolve(openDatabase) }, OPTIONS)
}

export function read(report: Uint8Array): SqlDatabase {
  return openReportDatabase(openDatabase, report)
}

/** Closes the database: SQLite's memory has room for some hundred reports. */
function using<Rows>(report: Uint8Array, readRows: (database: SqlDatabase, file: Uint8Array) => Rows): Rows {
  const database = read(report)
  try {
    return readRows(database, report)
  } finally {
    database.close()
  }
}

export function merge(...given: Uint8Array[]): Uint8Array {
  const named = given.map((report, i) => ({ name: `report ${i}`, rows: using(report, readReportRows) }))
  const inputs = { rules: null, blocklists: [], baseline: null, pages: 'none' as const }
  const pages = new MemoryPages()
  let timelines: MergedTimelines
  const conversations: PartOfTable[] = []
  let rows: TimelineRows[]
  const onTaken: MergeOptions['onTaken'] = (taken, widthUs) => {
    rows = taken.map((index) => {
      const source = { ticks: ticksOf(named[index]), flows: named[index].rows.flows.count, widthUs, untilUs: Number.POSITIVE_INFINITY }
      return using(given[index], (database, file) => readTimelineRows(database, file, source))
    })
  }
  const onOrder: MergeOptions['onOrder'] = ({ order, tcp }) => {
    const { timeline, ...tables } = mergeActivity(order, rows)
    const writeRows = (sink: LeafSink) => writeMergedTcp(sink, tcp, order.lastUs.length)
    timelines = { timeline: { ...timeline, ...tables }, packets: mergePackets(order, rows) }
    conversations.push({ table: 'tcp', rows: writeRows })
  }
  const onFlows: MergeOptions['onFlows'] = (data) => {
    const isFirstClient = new Uint8Array(data.rows.count).fill(1)
    conversations.unshift({ table: 'flows', rows: (sink) => writeFlows(sink, flowsOf(data), isFirstClient, data.names) })
  }
  const merged = mergeReports(named, { name: 'all', programVersion: '0.0.0', detection: {}, inputs, onTaken, onOrder, onFlows })
  const rest = merged.write(openDatabase(), pages, timelines!)
  for (const part of conversations) rest.add(part)
  rest.finish()
  return pages.bytes
}
