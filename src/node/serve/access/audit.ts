// Who came in, who was refused, who took a database: one JSON line each into the file of --audit, the latest kept for /api/audit.
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { UsageError } from '../../../errors.ts'
import { say } from '../../commands/terminal.ts'

export interface AuditEvent {
  action: 'sign-in' | 'sign-out' | 'refused' | 'download' | 'revoked'
  /** The key's name; null for one that is wrong. */
  key: string | null
  /** Of the client; null where nobody asked. */
  address: string | null
  /** How the key came, what was asked for. */
  detail?: string
}

export type AuditLine = AuditEvent & { time: string; times: number }

/** The same again within this time is counted, and told when it is over: floods of tries do not fill a disk. */
const REPEAT_MS = 60_000
const LOOK_MS = 10_000
/** Different events that are being counted, and lines kept in memory. */
const REPEATS = 10_000
const LATEST = 1_000
const DETAIL_LENGTH = 200

export class Audit {
  readonly latest: AuditLine[] = []
  readonly #path: string | null
  #file: number | null = null
  #isFailing = false
  /** What was told not long ago, until when it is not told again, and how often it happened since. */
  readonly #repeats = new Map<string, { event: AuditEvent; untilMs: number; times: number }>()
  readonly #timer: NodeJS.Timeout

  /** @throws UsageError if the file cannot be opened */
  constructor(path: string | null) {
    this.#path = path
    this.reopen()
    this.#timer = setInterval(() => this.#tellRepeats(performance.now()), LOOK_MS).unref()
  }

  /** Begins the file anew where a log rotation has moved it away. @throws UsageError, and the old file stays */
  reopen(): void {
    if (this.#path === null) return
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
    let file: number
    try {
      // A pipe that nobody reads must not hold up the server.
      file = openSync(this.#path, O_WRONLY | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0), 0o600)
    } catch (error) {
      throw new UsageError(`--audit ${this.#path} cannot be written (${codeOf(error)}): check its folder and your rights there`)
    }
    if (this.#file !== null) closeSync(this.#file)
    this.#file = file
  }

  /** @param repeatMs repetitions within this time become one line; 0: each has its own */
  write(event: AuditEvent, repeatMs = REPEAT_MS): void {
    const id = JSON.stringify([event.action, event.key, event.address, event.detail])
    const repeat = this.#repeats.get(id)
    if (repeat) {
      repeat.times++
      return
    }
    this.#tell(event, 1)
    if (repeatMs === 0) return
    if (this.#repeats.size >= REPEATS) this.#tellRepeats(Number.POSITIVE_INFINITY)
    this.#repeats.set(id, { event, untilMs: performance.now() + repeatMs, times: 0 })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#tellRepeats(Number.POSITIVE_INFINITY)
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  /** Tells the number of those whose time is over, and forgets them. */
  #tellRepeats(nowMs: number): void {
    for (const [id, { event, untilMs, times }] of this.#repeats) {
      if (untilMs > nowMs) continue
      this.#repeats.delete(id)
      if (times > 0) this.#tell(event, times)
    }
  }

  #tell({ action, key, address, detail }: AuditEvent, times: number): void {
    const line: AuditLine = {
      ...{ time: new Date().toISOString(), action, key, address },
      ...(detail === undefined ? {} : { detail: detail.slice(0, DETAIL_LENGTH) }),
      times,
    }
    this.latest.push(line)
    if (this.latest.length > LATEST) this.latest.shift()
    if (this.#file === null) return
    try {
      writeSync(this.#file, `${asciiJson(line)}\n`)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) say(`--audit ${this.#path}: a line could not be written (${codeOf(error)})`)
      this.#isFailing = true
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}

/** JSON whose text can be shown by any terminal: nothing but printable ASCII. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
