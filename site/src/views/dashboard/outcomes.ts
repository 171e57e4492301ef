// How TCP connections went, in words: Zeek's conn_state (Zeek manual, conn.log).

export interface Outcome {
  text: string
  /** Whether the connection came about, was refused, or left unanswered or without its beginning. */
  kind: 'good' | 'bad' | 'open' | 'unknown'
}

const OUTCOMES: Record<string, Outcome> = {
  S0: { text: 'No answer', kind: 'bad' },
  S1: { text: 'Open at the end', kind: 'open' },
  SF: { text: 'Opened and closed', kind: 'good' },
  REJ: { text: 'Refused', kind: 'bad' },
  S2: { text: 'Closed by the client only', kind: 'open' },
  S3: { text: 'Closed by the server only', kind: 'open' },
  RSTO: { text: 'Reset by the client', kind: 'bad' },
  RSTR: { text: 'Reset by the server', kind: 'bad' },
  RSTOS0: { text: 'Given up before an answer', kind: 'bad' },
  RSTRH: { text: 'Answered, then reset by the server', kind: 'bad' },
  SH: { text: 'Closed before an answer', kind: 'bad' },
  SHR: { text: 'Answered and closed by the server', kind: 'unknown' },
  OTH: { text: 'Began before the capture', kind: 'unknown' },
}

export function outcomeOf(state: string): Outcome {
  return OUTCOMES[state] ?? { text: state, kind: 'unknown' }
}
