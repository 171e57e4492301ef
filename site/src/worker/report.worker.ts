// The worker with the database: receives its parts, opens it, answers questions. The main thread never runs SQL.
import { type PacketsSaved, type SavePackets, savePackets } from '../../../src/browser/packets.ts'
import type { FromConsole } from '../protocol/console-result.ts'
import type { FromWorker, Questions, ToWorker } from '../protocol/messages.ts'
import { inSlices, nextTurn } from '../protocol/time-slicing.ts'
import { answerConsole } from './answers/console.ts'
import { ANSWERS, type Answerer } from './answers/index.ts'
import { explainDamage, inflatePart, messageOf, openDatabase } from './data/database.ts'
import { readReport } from './data/open-report.ts'
import type { OpenReport } from './data/report-state.ts'

/** The worker's global scope, or the page's substitute when it cannot have a worker: the build makes a function of this module. */
declare const rtnvisScope: {
  onmessage: (event: { data: ToWorker | SavePackets }) => void
  postMessage(message: FromWorker | FromConsole | PacketsSaved, transfer?: Transferable[]): void
  /** Longest time between two checks for new messages, milliseconds; shorter in the page's own thread. */
  sliceMs?: number
}

/** Set by the build. */
declare const RTNVIS_VERSION: string

const SLICE_MS = rtnvisScope.sliceMs ?? 20

let bytes = new Uint8Array(0)
let waitingFor = 0
/** Whether the database is that of a running capture. */
let isLive = false
/** After a clock jump, number of the part to be shown; see readRows(). */
let era = 0
let opened: OpenReport | null = null

rtnvisScope.onmessage = ({ data }) => {
  if (data.type === 'begin') {
    try {
      bytes = new Uint8Array(data.bytes)
    } catch (error) {
      fail(error)
      return
    }
    waitingFor = data.parts
    era = data.era
    if (waitingFor === 0) open().catch(fail)
  } else if (data.type === 'part') receive(data).catch(fail)
  else if (data.type === 'whole') {
    bytes = new Uint8Array(data.bytes)
    isLive = data.isLive
    open().catch(fail)
  } else if (data.type === 'drop') {
    if (asked.some(({ id }) => id === data.id)) dropped.add(data.id)
  } else if (data.type === 'console' || data.type === 'run' || data.type === 'run-csv') {
    answerConsole(data).then((answer) => rtnvisScope.postMessage(answer))
  } else if (data.type === 'save-packets') {
    savePackets(data, RTNVIS_VERSION).then((answer) => rtnvisScope.postMessage(answer))
  } else {
    asked.push(data)
    if (asked.length === 1 && opened) setTimeout(answerAll) // questions that arrive before the report is open are answered when it is
  }
}

async function receive(part: Extract<ToWorker, { type: 'part' }>): Promise<void> {
  await inflatePart(part.base64, bytes, part.offset, part.length)
  if (--waitingFor === 0) await open()
}

async function open(): Promise<void> {
  const isFirst = !opened
  const database = await openDatabase(bytes)
  const file = bytes
  bytes = new Uint8Array(0) // the engine has its own copy
  try {
    const before = opened
    opened = (await inSlices(readReport(database, file, isLive ? { nowUs: 0, before } : undefined, era), SLICE_MS))!
    before?.database.close()
  } catch (error) {
    throw explainDamage(error)
  }
  rtnvisScope.postMessage({ type: 'opened', report: opened.report })
  if (isFirst && asked.length > 0) setTimeout(answerAll)
}

function fail(error: unknown): void {
  rtnvisScope.postMessage({
    type: 'failed',
    message: explainDamage(error).message,
  })
}

type Asked = Extract<ToWorker, { type: 'ask' }>

const asked: Asked[] = []
const dropped = new Set<number>()

async function answerAll(): Promise<void> {
  for (let next = asked[0]; next; next = asked[0]) {
    if (!dropped.has(next.id)) await answer(next)
    dropped.delete(next.id)
    asked.shift()
    if (asked.length > 0) await nextTurn()
  }
}

async function answer({ id, about, question }: Asked): Promise<void> {
  try {
    if (!opened) throw new Error('the database is not open')
    let answer = (ANSWERS[about] as Answerer<typeof about>)(opened, question as never) as unknown
    if (isGenerator(answer)) answer = await inSlices(answer, SLICE_MS, () => dropped.has(id))
    if (!dropped.has(id)) rtnvisScope.postMessage({ type: 'answer', id, answer }, transferables(about, answer))
  } catch (error) {
    rtnvisScope.postMessage({ type: 'refused', id, message: messageOf(error) })
  }
}

function isGenerator(answer: unknown): answer is Generator<void, unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.iterator in answer && 'next' in answer
}

/** Large arrays that belong to this answer alone are transferred, not copied. */
function transferables(about: keyof Questions, answer: unknown): Transferable[] {
  if (about === 'database') return [(answer as Questions['database']['answer']).buffer]
  if (about !== 'slices' && about !== 'whole') return []
  const { entries, sliceStart, leftOut } = answer as Questions['slices']['answer']
  return [entries.buffer, sliceStart.buffer, leftOut.buffer]
}

rtnvisScope.postMessage({ type: 'started' })
