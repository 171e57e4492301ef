// The health of a TCP flow -> a table of its figures by end, in Wireshark's terms.
import type { FlowDetail } from '../../protocol/messages.ts'
import { make } from '../../ui/dom.ts'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { makeFacts, makeSection, makeTable } from './parts.ts'

/** Name on the page, and the part of the column behind client_ or server_. Those that are 0 at both ends are left out. */
const COUNTS: readonly [label: string, column: string][] = [
  ['Segments with data', 'segments'],
  ['Retransmissions', 'retransmissions'],
  ['Fast retransmissions', 'fast_retransmissions'],
  ['Spurious retransmissions', 'spurious_retransmissions'],
  ['Out of order', 'out_of_order'],
  ['Duplicate ACKs', 'duplicate_acks'],
  ['Segments missing before', 'lost_segments'],
  ['ACKs of segments that were not captured', 'unseen_segments'],
  ['Zero windows', 'zero_windows'],
  ['Window full', 'window_full'],
  ['Keep-alives', 'keep_alives'],
]
const TIMES: readonly [label: string, column: string][] = [
  ['Round-trip time, shortest', 'rtt_us'],
  ['Round-trip time, median', 'median_rtt_us'],
  ['Window closed for', 'zero_window_us'],
]

/** @param transport of the flow: QUIC's is udp, and only the times of its handshake are known */
export function makeTcpHealth(tcp: NonNullable<FlowDetail['tcp']>, transport: string): HTMLElement {
  const isQuic = transport === 'udp'
  const time = (us: number | null | undefined) => (us === null || us === undefined ? null : formatDuration(us))
  const pair = (column: string) => [tcp[`client_${column}`] ?? null, tcp[`server_${column}`] ?? null] as const
  const rows: string[][] = []
  for (const [label, column] of TIMES) {
    const [client, server] = pair(column)
    if (client || server) rows.push([label, time(client) ?? '', time(server) ?? ''])
  }
  for (const [label, column] of COUNTS) {
    const [client, server] = pair(column)
    if (client || server)
      rows.push([label, withShare(client ?? 0, column, tcp.client_segments), withShare(server ?? 0, column, tcp.server_segments)])
  }
  return makeSection(
    isQuic ? 'QUIC handshake' : 'TCP health',
    makeFacts([
      ['Handshake', time(tcp.handshake_us)],
      ['To the server and back', time(tcp.syn_ack_us)],
      ['Answer after', time(tcp.response_us)],
      ['TLS handshake', time(tcp.tls_handshake_us)],
    ]),
    ...(rows.length > 0
      ? [makeTable([{ title: 'Sent by' }, { title: 'client', isNumber: true }, { title: 'server', isNumber: true }], rows)]
      : []),
    make(
      'p',
      'quiet',
      isQuic
        ? 'From the client’s first Initial to the server’s, and to the client’s answer. Times are those at the place of the capture.'
        : 'As in Wireshark’s TCP analysis. Times are those at the place of the capture.',
    ),
  )
}

function withShare(count: number, column: string, segments: number | null | undefined): string {
  const share = column === 'retransmissions' && count > 0 && segments ? ` (${((count / segments) * 100).toFixed(1)} %)` : ''
  return formatCount(count) + share
}
