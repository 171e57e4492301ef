// Lines of AWS VPC flow logs, versions 2 to 5 -> flow records, each one direction of a conversation.
// Fields: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
import { Protocol, TcpFlag } from '../../decode/codes.ts'
import { fillRecord } from './fill.ts'
import { type FlowFormat, IP_BYTES } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { decimal, microseconds } from './values.ts'

/** The default format (version 2), whose lines need no header. */
const DEFAULT = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
  ' ',
)
/** As CloudWatch Logs prints a record: after the time at which it came. */
const DEFAULT_LINE =
  /^(\d{4}-\d\d-\d\dT[\d:.]+Z )?2 (\d{12}|unknown|-) \S+ \S+ \S+ \S+ \S+ \S+ \S+ \S+ \d+ \d+ (ACCEPT|REJECT|-) (OK|NODATA|SKIPDATA)$/
const NEEDED = ['protocol', 'packets', 'bytes', 'start', 'end']

class Aws implements FlowFormat {
  readonly name = 'AWS VPC flow logs'
  readonly units = 'lines'
  readonly remarks = [
    IP_BYTES,
    'records of both directions and of parts of a conversation are joined by their ends; their times are whole seconds',
    'a TCP conversation that was rejected counts as an attempt without an answer',
  ]
  private readonly header: string
  private readonly columns: ReadonlyMap<string, number>

  /** @param header the first line, '' for the default format */
  constructor(header: string) {
    this.header = header
    this.columns = new Map((header === '' ? DEFAULT : header.split(' ')).map((name, i) => [name, i]))
  }

  read(line: string, record: FlowRecord): string | null {
    if (line === '' || line === this.header) return null
    const cells = line.split(' ')
    if (this.header === '' && cells.length === DEFAULT.length + 1) cells.shift()
    if (cells.length !== this.columns.size) return `it has not the ${this.columns.size} fields of its format`
    const cell = (name: string) => {
      const text = cells[this.columns.get(name) ?? -1] ?? '-'
      return text === '-' ? '' : text
    }
    if (cell('log-status') === 'NODATA') return null
    if (cell('log-status') === 'SKIPDATA') return 'AWS has no records of its time (SKIPDATA)'
    const problem = fillRecord(record, {
      startUs: microseconds(decimal(cell('start'))),
      endUs: microseconds(decimal(cell('end'))),
      source: cell('srcaddr') || cell('pkt-srcaddr'),
      target: cell('dstaddr') || cell('pkt-dstaddr'),
      sourcePort: decimal(cell('srcport')),
      targetPort: decimal(cell('dstport')),
      protocol: decimal(cell('protocol')),
      sourcePackets: decimal(cell('packets')),
      sourceBytes: decimal(cell('bytes')),
    })
    if (problem !== '') return problem
    record.isPart = true
    record.observer = cell('interface-id')
    if (record.protocol !== Protocol.tcp) return ''
    const flags = decimal(cell('tcp-flags'))
    record.sourceFlags = flags >= 0 ? flags & 255 : cell('action') === 'REJECT' ? TcpFlag.syn : 0
    // AWS reports ACK only together with SYN: the source is then the server.
    if ((record.sourceFlags & TcpFlag.syn) !== 0) record.openedBy = (record.sourceFlags & TcpFlag.ack) === 0 ? 1 : 2
    return ''
  }
}

/** @param text the beginning of the file, latin1 */
export function awsFormat(text: string): FlowFormat | null {
  const line = text.split('\n', 1)[0].trimEnd()
  if (DEFAULT_LINE.test(line)) return new Aws('')
  const names = line.split(' ')
  const isHeader =
    names.length >= 7 && names.every((name) => /^[a-z][a-z0-9-]{1,40}$/.test(name)) && NEEDED.every((name) => names.includes(name))
  return isHeader && (names.includes('srcaddr') || names.includes('pkt-srcaddr')) ? new Aws(line) : null
}
