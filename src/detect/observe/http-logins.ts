// HTTP logins without TLS: Basic authentication (RFC 7617), to servers and to proxies, and passwords in forms.
import { startsWith } from '../../names/http.ts'
import type { Accounts } from './accounts.ts'
import { type Logins, lineEnd, maskBase64User } from './logins.ts'

/** Header lines read of one request. */
const MAX_LINES = 64
const FORM_FIELDS = ['password=', 'passwd=', 'passwort=', 'pwd=', 'pass=', 'user_password=', 'login_password=']
const FORM_BYTES = 2_048
/** Longest name of a first field. */
const FIELD_BYTES = 64
const AUTHORIZATION = 'authorization: '
const PROXY_AUTHORIZATION = 'proxy-authorization: '
const BASIC = 'basic '
const AMPERSAND = 0x26
const EQUALS = 0x3d

export class HttpLogins {
  private readonly logins: Logins
  private readonly accounts: Accounts

  constructor(logins: Logins, accounts: Accounts) {
    this.logins = logins
    this.accounts = accounts
  }

  /** A request. @returns true if it sent a secret: the server's answer is worth a look */
  inspect(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): boolean {
    let isForm = false
    let line = at
    let hasSent = false
    for (let count = 0; count < MAX_LINES && line < end; count++) {
      const to = lineEnd(bytes, line, end)
      if (to === line) return (isForm && this.inspectForm(flow, bytes, to + 2, end, timeUs)) || hasSent
      const first = bytes[line] | 0x20
      if (first === 0x61 && startsWith(bytes, line, to, AUTHORIZATION)) {
        hasSent = this.inspectValue(flow, direction, 'http', bytes, line + AUTHORIZATION.length, to, timeUs) || hasSent
      } else if (first === 0x70 && startsWith(bytes, line, to, PROXY_AUTHORIZATION)) {
        hasSent = this.inspectValue(flow, direction, 'http-proxy', bytes, line + PROXY_AUTHORIZATION.length, to, timeUs) || hasSent
      } else if (first === 0x63 && startsWith(bytes, line, to, 'content-type: application/x-www-form-urlencoded')) isForm = true
      line = to + 2
    }
    return hasSent
  }

  /** The value of a field with credentials. @returns true if it has a password */
  private inspectValue(
    flow: number,
    direction: number,
    protocol: 'http' | 'http-proxy',
    bytes: Uint8Array,
    at: number,
    end: number,
    timeUs: number,
  ): boolean {
    if (startsWith(bytes, at, end, BASIC)) {
      this.logins.attempt(flow, protocol, maskBase64User(bytes, at + BASIC.length, end), timeUs)
      return true
    }
    this.accounts.inspectHttp(flow, direction, bytes, at, end, timeUs)
    return false
  }

  /** A server's payload behind a secret: 401 and 407 refuse it. @returns true if it was a status line */
  inspectAnswer(flow: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (!startsWith(bytes, at, end, 'http/1.') || end - at < 12) return false
    const status = (bytes[at + 9] - 0x30) * 100 + (bytes[at + 10] - 0x30) * 10 + bytes[at + 11] - 0x30
    if (status === 401 || status === 407 || status === 403) this.logins.answer(flow, false)
    else if (status >= 200 && status < 400) this.logins.answer(flow, true)
    return true
  }

  /** name=value pairs joined by & (WHATWG URL 5.2). @returns true if a password is among them */
  inspectForm(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): boolean {
    const limit = Math.min(end, at + FORM_BYTES)
    for (let field = at; field < limit; ) {
      for (const name of FORM_FIELDS) {
        if (!startsWith(bytes, field, limit, name)) continue
        const valueAt = field + name.length
        if (valueAt >= limit || bytes[valueAt] === AMPERSAND) continue
        this.logins.attempt(flow, 'http-form', '', timeUs)
        return true
      }
      while (field < limit && bytes[field] !== AMPERSAND) field++
      field++
    }
    return false
  }
}

/** `name=`, in the letters a form's names are written with (WHATWG URL, application/x-www-form-urlencoded percent-encode set). */
export function beginsWithField(bytes: Uint8Array, at: number, end: number): boolean {
  const limit = Math.min(end, at + FIELD_BYTES)
  let to = at
  while (to < limit && isFieldByte(bytes[to])) to++
  return to > at && to < limit && bytes[to] === EQUALS
}

/** Letters, digits, * - . _ + and the % of all others; [ and ] because browsers are not alone in sending forms. */
function isFieldByte(byte: number): boolean {
  const letter = byte | 0x20
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x2a && byte <= 0x2e && byte !== 0x2c) ||
    byte === 0x5f ||
    byte === 0x25 ||
    byte === 0x5b ||
    byte === 0x5d
  )
}
