// The columns of all tables: label, kind of value, and the filter term for a value.
import { quote } from '../../../src/filter/syntax.ts'

export type Cell = string | number | null

/** Kind of a value: texts come from the network, times are microseconds since the epoch, durations are microseconds. */
export type CellKind = 'text' | 'address' | 'count' | 'bytes' | 'time' | 'duration' | 'port' | 'country' | 'severity'

export interface Column {
  readonly id: string
  readonly label: string
  readonly kind: CellKind
  /** CSS pixels; texts and addresses give up a part of it in a narrow table, and share what remains in a wide one. */
  readonly width: number
  /** Hidden until the reader chooses it. */
  readonly isExtra?: boolean
  /** Description for the tooltip. */
  readonly about?: string
  /** The filter term for a value; undefined for a column without one. */
  term?(value: string | number): string
}

const plain = (field: string) => (value: string | number) => `${field}:${quote(String(value))}`
const atLeast = (field: string) => (value: string | number) => `${field}>=${value}`
const seconds = (value: string | number) => `duration>=${Number(value) / 1e6}s`

const FLOWS: readonly Column[] = [
  { id: 'first', label: 'First', kind: 'time', width: 108, about: 'Time of the first packet' },
  { id: 'client', label: 'Client', kind: 'address', width: 150, term: plain('from') },
  { id: 'clientName', label: 'Client name', kind: 'text', width: 170, isExtra: true, term: plain('name') },
  { id: 'clientCountry', label: 'From', kind: 'country', width: 64, isExtra: true, about: 'Country of the client', term: plain('country') },
  { id: 'clientPort', label: 'Client port', kind: 'port', width: 90, isExtra: true, term: plain('port') },
  { id: 'server', label: 'Server', kind: 'address', width: 150, term: plain('to') },
  { id: 'serverName', label: 'Server name', kind: 'text', width: 214, term: plain('name') },
  { id: 'serverCountry', label: 'To', kind: 'country', width: 46, about: 'Country of the server', term: plain('country') },
  { id: 'serverPort', label: 'Port', kind: 'port', width: 62, about: 'Port of the server', term: plain('port') },
  { id: 'transport', label: 'Transport', kind: 'text', width: 90, term: plain('proto') },
  { id: 'application', label: 'Application', kind: 'text', width: 106, term: plain('app') },
  { id: 'bytes', label: 'Bytes', kind: 'bytes', width: 76, term: atLeast('bytes') },
  { id: 'clientBytes', label: 'Sent', kind: 'bytes', width: 86, isExtra: true, about: 'Bytes sent by the client' },
  { id: 'serverBytes', label: 'Received', kind: 'bytes', width: 86, isExtra: true, about: 'Bytes sent by the server' },
  { id: 'packets', label: 'Packets', kind: 'count', width: 74, term: atLeast('packets') },
  { id: 'duration', label: 'Duration', kind: 'duration', width: 94, term: seconds },
  { id: 'state', label: 'State', kind: 'text', width: 92, about: 'How the connection went: Zeek’s conn_state', term: plain('state') },
  { id: 'alerts', label: 'Alerts', kind: 'count', width: 70, isExtra: true },
  {
    id: 'asn',
    label: 'Server’s network',
    kind: 'text',
    width: 180,
    isExtra: true,
    about: 'Autonomous system of the server',
    term: plain('asn'),
  },
  { id: 'ja4', label: 'JA4', kind: 'text', width: 290, isExtra: true, about: 'TLS fingerprint of the client', term: plain('ja4') },
  {
    id: 'communityId',
    label: 'Community ID',
    kind: 'text',
    width: 250,
    isExtra: true,
    about: 'The key of the flow in Zeek, Suricata and Wireshark',
    term: plain('communityid'),
  },
  { id: 'tunnel', label: 'Tunnel', kind: 'text', width: 110, isExtra: true, term: plain('tunnel') },
  { id: 'id', label: 'Number', kind: 'count', width: 80, isExtra: true, about: 'flows.id in traffic.sqlite', term: plain('flow') },
]

const HOSTS: readonly Column[] = [
  { id: 'ip', label: 'Address', kind: 'address', width: 170, term: plain('ip') },
  { id: 'name', label: 'Name', kind: 'text', width: 240, about: 'Its best known name', term: plain('name') },
  { id: 'country', label: 'Country', kind: 'country', width: 78, term: plain('country') },
  { id: 'place', label: 'Place', kind: 'text', width: 170, term: plain('place') },
  {
    id: 'asName',
    label: 'Network',
    kind: 'text',
    width: 180,
    isExtra: true,
    about: 'Operator of its autonomous system',
    term: plain('asn'),
  },
  { id: 'asn', label: 'AS', kind: 'port', width: 80, isExtra: true, about: 'Autonomous system number', term: plain('asn') },
  { id: 'scope', label: 'Scope', kind: 'text', width: 112, term: plain('scope') },
  { id: 'bytes', label: 'Bytes', kind: 'bytes', width: 86 },
  { id: 'sent', label: 'Sent', kind: 'bytes', width: 86 },
  { id: 'received', label: 'Received', kind: 'bytes', width: 86 },
  { id: 'packets', label: 'Packets', kind: 'count', width: 86, isExtra: true },
  { id: 'flows', label: 'Flows', kind: 'count', width: 80 },
  { id: 'peers', label: 'Peers', kind: 'count', width: 76, about: 'Other hosts it spoke with' },
  { id: 'first', label: 'First', kind: 'time', width: 118, isExtra: true },
  { id: 'last', label: 'Last', kind: 'time', width: 118, isExtra: true },
  { id: 'alerts', label: 'Alerts', kind: 'count', width: 76 },
]

const NAMES: readonly Column[] = [
  { id: 'name', label: 'Name', kind: 'text', width: 330, term: plain('name') },
  { id: 'sources', label: 'Read from', kind: 'text', width: 150, about: 'Where on the wire the name was seen' },
  { id: 'hosts', label: 'Hosts', kind: 'count', width: 80, about: 'Addresses that have the name' },
  { id: 'flows', label: 'Flows', kind: 'count', width: 80, about: 'Flows to a server of this name' },
  { id: 'bytes', label: 'Bytes', kind: 'bytes', width: 90, about: 'Of those flows' },
  { id: 'questions', label: 'Questions', kind: 'count', width: 96, about: 'DNS questions for it' },
  { id: 'failures', label: 'Failures', kind: 'count', width: 90, about: 'DNS answers other than NOERROR' },
  { id: 'askers', label: 'Requested by', kind: 'count', width: 120, about: 'Hosts that requested it' },
  { id: 'first', label: 'First', kind: 'time', width: 118 },
]

const QUESTIONS: readonly Column[] = [
  { id: 'at', label: 'Time', kind: 'time', width: 118 },
  { id: 'client', label: 'Client', kind: 'address', width: 150, term: plain('from') },
  { id: 'server', label: 'Resolver', kind: 'address', width: 150, term: plain('to') },
  { id: 'name', label: 'Name', kind: 'text', width: 280, term: plain('dns') },
  { id: 'type', label: 'Type', kind: 'text', width: 76 },
  { id: 'code', label: 'Answer', kind: 'text', width: 100, about: 'Response code; empty: no answer seen' },
  {
    id: 'answerTime',
    label: 'After',
    kind: 'duration',
    width: 80,
    about: 'From the question to its answer; empty: one of them was not seen',
  },
  { id: 'answers', label: 'Answers', kind: 'text', width: 250 },
  { id: 'flow', label: 'Flow', kind: 'port', width: 80, isExtra: true, term: plain('flow') },
]

/** A row for each hardware address in frames without IP. */
const STATIONS: readonly Column[] = [
  { id: 'mac', label: 'MAC address', kind: 'address', width: 180 },
  { id: 'vendor', label: 'Vendor', kind: 'text', width: 160, about: 'Who made the interface; of a group address, what it is for' },
  { id: 'claims', label: 'By ARP', kind: 'text', width: 124, about: 'IPv4 addresses that it gives as its own by ARP' },
  { id: 'host', label: 'Host', kind: 'text', width: 150, isExtra: true, about: 'Address of the host with IP that has this MAC address' },
  { id: 'protocols', label: 'Protocols', kind: 'text', width: 160 },
  { id: 'packets', label: 'Packets', kind: 'count', width: 84 },
  { id: 'bytes', label: 'Bytes', kind: 'bytes', width: 84 },
  { id: 'sent', label: 'Sent', kind: 'bytes', width: 84, isExtra: true },
  { id: 'received', label: 'Received', kind: 'bytes', width: 90, isExtra: true },
  { id: 'first', label: 'First', kind: 'time', width: 118 },
  { id: 'last', label: 'Last', kind: 'time', width: 118, isExtra: true },
  { id: 'frame', label: 'Frame', kind: 'port', width: 80, about: 'Number of its first frame: Wireshark’s frame.number' },
]

export const TABLES = { flows: FLOWS, hosts: HOSTS, stations: STATIONS, names: NAMES, questions: QUESTIONS } as const
export type TableName = keyof typeof TABLES

export interface Sort {
  readonly column: string
  readonly isDescending: boolean
}

/** Sort order of each table when it is first opened. */
export const FIRST_SORT: Record<TableName, Sort> = {
  flows: { column: 'first', isDescending: false },
  hosts: { column: 'bytes', isDescending: true },
  stations: { column: 'bytes', isDescending: true },
  names: { column: 'bytes', isDescending: true },
  questions: { column: 'at', isDescending: false },
}

/** Whether a kind is a number: aligned right, and sorted in descending order first. */
export function isNumberKind(kind: CellKind): boolean {
  return kind !== 'text' && kind !== 'address' && kind !== 'country' && kind !== 'severity'
}
