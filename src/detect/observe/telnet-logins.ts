// Telnet (RFC 854): a prompt for a password and the following input -> logins.
import { startsWith } from '../../names/http.ts'
import { type Logins, maskUser } from './logins.ts'

const MAX_SESSIONS = 50_000
const IAC = 255
const SUBNEGOTIATION = 250
/** A prompt is at the end of the server's data. */
const PROMPT_BYTES = 64

const Stage = { none: 0, user: 1, secret: 2, sent: 3 } as const

interface Session {
  stage: number
  maskedUser: string
  /** Direction of the server's packets. */
  server: number
}

const USER_PROMPTS = ['login:', 'username:', 'user name:', 'user:']
/** The greeting after a login contains the word of a prompt. */
const LAST_LOGIN = 'last login:'
const SECRET_PROMPTS = ['password:', 'passwd:', 'password for', 'passcode:']
const REFUSALS = ['incorrect', 'login failed', 'denied', 'invalid', 'bad password', 'authentication fail']
const WELCOMES = [LAST_LOGIN, 'welcome', '$ ', '# ', '> ']

export class TelnetLogins {
  private readonly logins: Logins
  private readonly sessions = new Map<number, Session>()

  constructor(logins: Logins) {
    this.logins = logins
  }

  inspect(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    let session = this.sessions.get(flow)
    const isPrompt = (session === undefined || session.server === direction) && this.readServer(flow, session, direction, bytes, at, end)
    if (isPrompt) return
    session = this.sessions.get(flow)
    if (session === undefined || session.server === direction) return
    const typed = skipCommands(bytes, at, end)
    if (typed >= end) return
    if (session.stage === Stage.user) session.maskedUser ||= maskUser(bytes, typed, end)
    else if (session.stage === Stage.secret) {
      this.logins.attempt(flow, 'telnet', session.maskedUser, timeUs)
      session.stage = Stage.sent
    }
  }

  /** @returns true if the payload is the server's */
  private readServer(flow: number, known: Session | undefined, direction: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (known?.stage === Stage.sent && hasAny(bytes, at, end, [LAST_LOGIN])) {
      this.settle(flow, known, true)
      return true
    }
    const from = Math.max(at, end - PROMPT_BYTES)
    const isSecret = hasAny(bytes, from, end, SECRET_PROMPTS)
    const isUser =
      !isSecret && hasAny(bytes, from, end, USER_PROMPTS) && !hasAny(bytes, Math.max(at, from - LAST_LOGIN.length), end, [LAST_LOGIN])
    let session = known
    if (isSecret || isUser) {
      if (session === undefined) {
        if (this.sessions.size >= MAX_SESSIONS) return true
        session = { stage: Stage.none, maskedUser: '', server: direction }
        this.sessions.set(flow, session)
      }
      // The prompt again: the last login was refused.
      if (session.stage === Stage.sent) this.logins.answer(flow, false)
      if (isUser && session.stage !== Stage.user) session.maskedUser = ''
      session.stage = isSecret ? Stage.secret : Stage.user
      return true
    }
    if (session?.stage === Stage.sent) {
      const isRefused = hasAny(bytes, at, end, REFUSALS)
      if (isRefused || hasAny(bytes, at, end, WELCOMES)) this.settle(flow, session, !isRefused)
    }
    return session !== undefined
  }

  private settle(flow: number, session: Session, isAccepted: boolean): void {
    this.logins.answer(flow, isAccepted)
    session.stage = Stage.none
  }
}

/** Offset of typed text, after negotiated options. */
function skipCommands(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end && bytes[next] === IAC) {
    if (bytes[next + 1] === SUBNEGOTIATION) return end
    next += bytes[next + 1] > SUBNEGOTIATION ? 3 : 2
  }
  return next
}

function hasAny(bytes: Uint8Array, at: number, end: number, texts: string[]): boolean {
  const limit = Math.min(end, at + 512)
  for (let i = at; i < limit; i++) for (const text of texts) if (startsWith(bytes, i, limit, text)) return true
  return false
}
