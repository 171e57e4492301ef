// Who may ask: every request, upgrades to WebSocket included, passes here before anything else looks at it.
// Host against DNS rebinding, Origin and Sec-Fetch-Site against other sites in the same browser, then the key.
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { AccessKey } from './access-key.ts'
import { FailedKeys } from './failed-keys.ts'

export interface GuardOptions {
  key: AccessKey
  failedKeys: FailedKeys
  /** True if only this machine can reach the server. */
  isLoopback: boolean
  /** Names by which it may be called besides addresses and localhost, lower case. */
  hostNames: string[]
  /** Origins whose pages may read the API with the key in a header, e.g. "https://example.org" or "null" (pages from files). */
  allowedOrigins: string[]
  /** Of this server; cookies do not tell ports apart, so the name does. */
  cookieName: string
  isTls: boolean
}

/** The parts of a request that decide. */
export interface Asked {
  method: string
  /** Path and query as sent. */
  target: string
  headers: IncomingHttpHeaders
  /** Of the peer, without port. */
  address: string
}

export type Verdict =
  /** `crossOrigin`: the foreign origin that may read the answer. */
  | { kind: 'pass'; crossOrigin: string | null }
  | { kind: 'preflight'; crossOrigin: string }
  /** The key came in the address: the browser gets the cookie and goes to `location`, where the key is not. */
  | { kind: 'swap'; location: string; cookie: string }
  | { kind: 'refuse'; status: 400 | 401 | 403 | 405 | 421 | 429; reason: string; retrySeconds?: number; crossOrigin?: string | null }

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST']
/** Answers without a key; it tells nothing but that the server runs. */
const OPEN_PATH = '/healthz'
/** Where the form of the page without a key is sent to: the key is in the body and checked there. */
export const SIGN_IN_PATH = '/sign-in'
/** Cookies remembered as refused. */
const OLD_COOKIES = 1_000

export class Guard {
  readonly options: GuardOptions
  /** Whoever tries keys could try the cookies made of them: these are slowed down too, apart, so that no wrong key shuts a viewer out. */
  readonly #failedCookies = new FailedKeys()
  /** Refused before: a page that was open when the key changed sends the same one again and again, and guesses nothing. */
  readonly #oldCookies = new Set<string>()

  constructor(options: GuardOptions) {
    this.options = options
  }

  judge(asked: Asked): Verdict {
    const { method, headers } = asked
    if (!METHODS.includes(method)) return { kind: 'refuse', status: 405, reason: 'Only GET, HEAD and OPTIONS are answered.' }
    const url = parseUrl(asked.target, 'http://server')
    if (!asked.target.startsWith('/') || asked.target.startsWith('//') || !url)
      return { kind: 'refuse', status: 400, reason: 'The address of this request cannot be read.' }
    if (!this.#isOurHost(headers.host))
      return {
        kind: 'refuse',
        status: 421,
        reason: 'The server is not known by this name. Start it with --allow-host NAME if it should be.',
      }

    const origin = headers.origin
    const isForeign = origin !== undefined && !isSameOrigin(origin, headers.host!)
    if (isForeign && !this.options.allowedOrigins.includes(origin))
      return { kind: 'refuse', status: 403, reason: 'Pages of another origin may not ask here. --allow-origin lets one in.' }
    const crossOrigin = isForeign ? origin : null
    if (method === 'OPTIONS')
      return crossOrigin === null
        ? { kind: 'refuse', status: 405, reason: 'Only GET, HEAD and OPTIONS are answered.' }
        : { kind: 'preflight', crossOrigin }
    // The path as sent: one with ".." in it may mean something else to what comes after.
    const path = asked.target.split('?', 1)[0]
    if (method === 'POST' && path !== SIGN_IN_PATH)
      return { kind: 'refuse', status: 405, reason: 'Only GET, HEAD and OPTIONS are answered.' }
    if (path === OPEN_PATH || method === 'POST') return { kind: 'pass', crossOrigin }
    return this.#judgeKey(asked, url, crossOrigin)
  }

  /** Set-Cookie of a browser that has shown the key. */
  cookie(): string {
    const { cookieName, key, isTls } = this.options
    return `${cookieName}=${key.cookieValue}; Path=/; HttpOnly; SameSite=Strict${isTls ? '; Secure' : ''}`
  }

  /** Whether a key is right; wrong ones are counted, and nothing is compared while the address has to wait. */
  tryKey(key: string, address: string): Extract<Verdict, { kind: 'refuse' }> | null {
    const { failedKeys } = this.options
    const retrySeconds = failedKeys.waitSeconds(address)
    if (retrySeconds > 0) return { kind: 'refuse', status: 429, reason: 'Too many wrong keys came from your address.', retrySeconds }
    if (this.options.key.matches(key)) return null
    failedKeys.add(address)
    return { kind: 'refuse', status: 401, reason: 'This is not the access key of this server.' }
  }

  #judgeKey({ method, headers, address }: Asked, url: URL, crossOrigin: string | null): Verdict {
    const inHeader = headerKey(headers)
    const inAddress = url.searchParams.get('key')
    if (inHeader !== null) return withOrigin(this.tryKey(inHeader, address), crossOrigin)
    // Pictures and the like on other sites' pages: their wrong keys would make this browser wait.
    if (inAddress !== null && isOwnFetch(headers)) {
      const refusal = this.tryKey(inAddress, address)
      if (refusal !== null || method !== 'GET' || crossOrigin !== null)
        return refusal ?? { kind: 'refuse', status: 401, reason: 'Send the access key in a header, not in the address.' }
      url.searchParams.delete('key')
      return { kind: 'swap', location: `${url.pathname.replace(/^\/+/, '/')}${url.search}`, cookie: this.cookie() }
    }
    // A cookie speaks for a browser: it counts only for this server's own pages, and for a person who follows a link or types the address.
    const cookie = cookieOf(headers.cookie, this.options.cookieName)
    if (cookie !== null && crossOrigin === null && isOwnFetch(headers) && this.#isViewer(cookie, address))
      return { kind: 'pass', crossOrigin: null }
    return { kind: 'refuse', status: 401, reason: 'The access key is missing: send it in the header X-API-Key.', crossOrigin }
  }

  #isViewer(cookie: string, address: string): boolean {
    const { key } = this.options
    if (cookie.length !== key.cookieValue.length || this.#oldCookies.has(cookie) || this.#failedCookies.waitSeconds(address) > 0)
      return false
    if (key.matchesCookie(cookie)) return true
    this.#failedCookies.add(address)
    this.#oldCookies.add(cookie)
    if (this.#oldCookies.size > OLD_COOKIES) this.#oldCookies.delete(this.#oldCookies.keys().next().value!)
    return false
  }

  /** A rebound name is always a name: addresses in numbers and localhost cannot be pointed elsewhere by an attacker's DNS. */
  #isOurHost(host: string | undefined): boolean {
    const name = hostName(host)
    if (name === null) return false
    if (name === 'localhost' || this.options.hostNames.includes(name)) return true
    if (isIP(name) === 0) return false
    return !this.options.isLoopback || name === '::1' || name.startsWith('127.')
  }
}

function withOrigin(refusal: Extract<Verdict, { kind: 'refuse' }> | null, crossOrigin: string | null): Verdict {
  return refusal === null ? { kind: 'pass', crossOrigin } : { ...refusal, crossOrigin }
}

/** Host without port and brackets, lower case; null if it cannot be read. */
function hostName(host: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253}))(?::\d{1,5})?$/i.exec(host ?? '')
  return match ? (match[1] ?? match[2])!.toLowerCase() : null
}

function parseUrl(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null
}

/** The scheme is left out: behind a proxy that ends TLS this server cannot know it, and one host and port speaks only one. */
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
  if (/^bearer$/i.test(scheme!)) return value
  if (/^basic$/i.test(scheme!))
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

/** Fetch Metadata: another port of this machine is the "same site", gets the cookie sent, and is still a stranger. */
function isOwnFetch(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return true
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}
