// Where the database code runs: in a worker, or, where the page cannot have one, in the page's own thread in small slices. Both run the
// same code (worker.js) with the same messages. The worker is made from a function's text, because a file:// page cannot load one by URL.
import type { PacketsSaved, SavePackets } from '../../../src/browser/packets.ts'
import type { FromConsole, ToConsole } from './console-result.ts'
import type { FromWorker, ToWorker } from './messages.ts'

type Incoming = FromWorker | FromConsole | PacketsSaved
type Outgoing = ToWorker | ToConsole | SavePackets

interface Scope {
  onmessage: ((event: { data: Outgoing }) => void) | null
  postMessage(message: Incoming, transfer?: Transferable[]): void
  sliceMs: number
}

declare global {
  /** worker.js: report.worker.ts as a function; its parameter is the scope for messages. */
  var rtnvisWorker: ((scope: unknown) => void) | undefined
}

/** Longest slice of work in the page's own thread, milliseconds, so that frames are drawn between slices. */
const PAGE_SLICE_MS = 8

let address: string | undefined

export class WorkerHost {
  onmessage: ((message: Incoming) => void) | null = null
  onerror: ((error: Error) => void) | null = null
  /** Messages held back until the worker has started. Content Security Policy may block it, which the page learns only later. */
  #waiting: [Outgoing, Transferable[]][] | null = []
  #worker: Worker | null = null
  #page: Scope | null = null

  constructor() {
    if (!globalThis.rtnvisWorker) {
      setTimeout(() => this.onerror?.(new Error('assets/worker.js is missing or damaged. Copy the whole report folder again.')))
      return
    }
    try {
      address ??= URL.createObjectURL(new Blob([`(${globalThis.rtnvisWorker})(self)`], { type: 'text/javascript' }))
      this.#worker = new Worker(address)
      this.#worker.onmessage = ({ data }: MessageEvent<Incoming>) => this.#take(data)
      // Content Security Policy may block the worker; that error arrives here, before any message was sent.
      this.#worker.onerror = () =>
        this.#waiting ? this.#beginInPage() : this.onerror?.(new Error('The page’s worker failed. Open the report again.'))
    } catch {
      this.#beginInPage()
    }
  }

  /** Whether the code runs in the page's own thread: a long step then cannot be stopped. */
  get isInPage(): boolean {
    return this.#page !== null
  }

  postMessage(message: Outgoing, transfer: Transferable[] = []): void {
    if (this.#waiting) this.#waiting.push([message, transfer])
    else this.#send(message, transfer)
  }

  terminate(): void {
    this.#worker?.terminate()
    this.#page = null
  }

  #beginInPage(): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#page = {
      onmessage: null,
      postMessage: (message, transfer = []) => {
        const copy = structuredClone(message, { transfer })
        setTimeout(() => this.#take(copy))
      },
      sliceMs: PAGE_SLICE_MS,
    }
    globalThis.rtnvisWorker!(this.#page)
  }

  #take(message: Incoming): void {
    if (message.type !== 'started') {
      this.onmessage?.(message)
      return
    }
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const [said, transfer] of waiting) this.#send(said, transfer)
  }

  #send(message: Outgoing, transfer: Transferable[]): void {
    if (this.#worker) {
      this.#worker.postMessage(message, transfer)
      return
    }
    const copy = structuredClone(message, { transfer })
    setTimeout(() => this.#page?.onmessage?.({ data: copy }))
  }
}
