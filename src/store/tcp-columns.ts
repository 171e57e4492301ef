// The columns of `tcp`, each declared once, as those of `flows` (flow-columns.ts): how healthy a TCP conversation was.
import { TCP_COUNTERS, type TcpCounter } from '../health/counters.ts'
import { counter, type TcpFacts } from '../health/tcp-records.ts'

export interface TcpColumn {
  readonly name: string
  readonly sql: 'INTEGER' | 'INTEGER NOT NULL'
  /** The comment in the schema; the manual's too. */
  readonly about?: string
  /** Added after the table was first released: null in older databases, at the end of the table. */
  readonly isAdded?: true
  /** @param client direction of the client's packets: 0 where it sent the first one */
  value(tcp: TcpFacts, flow: number, client: number): number | null
}

/** What a counter counts, in the terms of Wireshark's TCP analysis. */
const COUNTED: Record<TcpCounter, { column: string; about: string }> = {
  dataSegments: { column: 'segments', about: 'with data' },
  retransmissions: { column: 'retransmissions', about: 'repeated segments of all kinds' },
  fastRetransmissions: { column: 'fast_retransmissions', about: 'of these: within 20 ms of two duplicate ACKs that ask for them' },
  spuriousRetransmissions: { column: 'spurious_retransmissions', about: 'of these: acknowledged already' },
  outOfOrder: { column: 'out_of_order', about: 'segments that fill a gap within a round-trip time' },
  duplicateAcks: { column: 'duplicate_acks', about: 'ACKs that repeat the one before' },
  lostSegments: { column: 'lost_segments', about: 'segments before which others are not in the capture' },
  unseenSegments: { column: 'unseen_segments', about: "ACKs of the peer's segments that are not in the capture" },
  zeroWindows: { column: 'zero_windows', about: 'segments that say: no room' },
  windowFull: { column: 'window_full', about: "segments that fill the peer's window" },
  keepAlives: { column: 'keep_alives', about: 'segments that only ask whether the peer is there' },
}

const orNull = (us: number): number | null => (us < 0 ? null : us)

function sides(
  name: string,
  about: string,
  value: (tcp: TcpFacts, flow: number, direction: number) => number | null,
  sql: TcpColumn['sql'],
) {
  return [
    { name: `client_${name}`, sql, about, value: (tcp, flow, client) => value(tcp, flow, client) },
    { name: `server_${name}`, sql, value: (tcp, flow, client) => value(tcp, flow, 1 - client) },
  ] satisfies TcpColumn[]
}

/** In the order of the table; `flow_id` comes before them. */
export const TCP_COLUMNS: readonly TcpColumn[] = [
  {
    name: 'handshake_us',
    sql: 'INTEGER',
    about: "SYN to the ACK that ends the handshake: Wireshark's initial RTT; of QUIC, the client's Initial to its answer to the server's",
    value: (tcp, flow) => orNull(tcp.handshakeUs(flow)),
  },
  {
    name: 'syn_ack_us',
    sql: 'INTEGER',
    about: "SYN to SYN with ACK: from the capture to the server and back; of QUIC, the client's Initial to the server's Initial or Retry",
    value: (tcp, flow) => orNull(tcp.synAckUs(flow)),
  },
  {
    name: 'response_us',
    sql: 'INTEGER',
    about: "the client's last data before the server's first: null where the server spoke first",
    value: (tcp, flow, client) => orNull(tcp.responseUs(flow, client)),
  },
  ...sides('rtt_us', 'shortest time from data to its ACK', (tcp, flow, direction) => orNull(tcp.leastRttUs(flow, direction)), 'INTEGER'),
  ...sides(
    'median_rtt_us',
    'the median of up to 16 of these times',
    (tcp, flow, direction) => orNull(tcp.medianRttUs(flow, direction)),
    'INTEGER',
  ),
  ...TCP_COUNTERS.flatMap((name) => {
    const offset = counter(name)
    return sides(
      COUNTED[name].column,
      COUNTED[name].about,
      (tcp, flow, direction) => tcp.counted(flow, direction, offset),
      'INTEGER NOT NULL',
    )
  }),
  ...sides(
    'zero_window_us',
    'how long the window was closed',
    (tcp, flow, direction) => tcp.zeroWindowUs(flow, direction),
    'INTEGER NOT NULL',
  ),
  {
    name: 'tls_handshake_us',
    sql: 'INTEGER',
    about: "ClientHello to the record that has the server's Finished, as the capture saw both",
    isAdded: true,
    value: (tcp, flow) => orNull(tcp.tlsHandshakeUs(flow)),
  },
]
