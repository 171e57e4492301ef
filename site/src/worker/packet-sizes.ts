// How long the packets are: the rows of `packets` in the ranges of RMON's packet counters (RFC 2819, etherStatsPkts...Octets), and beyond.

import { forEachRow } from './database.ts'
import type { OpenReport } from './matches.ts'
import type { Scope } from './messages.ts'
import { readOnce } from './read-once.ts'

export interface PacketSizes {
  /** One a range: from (bytes, included), to (included; null: no end). */
  ranges: { from: number; to: number | null; packets: number; bytes: number }[]
  /** Packet rows there are, and packets of the capture: a report keeps only the first so many. */
  kept: number
  packets: number
}

const STARTS = [0, 65, 128, 256, 512, 1024, 1519, 9001]

interface PacketColumns {
  count: number
  flow: Int32Array
  atUs: Float64Array
  bytes: Int32Array
}

export const packetColumns = readOnce(({ database, rows }): PacketColumns => {
  const flow: number[] = []
  const atUs: number[] = []
  const bytes: number[] = []
  forEachRow(database, 'SELECT flow_id, at_us, bytes FROM packets', (row) => {
    const [id, at, length] = row.get()
    flow.push(rows.rowOfFlow(Number(id)))
    atUs.push(Number(at))
    bytes.push(Number(length))
  })
  return { count: flow.length, flow: Int32Array.from(flow), atUs: Float64Array.from(atUs), bytes: Int32Array.from(bytes) }
})

const SLICE = 200_000

export function* readPacketSizes(open: OpenReport, { filterText, span }: Scope): Generator<void, PacketSizes> {
  const { meta } = open.rows
  const mask = open.matches.mask(filterText)
  const columns = packetColumns(open)
  yield
  const firstUs = Number(meta.first_us) || 0
  const ranges = STARTS.map((from, index) => ({
    from,
    to: index + 1 < STARTS.length ? STARTS[index + 1]! - 1 : null,
    packets: 0,
    bytes: 0,
  }))
  for (let row = 0; row < columns.count; row++) {
    if (row % SLICE === SLICE - 1) yield
    const at = columns.atUs[row]! - firstUs
    if (!mask[columns.flow[row]!] || (span && (at < span.fromUs || at > span.toUs))) continue
    const length = columns.bytes[row]!
    let range = STARTS.length - 1
    while (range > 0 && length < STARTS[range]!) range--
    ranges[range]!.packets++
    ranges[range]!.bytes += length
  }
  return { ranges, kept: columns.count, packets: Number(meta.packets) || 0 }
}
