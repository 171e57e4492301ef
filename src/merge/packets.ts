// Packet rows of several reports -> the first of all.
import { PacketSample } from '../flows/packet-sample.ts'
import { type PacketColumns, PacketRows } from '../flows/packets.ts'
import { pieceOf } from './pieces.ts'
import { PACKET, type TimelineRows } from './report-rows.ts'
import type { TimelineOrder } from './timeline-order.ts'

/** Rows of packets in a merged report. */
export const MAX_PACKETS = 100_000

/** @param rows of the reports, in their order @returns the first packets by time @throws DatabaseError for rows that no report has */
export function mergePackets({ captures, pieces }: TimelineOrder, rows: readonly TimelineRows[]): PacketColumns {
  const reports = rows.length
  const columns = rows.map(({ packets }) => packets.columns.map(({ values }) => values))
  // Null counts as 0.
  const at = (packet: number, column: number): number => {
    const value = columns[packet % reports][column][Math.floor(packet / reports)]
    return column === PACKET.at_us ? value : Math.max(0, value)
  }
  const captureOf = (packet: number) => captures[packet % reports][at(packet, PACKET.capture_id) - 1] ?? 0
  const pieceOfPacket = (packet: number) => pieceOf(pieces, packet % reports, at(packet, PACKET.flow_id))
  const flowOf = (packet: number) => pieces.conversation[pieceOfPacket(packet)]
  const span = new PacketSpan()
  for (const of of columns) span.add(of[PACKET.at_us])
  // As numbers, of row and report. The packets of each report are by time, which the sort of an array uses.
  const first: number[] = []
  for (const [report, { packets }] of rows.entries()) {
    const times = columns[report][PACKET.at_us]
    for (let row = 0; row < packets.count; row++) if (times[row] <= span.untilUs) first.push(row * reports + report)
  }
  first.sort(
    (a, b) =>
      at(a, PACKET.at_us) - at(b, PACKET.at_us) ||
      captureOf(a) - captureOf(b) ||
      at(a, PACKET.frame) - at(b, PACKET.frame) ||
      flowOf(a) - flowOf(b),
  )
  const merged = new PacketRows(MAX_PACKETS)
  const sample = new PacketSample()
  for (const packet of first) {
    const isOfFirst = (at(packet, PACKET.from_client) === 1) !== (pieces.turned[pieceOfPacket(packet)] === 1)
    const [atUs, bytes, flags, frame] = [PACKET.at_us, PACKET.bytes, PACKET.tcp_flags, PACKET.frame].map((column) => at(packet, column))
    sample.set(atUs, bytes, flags, frame, captureOf(packet))
    merged.add(flowOf(packet), isOfFirst ? 0 : 1, sample)
  }
  return merged.columns()
}

/** Until when a merged report has room for packets, as far as some of its reports tell: the others can only make it earlier. */
export class PacketSpan {
  untilUs = Number.POSITIVE_INFINITY
  /** The earliest, in order. */
  private times = new Float64Array(0)

  /** @param times of the packets of one more report */
  add(times: ArrayLike<number>): void {
    const known = this.times
    const added = new Float64Array(times).sort()
    const all = new Float64Array(Math.min(MAX_PACKETS, known.length + added.length))
    let [a, b] = [0, 0]
    for (let i = 0; i < all.length; i++) {
      const isKnown = b === added.length || (a < known.length && known[a] <= added[b])
      all[i] = isKnown ? known[a++] : added[b++]
    }
    this.times = all
    if (all.length === MAX_PACKETS) this.untilUs = all[MAX_PACKETS - 1]
  }
}
