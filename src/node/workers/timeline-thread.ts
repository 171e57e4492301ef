// Untrusted reports, then the order of what they have -> merged timelines and packets; then conversations. All go to files as pages, while rules run.

import { on } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import type { PacketColumns } from '../../flows/packets.ts'
import { mergeActivity, type Timeline } from '../../merge/activity.ts'
import { releaseSpare } from '../../merge/cell-table.ts'
import type { OrderData } from '../../merge/index.ts'
import { mergePackets, PacketSpan } from '../../merge/packets.ts'
import { PACKET, readTimelineRows, type TimelineRows, type TimelineSource } from '../../merge/report-rows.ts'
import { writeMergedTcp } from '../../merge/tcp.ts'
import type { LeafSink } from '../../sqlite/btree-leaves.ts'
import { type FlowData, flowsOf, writeFlows } from '../../store/flow-pages.ts'
import { DatabaseError, openReportDatabase } from '../../store/report-database.ts'
import { checkSize, openRegular } from '../database/report-database.ts'
import { borrowBytes } from '../database/sqlite.ts'
import { collectGarbage } from '../force-gc.ts'
import { reasonOf } from '../input/input.ts'
import { type FiledLeaves, LeafFiles } from '../output/leaf-files.ts'
import { answerQuestions, FileRoom, type OpenDatabase } from './question-thread.ts'

interface ReportFile extends Pick<TimelineSource, 'ticks' | 'flows'> {
  file: string
}

export interface TimelineQuestion {
  /** Databases, by report, and what messages name them together. */
  sources: ReportFile[]
  names: string
  /** As of TimelineSource. */
  widthUs: number
  /** Where an OrderData comes from, then a FlowData; a TimelinePages goes to in between, then the FiledLeaves of flows. */
  data: MessagePort
  /** Path that the names of tables and numbers of files are added to. */
  leafFiles: string
}

/** One line for the user; null: all went over the port. */
export type TimelineAnswer = { problem: string } | null

export interface TimelinePages {
  timeline: Timeline
  packets: PacketColumns
  tcp: FiledLeaves[]
  activity: FiledLeaves[]
  retransmissions: FiledLeaves[]
}

answerQuestions((openDatabase) => openDatabase(), {
  timeline: async (_database, question: TimelineQuestion, openDatabase): Promise<TimelineAnswer> => {
    try {
      const messages = on(question.data, 'message')
      const next = async <Data>(): Promise<Data> => (await messages.next()).value[0]
      const merged = await mergedTimelines(question, next<OrderData>, openDatabase)
      if ('problem' in merged) return merged
      question.data.postMessage(merged)
      const data = await next<FlowData>()
      collectGarbage() // of what the timelines were merged from
      const isFirstClient = new Uint8Array(data.rows.count).fill(1) // in a merged report, the end seen first is the client
      const pages = new LeafFiles(`${question.leafFiles}-flows`, (leaves) => question.data.postMessage(leaves))
      writeFlows(pages, flowsOf(data), isFirstClient, data.names)
      return null
    } finally {
      question.data.close()
    }
  },
})

/** A function of its own, so that the rows are garbage when it has ended. */
async function mergedTimelines(
  { sources, widthUs, names, leafFiles }: TimelineQuestion,
  nextOrder: () => Promise<OrderData>,
  openDatabase: OpenDatabase,
): Promise<TimelinePages | { problem: string }> {
  const timelines = await readTimelines(sources, widthUs, openDatabase)
  if ('problem' in timelines) return timelines
  releaseSpare()
  collectGarbage() // of files
  const { order, tcp: tcpRows } = await nextOrder()
  try {
    const packets = mergePackets(order, timelines)
    const { timeline, ...tables } = mergeActivity(order, timelines)
    return {
      timeline,
      packets,
      tcp: filesOf(`${leafFiles}-tcp`, (pages) => writeMergedTcp(pages, tcpRows, order.lastUs.length)),
      activity: filesOf(`${leafFiles}-activity`, tables.activity),
      retransmissions: filesOf(`${leafFiles}-retransmissions`, tables.retransmissions),
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return { problem: `${names}: ${error.message}` }
  }
}

/** @param path as of LeafFiles */
function filesOf(path: string, write: (pages: LeafSink) => void): FiledLeaves[] {
  const files: FiledLeaves[] = []
  write(new LeafFiles(path, (leaves) => files.push(leaves)))
  return files
}

async function readTimelines(
  sources: ReportFile[],
  widthUs: number,
  openDatabase: OpenDatabase,
): Promise<TimelineRows[] | { problem: string }> {
  // The later a report is read, the fewer of its packets can be among the first of all.
  const span = new PacketSpan()
  const room = new FileRoom()
  const timelines: TimelineRows[] = []
  for (const { file, ...source } of sources) {
    try {
      const rows = await readRows(file, { ...source, widthUs, untilUs: span.untilUs }, room, openDatabase)
      span.add(rows.packets.columns[PACKET.at_us].values)
      timelines.push(rows)
    } catch (error) {
      return { problem: `${file}: ${reasonOf(error)}` }
    }
  }
  return timelines
}

async function readRows(file: string, source: TimelineSource, room: FileRoom, openDatabase: OpenDatabase): Promise<TimelineRows> {
  const handle = await openRegular(file)
  try {
    const { size } = await handle.stat()
    checkSize(size)
    const bytes = room.read(handle.fd, size)
    const database = openReportDatabase(openDatabase, borrowBytes(bytes))
    const rows = readTimelineRows(database, bytes, source)
    database.close()
    return rows
  } finally {
    await handle.close()
  }
}
