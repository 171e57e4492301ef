// HTTP requests that are sent in small pieces over a long time, so that their server waits.
import { Bounded } from './bounded.ts'
import type { SlowRequest } from './observations.ts'

/** Requests without an answer of which a further piece has come; beyond it the oldest is forgotten. */
const MAX_OPEN = 20_000
const MAX_ROWS = 20_000
/** A shorter time between the first and the last of the further pieces is a network that loses packets. */
const LEAST_US = 5_000_000
/** Mean of the pieces; uploads fill their segments. */
const LARGEST_PIECE_BYTES = 200

interface Open {
  pieces: number
  bytes: number
  firstUs: number
  lastUs: number
}

export class HttpPieces {
  private readonly open = new Map<number, Open>()
  private readonly list = new Bounded<SlowRequest>(MAX_ROWS)

  /** What is known so far; more packets may follow. */
  finish(): { rows: SlowRequest[]; leftOut: number } {
    const waiting = [...this.open].filter(([, open]) => isSlow(open)).map(([flow]) => ({ flow }))
    return { rows: [...this.list.rows, ...waiting], leftOut: this.list.leftOut }
  }

  /** A payload of the client behind the beginning of a request that is not answered. */
  add(flow: number, bytes: number, timeUs: number): void {
    const open = this.open.get(flow)
    if (open !== undefined) {
      open.pieces++
      open.bytes += bytes
      open.lastUs = Math.max(open.lastUs, timeUs)
      return
    }
    if (this.open.size >= MAX_OPEN) {
      const [oldest] = this.open.keys()
      this.end(oldest)
    }
    this.open.set(flow, { pieces: 1, bytes, firstUs: timeUs, lastUs: timeUs })
  }

  /** The server answers, or the next request begins. */
  end(flow: number): void {
    const open = this.open.get(flow)
    if (open === undefined) return
    this.open.delete(flow)
    if (isSlow(open)) this.list.add({ flow })
  }
}

function isSlow({ pieces, bytes, firstUs, lastUs }: Open): boolean {
  return pieces >= 2 && bytes <= pieces * LARGEST_PIECE_BYTES && lastUs - firstUs >= LEAST_US
}
