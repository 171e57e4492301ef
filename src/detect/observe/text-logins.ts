// Logins of protocols made of lines: FTP (RFC 959), POP3 (RFC 1939), IMAP (RFC 9051), SMTP (RFC 4954).
import type { Application } from '../../names/applications.ts'
import { startsWith } from '../../names/http.ts'
import { type Logins, lineEnd, maskBase64User, maskUser } from './logins.ts'

type TextService = 'ftp' | 'pop3' | 'imap' | 'smtp'

/** Most lines read from one payload; clients may send several at once. */
const MAX_LINES = 8
const MAX_DIALOGUES = 50_000

/** What the client's next line is. */
const Next = { command: 0, user: 1, secret: 2 } as const

interface Dialogue {
  service: TextService | null
  maskedUser: string
  isAnonymous: boolean
  /** A user was named, and no secret sent for it yet. */
  isNamed: boolean
  next: number
  /** A secret was sent and not yet answered. */
  isAsking: boolean
}

/** By the server's port, for conversations whose greeting was not captured. */
const SERVICE_OF_PORT = new Map<number, TextService>([
  [21, 'ftp'],
  [110, 'pop3'],
  [143, 'imap'],
  [25, 'smtp'],
  [587, 'smtp'],
])

const SERVICES = new Set<string>(['ftp', 'pop3', 'imap', 'smtp'] satisfies TextService[])

/** True for a conversation of these protocols; FTP may begin with a greeting that does not name it, or with its first command. */
export function isTextProtocol(application: Application, bytes: Uint8Array, at: number, end: number, port: number): boolean {
  if (SERVICE_OF_PORT.has(port) || SERVICES.has(application)) return true
  return startsWith(bytes, at, end, '220 ') || startsWith(bytes, at, end, '220-') || startsWith(bytes, at, end, 'user ')
}

export class TextLogins {
  private readonly logins: Logins
  private readonly dialogues = new Map<number, Dialogue>()

  constructor(logins: Logins) {
    this.logins = logins
  }

  /** One payload of client or server. @param port the server's */
  inspect(flow: number, bytes: Uint8Array, at: number, end: number, port: number, timeUs: number): void {
    let dialogue = this.dialogues.get(flow)
    if (dialogue === undefined) {
      if (this.dialogues.size >= MAX_DIALOGUES) return
      dialogue = {
        service: SERVICE_OF_PORT.get(port) ?? null,
        maskedUser: '',
        isAnonymous: false,
        isNamed: false,
        next: Next.command,
        isAsking: false,
      }
      this.dialogues.set(flow, dialogue)
    }
    let line = at
    for (let count = 0; count < MAX_LINES && line < end; count++) {
      const to = lineEnd(bytes, line, end)
      if (to > line && !this.readAnswer(flow, dialogue, bytes, line, to, timeUs)) this.readCommand(flow, dialogue, bytes, line, to, timeUs)
      line = to + 1
      if (bytes[to] === 13 && bytes[to + 1] === 10) line++
    }
  }

  /** A line only servers send. */
  private readAnswer(flow: number, dialogue: Dialogue, bytes: Uint8Array, at: number, end: number, timeUs: number): boolean {
    const isReply = end - at >= 3 && isDigit(bytes[at]) && isDigit(bytes[at + 1]) && isDigit(bytes[at + 2])
    if (isReply && (end - at === 3 || bytes[at + 3] === 0x20 || bytes[at + 3] === 0x2d)) {
      const code = (bytes[at] - 0x30) * 100 + (bytes[at + 1] - 0x30) * 10 + bytes[at + 2] - 0x30
      if (code === 220) dialogue.service ??= has(bytes, at, end, 'ftp') ? 'ftp' : has(bytes, at, end, 'smtp') ? 'smtp' : null
      if (code === 230 || code === 235) this.settle(flow, dialogue, true)
      else if (code === 530 || code === 430 || code === 535 || code === 534) this.refuse(flow, dialogue, timeUs)
      return true
    }
    if (startsWith(bytes, at, end, '+ok')) {
      dialogue.service ??= 'pop3'
      this.settle(flow, dialogue, true)
      return true
    }
    if (startsWith(bytes, at, end, '-err')) {
      this.settle(flow, dialogue, false)
      return true
    }
    if (bytes[at] === 0x2a) {
      if (startsWith(bytes, at, end, '* ok')) dialogue.service ??= 'imap'
      return true
    }
    if (dialogue.service === 'imap' && dialogue.isAsking) {
      const word = wordAt(bytes, at, end)
      const isAccepted = startsWith(bytes, word, end, 'ok ')
      if (isAccepted || startsWith(bytes, word, end, 'no ') || startsWith(bytes, word, end, 'bad ')) {
        this.settle(flow, dialogue, isAccepted)
        return true
      }
    }
    return bytes[at] === 0x2b
  }

  /** Some FTP servers refuse a name before they ask for the password: this counts as a login attempt. */
  private refuse(flow: number, dialogue: Dialogue, timeUs: number): void {
    if (!dialogue.isAsking && dialogue.service === 'ftp' && dialogue.isNamed && !dialogue.isAnonymous) this.attempt(flow, dialogue, timeUs)
    this.settle(flow, dialogue, false)
  }

  private settle(flow: number, dialogue: Dialogue, isAccepted: boolean): void {
    if (dialogue.isAsking) this.logins.answer(flow, isAccepted)
    dialogue.isAsking = false
  }

  private readCommand(flow: number, dialogue: Dialogue, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (dialogue.next === Next.user) {
      dialogue.maskedUser = maskBase64User(bytes, at, end)
      dialogue.next = Next.secret
    } else if (dialogue.next === Next.secret) {
      dialogue.next = Next.command
      dialogue.maskedUser ||= maskBase64User(bytes, at, end)
      // A single "*" cancels (RFC 4954 4).
      if (end - at > 1) this.attempt(flow, dialogue, timeUs)
    } else if (startsWith(bytes, at, end, 'user ')) {
      dialogue.maskedUser = maskUser(bytes, at + 5, end)
      dialogue.isAnonymous = isAnonymous(bytes, at + 5, end)
      dialogue.isNamed = true
    } else if (startsWith(bytes, at, end, 'pass ')) {
      dialogue.service ??= 'ftp'
      if (end - at > 5 && !(dialogue.service === 'ftp' && dialogue.isAnonymous)) this.attempt(flow, dialogue, timeUs)
    } else if (startsWith(bytes, at, end, 'ehlo ') || startsWith(bytes, at, end, 'helo ')) dialogue.service ??= 'smtp'
    else if (startsWith(bytes, at, end, 'auth ')) this.readMechanism(flow, dialogue, bytes, at + 5, end, timeUs)
    else this.readTagged(flow, dialogue, bytes, at, end, timeUs)
  }

  /** IMAP commands follow a tag. */
  private readTagged(flow: number, dialogue: Dialogue, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    if (dialogue.service !== 'imap') return
    const word = wordAt(bytes, at, end)
    if (startsWith(bytes, word, end, 'login ')) {
      dialogue.maskedUser = maskUser(bytes, word + 6, end)
      this.attempt(flow, dialogue, timeUs)
    } else if (startsWith(bytes, word, end, 'authenticate ')) this.readMechanism(flow, dialogue, bytes, word + 13, end, timeUs)
  }

  /** SASL mechanisms that send the password in clear text: PLAIN (RFC 4616) and LOGIN. */
  private readMechanism(flow: number, dialogue: Dialogue, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    dialogue.service ??= 'smtp'
    const initial = wordAt(bytes, at, end)
    if (startsWith(bytes, at, end, 'plain')) {
      if (initial >= end) dialogue.next = Next.secret
      else {
        dialogue.maskedUser = maskBase64User(bytes, initial, end)
        this.attempt(flow, dialogue, timeUs)
      }
    } else if (startsWith(bytes, at, end, 'login')) {
      dialogue.next = initial < end ? Next.secret : Next.user
      if (initial < end) dialogue.maskedUser = maskBase64User(bytes, initial, end)
    }
  }

  private attempt(flow: number, dialogue: Dialogue, timeUs: number): void {
    dialogue.isAsking = true
    dialogue.isNamed = false
    this.logins.attempt(flow, dialogue.service ?? 'ftp', dialogue.maskedUser, timeUs)
  }
}

/** RFC 1635: names that need no password. */
function isAnonymous(bytes: Uint8Array, at: number, end: number): boolean {
  return (end - at === 9 && startsWith(bytes, at, end, 'anonymous')) || (end - at === 3 && startsWith(bytes, at, end, 'ftp'))
}

/** Where the second word begins, `end` if there is none. */
function wordAt(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end && bytes[next] !== 0x20) next++
  return Math.min(end, next + 1)
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function has(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  for (let i = at; i + text.length <= end; i++) if (startsWith(bytes, i, end, text)) return true
  return false
}
