// SIP messages (RFC 3261) -> who calls whom, and the addresses that their session description announces for media (SDP, RFC 8866).
import { startsWith } from './http.ts'
import { plainText } from './text.ts'

const CR = 13
const LF = 10
const SPACE = 0x20
/** Lines looked at in a message. */
const MAX_LINES = 512
/** Media of a session description. */
const MAX_MEDIA = 16

export interface SipMessage {
  /** Of a request; '' of an answer. */
  method: string
  /** Address of record, user@host; '' for none. */
  from: string
  to: string
  /** Of a call that is under way already (RFC 3261 12.2): who sends it need not be who called. */
  isWithinCall: boolean
  /** Where media are to be sent: "address port". */
  media: string[]
}

export function parseSip(bytes: Uint8Array, at: number, end: number): SipMessage {
  const message: SipMessage = { method: methodOf(bytes, at, end), from: '', to: '', isWithinCall: false, media: [] }
  let session = ''
  let isDescription = false
  let current: { address: string; port: number; rtcp: number } | null = null
  const found: { address: string; port: number; rtcp: number }[] = []
  let line = at
  for (let lines = 0; line < end && lines < MAX_LINES; lines++) {
    let lineEnd = bytes.indexOf(LF, line)
    if (lineEnd < 0 || lineEnd > end) lineEnd = end
    const textEnd = lineEnd > line && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
    if (textEnd === line) isDescription = true
    else if (!isDescription) {
      if (message.from === '') message.from = recordIn(bytes, line, textEnd, 'from:', 'f:')
      if (message.to === '') {
        message.to = recordIn(bytes, line, textEnd, 'to:', 't:')
        message.isWithinCall = message.to !== '' && /;\s*tag\s*=/i.test(plainText(bytes, line, textEnd))
      }
    } else if (startsWith(bytes, line, textEnd, 'c=in ip')) {
      const address = plainText(bytes, line + 'c=in ip4 '.length, textEnd).split('/')[0]
      if (current) current.address = address
      else session = address
    } else if (startsWith(bytes, line, textEnd, 'm=') && found.length < MAX_MEDIA) {
      const [, port, transport = ''] = plainText(bytes, line, textEnd).split(' ')
      current = { address: '', port: Number.parseInt(port, 10), rtcp: 0 }
      if (transport.includes('RTP/')) found.push(current)
    } else if (current && startsWith(bytes, line, textEnd, 'a=rtcp:'))
      current.rtcp = Number.parseInt(plainText(bytes, line + 'a=rtcp:'.length, textEnd), 10)
    line = lineEnd + 1
  }
  for (const { address, port, rtcp } of found) {
    if (!(port > 0 && port < 65_535)) continue
    message.media.push(`${address || session} ${port}`, `${address || session} ${rtcp > 0 ? rtcp : port + 1}`)
  }
  return message
}

function methodOf(bytes: Uint8Array, at: number, end: number): string {
  let to = at
  while (to < end && to < at + 12 && bytes[to] >= 0x41 && bytes[to] <= 0x5a) to++
  return bytes[to] === SPACE ? plainText(bytes, at, to) : ''
}

/** user@host of the URI in a From or To field, in lower case but for the user; '' for another line. */
function recordIn(bytes: Uint8Array, at: number, end: number, name: string, short: string): string {
  if (!startsWith(bytes, at, end, name) && !startsWith(bytes, at, end, short)) return ''
  const uri = /sips?:([^@\s<>;"]+)@([^\s<>;,"]+)/i.exec(plainText(bytes, at, end))
  return uri ? `${uri[1]}@${uri[2].toLowerCase()}` : ''
}

/** Addresses that were announced; the oldest are forgotten. */
export class AnnouncedMedia {
  private readonly ends = new Set<string>()
  private static readonly MAX = 16_384

  get isEmpty(): boolean {
    return this.ends.size === 0
  }

  add(media: readonly string[]): void {
    for (const end of media) {
      this.ends.delete(end)
      this.ends.add(end)
      if (this.ends.size > AnnouncedMedia.MAX) this.ends.delete(this.ends.values().next().value!)
    }
  }

  has(address: string, port: number): boolean {
    return this.ends.has(`${address} ${port}`)
  }
}
