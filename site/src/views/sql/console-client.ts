// The page's side of the SQL console: a worker of its own with a copy of the database, so that a query without end can be ended.
import type { ConsoleResult, ConsoleTable, FromConsole, ToConsole } from '../../protocol/console-result.ts'
import { WorkerHost } from '../../protocol/worker-host.ts'

/** The reader stopped the query, or it ran past its time. */
export class Stopped extends Error {
  override name = 'Stopped'
}

/** A query that runs longer is ended. */
export const LIMIT_SECONDS = 30

export class ConsoleClient {
  readonly #copy: () => Promise<Uint8Array<ArrayBuffer>>
  #host: WorkerHost | null = null
  #settle: { resolve(answer: FromConsole): void; reject(error: Error): void } | null = null
  #opening: Promise<ConsoleTable[]> | null = null
  /** Counts what was closed. */
  #round = 0

  /** `copy` gives the database's bytes; it is asked at the start, and again after a query was ended. */
  constructor(copy: () => Promise<Uint8Array<ArrayBuffer>>) {
    this.#copy = copy
  }

  /** Tables of the database; opens it. */
  open(): Promise<ConsoleTable[]> {
    this.#opening ??= this.#openCopy().catch((error: unknown) => {
      if (!(error instanceof Stopped)) this.close() // so that the next question tries again
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

  /** Ends what runs. The next question starts anew. */
  stop(why: string): void {
    this.close()
    this.#settle?.reject(new Stopped(why))
    this.#settle = null
  }

  /** Gives up the copy, for one of newer rows or to free its memory. */
  close(): void {
    this.#host?.terminate()
    this.#host = null
    this.#opening = null
    this.#round++
  }

  /** Throws when what was begun in this round was stopped meanwhile. */
  #insist(round: number): void {
    if (round !== this.#round) throw new Stopped('Stopped.')
  }

  async #ask(message: ToConsole): Promise<FromConsole> {
    const round = this.#round
    await this.open()
    this.#insist(round)
    if (this.#host?.isInPage)
      throw new Error(
        'This browser gives the page no worker, so a query without end could not be stopped here. ' +
          'Download traffic.sqlite and ask it with another program, or open the report in another browser.',
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
        this.close() // what failed answers nothing more
        reject(error)
      }
      host.postMessage(message, transfer)
    }).finally(() => clearTimeout(timer))
  }
}
