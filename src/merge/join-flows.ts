// Conversations that one capture ends with and the next one goes on with -> one row.
// An analysis begins a new one after a silence of five minutes, or with the SYN of a client (flows/table.ts); other pieces are joined, TCP ones after at most
// five minutes, too: what came in a longer silence may be in none of these captures. Where pieces say different things, the choice does not depend on the
// order of joining: smallest text, earliest and latest packet, sums.

import { compare } from '../compare.ts'
import { Protocol, TcpFlag } from '../decode/codes.ts'
import { connectionState } from '../flows/state.ts'
import type { Cell } from './cell-table.ts'
import { FLOW } from './report-rows.ts'

export interface OrderedFlow {
  row: Cell[]
  clientIp: string
  serverIp: string
  /** Indexes of the captures of its first and last packet. */
  firstCapture: number
  lastCapture: number
}

/** How sure it is who the client is: 2 with its SYN, 1 with the server's SYN+ACK, else 0. */
function certainty({ row }: OrderedFlow): number {
  if (row[FLOW.protocol_number] !== Protocol.tcp) return 0
  const [client, server] = [row[FLOW.client_tcp_flags], row[FLOW.server_tcp_flags]].map((flags) => (flags as number) & TcpFlag.syn)
  return client !== 0 ? 2 : server !== 0 ? 1 : 0
}

/** @param early the piece whose first packet came first */
export function joined(early: OrderedFlow, late: OrderedFlow): OrderedFlow {
  const [clientOfEarly, clientOfLate] = [clientOf(early), clientOf(late)]
  const isTurned = clientOfEarly !== clientOfLate
  // Pieces may disagree about the client: it sent the SYN, or was sent the SYN+ACK, else of the two ends the smaller text is it, and only pieces that agree say what the server is.
  const isLateSure = (certainty(late) - certainty(early) || compare(clientOfEarly, clientOfLate)) > 0
  const [sides, other] = isLateSure ? [late, early] : [early, late]
  const row = [...early.row]
  for (const column of SIDES) row[FLOW[column]] = sides.row[FLOW[column]]
  for (const column of ['packets', 'bytes', 'tcp_flags']) {
    const add = column === 'tcp_flags' ? (a: number, b: number) => a | b : (a: number, b: number) => a + b
    const [client, server] = [FLOW[`client_${column}`], FLOW[`server_${column}`]]
    row[client] = add(sides.row[client] as number, other.row[isTurned ? server : client] as number)
    row[server] = add(sides.row[server] as number, other.row[isTurned ? client : server] as number)
  }
  if (row[FLOW.protocol_number] === Protocol.tcp) row[FLOW.state] = stateOf(row)
  const end = compareEnds(late, early) > 0 ? late : early
  for (const column of ['last_us', 'last_frame']) row[FLOW[column]] = end.row[FLOW[column]]
  // What the content is does not depend on who is the client.
  if (!isTurned || other.row[FLOW.application_source] === 'content')
    choose(row, other.row, 'application', 'application_source', ['content', 'port'])
  if (!isTurned) {
    choose(row, other.row, 'server_name', 'server_name_source', ['tls', 'quic', 'dtls', 'http'])
    choose(row, other.row, 'ja4', 'ja4', [])
  }
  return { ...early, row, clientIp: sides.clientIp, serverIp: sides.serverIp, lastCapture: end.lastCapture }
}

/** By the flags of all pieces, whose order is not known: after two FINs a RST closes nothing, and of two RSTs the client's counts. */
function stateOf(row: Cell[]): string {
  const number = (column: string): number => row[FLOW[column]] as number
  const [clientFlags, serverFlags] = [number('client_tcp_flags'), number('server_tcp_flags')]
  const isClosed = (clientFlags & serverFlags & TcpFlag.fin) !== 0
  const resetBy = isClosed ? null : (clientFlags & TcpFlag.rst) !== 0 ? 'client' : (serverFlags & TcpFlag.rst) !== 0 ? 'server' : null
  const packets = { clientPackets: number('client_packets'), serverPackets: number('server_packets') }
  return connectionState(Protocol.tcp, { ...packets, clientFlags, serverFlags, resetBy })
}

const SIDES = ['client_port', 'server_port', 'application', 'application_source', 'server_name', 'server_name_source', 'ja4']

/** The client's end as text. */
export const clientOf = ({ row, clientIp }: OrderedFlow) => `${clientIp} ${row[FLOW.client_port]}`

function compareEnds(a: OrderedFlow, b: OrderedFlow): number {
  const byTime = (a.row[FLOW.last_us] as number) - (b.row[FLOW.last_us] as number)
  return byTime || a.lastCapture - b.lastCapture || Number(a.row[FLOW.last_frame]) - Number(b.row[FLOW.last_frame])
}

/** Takes value and source of the other row if they are better: known, by an earlier source in the list, smaller as text. */
function choose(row: Cell[], other: Cell[], name: string, source: string, sources: string[]): void {
  const [value, from] = [FLOW[name], FLOW[source]]
  if (other[value] === null) return
  const rank = (cells: Cell[]) => (sources.includes(String(cells[from])) ? sources.indexOf(String(cells[from])) : sources.length)
  const isBetter =
    row[value] === null || (rank(other) - rank(row) || compare(`${other[value]} ${other[from]}`, `${row[value]} ${row[from]}`)) < 0
  if (isBetter) [row[value], row[from]] = [other[value], other[from]]
}
