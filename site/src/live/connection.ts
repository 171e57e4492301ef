// The page's connection to the server of a running capture: a WebSocket, reconnected when it breaks; if none can be opened, a request every 20 seconds.
import type { LiveMessage } from '../../../src/contract/live-message.ts'
import type { LineState, SourceEvents } from './source.ts'

/** Time between two requests without a WebSocket. */
const POLL_MS = 20_000
/** First delay before reconnecting; it doubles at each attempt, up to SLOWEST_MS. */
const FIRST_MS = 500
const SLOWEST_MS = 8_000
/** After this many sockets that never opened, something on the way blocks them. */
const FAILURES = 3

export class Connection {
  readonly #events: SourceEvents
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #socket: WebSocket | undefined
  #isOver = false

  constructor(events: SourceEvents) {
    this.#events = events
  }

  start(): void {
    this.#open()
    addEventListener('online', () => this.#retryNow())
    document.addEventListener('visibilitychange', () => !document.hidden && this.#retryNow())
  }

  /** Changes are missing: requests all after the last one that the page has. Without a WebSocket the next request does that. */
  catchUp(): void {
    this.#socket?.close()
  }

  #open(): void {
    this.#timer = undefined
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/live?since=${this.#events.sequence()}`)
    this.#socket = socket
    let hasOpened = false
    socket.onopen = () => {
      hasOpened = true
      this.#failures = 0
      this.#events.state('live')
    }
    socket.onmessage = ({ data }: MessageEvent<string>) => this.#take(JSON.parse(data) as LiveMessage)
    socket.onclose = () => {
      if (this.#isOver) return
      if (!hasOpened) this.#failures++
      void this.#poll() // do not wait for the next connection to get the changes since then
    }
  }

  /** Requests once, then tries a WebSocket again: soon after a break, every 20 seconds if none can be opened. */
  async #poll(): Promise<void> {
    let state: LineState
    try {
      const response = await fetch(`./api/changes?since=${this.#events.sequence()}`)
      state = response.ok ? 'polling' : response.status === 401 ? 'refused' : 'lost'
      if (response.ok) for (const message of (await response.json()) as LiveMessage[]) this.#take(message)
    } catch {
      state = 'lost'
    }
    if (this.#isOver) return
    const isBlocked = state === 'polling' && this.#failures >= FAILURES
    this.#events.state(state === 'polling' && !isBlocked ? 'connecting' : state)
    const waitMs = isBlocked ? POLL_MS : Math.min(SLOWEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 10))
    this.#timer = setTimeout(() => this.#open(), waitMs)
  }

  #retryNow(): void {
    if (this.#timer === undefined || this.#isOver) return
    clearTimeout(this.#timer)
    this.#open()
  }

  #take(message: LiveMessage): void {
    if (message.type === 'end') {
      this.#isOver = true
      this.#events.state('ended')
    }
    this.#events.message(message)
  }
}
