// Connections to the ports of the web whose client begins with what is neither TLS nor HTTP -> the first bytes. One entry a new conversation, until its first payload.
import { TcpFlag } from '../../decode/codes.ts'
import type { PacketView } from '../../decode/packet.ts'
import type { FlowTable } from '../../flows/table.ts'
import { isMethodOfHttp, startsWith } from '../../names/http.ts'
import { Bounded } from './bounded.ts'
import type { StrangeContent } from './observations.ts'

const MAX_ROWS = 10_000
/** Connections that have sent nothing yet; beyond, all of them are forgotten. */
const MAX_OPEN = 65_536
const SHOWN_BYTES = 8
/** Fewer bytes may be the beginning of anything. */
const LEAST_BYTES = 8
const TLS_VERSION = 3
const SSL_2_HELLO = 1

export class StrangeContentObserver {
  readonly list = new Bounded<StrangeContent>(MAX_ROWS)
  /** Sequence number of the client's first byte, by conversation: with another one, what came first is not in the capture. */
  private readonly expected = new Map<number, number>()
  private readonly table: FlowTable

  constructor(table: FlowTable) {
    this.table = table
  }

  /** The first packet of a conversation. */
  begin(flow: number, view: PacketView): void {
    if (view.tcpAt < 0 || (view.tcpFlags & (TcpFlag.syn | TcpFlag.ack)) !== TcpFlag.syn) return
    const port = this.table.otherPort(flow)
    if (port !== 80 && port !== 443) return
    if (this.expected.size >= MAX_OPEN) this.expected.clear()
    this.expected.set(flow, (view.tcpSequence + 1) >>> 0)
  }

  /** A payload of a conversation whose content is not known. */
  inspect(flow: number, direction: number, view: PacketView, timeUs: number): void {
    if (direction !== 0) return
    const expected = this.expected.get(flow)
    if (expected === undefined) return
    this.expected.delete(flow)
    const { bytes, payloadAt: at, end } = view
    if (view.tcpSequence !== expected || end - at < LEAST_BYTES || isOfWeb(bytes, at, end)) return
    let begin = ''
    for (let i = at; i < at + SHOWN_BYTES; i++) begin += bytes[i].toString(16).padStart(2, '0')
    this.list.add({ flow, begin, atUs: timeUs })
  }
}

/** TLS, SSL 2 that asks for it (RFC 5246, E.2), HTTP, or the preface of HTTP/2. */
function isOfWeb(bytes: Uint8Array, at: number, end: number): boolean {
  const isTls = bytes[at] >= 0x14 && bytes[at] <= 0x17 && bytes[at + 1] === TLS_VERSION
  const isSsl2 = (bytes[at] & 0x80) !== 0 && bytes[at + 2] === SSL_2_HELLO && (bytes[at + 3] === TLS_VERSION || bytes[at + 3] === 0)
  return isTls || isSsl2 || isMethodOfHttp(bytes, at, end) || startsWith(bytes, at, end, 'pri * ')
}
