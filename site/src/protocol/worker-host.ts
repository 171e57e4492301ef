// What keeps the database: a worker, or where the page may have none, the page itself in small slices. Both run the same code (worker.js)
// and speak the same messages. The worker is made from the text of a function: a page from file:// may load none from a file.
import type { FromConsole, ToConsole } from './console-result.ts'
import type { FromWorker, ToWorker } from './messages.ts'

type Incoming = FromWorker | FromConsole
type Outgoing = ToWorker | ToConsole

interface Scope {
  onmessage: ((event: { data: Outgoing }) => void) | null
  postMessage(message: Incoming, transfer?: Transferable[]): void
  sliceMs: number
}

declare global {
  /** worker.js: report.worker.ts as a function of the scope it speaks through. */
  var rtnvisWorker: ((scope: unknown) => void) | undefined
}

/** Longest stretch of work in the page's own thread, milliseconds: a frame goes between two. */
const PAGE_SLICE_MS = 8

let address: string | undefined

export class WorkerHost {
  onmessage: ((message: Incoming) => void) | null = null
  onerror: ((error: Error) => void) | null = null
  /** What is said before the worker has begun: whether it may is known only then. */
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
      // A policy that forbids it says so here, later: nothing has been sent yet.
      this.#worker.onerror = () =>
        this.#waiting ? this.#beginInPage() : this.onerror?.(new Error('The page’s worker failed. Open the report again.'))
    } catch {
      this.#beginInPage()
    }
  }

  /** Whether it works in the page's own thread: then nothing can stop one of its steps. */
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
