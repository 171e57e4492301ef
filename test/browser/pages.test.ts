// Many rows become pages in a worker, few, or all where a browser refuses the worker, in this thread: the pages are the same.
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type FromPages, WorkerPages } from '../../src/browser/pages.ts'
import { BYTES, FLOW, INTS, PACKETS, REALS, TICK } from '../../src/flows/activity.ts'
import { PacketRows } from '../../src/flows/packets.ts'
import { makeTrafficPages, type TrafficNumbers, type TrafficPages } from '../../src/store/traffic-pages.ts'

const MANY = 150_000
const FLOWS = 1000

/** The code of the worker, in this thread; memory changes hands as between threads. */
const scope = { onmessage: (_: { data: TrafficNumbers }) => {}, postMessage: (_: FromPages, __: Transferable[] = []) => {} }
let isRefused = false
let made = 0

class InThread {
  onmessage: (event: { data: FromPages }) => void = () => {}
  onerror: (event: { message: string; preventDefault(): void }) => void = () => {}

  constructor() {
    scope.postMessage = (message, transfer = []) => {
      const data = structuredClone(message, { transfer })
      queueMicrotask(() => this.onmessage({ data }))
    }
    // As for a browser that refuses it: an event, later.
    if (isRefused) queueMicrotask(() => this.onerror({ message: 'refused', preventDefault() {} }))
    else scope.postMessage('started')
  }

  postMessage(message: TrafficNumbers, transfer: Transferable[]): void {
    made++
    const data = structuredClone(message, { transfer })
    queueMicrotask(() => scope.onmessage({ data }))
  }

  terminate(): void {}
}

const own = globalThis as unknown as { Worker: unknown; self: unknown }

beforeAll(async () => {
  own.self = scope
  await import('../../src/browser/pages.worker.ts')
})

beforeEach(() => {
  own.Worker = InThread
  isRefused = false
  made = 0
})

afterEach(() => {
  own.Worker = undefined
})

/** Each conversation in turn: its rows are a tick apart. */
function numbersOf(rows: number): TrafficNumbers {
  const ints = new Int32Array(rows * INTS)
  const reals = new Float64Array(ints.buffer)
  for (let row = 0; row < rows; row++) {
    ints[row * INTS + TICK] = Math.floor(row / FLOWS)
    ints[row * INTS + FLOW] = (row * 7) % FLOWS
    ints[row * INTS + PACKETS] = 1 + (row % 5)
    reals[row * REALS + BYTES] = 60 * (1 + (row % 5))
  }
  const ticks = Math.ceil(rows / FLOWS)
  const activity = { firstUs: 1e15, tickUs: 1_000_000, ticks, firstTick: 0, numbers: null, main: null, count: rows, ints }
  return { activity, packets: new PacketRows(0).columns(), isFirstClient: new Uint8Array(FLOWS).fill(1), isTcp: new Uint8Array(FLOWS) }
}

async function pagesOf(rows: number): Promise<string> {
  const maker = new WorkerPages('')
  maker.follow(rows)
  await setTimeout(1)
  const pages = await maker.make(numbersOf(rows))
  maker.close()
  return digestOf(pages)
}

/** Large arrays take long to be compared one by one. */
function digestOf(pages: TrafficPages): string {
  const bytes = (_: string, value: unknown) =>
    ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') : value
  return createHash('sha256').update(JSON.stringify(pages, bytes)).digest('hex')
}

it('many rows become pages in a worker', async () => {
  expect(await pagesOf(MANY)).toBe(digestOf(makeTrafficPages(numbersOf(MANY))))
  expect(made).toBe(1)
})

it.each([
  ['few rows', () => {}, 100],
  ['many, where a browser has no workers in workers', () => (own.Worker = undefined), MANY],
  ['many, where it refuses the worker later', () => (isRefused = true), MANY],
])('%s become pages in this thread', async (_, prepare, rows) => {
  prepare()
  expect(await pagesOf(rows)).toBe(digestOf(makeTrafficPages(numbersOf(rows))))
  expect(made).toBe(0)
})
