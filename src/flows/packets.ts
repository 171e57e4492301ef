// The first packets of a report, one row each. Hot path: add() runs once per packet until the limit.
import { doubled, FIRST_ROWS } from '../column.ts'
import type { PacketSample } from './packet-sample.ts'

export type PacketColumns = Pick<PacketRows, 'count' | 'flow' | 'timeUs' | 'bytes' | 'direction' | 'tcpFlags' | 'frame' | 'capture'>

export class PacketRows {
  count = 0
  flow = new Int32Array(FIRST_ROWS)
  timeUs = new Float64Array(FIRST_ROWS)
  bytes = new Uint32Array(FIRST_ROWS)
  /** 0: sent by the end of the conversation that was seen first. */
  direction = new Uint8Array(FIRST_ROWS)
  tcpFlags = new Uint8Array(FIRST_ROWS)
  /** Number of the frame in its capture, and the capture's index. */
  frame = new Uint32Array(FIRST_ROWS)
  capture = new Uint32Array(FIRST_ROWS)
  private readonly limit: number

  /** @param limit rows kept; further packets are only counted */
  constructor(limit: number) {
    this.limit = limit
  }

  add(flow: number, direction: number, sample: PacketSample): void {
    if (this.count >= this.limit) return
    const row = this.count++
    if (row === this.flow.length) this.grow()
    this.flow[row] = flow
    this.timeUs[row] = sample.timeUs
    this.bytes[row] = sample.bytes
    this.direction[row] = direction
    this.tcpFlags[row] = sample.tcpFlags
    this.frame[row] = sample.frame
    this.capture[row] = sample.capture
  }

  /** Takes the rows that columns() gave of others, in place of its own. */
  restore(columns: PacketColumns): void {
    Object.assign(this, columns)
  }

  /** The rows as plain data: the first `count` values of each column. */
  columns(): PacketColumns {
    const { count, flow, timeUs, bytes, direction, tcpFlags, frame, capture } = this
    return { count, flow, timeUs, bytes, direction, tcpFlags, frame, capture }
  }

  private grow(): void {
    this.flow = doubled(this.flow)
    this.timeUs = doubled(this.timeUs)
    this.bytes = doubled(this.bytes)
    this.direction = doubled(this.direction)
    this.tcpFlags = doubled(this.tcpFlags)
    this.frame = doubled(this.frame)
    this.capture = doubled(this.capture)
  }
}
