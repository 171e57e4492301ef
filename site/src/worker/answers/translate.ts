// The filter in the syntax of other tools, and the command that copies its packets.
import { rangeTest } from '../../../../src/filter/address.ts'
import { BPF, WIRESHARK } from '../../../../src/filter/dialects.ts'
import { packetFilter } from '../../../../src/filter/packets.ts'
import { parseFilter } from '../../../../src/filter/parser.ts'
import { selectFlowsSql } from '../../../../src/filter/sql.ts'
import { choiceOf, sliceCommand } from '../../model/slice-command.ts'
import type { Questions } from '../../protocol/messages.ts'
import { frameFilter } from '../data/frames.ts'
import type { OpenReport } from '../data/report-state.ts'

export function translate(report: OpenReport, { filterText, span }: Questions['translate']['question']): Questions['translate']['answer'] {
  const { source } = report.matches
  const filter = parseFilter(filterText)
  const { hosts, firstUs } = source
  const addressesWithin = (first: string, last: string) => {
    const isInRange = rangeTest({ first, last })
    return hosts.ip.filter((ip, host) => isInRange(hosts.key[host], ip))
  }
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
    frames: { missing: [], ...framesOf(report, filterText, span) },
    slice: {
      text: sliceCommand(choiceOf(filterText, span, firstUs)),
      missing: [],
      notes: [],
    },
    bpf: { ...bpf, missing: span ? [...bpf.missing, 'the chosen time'] : bpf.missing },
  }
}

function framesOf(
  report: OpenReport,
  filterText: string,
  span: Questions['translate']['question']['span'],
): { text: string; notes: string[] } {
  const { flows, firstUs } = report.matches.source
  const mask = report.matches.within({ filterText, span })
  const ids: number[] = []
  let packets = 0
  for (let flow = 0; flow < mask.length; flow++) {
    if (mask[flow] === 0) continue
    ids.push(flows.id[flow])
    packets += flows.packets[flow]
  }
  return frameFilter(report, ids, packets, span && { fromUs: firstUs + Math.round(span.fromUs), toUs: firstUs + Math.round(span.toUs) })
}
