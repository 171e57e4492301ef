// First lines of text protocols (SSH, SMTP, FTP, IMAP, POP3 and others) -> application, host name, software.
import type { Application } from './applications.ts'
import { startsWith } from './http.ts'
import { nameText } from './text.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SEMICOLON = 0x3b
const LESS_THAN = 0x3c
const SPACE = 32
/** Only this many bytes of the first line are read. */
const MAX_LINE = 512

export interface Banner {
  application: Application
  /** Host name that the sender gives for itself, null for none. */
  name: string | null
  /** The sender's software: bytes[programAt..programEnd); both 0 for none. */
  programAt: number
  programEnd: number
  /** The conversation may change to TLS (STARTTLS), so following packets matter. */
  mayUpgrade: boolean
}

/** @param port the server's; decides if the greeting is ambiguous */
export function parseBanner(bytes: Uint8Array, at: number, end: number, port: number): Banner | null {
  if (end - at < 4) return null
  switch (bytes[at]) {
    case 0x53: // S
    case 0x73:
      return startsWith(bytes, at, end, 'ssh-') ? withProgram(plain('ssh'), bytes, at, end) : null
    case 0x32: // 2
      return startsWith(bytes, at, end, '220') && (bytes[at + 3] === SPACE || bytes[at + 3] === 0x2d)
        ? greeting(bytes, at, end, port)
        : null
    case 0x45: // E
    case 0x65:
    case 0x48: // H
    case 0x68:
    case 0x4c: // L
    case 0x6c:
      return isHello(bytes, at, end) ? upgradable('smtp', hostIn(bytes, at + 5, end)) : null
    case 0x2a: // *
      return startsWith(bytes, at, end, '* ok') || startsWith(bytes, at, end, '* preauth')
        ? withProgram(upgradable('imap', null), bytes, at + 5, end)
        : null
    case 0x2b: // +
      // A bare "+OK" is also what Redis answers (RESP, "Simple strings").
      return startsWith(bytes, at, end, '+ok') && (bytes[at + 3] === SPACE || port === 110)
        ? withProgram(upgradable('pop3', null), bytes, at + 4, end)
        : null
    case 0x52: // R
      return startsWith(bytes, at, end, 'rfb 00') ? plain('vnc') : null
    case 0x41: // A
      return end - at >= 8 && startsWith(bytes, at, end, 'amqp')
        ? plain('amqp')
        : startsWith(bytes, at, end, 'auth tls')
          ? upgradable('ftp', null)
          : null
    case 0x3c: // <
      return parseXmpp(bytes, at, end)
    case 0x4e: // N
      return startsWith(bytes, at, end, 'nick ') ? plain('irc') : null
    default:
      return null
  }
}

function plain(application: Application): Banner {
  return { application, name: null, programAt: 0, programEnd: 0, mayUpgrade: false }
}

function upgradable(application: Application, name: string | null): Banner {
  return { application, name, programAt: 0, programEnd: 0, mayUpgrade: true }
}

/** Adds the rest of the line as software, without parts that differ per conversation: the time after a semicolon, APOP's timestamp (RFC 1939 7) in <>. */
function withProgram(banner: Banner, bytes: Uint8Array, at: number, end: number): Banner {
  const lineEnd = endOfLine(bytes, at, end)
  let to = at
  while (to < lineEnd && bytes[to] !== SEMICOLON && bytes[to] !== LESS_THAN && bytes[to] !== CARRIAGE_RETURN) to++
  if (to > at) {
    banner.programAt = at
    banner.programEnd = to
  }
  return banner
}

/** EHLO, HELO (RFC 5321 4.1.1.1), LHLO (RFC 2033). */
function isHello(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, 'ehlo ') || startsWith(bytes, at, end, 'helo ') || startsWith(bytes, at, end, 'lhlo ')
}

/** Code 220 is a greeting in SMTP (RFC 5321 4.2) and FTP (RFC 959 5.4). */
function greeting(bytes: Uint8Array, at: number, end: number, port: number): Banner | null {
  const lineEnd = endOfLine(bytes, at, end)
  const name = hostIn(bytes, at + 4, lineEnd)
  if (port === 25 || port === 587 || port === 465 || has(bytes, at, lineEnd, 'smtp'))
    return withProgram(upgradable('smtp', name), bytes, at + 4, end)
  if (port === 21 || has(bytes, at, lineEnd, 'ftp')) return withProgram(upgradable('ftp', name), bytes, at + 4, end)
  return null
}

function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + MAX_LINE)
  const lineFeed = bytes.subarray(at, limit).indexOf(LINE_FEED)
  return lineFeed < 0 ? limit : at + lineFeed
}

function has(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  for (let i = at; i + text.length <= end; i++) if (startsWith(bytes, i, end, text)) return true
  return false
}

/** The first word, if it is a host name with a dot and not an address. */
function hostIn(bytes: Uint8Array, at: number, end: number): string | null {
  let to = at
  let dots = 0
  let letters = 0
  for (; to < end && bytes[to] > SPACE; to++) {
    const byte = bytes[to]
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    if (byte === 0x2e) dots++
    else if (isLetter) letters++
    else if (byte !== 0x2d && byte !== 0x5f && !(byte >= 0x30 && byte <= 0x39)) return null
  }
  if (dots === 0 || letters === 0 || to - at > 253 || bytes[at] === 0x2e) return null
  return nameText(bytes, at, to)
}

/** The start of an XMPP stream (RFC 6120 4.7). */
function parseXmpp(bytes: Uint8Array, at: number, end: number): Banner | null {
  return has(bytes, at, Math.min(end, at + MAX_LINE), '<stream:stream') ? upgradable('xmpp', null) : null
}
