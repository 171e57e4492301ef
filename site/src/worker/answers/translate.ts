// The filter in the words of other tools.
import { BPF, WIRESHARK } from '../../../../src/filter/dialects.ts'
import { packetFilter } from '../../../../src/filter/packets.ts'
import { parseFilter } from '../../../../src/filter/parser.ts'
import { selectFlowsSql } from '../../../../src/filter/sql.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'

export function translate(
  { matches: { source } }: OpenReport,
  { filterText, span }: Questions['translate']['question'],
): Questions['translate']['answer'] {
  const filter = parseFilter(filterText)
  const { hosts, firstUs } = source
  const addressesWithin = (first: string, last: string) => hosts.ip.filter((_, host) => hosts.key[host] >= first && hosts.key[host] <= last)
  const inSpan = (text: string) => {
    if (!span) return text
    const time = WIRESHARK.time(firstUs + Math.round(span.fromUs), firstUs + Math.round(span.toUs))!
    return text ? `(${text}) && ${time}` : time
  }
  const wireshark = packetFilter(filter, filterText, source, WIRESHARK)
  const bpf = packetFilter(filter, filterText, source, BPF)
  return {
    sql: { text: selectFlowsSql(filter, { firstUs, addressesWithin }, span), missing: [], notes: [] },
    wireshark: { ...wireshark, text: inSpan(wireshark.text) },
    bpf: { ...bpf, missing: span ? [...bpf.missing, 'the chosen time'] : bpf.missing },
  }
}
