// Fields about the health of TCP conversations: what the table `tcp` has of a flow. Flows without a row there match none of them.
import { type Field, notInPackets, offersNothing } from '../field.ts'
import type { TcpFigures } from '../source.ts'
import { within } from '../sql-text.ts'
import type { RangeValue, ValueKind } from '../values.ts'

type Told = Pick<Field, 'about' | 'example' | 'aliases'>

/** The figures as SQL on the table. */
export const TCP_FIGURES: Record<Exclude<keyof TcpFigures, 'flow'>, string> = {
  rtt: 'handshake_us',
  response: 'response_us',
  tlsHandshake: 'tls_handshake_us',
  retransmits: '(client_retransmissions + server_retransmissions) * 1000000 / max(1, client_segments + server_segments)',
  lost: '(client_lost_segments + server_lost_segments)',
  zeroWindows: '(client_zero_windows + server_zero_windows)',
}

function tcpField(kind: ValueKind, told: Told, figure: keyof typeof TCP_FIGURES): Field<RangeValue> {
  return {
    kind,
    ...told,
    match(mask, { range: { from, to } }, source) {
      const figures = source.tcp()
      const values = figures[figure]
      for (let row = 0; row < values.length; row++)
        if (values[row] >= 0 && values[row] >= from && values[row] <= to) mask[figures.flow[row]] = 1
    },
    sql: ({ range }) => `f.id IN (SELECT flow_id FROM tcp WHERE ${within(TCP_FIGURES[figure], range)})`,
    packets: notInPackets,
    complete: offersNothing,
  }
}

export const TCP_FIELDS = {
  rtt: tcpField('duration', { about: 'Round-trip time of the TCP or QUIC handshake', example: 'rtt>200ms' }, 'rtt'),
  response: tcpField(
    'duration',
    { about: 'From the last data of a TCP request to the first of the answer', example: 'response>1s' },
    'response',
  ),
  tlshandshake: tcpField(
    'duration',
    { about: "From the TLS ClientHello to the server's Finished", example: 'tlshandshake>500ms' },
    'tlsHandshake',
  ),
  retransmits: tcpField(
    'share',
    { about: 'Repeated TCP segments, as a share of those with data', example: 'retransmits>1%', aliases: ['retransmissions'] },
    'retransmits',
  ),
  lost: tcpField('count', { about: 'TCP segments before which others are missing in the capture', example: 'lost>0' }, 'lost'),
  zerowindow: tcpField('count', { about: 'TCP segments of a receiver that has no room', example: 'zerowindow>0' }, 'zeroWindows'),
}
