// Access control: every request, including WebSocket upgrades, passes here first.
// It checks Host against DNS rebinding, Origin and Sec-Fetch-Site against other sites in the same browser, then the key or session.
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { Audit } from './access/audit.ts'
import type { FailedKeys } from './access/failed-keys.ts'
import type { Keyring } from './access/keyring.ts'
import type { Sessions } from './access/sessions.ts'
import type { User, Visit } from './access/user.ts'

export interface GuardOptions {
  keyring: Keyring
  sessions: Sessions
  failedKeys: FailedKeys
  audit: Audit
  /** True if the server listens only on loopback addresses. */
  isLoopback: boolean
  /** Host names that are allowed besides addresses and localhost, lower case. */
  hostNames: string[]
  /** Origins whose pages may read the API with the key in a header, e.g. "https://example.org" or "null" (pages from files). */
  allowedOrigins: string[]
  /** Cookie name of this server; it contains the port, because browsers send cookies to all ports of a host. */
  cookieName: string
}

/** The parts of a request that the decision depends on. */
export interface Asked {
  method: string
  /** Path and query as sent. */
  target: string
  headers: IncomingHttpHeaders
  /** The client's address, without port. */
  address: string
  /** Whether the client uses TLS, to this server or to a proxy. */
  isTls: boolean
}

export type Refusal = {
  kind: 'refuse'
  status: 400 | 401 | 403 | 405 | 421 | 429 | 503
  reason: string
  /** What a program should do; a person gets a form. */
  hint?: string
  retrySeconds?: number
  crossOrigin?: string | null
}

export type Verdict =
  /** `visit` is null when no key is needed; `crossOrigin`: the foreign origin that may read the answer. */
  | { kind: 'pass'; visit: Visit | null; crossOrigin: string | null }
  | { kind: 'preflight'; crossOrigin: string }
  /** The key was in the address: the browser gets the cookie, unless it has it, and is redirected to `location`, without the key. */
  | { kind: 'swap'; location: string; cookie: string | null; isFromElsewhere: boolean }
  | Refusal

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST']
/** Answered without a key; the answer only says that the server runs. */
const OPEN_PATH = '/healthz'
/** Target of the sign-in form; the key is in the body and is checked there. */
export const SIGN_IN_PATH = '/sign-in'
export const SIGN_OUT_PATH = '/sign-out'
/** Requests of a program with the same key within this time are one line of the audit. */
const PROGRAM_MS = 3_600_000
const NOT_ANSWERED: Refusal = { kind: 'refuse', status: 405, reason: 'Only GET, HEAD and OPTIONS are answered.' }

export class Guard {
  readonly options: GuardOptions

  constructor(options: GuardOptions) {
    this.options = options
  }

  async judge(asked: Asked): Promise<Verdict> {
    const { method, headers } = asked
    if (!METHODS.includes(method)) return NOT_ANSWERED
    const url = parseUrl(asked.target, 'http://server')
    if (!asked.target.startsWith('/') || asked.target.startsWith('//') || !url)
      return { kind: 'refuse', status: 400, reason: 'The address of this request cannot be read.' }
    if (!this.#isOurHost(headers.host))
      return {
        kind: 'refuse',
        status: 421,
        reason: 'The server does not accept this host name. Start it with --allow-host NAME to allow it.',
      }

    const origin = headers.origin
    const isForeign = origin !== undefined && !isSameOrigin(origin, headers.host!)
    if (isForeign && !this.options.allowedOrigins.includes(origin))
      return { kind: 'refuse', status: 403, reason: 'Pages of another origin may not use the API. --allow-origin allows one.' }
    const crossOrigin = isForeign ? origin : null
    if (method === 'OPTIONS') return crossOrigin === null ? NOT_ANSWERED : { kind: 'preflight', crossOrigin }
    // The path as sent: later code may interpret ".." in it differently.
    const path = asked.target.split('?', 1)[0]
    if (method === 'POST') {
      const isForm = (path === SIGN_IN_PATH || path === SIGN_OUT_PATH) && crossOrigin === null
      return isForm ? { kind: 'pass', visit: null, crossOrigin } : NOT_ANSWERED
    }
    if (path === OPEN_PATH || path === SIGN_IN_PATH || path === SIGN_OUT_PATH) return { kind: 'pass', visit: null, crossOrigin }
    return this.#judgeKey(asked, url, crossOrigin)
  }

  /** The session of a browser's cookie. It is accepted only from this server's own pages, and when a user follows a link or types the address. */
  visitOf({ headers }: Asked): Visit | null {
    const cookie = cookieOf(headers.cookie, this.options.cookieName)
    return cookie !== null && isOwnFetch(headers) ? this.options.sessions.find(cookie) : null
  }

  /**
   * Exchanges a typed key, or the key in a link, for a session.
   * @returns Set-Cookie; null if the browser already has a session of this user, which its other tabs use
   */
  async signIn(key: string, asked: Asked, detail: string): Promise<Refusal | { kind: 'in'; cookie: string | null }> {
    const user = await this.#tryKey(key, asked)
    if ('kind' in user) return user
    const known = this.visitOf(asked)
    if (known?.user === user) return { kind: 'in', cookie: null }
    if (known) this.signOut(asked)
    this.options.audit.write({ action: 'sign-in', key: user.name, address: asked.address, detail }, 0)
    return { kind: 'in', cookie: this.#cookie(this.options.sessions.start(user), asked) }
  }

  /** Ends the session of this browser. @returns Set-Cookie that deletes the cookie */
  signOut(asked: Asked): string {
    const cookie = cookieOf(asked.headers.cookie, this.options.cookieName)
    const visit = this.visitOf(asked)
    if (cookie !== null && visit) {
      this.options.sessions.signOut(cookie)
      this.options.audit.write({ action: 'sign-out', key: visit.user.name, address: asked.address }, 0)
    }
    return `${this.#cookie('', asked)}; Max-Age=0`
  }

  /** A correct key is accepted before failed attempts are considered, so that an attacker cannot lock out its owner. */
  async #tryKey(key: string, { address }: Asked): Promise<Refusal | User> {
    const { failedKeys, keyring, audit } = this.options
    const user = await keyring.find(key)
    if (user === 'busy') return { kind: 'refuse', status: 503, reason: 'Too many keys are being checked.', retrySeconds: 1 }
    if (user !== null) return user
    const retrySeconds = failedKeys.waitSeconds(address)
    failedKeys.add(address, key)
    audit.write({ action: 'refused', key: null, address, detail: 'wrong key' })
    if (retrySeconds === 0) return { kind: 'refuse', status: 401, reason: 'This is not the access key of this server.' }
    await failedKeys.delay()
    return { kind: 'refuse', status: 429, reason: 'Too many wrong keys came from your address.', retrySeconds }
  }

  async #judgeKey(asked: Asked, url: URL, crossOrigin: string | null): Promise<Verdict> {
    const { method, headers, address } = asked
    const inHeader = headerKey(headers)
    if (inHeader !== null) {
      const user = await this.#tryKey(inHeader, asked)
      if ('kind' in user) return { ...user, crossOrigin }
      this.options.audit.write({ action: 'sign-in', key: user.name, address, detail: 'key in a header' }, PROGRAM_MS)
      return { kind: 'pass', visit: user.byKey, crossOrigin }
    }
    const inAddress = url.searchParams.get('key')
    // Keys in requests for images and other embedded content of foreign pages are not checked.
    if (inAddress !== null && isOwnFetch(headers)) {
      if (method !== 'GET' || crossOrigin !== null)
        return { kind: 'refuse', status: 401, reason: 'Send the access key in a header, not in the address.', crossOrigin }
      const done = await this.signIn(inAddress, asked, 'key in the address')
      if (done.kind === 'refuse') return done
      url.searchParams.delete('key')
      const location = `${url.pathname.replace(/^\/+/, '/')}${url.search}`
      return { kind: 'swap', location, cookie: done.cookie, isFromElsewhere: isFromElsewhere(headers) }
    }
    const visit = crossOrigin === null ? this.visitOf(asked) : null
    if (visit) return { kind: 'pass', visit, crossOrigin }
    return { kind: 'refuse', status: 401, reason: 'The access key is missing.', hint: 'Send it in the header X-API-Key.', crossOrigin }
  }

  #cookie(value: string, { isTls }: Asked): string {
    return `${this.options.cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict${isTls ? '; Secure' : ''}`
  }

  /** DNS rebinding needs a host name: IP addresses and localhost cannot be redirected by an attacker's DNS. */
  #isOurHost(host: string | undefined): boolean {
    const name = hostName(host)
    if (name === null) return false
    if (name === 'localhost' || this.options.hostNames.includes(name)) return true
    if (isIP(name) === 0) return false
    return !this.options.isLoopback || name === '::1' || name.startsWith('127.')
  }
}

/** Host without port and brackets, lower case; null if it is invalid. */
function hostName(host: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253}))(?::\d{1,5})?$/i.exec(host ?? '')
  return match ? (match[1] ?? match[2]).toLowerCase() : null
}

function parseUrl(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null
}

/** The scheme is not compared: behind a TLS proxy the server does not know it, and a host and port has only one. */
function isSameOrigin(origin: string, host: string): boolean {
  const url = parseUrl(origin)
  return url !== null && url.host === host.toLowerCase()
}

/** X-API-Key, Authorization: Bearer KEY, or Basic with the key as password (RFC 6750, RFC 7617). */
function headerKey(headers: IncomingHttpHeaders): string | null {
  const own = headers['x-api-key']
  if (typeof own === 'string') return own
  const [scheme, value] = (headers.authorization ?? '').split(' ', 2)
  if (value === undefined) return null
  if (/^bearer$/i.test(scheme)) return value
  if (/^basic$/i.test(scheme))
    return Buffer.from(value, 'base64')
      .toString('latin1')
      .replace(/^[^:]*:/, '')
  return null
}

function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return null
}

/** Fetch Metadata: another port of the same host is "same-site" and gets the cookie, but is a foreign page. */
function isOwnFetch(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return true
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}

/** A user came from a page of another site: browsers then do not send SameSite=Strict cookies, also after redirects. */
export function isFromElsewhere(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-dest'] === 'document'
}
