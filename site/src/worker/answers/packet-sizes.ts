// Packet lengths: the rows of `packets` in the ranges of RMON's counters (RFC 2819, etherStatsPkts...Octets), and longer ones.
import type { PacketSizes } from '../../protocol/answers.ts'
import type { Scope } from '../../protocol/messages.ts'
import { packetColumns } from '../data/packet-rows.ts'
import type { OpenReport } from '../data/report-state.ts'

const STARTS = [0, 65, 128, 256, 512, 1024, 1519, 9001]

const SLICE = 200_000

export function* readPacketSizes(open: OpenReport, { filterText, span }: Scope): Generator<void, PacketSizes> {
  const { meta } = open.rows
  const mask = open.matches.mask(filterText)
  const columns = packetColumns(open)
  yield
  const firstUs = Number(meta.first_us) || 0
  const ranges = STARTS.map((from, index) => ({
    from,
    to: index + 1 < STARTS.length ? STARTS[index + 1] - 1 : null,
    packets: 0,
    bytes: 0,
  }))
  for (let row = 0; row < columns.count; row++) {
    if (row % SLICE === SLICE - 1) yield
    const at = columns.atUs[row] - firstUs
    if (!mask[columns.flow[row]] || (span && (at < span.fromUs || at > span.toUs))) continue
    const length = columns.bytes[row]
    let range = STARTS.length - 1
    while (range > 0 && length < STARTS[range]) range--
    ranges[range].packets++
    ranges[range].bytes += length
  }
  return { ranges, kept: columns.count, packets: Number(meta.packets) || 0 }
}
