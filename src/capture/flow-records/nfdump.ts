// What nfdump prints with -o csv or -o json -> flow records, each one direction of a conversation. Fields: nfdump(1), output_csv.c, output_json.c
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import { fillRecord } from './fill.ts'
import { protocolOf } from './protocols.ts'
import { type FlowFormat, IP_BYTES } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { decimal, microseconds, numberOf, parseObject, textOf, timeOf } from './values.ts'

const REMARKS = [
  IP_BYTES,
  'records of both directions and of parts of a conversation are joined by their ends; the earlier SYN, else the ports, tell who opened it',
  'times have no zone in nfdump and are taken as UTC (run it with TZ=UTC)',
]
/** As nfdump prints them, "...AP.SF". */
const FLAGS = new Map([
  ['F', TcpFlag.fin],
  ['S', TcpFlag.syn],
  ['R', TcpFlag.rst],
  ['P', TcpFlag.psh],
  ['A', TcpFlag.ack],
])
/** The columns that are read; the short ones until 1.7.2, the long ones since. */
const COLUMNS = {
  start: ['ts', 'firstSeen'],
  end: ['te', 'lastSeen'],
  seconds: ['td', 'duration'],
  protocol: ['pr', 'proto'],
  source: ['sa', 'srcAddr'],
  sourcePort: ['sp', 'srcPort'],
  target: ['da', 'dstAddr'],
  targetPort: ['dp', 'dstPort'],
  flags: ['flg', 'flags'],
  packets: ['ipkt', 'pkt', 'packets'],
  bytes: ['ibyt', 'byt', 'bytes'],
  backPackets: ['opkt', 'outPackets'],
  backBytes: ['obyt', 'outBytes'],
  router: ['ra'],
  exporter: ['exid'],
}

/** What tells the header from that of other tables. */
const NEEDED = [
  ['ts', 'te', 'sa', 'da', 'pr', 'ipkt', 'ibyt'],
  ['firstSeen', 'proto', 'srcAddr', 'dstAddr', 'packets', 'bytes'],
]

type Row = Record<keyof typeof COLUMNS, string>

class NfdumpCsv implements FlowFormat {
  readonly name = 'nfdump (CSV)'
  readonly units = 'lines'
  readonly remarks = REMARKS
  private readonly header: string[]
  private isSummary = false
  private readonly columns: [keyof Row, number][]

  constructor(header: string) {
    this.header = header.split(',')
    const keys = Object.keys(COLUMNS) as (keyof Row)[]
    this.columns = keys.map((key) => [key, this.header.findIndex((name) => COLUMNS[key].includes(name))])
  }

  read(line: string, record: FlowRecord): string | null {
    const cells = line.split(',')
    // The summary is at the end; after it begins the next one of joined files.
    if (line === 'Summary') this.isSummary = true
    if (cells[0] === this.header[0]) this.isSummary = false
    if (line === '' || this.isSummary || cells[0] === this.header[0]) return null
    if (cells.length !== this.header.length) return `it has not the ${this.header.length} fields of the header`
    const row = Object.fromEntries(this.columns.map(([key, i]) => [key, (cells[i] ?? '').trim()])) as Row
    const startUs = timeOf(row.start) ?? microseconds(decimal(row.start))
    const lengthUs = row.seconds === '' ? null : microseconds(decimal(row.seconds))
    const endUs = startUs === null || lengthUs === null ? timeOf(row.end) : startUs + lengthUs
    const protocol = protocolOf(row.protocol)
    const isIcmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6
    // ICMP has type and code in place of the port: "771" or "3.3".
    const [type, code] = row.targetPort.includes('.') ? row.targetPort.split('.') : [String(decimal(row.targetPort) >> 8), row.targetPort]
    const problem = fillRecord(record, {
      ...{ startUs, endUs, source: row.source, target: row.target, protocol },
      ...{ sourcePort: decimal(row.sourcePort), targetPort: decimal(row.targetPort) },
      ...(isIcmp ? { icmpType: decimal(type), icmpCode: decimal(code) & 255 } : {}),
      ...{ sourcePackets: decimal(row.packets), sourceBytes: decimal(row.bytes) },
      ...{ targetPackets: decimal(row.backPackets || '0'), targetBytes: decimal(row.backBytes || '0') },
    })
    return problem || asPart(record, row.flags, /^[0.:]*$/.test(row.router) ? row.exporter : row.router)
  }
}

/** Objects in a list, or one a line (-o ndjson). */
class NfdumpJson implements FlowFormat {
  readonly name = 'nfdump (JSON)'
  readonly units = 'objects'
  readonly remarks = REMARKS

  read(text: string, record: FlowRecord): string | null {
    const flow = parseObject(text)
    if (flow === null) return 'it is not JSON'
    if (flow.type !== 'FLOW') return null
    const number = (...names: string[]) => numberOf(names.map((name) => flow[name]).find((value) => value !== undefined) ?? Number.NaN)
    const problem = fillRecord(record, {
      startUs: timeOf(flow.first ?? flow.t_first),
      endUs: timeOf(flow.last ?? flow.t_last),
      source: textOf(flow.src4_addr ?? flow.src6_addr ?? flow.src_addr),
      target: textOf(flow.dst4_addr ?? flow.dst6_addr ?? flow.dst_addr),
      sourcePort: number('src_port'),
      targetPort: number('dst_port'),
      protocol: number('proto'),
      icmpType: number('icmp_type'),
      icmpCode: number('icmp_code'),
      sourcePackets: number('in_packets'),
      sourceBytes: number('in_bytes'),
      targetPackets: flow.out_packets === undefined ? 0 : number('out_packets'),
      targetBytes: flow.out_bytes === undefined ? 0 : number('out_bytes'),
    })
    const router = textOf(flow.ip4_router ?? flow.ip6_router)
    const { export_sysid: exporter } = flow
    return problem || asPart(record, textOf(flow.tcp_flags), router || (typeof exporter === 'number' ? String(exporter) : textOf(exporter)))
  }
}

/** @param text the beginning of the file, latin1 */
export function nfdumpFormat(text: string): FlowFormat | null {
  const line = text.split('\n', 1)[0].trimEnd()
  const names = line.split(',')
  const isHeader = NEEDED.some((needed) => needed.every((name) => names.includes(name)))
  if (isHeader) return new NfdumpCsv(line)
  const isFlow = /^\s*\[?\s*\{\s*"type"\s*:\s*"(FLOW|EVENT)"/.test(text) && /"in_packets"\s*:/.test(text) && /"t?_?first"\s*:/.test(text)
  return isFlow ? new NfdumpJson() : null
}

/** A record with packets of both directions has the flags of both together. */
function asPart(record: FlowRecord, flags: string, observer: string): '' {
  record.isPart = true
  record.observer = observer === '0' ? '' : observer
  if (record.protocol === Protocol.tcp) for (const letter of flags) record.sourceFlags |= FLAGS.get(letter) ?? 0
  if (record.targetPackets === 0) return ''
  record.targetFlags = record.sourceFlags
  record.openedBy = 1
  return ''
}
