// WebSockets of live pages. No messages are queued: a slow viewer gets fewer and larger messages,
// and one that does not read is disconnected.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { LiveHub } from './live-hub.ts'
import { refuseUpgrade } from './upgrades.ts'

/** Limit for received messages: pages send only control frames. */
const MESSAGE_BYTES = 1024
const VIEWERS = 500
/** Nothing more is sent while this many bytes wait to be read. */
const WAITING_BYTES = 256 * 1024
/** Interval at which slow viewers are served, and all are pinged. */
const LOOK_MS = 250
const BEAT_MS = 15_000

interface Viewer {
  socket: WebSocket
  /** Last batch sent. */
  sequence: number
  isAlive: boolean
  isEnded: boolean
}

export class Viewers {
  readonly #hub: LiveHub
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false })
  readonly #viewers = new Set<Viewer>()
  readonly #timers: NodeJS.Timeout[]
  readonly #unsubscribe: () => void

  constructor(hub: LiveHub) {
    this.#hub = hub
    this.#unsubscribe = hub.onChange(() => this.#sendAll())
    this.#timers = [setInterval(() => this.#sendAll(), LOOK_MS), setInterval(() => this.#beat(), BEAT_MS)]
    for (const timer of this.#timers) timer.unref()
  }

  get count(): number {
    return this.#viewers.size
  }

  /** Bytes that are sent but not yet read by viewers. */
  get waitingBytes(): number {
    let bytes = 0
    for (const { socket } of this.#viewers) bytes += socket.bufferedAmount
    return bytes
  }

  /** @param sequence the last batch this viewer has */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, sequence: number): void {
    if (this.#viewers.size >= VIEWERS) {
      refuseUpgrade(socket, '503 Too many viewers')
      return
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      const viewer: Viewer = { socket: accepted, sequence, isAlive: true, isEnded: false }
      this.#viewers.add(viewer)
      accepted.on('pong', () => {
        viewer.isAlive = true
      })
      accepted.on('message', () => accepted.close(1008, 'nothing is asked for here'))
      accepted.on('error', () => accepted.terminate())
      accepted.on('close', () => this.#viewers.delete(viewer))
      this.#send(viewer)
    })
  }

  close(): void {
    this.#unsubscribe()
    for (const timer of this.#timers) clearInterval(timer)
    for (const { socket } of this.#viewers) socket.terminate()
    this.#server.close()
  }

  #sendAll(): void {
    for (const viewer of this.#viewers) this.#send(viewer)
  }

  #send(viewer: Viewer): void {
    const { socket } = viewer
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > WAITING_BYTES) return
    const message = this.#hub.messageAfter(viewer.sequence)
    if (message !== null) {
      socket.send(message)
      viewer.sequence = this.#hub.sequence
    }
    if (!this.#hub.hasEnded || viewer.isEnded) return
    viewer.isEnded = true
    socket.send(this.#hub.endMessage())
  }

  /** Disconnects viewers that did not answer the last ping. */
  #beat(): void {
    for (const viewer of this.#viewers) {
      if (!viewer.isAlive) viewer.socket.terminate()
      else {
        viewer.isAlive = false
        viewer.socket.ping()
      }
    }
  }
}
