// Lines of Zeek's conn.log, dns.log, ssl.log and http.log, tab-separated or JSON -> flow records and names.

import { ownValue } from '../../own-value.ts'
import { LogNames } from './log-names.ts'
import { type FlowFormat, IP_BYTES } from './reader.ts'
import type { FlowRecord } from './record.ts'
import { parseObject } from './values.ts'
import { type Field, type FieldList, readConnection } from './zeek-conn.ts'
import { readDns, readHttp, readSsl } from './zeek-names.ts'

/** By the name of a log: what reads a line, and fields that its JSON objects have in no other log. */
const NAME_LOGS = {
  dns: { read: readDns, json: /"(trans_id|qtype_name|rcode_name)"\s*:/ },
  ssl: { read: readSsl, json: /"(cipher|server_name|established|ja4)"\s*:/ },
  http: { read: readHttp, json: /(?=.*"trans_depth"\s*:).*"tags"\s*:/ },
}

type Log = 'conn' | keyof typeof NAME_LOGS

/** What the two forms of a log share. */
abstract class ZeekLog implements FlowFormat {
  abstract readonly name: string
  readonly units = 'lines'
  readonly remarks: readonly string[]
  readonly names = new LogNames()
  readonly conversationsIn?: string
  private readonly log: Log

  constructor(log: Log) {
    this.log = log
    this.remarks = log === 'conn' ? [IP_BYTES] : []
    if (log !== 'conn') this.conversationsIn = 'conn.log'
  }

  abstract read(line: string, record: FlowRecord): string | null

  protected fill(field: Field, list: FieldList, record: FlowRecord): string | null {
    return this.log === 'conn' ? readConnection(field, record) : NAME_LOGS[this.log].read(field, this.names, list)
  }
}

/** Tab-separated, with the header that names separator and fields; a further header in the file replaces it. */
class ZeekTsv extends ZeekLog {
  readonly name: string
  private separator = '\t'
  private setSeparator = ','
  private unset = '-'
  private empty = '(empty)'
  private columns = new Map<string, number>()

  constructor(log: Log) {
    super(log)
    this.name = `Zeek ${log}.log (TSV)`
  }

  read(line: string, record: FlowRecord): string | null {
    if (line === '') return null
    if (line.startsWith('#')) return this.readHeader(line)
    const cells = line.split(this.separator)
    if (cells.length !== this.columns.size) return `it has not the ${this.columns.size} fields of the header`
    const cell = (name: string) => {
      const text = cells[this.columns.get(name) ?? -1]
      return text === this.unset || text === this.empty ? undefined : text
    }
    const field = (name: string) => {
      const text = cell(name)
      return text === undefined ? undefined : unescaped(text)
    }
    const list = (name: string) => (cell(name)?.split(this.setSeparator) ?? []).map(unescaped)
    return this.fill(field, list, record)
  }

  private readHeader(line: string): null {
    const separator = /^#separator \\x([0-9a-fA-F]{2})/.exec(line)
    if (separator !== null) this.separator = String.fromCharCode(Number.parseInt(separator[1], 16))
    const [key, ...values] = line.split(this.separator)
    if (key === '#set_separator') this.setSeparator = values[0] || ','
    if (key === '#unset_field') this.unset = values[0] ?? '-'
    if (key === '#empty_field') this.empty = values[0] ?? '(empty)'
    if (key === '#fields') this.columns = new Map(values.map((name, i) => [name, i]))
    return null
  }
}

/** One JSON object a line, as LogAscii::use_json writes them. */
class ZeekJson extends ZeekLog {
  readonly name: string

  constructor(log: Log) {
    super(log)
    this.name = `Zeek ${log}.log (JSON)`
  }

  read(line: string, record: FlowRecord): string | null {
    if (line.trim() === '') return null
    const values = parseObject(line)
    if (values === null) return 'it is not a JSON object'
    const field = (name: string) => {
      const value = ownValue(values, name)
      if (Array.isArray(value)) return textsOf(value).join(',')
      return typeof value === 'number' ? decimalText(value) : typeof value === 'string' ? value : undefined
    }
    const list = (name: string) => {
      const value = ownValue(values, name)
      return Array.isArray(value) ? textsOf(value) : []
    }
    return this.fill(field, list, record)
  }
}

/** Whether the beginning of a file is that of one of these logs; null: it is not. @param text the first bytes, latin1 */
export function zeekFormat(text: string): FlowFormat | null {
  if (text.startsWith('#separator ')) {
    const fields = /^#fields(.*)$/m.exec(text)
    const path = /^#path[^\n](conn|dns|ssl|http)\r?$/m.exec(text)
    return path !== null && fields?.[1].includes('id.orig_h') ? new ZeekTsv(path[1] as Log) : null
  }
  const line = text.split('\n', 1)[0]
  if (!line.startsWith('{') || !/"id\.orig_h"\s*:/.test(line)) return null
  if (/"proto"\s*:/.test(line) && /"conn_state"\s*:/.test(line)) return new ZeekJson('conn')
  const logs = Object.keys(NAME_LOGS) as (keyof typeof NAME_LOGS)[]
  // A session without a name may come first.
  const log = logs.find((name) => NAME_LOGS[name].json.test(text))
  return log === undefined ? null : new ZeekJson(log)
}

function textsOf(values: unknown[]): string[] {
  return values.filter((value) => typeof value === 'string')
}

/** The text in which Zeek wrote separators, backslashes and all that is not printable as \xHH, byte by byte. */
function unescaped(text: string): string {
  if (!text.includes('\\x')) return text
  const bytesOf = (escapes: string) => Uint8Array.from(escapes.split('\\x').slice(1), (digits) => Number.parseInt(digits, 16))
  return text.replace(/(?:\\x[0-9a-f]{2})+/gi, (escapes) => new TextDecoder().decode(bytesOf(escapes)))
}

/** The number without an exponent, which JSON may have. */
function decimalText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(6)
}
