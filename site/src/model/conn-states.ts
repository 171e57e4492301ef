// How a connection went, in words: Zeek's conn_state (Zeek manual, conn.log). For transports without a handshake they only say who spoke.
import { ownValue } from '../../../src/own-value.ts'

export interface ConnState {
  /** Two or three words. */
  text: string
  /** Whether the connection came about, was refused, or left unanswered or without its beginning. */
  kind: 'good' | 'bad' | 'open' | 'unknown'
  /** A sentence. */
  about: string
}

const TCP: Record<string, ConnState> = {
  S0: {
    text: 'No answer',
    kind: 'bad',
    about: 'The client tried to connect and got no answer. Nothing listens there, or a firewall drops the packets.',
  },
  S1: {
    text: 'Open at the end',
    kind: 'open',
    about: 'Opened, and still open when the capture ended.',
  },
  SF: {
    text: 'Opened and closed',
    kind: 'good',
    about: 'Opened and closed in good order by both ends.',
  },
  REJ: {
    text: 'Refused',
    kind: 'bad',
    about: 'The server refused the connection: the port is closed, or a firewall answers for it.',
  },
  S2: {
    text: 'Closed by the client only',
    kind: 'open',
    about: 'Opened; the client closed its half and the server never answered that.',
  },
  S3: {
    text: 'Closed by the server only',
    kind: 'open',
    about: 'Opened; the server closed its half and the client never answered that.',
  },
  RSTO: {
    text: 'Reset by the client',
    kind: 'bad',
    about: 'Opened, then broken off by the client with a reset.',
  },
  RSTR: {
    text: 'Reset by the server',
    kind: 'bad',
    about: 'Opened, then broken off by the server with a reset.',
  },
  RSTOS0: {
    text: 'Given up before an answer',
    kind: 'bad',
    about: 'The client tried to connect and reset the connection at once, before any answer: often a scan.',
  },
  RSTRH: {
    text: 'Answered, then reset by the server',
    kind: 'bad',
    about: 'The server accepted and then reset; the client’s request is not in the capture.',
  },
  SH: {
    text: 'Closed before an answer',
    kind: 'bad',
    about: 'The client tried to connect and closed at once, with no answer seen: a half-open connection, often a scan.',
  },
  SHR: {
    text: 'Answered and closed by the server',
    kind: 'unknown',
    about: 'The server accepted and closed; the client’s request is not in the capture.',
  },
  OTH: {
    text: 'Began before the capture',
    kind: 'unknown',
    about: 'The start is not in the capture: it was under way already, or packets are missing.',
  },
}

const OTHERS: Record<string, string> = {
  S0: 'Only the client sent: no answer is in the capture.',
  SF: 'Both ends sent.',
  SHR: 'Only the server sent: the question is not in the capture.',
}

export function describeState(transport: string, state: string): string {
  return (transport === 'tcp' ? ownValue(TCP, state)?.about : ownValue(OTHERS, state)) ?? ''
}

/** Of a TCP connection. */
export function stateOf(state: string): ConnState {
  return ownValue(TCP, state) ?? { text: state, kind: 'unknown', about: '' }
}
