// SSH -> conversations in which a login was accepted. The message is encrypted, but its length tells: it is one byte, and no other answer is as short.
import { be32 } from '../../decode/bytes.ts'
import { Assemblies } from '../../names/assembly.ts'
import type { AnsweredLogins } from './answered-logins.ts'

/** At the same time; the one that began first is given up for a further one. */
const MAX_SESSIONS = 50_000
/** RFC 4253 6.1: implementations need not read longer ones. */
const LONGEST_PACKET = 35_000
const NEW_KEYS = 21
const LF = 10
/**
 * SSH_MSG_SERVICE_ACCEPT ("ssh-userauth") has 17 bytes and SSH_MSG_USERAUTH_SUCCESS one (RFC 4252, RFC 4253): with padding to blocks of 8 or 16
 * bytes, and with every cipher and MAC of OpenSSH, the one is 16 bytes longer. A refusal is at least as long as the acceptance of the service.
 */
const SHORTER_BYTES = 16

interface Session {
  isEncrypted: boolean
  /** Bytes of the current packet before the keys that are in the segments to come. */
  rest: number
  /** The shortest of the server's segments since its keys; 0 for none. */
  shortest: number
}

export class SshLogins {
  private readonly logins: AnsweredLogins
  private readonly sessions = new Assemblies<Session>(MAX_SESSIONS)

  constructor(logins: AnsweredLogins) {
    this.logins = logins
  }

  /** A payload of the server. @returns false when nothing more is to be read */
  inspect(flow: number, bytes: Uint8Array, at: number, end: number): boolean {
    let session = this.sessions.find(flow)
    if (session === undefined) {
      session = { isEncrypted: false, rest: 0, shortest: 0 }
      this.sessions.set(flow, session)
    }
    const isRead = session.isEncrypted ? this.inspectLength(flow, session, end - at) : readHandshake(session, bytes, at, end)
    if (!isRead) this.sessions.drop(flow)
    return isRead
  }

  private inspectLength(flow: number, session: Session, length: number): boolean {
    if (length === session.shortest - SHORTER_BYTES) {
      this.logins.accept(flow, 'ssh')
      return false
    }
    session.shortest = session.shortest === 0 ? length : Math.min(session.shortest, length)
    return true
  }
}

/** Identification and packets before encryption (RFC 4253 4.2, 6). @returns false if they cannot be followed */
function readHandshake(session: Session, bytes: Uint8Array, at: number, end: number): boolean {
  let next = at + session.rest
  if (session.rest === 0 && bytes[at] === 0x53) {
    const lineFeed = bytes.subarray(at, end).indexOf(LF)
    if (lineFeed < 0) return false
    next += lineFeed + 1
  }
  session.rest = 0
  while (next < end) {
    if (next + 6 > end) return false
    const length = be32(bytes, next)
    if (length < 2 || length > LONGEST_PACKET) return false
    if (bytes[next + 5] === NEW_KEYS) {
      session.isEncrypted = true
      return true
    }
    next += 4 + length
  }
  session.rest = next - end
  return true
}
