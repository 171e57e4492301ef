// How a conversation went, in words. The states are Zeek's conn_state; for transports without a handshake they only say who spoke.

const TCP: Record<string, string> = {
  S0: 'The client tried to connect and got no answer. Nothing listens there, or a firewall swallows it.',
  S1: 'Opened, and still open when the capture ended.',
  SF: 'Opened and closed in good order by both ends.',
  REJ: 'The server refused the connection: the port is closed, or a firewall answers for it.',
  S2: 'Opened; the client closed its half and the server never answered that.',
  S3: 'Opened; the server closed its half and the client never answered that.',
  RSTO: 'Opened, then broken off by the client with a reset.',
  RSTR: 'Opened, then broken off by the server with a reset.',
  RSTOS0: 'The client asked to connect and reset it at once, before any answer: often a scan.',
  RSTRH: 'The server accepted and then reset; the client’s request is not in the capture.',
  SH: 'The client asked to connect and closed at once, with no answer seen: a half-open connection, often a scan.',
  SHR: 'The server accepted and closed; the client’s request is not in the capture.',
  OTH: 'The start is not in the capture: it was under way already, or packets are missing.',
}

const OTHERS: Record<string, string> = {
  S0: 'Only the client sent: no answer is in the capture.',
  SF: 'Both ends sent.',
  SHR: 'Only the server sent: the question is not in the capture.',
}

export function describeState(transport: string, state: string): string {
  return (transport === 'tcp' ? TCP : OTHERS)[state] ?? ''
}

/** Bits of the TCP header, RFC 9293, 3.1, in the order people name them. */
const FLAGS: [number, string][] = [
  [2, 'SYN'],
  [16, 'ACK'],
  [8, 'PSH'],
  [1, 'FIN'],
  [4, 'RST'],
  [32, 'URG'],
  [64, 'ECE'],
  [128, 'CWR'],
]

export function formatTcpFlags(flags: number): string {
  return FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(' ')
}
