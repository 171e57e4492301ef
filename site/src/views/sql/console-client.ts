// The page's side of the SQL console: it has its own worker with a copy of the database, so that a query that never ends can be stopped.
import type { ConsoleResult, ConsoleTable, FromConsole, ToConsole } from '../../protocol/console-result.ts'
import { WorkerHost } from '../../protocol/worker-host.ts'

/** The reader stopped the query, or it took longer than LIMIT_SECONDS. */
export class Stopped extends Error {
  override name = 'Stopped'
}

/** Time limit of a query, seconds. */
export const LIMIT_SECONDS = 30

export class ConsoleClient {
  readonly #copy: () => Promise<Uint8Array<ArrayBuffer>>
  #host: WorkerHost | null = null
  #settle: { resolve(answer: FromConsole): void; reject(error: Error): void } | null = null
  #opening: Promise<ConsoleTable[]> | null = null
  /** Incremented by close(): work that began under another number has been stopped. */
  #round = 0

  /** `copy` returns the bytes of the database. It is called at the start and again after a query was stopped. */
  constructor(copy: () => Promise<Uint8Array<ArrayBuffer>>) {
    this.#copy = copy
  }

  /** Opens the database if it is not open; resolves with its tables. */
  open(): Promise<ConsoleTable[]> {
    this.#opening ??= this.#openCopy().catch((error: unknown) => {
      if (!(error instanceof Stopped)) this.close() // so that the next query tries again
      throw error
    })
    return this.#opening
  }

  async #openCopy(): Promise<ConsoleTable[]> {
    const round = this.#round
    const bytes = await this.#copy()
    this.#insist(round)
    this.#host = new WorkerHost()
    const opened = await this.#send({ type: 'console', bytes }, [bytes.buffer])
    return opened.type === 'schema' ? opened.tables : []
  }

  async run(sql: string): Promise<ConsoleResult> {
    const answer = await this.#ask({ type: 'run', sql })
    if (answer.type !== 'result') throw new Error('no result')
    return answer.result
  }

  async csv(sql: string): Promise<Extract<FromConsole, { type: 'csv' }>> {
    const answer = await this.#ask({ type: 'run-csv', sql })
    if (answer.type !== 'csv') throw new Error('no CSV')
    return answer
  }

  /** Stops the running query, which rejects with `why`. The next query opens a new copy. */
  stop(why: string): void {
    this.close()
    this.#settle?.reject(new Stopped(why))
    this.#settle = null
  }

  /** Closes the copy, to free its memory or before a newer copy is opened. */
  close(): void {
    this.#host?.terminate()
    this.#host = null
    this.#opening = null
    this.#round++
  }

  /** Throws Stopped when close() was called in the meantime. */
  #insist(round: number): void {
    if (round !== this.#round) throw new Stopped('Stopped.')
  }

  async #ask(message: ToConsole): Promise<FromConsole> {
    const round = this.#round
    await this.open()
    this.#insist(round)
    if (this.#host?.isInPage)
      throw new Error(
        'This browser does not allow a worker, so a query without end could not be stopped here. ' +
          'Download traffic.sqlite and query it with another program, or open the report in another browser.',
      )
    return this.#send(message, [])
  }

  #send(message: ToConsole, transfer: Transferable[]): Promise<FromConsole> {
    const host = this.#host!
    const timer = setTimeout(() => this.stop(`Stopped after ${LIMIT_SECONDS} seconds.`), LIMIT_SECONDS * 1000)
    return new Promise<FromConsole>((resolve, reject) => {
      this.#settle = { resolve, reject }
      host.onmessage = (message) => {
        const data = message as FromConsole
        this.#settle = null
        if (data.type === 'sql-error') reject(new Error(data.message))
        else resolve(data)
      }
      host.onerror = (error) => {
        this.#settle = null
        this.close() // a worker that failed cannot answer later queries
        reject(error)
      }
      host.postMessage(message, transfer)
    }).finally(() => clearTimeout(timer))
  }
}
