// HTTP answers that carry programs -> SHA-256 of each that is complete in the capture.
import type { PacketView } from '../../decode/packet.ts'
import type { FlowTable } from '../../flows/table.ts'
import { Bounded } from './bounded.ts'
import { HttpBody } from './http-body.ts'
import type { CarriedFile } from './observations.ts'

const MAX_ROWS = 10_000
/** Bodies at the same time; the one that began first is given up for a further one. */
const MAX_OPEN = 256
/** Longer programs, and bytes beyond those of all together, are not hashed: time would depend on what others download. */
const MAX_BYTES = 32 * 2 ** 20
const MAX_BYTES_TOGETHER = 256 * 2 ** 20

type Place = Omit<CarriedFile, 'sha256'>

export class HttpFiles {
  private readonly list = new Bounded<CarriedFile>(MAX_ROWS)
  private readonly open = new Map<number, { body: HttpBody; place: Place }>()
  private readonly table: FlowTable
  private hashed = 0

  constructor(table: FlowTable) {
    this.table = table
  }

  finish(): { rows: CarriedFile[]; leftOut: number } {
    return this.list
  }

  isOpen(flow: number): boolean {
    return this.open.size > 0 && this.open.has(flow)
  }

  /** An answer whose body begins in this packet. @param bodyAt offset of the body @param length null for chunks */
  begin(flow: number, view: PacketView, bodyAt: number, length: number | null, timeUs: number): void {
    const longest = Math.min(MAX_BYTES, MAX_BYTES_TOGETHER - this.hashed)
    if (view.tcpAt < 0) return
    if ((length ?? 1) > longest) {
      this.list.leftOut++
      return
    }
    if (this.open.size >= MAX_OPEN) this.open.delete(this.open.keys().next().value!)
    const { frame, capture } = this.table
    const sequence = (view.tcpSequence + bodyAt - view.payloadAt) | 0
    const body = new HttpBody(sequence, length, longest)
    this.open.set(flow, { body, place: { flow, atUs: timeUs, frame, capture } })
    this.add(flow, view)
  }

  /** A packet of the server, while the flow is open. */
  add(flow: number, view: PacketView): void {
    const { body, place } = this.open.get(flow)!
    const payload = view.bytes.subarray(view.payloadAt, view.end)
    // A packet that the capture cut has lost a part of the body.
    const state = view.wireEnd > view.end || view.tcpAt < 0 ? 'failed' : body.add(view.tcpSequence, payload)
    this.hashed += payload.length
    if (state === 'complete') this.list.add({ ...place, sha256: body.sha256 })
    if (state !== 'open') this.open.delete(flow)
  }
}
