// Sign-ins, refusals and database downloads: one JSON line each in the file of --audit; the latest are kept for /api/audit.
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { UsageError } from '../../../errors.ts'
import { say } from '../../commands/terminal.ts'

export interface AuditEvent {
  action: 'sign-in' | 'sign-out' | 'refused' | 'download' | 'revoked'
  /** Name of the key; null for a wrong key. */
  key: string | null
  /** Address of the client; null when there is no client. */
  address: string | null
  /** How the key was sent, or what was requested. */
  detail?: string
}

export type AuditLine = AuditEvent & { time: string; times: number }

/** Equal events within this time are counted and written as one line, so that many attempts do not fill the disk. */
const REPEAT_MS = 60_000
const LOOK_MS = 10_000
/** Most different events that are counted at once, and most lines in memory. */
const REPEATS = 10_000
const LATEST = 1_000
const DETAIL_LENGTH = 200

export class Audit {
  readonly latest: AuditLine[] = []
  readonly #path: string | null
  #file: number | null = null
  #isFailing = false
  /** Recent events: until when repetitions are only counted, and their number. */
  readonly #repeats = new Map<string, { event: AuditEvent; untilMs: number; times: number }>()
  readonly #timer: NodeJS.Timeout

  /** @throws UsageError if the file cannot be opened */
  constructor(path: string | null) {
    this.#path = path
    this.reopen()
    this.#timer = setInterval(() => this.#writeRepeats(performance.now()), LOOK_MS).unref()
  }

  /** Opens the file again after log rotation moved it. @throws UsageError; the old file stays open */
  reopen(): void {
    if (this.#path === null) return
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
    let file: number
    try {
      // Opening a named pipe without a reader must not block the server.
      file = openSync(this.#path, O_WRONLY | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0), 0o600)
    } catch (error) {
      throw new UsageError(`--audit ${this.#path} cannot be written (${codeOf(error)}): check its folder and your rights there`)
    }
    if (this.#file !== null) closeSync(this.#file)
    this.#file = file
  }

  /** @param repeatMs repetitions within this time become one line; 0: one line each */
  write(event: AuditEvent, repeatMs = REPEAT_MS): void {
    const id = JSON.stringify([event.action, event.key, event.address, event.detail])
    const repeat = this.#repeats.get(id)
    if (repeat) {
      repeat.times++
      return
    }
    this.#writeLine(event, 1)
    if (repeatMs === 0) return
    if (this.#repeats.size >= REPEATS) this.#writeRepeats(Number.POSITIVE_INFINITY)
    this.#repeats.set(id, { event, untilMs: performance.now() + repeatMs, times: 0 })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#writeRepeats(Number.POSITIVE_INFINITY)
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  /** Writes the counts of events whose time is over, and removes them. */
  #writeRepeats(nowMs: number): void {
    for (const [id, { event, untilMs, times }] of this.#repeats) {
      if (untilMs > nowMs) continue
      this.#repeats.delete(id)
      if (times > 0) this.#writeLine(event, times)
    }
  }

  #writeLine({ action, key, address, detail }: AuditEvent, times: number): void {
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

/** JSON in printable ASCII, safe on every terminal. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
