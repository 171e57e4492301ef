// Rows of a lake (export/parquet.ts), as lines with one JSON list each -> flow records and names.
import { fillRecord, type LoggedFlow } from './fill.ts'
import { PACKED, PackedLists } from './flat-list.ts'
import { LogLinks } from './log-links.ts'
import { LogNames } from './log-names.ts'
import type { FlowFormat } from './reader.ts'
import { type FlowRecord, formatOfRecords } from './record.ts'
import { numberOf, textOf } from './values.ts'

const MAGIC = 'rtnvis lake'
/** In `captures`. */
export const LAKE_FORMAT = formatOfRecords(MAGIC)

/** Columns of `flows` in a line, after the word "flow"; times are microseconds since the epoch. */
export const FLOW_LINE = [
  'first',
  'last',
  'protocol_number',
  'client_ip',
  'client_port',
  'server_ip',
  'server_port',
  'client_packets',
  'server_packets',
  'client_bytes',
  'server_bytes',
  'client_tcp_flags',
  'server_tcp_flags',
  'state',
  'application',
  'application_source',
  'server_name',
  'server_name_source',
  'ja4',
  'tunnel',
  // Of ICMP alone: what it was made from is known nowhere else.
  'community_id',
] as const
/** Indexes in such a line. */
const [CLIENT, SERVER] = [FLOW_LINE.indexOf('client_ip') + 1, FLOW_LINE.indexOf('server_ip') + 1]
/** The same of `names`, added up, after "name". */
export const NAME_LINE = ['ip', 'name', 'source', 'first', 'count'] as const
/** The same of `dns` after "dns", with the ends of its conversation. */
export const DNS_LINE = [
  'at',
  'protocol_number',
  'client_ip',
  'client_port',
  'server_ip',
  'server_port',
  'name',
  'type',
  'response_code',
  'answers',
  'answer_us',
  'application',
] as const

/** The same of `link_traffic`, added up, after "link". */
export const LINK_LINE = ['source_mac', 'destination_mac', 'protocol', 'packets', 'bytes', 'first', 'last', 'source_addresses'] as const

/** States in which the client, and those in which the server, reset the connection. */
const RESET_BY = new Map<string, 1 | 2>([
  ['RSTO', 1],
  ['RSTOS0', 1],
  ['REJ', 2],
  ['RSTR', 2],
  ['RSTRH', 2],
])

const NO_ROW = 'it is not a row of a lake'

/** The first line. @param about what of the lake is read, for the report */
export function lakeHead(about: string): string {
  return `${JSON.stringify([MAGIC, 1, about])}\n`
}

class LakeLines implements FlowFormat {
  readonly name = MAGIC
  readonly units = 'packed'
  readonly names = new LogNames(true)
  readonly links = new LogLinks()
  private readonly lists = new PackedLists()
  private line = 0
  readonly remarks = ['bytes are those of whole frames where captures were exported, those of IP packets where flow logs were']

  constructor(about: string) {
    this.remarks.push(`of the lake, ${about} are read; its findings are not taken over: rules run again on its conversations`)
  }

  read(line: string, record: FlowRecord): string | null {
    this.line++
    return line === '' ? null : this.readList(record, parseList(line))
  }

  readBytes(bytes: Uint8Array, from: number, to: number, record: FlowRecord): string | null | undefined {
    if (bytes[from] !== PACKED) return undefined
    this.line++
    const { lists } = this
    if (!lists.read(bytes, from, to)) return NO_ROW
    if (lists.values[0] === 'flow' && lists.count === FLOW_LINE.length + 1)
      return fillFlow(record, lists.values, lists.addressAt(CLIENT), lists.addressAt(SERVER))
    return this.readList(record, lists.values.slice(0, lists.count))
  }

  private readList(record: FlowRecord, values: unknown[] | null): string | null {
    switch (values?.[0]) {
      case 'flow':
        return fillFlow(record, values)
      case 'name':
        return this.names.addHostName(textOf(values[1]), textOf(values[2]), textOf(values[3]), timeIn(values[4]), numberOf(values[5]))
      case 'dns':
        return this.addDns(values)
      case 'link':
        return this.addLink(values)
      case MAGIC:
        return null
      default:
        return NO_ROW
    }
  }

  private addLink([, source, destination, protocol, packets, bytes, first, last, addresses]: unknown[]): string | null {
    return this.links.add({
      sourceMac: textOf(source),
      destinationMac: textOf(destination),
      protocol: textOf(protocol),
      packets: numberOf(packets),
      bytes: numberOf(bytes),
      firstUs: timeIn(first),
      lastUs: timeIn(last),
      frame: this.line,
      sourceAddresses: textOf(addresses),
    })
  }

  /** A row has question and answer, or without a time between them one of the two. */
  private addDns([, at, protocol, client, clientPort, server, serverPort, name, type, code, answers, answerUs, application]: unknown[]):
    | string
    | null {
    const atUs = timeIn(at)
    const message = {
      ends: {
        client: textOf(client),
        clientPort: numberOf(clientPort),
        server: textOf(server),
        serverPort: numberOf(serverPort),
        protocol: numberOf(protocol),
        isPortless: clientPort === null && serverPort === null,
      },
      id: this.names.messages.length & 0xffff,
      name: textOf(name),
      type: textOf(type),
    }
    const responseCode = textOf(code)
    const isAsked = responseCode === '' || typeof answerUs === 'number'
    const problem = isAsked ? this.names.addMessage({ ...message, atUs, isResponse: false, responseCode: '', answers: [] }) : null
    if (problem !== null || responseCode === '') return problem
    const answeredUs = atUs === null || typeof answerUs !== 'number' ? atUs : timeIn(atUs + answerUs)
    const list = textOf(answers)
      .split(' ')
      .filter((answer) => answer !== '')
    return this.names.addMessage({
      ...message,
      atUs: answeredUs,
      isResponse: true,
      responseCode,
      answers: list,
      namesHosts: application === 'dns',
    })
  }
}

function fillFlow(
  record: FlowRecord,
  values: readonly unknown[],
  source: LoggedFlow['source'] = textOf(values[CLIENT]),
  target: LoggedFlow['target'] = textOf(values[SERVER]),
): string | null {
  const [
    ,
    first,
    last,
    protocol,
    ,
    clientPort,
    ,
    serverPort,
    clientPackets,
    serverPackets,
    clientBytes,
    serverBytes,
    clientFlags,
    serverFlags,
    state,
    application,
    applicationSource,
    serverName,
    serverNameSource,
    ja4,
    tunnel,
    communityId,
  ] = values
  const problem = fillRecord(record, {
    startUs: timeIn(first),
    endUs: timeIn(last),
    source,
    target,
    sourcePort: numberOf(clientPort),
    targetPort: numberOf(serverPort),
    isPortless: clientPort === null && serverPort === null,
    protocol: numberOf(protocol),
    sourcePackets: numberOf(clientPackets),
    sourceBytes: numberOf(clientBytes),
    targetPackets: numberOf(serverPackets),
    targetBytes: numberOf(serverBytes),
  })
  if (problem !== '') return problem
  record.sourceFlags = numberOf(clientFlags) & 255
  record.targetFlags = numberOf(serverFlags) & 255
  record.resetBy = RESET_BY.get(textOf(state)) ?? 0
  record.application = applicationSource === 'content' ? textOf(application) : ''
  record.serverName = textOf(serverName)
  record.serverNameSource = textOf(serverNameSource)
  record.ja4 = textOf(ja4)
  record.tunnel = textOf(tunnel)
  record.icmpId = textOf(communityId)
  return ''
}

/** @param text the beginning of the input, latin1 */
export function lakeFormat(text: string): FlowFormat | null {
  const line = text.split('\n', 1)[0]
  if (!line.startsWith(`["${MAGIC}",1,`)) return null
  const about = parseList(new TextDecoder().decode(Uint8Array.from(line, (character) => character.charCodeAt(0))))?.[2]
  return typeof about === 'string' ? new LakeLines(about) : null
}

function parseList(line: string): unknown[] | null {
  try {
    const values: unknown = JSON.parse(line)
    return Array.isArray(values) ? values : null
  } catch {
    return null
  }
}

/** Microseconds since the epoch, as a conversation's time may be. */
function timeIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 32 * 1e6 ? value : null
}
