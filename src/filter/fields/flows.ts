// Fields about the flow itself: application, state, size and duration.
import { type Field, notInPackets, offersNothing } from '../field.ts'
import { markRange, markTexts } from '../marks.ts'
import { pathPattern } from '../pattern.ts'
import type { FilterSource, TextColumn } from '../source.ts'
import { like, within } from '../sql-text.ts'
import type { RangeValue, TextValue, TimeValue } from '../values.ts'

/** A flow without an application is called by its transport, as on the page. */
export const APPLICATION =
  "coalesce(f.application, CASE WHEN f.transport IN ('tcp', 'udp', 'sctp') THEN 'other ' || f.transport ELSE f.transport END)"

type FieldText = Pick<Field, 'about' | 'example' | 'aliases'>

/** A field whose values are texts of one column. */
function textField(
  info: FieldText,
  columnOf: (flows: FilterSource['flows']) => TextColumn,
  sqlColumn: string,
  packets: Field<TextValue>['packets'] = notInPackets,
): Field<TextValue> {
  return {
    kind: 'text',
    ...info,
    match: (mask, { pattern }, { flows }) => markTexts(mask, columnOf(flows), (text) => pattern.test(text)),
    sql: ({ text }) => like(sqlColumn, text),
    packets,
    complete: (offers) => offers.texts(columnOf(offers.source.flows)),
  }
}

/** A field whose values are ranges of one column. */
function numberField(
  kind: 'bytes' | 'count' | 'id' | 'duration',
  info: FieldText,
  columnOf: (flows: FilterSource['flows']) => ArrayLike<number>,
  sqlColumn: string,
): Field<RangeValue> {
  return {
    kind,
    ...info,
    match: (mask, { range }, { flows }) => markRange(mask, columnOf(flows), range),
    sql: ({ range }) => within(sqlColumn, range),
    packets: notInPackets,
    complete: offersNothing,
  }
}

const communityid: Field<TextValue> = {
  kind: 'text',
  about: 'Community ID, as in Zeek, Suricata and Wireshark',
  example: 'communityid:1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  aliases: ['community_id', 'cid'],
  match: (mask, { pattern }, source) => markTexts(mask, source.communityIds(), (text) => pattern.test(text)),
  sql: ({ text }) => like('f.community_id', text),
  packets: notInPackets,
  complete: offersNothing,
}

const port: Field<RangeValue> = {
  kind: 'port',
  about: 'Port of either end',
  example: 'port:443',
  match(mask, { range }, { flows }) {
    const ports = { from: Math.max(0, range.from), to: range.to } // -1 is no port
    markRange(mask, flows.clientPort, ports)
    markRange(mask, flows.serverPort, ports)
  },
  sql: ({ range }) => `(${within('f.client_port', range)}) OR (${within('f.server_port', range)})`,
  packets: ({ range }, writer) => writer.exact(writer.dialect.port(range)),
  complete: (offers) => offers.numbers(offers.source.flows.serverPort),
}

const tunnel: Field<TextValue> = {
  kind: 'text',
  about: 'Encapsulation of the packets; any or none',
  example: 'tunnel:any',
  match(mask, { text }, { flows }) {
    const word = text.toLowerCase()
    if (word === 'none') return markRange(mask, flows.tunnel.code, { from: Number.NEGATIVE_INFINITY, to: -1 })
    const path = pathPattern(text)
    markTexts(mask, flows.tunnel, (value) => word === 'any' || path.test(value))
  },
  sql({ text }) {
    const word = text.toLowerCase()
    if (word === 'any' || word === 'none') return `f.tunnel IS ${word === 'any' ? 'NOT ' : ''}NULL`
    return like("'/' || f.tunnel || '/'", `*/${text}/*`)
  },
  packets: notInPackets,
  complete(offers) {
    offers.words(['any', 'none'])
    offers.texts(offers.source.flows.tunnel)
  },
}

const length: Field<RangeValue> = {
  kind: 'bytes',
  about: 'Length of a frame of the flow, of the packets the report keeps',
  example: 'length>1518',
  match(mask, { range: { from, to } }, source) {
    const { flow, bytes } = source.frames()
    for (let row = 0; row < flow.length; row++) if (bytes[row] >= from && bytes[row] <= to) mask[flow[row]] = 1
  },
  sql: ({ range }) => `f.id IN (SELECT flow_id FROM packets WHERE ${within('bytes', range)})`,
  packets: notInPackets,
  complete: offersNothing,
}

const time: Field<TimeValue> = {
  kind: 'time',
  about: 'Seen within a time: since the start, or UTC',
  example: 'time:30s..45s',
  match(mask, value, { firstUs, flows }) {
    const { from, to } = fromEpoch(value, firstUs)
    for (let flow = 0; flow < mask.length; flow++) if (flows.firstUs[flow] <= to && flows.lastUs[flow] >= from) mask[flow] = 1
  },
  sql(value, { firstUs }) {
    const { from, to } = fromEpoch(value, firstUs)
    const ends = [
      Number.isFinite(to) ? `f.first_us <= ${Math.round(to)}` : '',
      Number.isFinite(from) ? `f.last_us >= ${Math.round(from)}` : '',
    ].filter(Boolean)
    return ends.join(' AND ') || '1'
  },
  packets(value, writer) {
    const { from, to } = fromEpoch(value, writer.source.firstUs)
    return writer.wider(writer.dialect.time(from, to), 'A time selects the packets within it, not whole flows.')
  },
  complete: offersNothing,
}

function fromEpoch({ range, isRelative }: TimeValue, firstUs: number): { from: number; to: number } {
  const offset = isRelative ? firstUs : 0
  return { from: range.from + offset, to: range.to + offset }
}

const duration: Field<RangeValue> = {
  kind: 'duration',
  about: 'From its first packet to its last',
  example: 'duration>10s',
  match(mask, { range: { from, to } }, { flows }) {
    for (let flow = 0; flow < mask.length; flow++) {
      const us = flows.lastUs[flow] - flows.firstUs[flow]
      if (us >= from && us <= to) mask[flow] = 1
    }
  },
  sql: ({ range }) => within('(f.last_us - f.first_us)', range),
  packets: notInPackets,
  complete: offersNothing,
}

export const FLOW_FIELDS = {
  app: textField(
    { about: 'Application', example: 'app:tls', aliases: ['application', 'service'] },
    (flows) => flows.application,
    APPLICATION,
    ({ text }, writer) =>
      writer.wider(
        writer.dialect.application(text.toLowerCase()),
        'An application selects the packets that Wireshark shows as such, not whole flows.',
      ),
  ),
  port,
  proto: textField(
    { about: 'Transport: tcp, udp, icmp, …', example: 'proto:udp', aliases: ['transport', 'protocol'] },
    (flows) => flows.transport,
    'f.transport',
    ({ text, pattern }, { source, dialect, exact }) => {
      const names = source.flows.transport.texts.filter((name) => pattern.test(name))
      const parts = (names.length > 0 ? names : [text.toLowerCase()]).map((name) => dialect.transport(name))
      return parts.includes(null) ? null : exact(parts.map((part) => (parts.length > 1 ? `(${part})` : part)).join(` ${dialect.or} `))
    },
  ),
  state: textField({ about: 'How the connection went (Zeek’s conn_state)', example: 'state:S0' }, (flows) => flows.state, 'f.state'),
  ja4: textField({ about: 'JA4 fingerprint of the client', example: 'ja4:t13d*' }, (flows) => flows.ja4, 'f.ja4'),
  communityid,
  tunnel,
  bytes: numberField(
    'bytes',
    { about: 'Bytes of the flow', example: 'bytes>1M', aliases: ['size'] },
    (flows) => flows.bytes,
    '(f.client_bytes + f.server_bytes)',
  ),
  packets: numberField(
    'count',
    { about: 'Packets of the flow', example: 'packets>100' },
    (flows) => flows.packets,
    '(f.client_packets + f.server_packets)',
  ),
  length,
  duration,
  time,
  flow: numberField('id', { about: 'Number of the flow', example: 'flow:12', aliases: ['id'] }, (flows) => flows.id, 'f.id'),
}
