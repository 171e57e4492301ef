// Untrusted reports and the order of what they have -> their timelines, packets and the table tcp, made while rules run in another thread; pages go to a file.

import { parentPort } from 'node:worker_threads'
import type { PacketColumns } from '../../flows/packets.ts'
import { mergeActivity, type Timeline } from '../../merge/activity.ts'
import { mergePackets, PacketSpan } from '../../merge/packets.ts'
import { PACKET, readTimelineRows, type TimelineRows } from '../../merge/report-rows.ts'
import { MergedTcp, type TcpRows } from '../../merge/tcp.ts'
import type { TimelineOrder } from '../../merge/timeline-order.ts'
import { DatabaseError, openReportDatabase } from '../../store/report-database.ts'
import { writeTcp } from '../../store/tcp-pages.ts'
import { checkSize, openRegular } from '../database/report-database.ts'
import { borrowBytes } from '../database/sqlite.ts'
import { reasonOf } from '../input/input.ts'
import { type FiledLeaves, LeafFile } from '../output/leaf-file.ts'
import { answerQuestions, FileRoom, type OpenDatabase } from './question-thread.ts'

export interface TimelineQuestion {
  /** Databases, by report, and what messages name them together. */
  files: string[]
  names: string
  order: TimelineOrder
  tcp: TcpRows
  /** Descriptor of the file for pages. */
  leafFile: number
}

export type TimelineAnswer =
  | { timeline: Timeline; packets: PacketColumns; tcp: FiledLeaves; activity: FiledLeaves; retransmissions: FiledLeaves }
  /** One line for the user. */
  | { problem: string }

answerQuestions((openDatabase) => openDatabase(), {
  timeline: async (_database, question: TimelineQuestion, openDatabase): Promise<TimelineAnswer> => {
    parentPort!.unref() // the thread ends with its answer, and its memory is there for the pages of the database
    return answerOf(question, openDatabase)
  },
})

async function answerOf(
  { files, names, order, tcp: tcpRows, leafFile }: TimelineQuestion,
  openDatabase: OpenDatabase,
): Promise<TimelineAnswer> {
  // The later a report is read, the fewer of its packets can be among the first of all.
  const span = new PacketSpan()
  const room = new FileRoom()
  const timelines: TimelineRows[] = []
  for (const file of files) {
    try {
      const rows = await readRows(file, span.untilUs, room, openDatabase)
      span.add(rows.packets.columns[PACKET.at_us].values)
      timelines.push(rows)
    } catch (error) {
      return { problem: `${file}: ${reasonOf(error)}` }
    }
  }
  try {
    const packets = mergePackets(order, timelines)
    const { timeline, ...tables } = mergeActivity(order, timelines)
    const pages = new LeafFile(leafFile)
    writeTcp(pages, new MergedTcp(tcpRows), new Uint8Array(order.lastUs.length).fill(1))
    const tcp = pages.endTable()
    tables.activity(pages)
    const activity = pages.endTable()
    tables.retransmissions(pages)
    return { timeline, packets, tcp, activity, retransmissions: pages.endTable() }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return { problem: `${names}: ${error.message}` }
  }
}

async function readRows(file: string, untilUs: number, room: FileRoom, openDatabase: OpenDatabase): Promise<TimelineRows> {
  const handle = await openRegular(file)
  try {
    const { size } = await handle.stat()
    checkSize(size)
    const bytes = room.read(handle.fd, size)
    const database = openReportDatabase(openDatabase, borrowBytes(bytes))
    const rows = readTimelineRows(database, bytes, untilUs)
    database.close()
    return rows
  } finally {
    await handle.close()
  }
}
