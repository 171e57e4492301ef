// Host of the database in the page: takes its parts, opens it, answers questions. The main thread never waits for SQL.
import type { Database } from 'sql.js'
import { buildDrawable, originOf } from '../player/columns.ts'
import { DatabaseError, inflatePart, messageOf, openDatabase } from './database.ts'
import { type FlowQuery, flowsCsv, listFlows } from './flow-list.ts'
import type { FromWorker, Questions, ToWorker } from './messages.ts'
import { type ReportRows, readRows } from './rows.ts'
import { tally } from './tally.ts'

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void
  postMessage(message: FromWorker, transfer?: Transferable[]): void
}

let bytes = new Uint8Array(0)
let waitingFor = 0
let opened: { database: Database; rows: ReportRows; laneOfFlow: Int32Array } | null = null

scope.onmessage = ({ data }) => {
  if (data.type === 'begin') {
    bytes = new Uint8Array(data.bytes)
    waitingFor = data.parts
    if (waitingFor === 0) open().catch(fail)
  } else if (data.type === 'part') receive(data).catch(fail)
  else answer(data)
}

async function receive(part: Extract<ToWorker, { type: 'part' }>): Promise<void> {
  await inflatePart(part.base64, bytes, part.offset, part.length)
  if (--waitingFor === 0) await open()
}

async function open(): Promise<void> {
  const database = await openDatabase(bytes)
  bytes = new Uint8Array(0) // the engine has its own copy
  let rows: ReportRows
  try {
    rows = readRows(database)
  } catch (error) {
    throw new DatabaseError(`The database of this report is damaged (${messageOf(error)}). Run rtnvis on the capture again.`)
  }
  const { meta, places, applications, transports } = rows
  const firstUs = Number(meta.first_us) || 0
  const durationUs = Math.max(1, (Number(meta.last_us) || 0) - firstUs)
  const tickUs = Number(meta.tick_us) || 1_000_000
  const { laneOfFlow, ...drawn } = buildDrawable(rows.flows, rows.activity, applications.length, { firstUs, durationUs, tickUs })
  opened = { database, rows, laneOfFlow }
  scope.postMessage({ type: 'opened', report: { meta, places, origin: originOf(places), applications, transports, ...drawn } })
}

function fail(error: unknown): void {
  scope.postMessage({
    type: 'failed',
    message: error instanceof DatabaseError ? error.message : `The report cannot be opened: ${messageOf(error)}`,
  })
}

function answer({ id, about, question }: Extract<ToWorker, { type: 'ask' }>): void {
  try {
    if (!opened) throw new Error('the database is not open')
    const { database, rows, laneOfFlow } = opened
    if (about === 'tally') {
      const { span, filter } = question as Questions['tally']['question']
      scope.postMessage({ type: 'answer', id, answer: tally(rows, span, filter) })
    } else if (about === 'flows')
      scope.postMessage({ type: 'answer', id, answer: listFlows(database, rows, laneOfFlow, question as FlowQuery) })
    else if (about === 'csv') scope.postMessage({ type: 'answer', id, answer: flowsCsv(database, rows, laneOfFlow, question as FlowQuery) })
    else {
      const file = database.export() as Uint8Array<ArrayBuffer>
      scope.postMessage({ type: 'answer', id, answer: file }, [file.buffer])
    }
  } catch (error) {
    scope.postMessage({ type: 'refused', id, message: messageOf(error) })
  }
}
