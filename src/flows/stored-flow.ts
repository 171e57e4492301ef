// What a database has of a conversation, for FlowTable.restore(). Types only.

/** A conversation as a database has it; ports are -1 without any, captures are indexes. */
export interface StoredFlow {
  client: number
  server: number
  clientPort: number
  serverPort: number
  protocol: number
  clientPackets: number
  serverPackets: number
  clientFlags: number
  serverFlags: number
  clientBytes: number
  serverBytes: number
  startUs: number
  endUs: number
  /** A value of Reset in state.ts: of the client, which is the first end, or of the server. */
  reset: number
  /** -1 if not known. */
  icmpType: number
  icmpCode: number
  /** Whether the server sent that message. */
  isIcmpFromServer: boolean
  tunnel: number
  firstFrame: number
  firstCapture: number
  lastFrame: number
  lastCapture: number
}
