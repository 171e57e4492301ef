// HTTP/1 requests (RFC 9112) and similar ones (SSDP, RTSP) -> requested host and user agent. Nothing else of a request is kept.
import { formatAddress, parseAddress } from '../decode/address.ts'
import { nameText } from './text.ts'

/** Longer request heads are not read. */
const MAX_HEAD = 0x8000
const MAX_METHOD = 20
const MAX_SCHEME = 8
/** Bytes of empty lines skipped before a request. */
const MAX_EMPTY = 16
const MAX_HOSTS = 8
const CR = 13
const LF = 10
const SPACE = 32

export interface HttpRequest {
  /** Protocol name in the request line: HTTP, RTSP, ... */
  protocol: string
  /** True for CONNECT and targets in absolute form (RFC 9112 3.2.2): the receiver is a proxy, not the host. */
  isProxied: boolean
  /** Hosts of the absolute target, then of every Host field, without ports; a hostile request may have several. */
  hosts: string[]
  /** Value of User-Agent: bytes[agentAt..agentEnd); both 0 for none. */
  agentAt: number
  agentEnd: number
  /** Offset after the empty line; 0 if more bytes of the head are needed. */
  headEnd: number
  /** Content-Length, 0 if absent. */
  bodyBytes: number
}

/** True if bytes[at..end) begins with a method (RFC 9110 9.1: a token, in practice capital letters) and a space. Hot path. */
export function hasMethod(bytes: Uint8Array, at: number, end: number): boolean {
  const limit = Math.min(end, at + MAX_METHOD)
  let i = at
  while (i < limit && ((bytes[i] >= 0x41 && bytes[i] <= 0x5a) || bytes[i] === 0x2d || bytes[i] === 0x5f)) i++
  return i - at >= 3 && i < limit && bytes[i] === SPACE
}

/** Offset of the request line: a few empty lines before it are skipped (RFC 9112 2.2). */
export function skipEmptyLines(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + MAX_EMPTY)
  let i = at
  while (i < limit && (bytes[i] === CR || bytes[i] === LF)) i++
  return i
}

/** True if there are too few bytes to decide, and they may begin a method. */
export function mayBeMethod(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at >= MAX_METHOD) return false
  for (let i = at; i < end; i++) if (bytes[i] < 0x41 || bytes[i] > 0x5a) return false
  return true
}

/**
 * @returns null if there is no request; protocol '' while the request line is incomplete; without hosts and with headEnd 0 while more bytes are
 * needed
 */
export function parseHttpRequest(bytes: Uint8Array, at: number, end: number): HttpRequest | null {
  if (!hasMethod(bytes, at, end)) return null
  const limit = Math.min(end, at + MAX_HEAD)
  const request: HttpRequest = { protocol: '', isProxied: false, hosts: [], agentAt: 0, agentEnd: 0, headEnd: 0, bodyBytes: 0 }
  const lineEnd = bytes.subarray(0, limit).indexOf(LF, at)
  if (lineEnd < 0) return end - at < MAX_HEAD ? request : null
  const protocol = protocolOf(bytes, at, lineEnd)
  if (protocol === '' && !isMethodOfHttp(bytes, at, end)) return null
  request.isProxied = isProxied(bytes, at, lineEnd)
  // A target in absolute form takes precedence over a Host field (RFC 9112 3.2.2).
  if (request.isProxied || protocol === 'RTSP') {
    const host = targetHost(bytes, at, lineEnd)
    if (host !== null) request.hosts.push(host)
  }
  const inLine = request.hosts.length
  readFields(bytes, lineEnd + 1, limit, request)
  // A request line without a protocol is accepted if a Host field follows: NATS, too, begins with CONNECT.
  if (protocol === '' && request.hosts.length === inLine) return null
  request.protocol = protocol || 'HTTP'
  return request
}

function readFields(bytes: Uint8Array, at: number, limit: number, request: HttpRequest): void {
  let line = at
  while (line < limit) {
    const next = bytes.subarray(0, limit).indexOf(LF, line)
    if (next < 0) return
    const to = textEnd(bytes, line, next)
    if (to === line) {
      request.headEnd = next + 1
      return
    }
    const first = bytes[line] | 0x20
    if (first === 0x68 && request.hosts.length < MAX_HOSTS) {
      const host = hostField(bytes, line, to)
      if (host !== null && !request.hosts.includes(host)) request.hosts.push(host)
    } else if (first === 0x63 && startsWith(bytes, line, to, 'content-length:')) {
      request.bodyBytes = numberIn(bytes, line + 15, to)
    } else if (first === 0x75 && request.agentEnd === 0 && startsWith(bytes, line, to, 'user-agent:')) {
      request.agentAt = line + 11
      request.agentEnd = to
    }
    line = next + 1
  }
}

function numberIn(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = at; i < end; i++) {
    if (isDigit(bytes[i])) value = value * 10 + bytes[i] - 0x30
    else if (bytes[i] !== SPACE || value > 0) break
    if (value > 0xffffffff) break
  }
  return value
}

const METHODS = ['get ', 'head ', 'post ', 'put ', 'delete ', 'options ', 'connect ', 'trace ', 'patch ']

/** True if bytes[at..end) begins with a method that only HTTP has, and OPTIONS. */
export function isMethodOfHttp(bytes: Uint8Array, at: number, end: number): boolean {
  return METHODS.some((method) => startsWith(bytes, at, end, method))
}

function textEnd(bytes: Uint8Array, at: number, lineFeed: number): number {
  return lineFeed > at && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed
}

/** Name of the protocol if the request line ends with a space and NAME/digit.digit (RFC 9112 3), else ''. */
function protocolOf(bytes: Uint8Array, at: number, lineEnd: number): string {
  let end = lineEnd
  while (end > at && bytes[end - 1] <= SPACE) end--
  if (end - at < 12 || !isDigit(bytes[end - 1]) || bytes[end - 2] !== 0x2e || !isDigit(bytes[end - 3]) || bytes[end - 4] !== 0x2f) return ''
  let from = end - 4
  while (from > at && from > end - 12 && bytes[from - 1] !== SPACE) from--
  if (bytes[from - 1] !== SPACE || from === end - 4) return ''
  return String.fromCharCode(...bytes.subarray(from, end - 4)).toUpperCase()
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isProxied(bytes: Uint8Array, at: number, end: number): boolean {
  if (startsWith(bytes, at, end, 'connect ')) return true
  const target = bytes.indexOf(SPACE, at) + 1
  let i = target
  while (i < end && i - target < MAX_SCHEME && isLetter(bytes[i])) i++
  return i > target && startsWith(bytes, i, end, '://')
}

/** Compares without case. @param text in lower case */
export function startsWith(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (end - at < text.length) return false
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i]
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== text.charCodeAt(i)) return false
  }
  return true
}

/** The value of a Host field line (RFC 9110 7.2), without its port. */
function hostField(bytes: Uint8Array, at: number, end: number): string | null {
  if (!startsWith(bytes, at, end, 'host')) return null
  let from = at + 4
  while (from < end && (bytes[from] === SPACE || bytes[from] === 9)) from++
  if (bytes[from] !== 0x3a) return null
  return hostText(bytes, from + 1, end)
}

/** Host of `CONNECT host:port` or `GET http://user@host:port/path`. */
function targetHost(bytes: Uint8Array, at: number, end: number): string | null {
  let from = bytes.indexOf(SPACE, at) + 1
  const slashes = bytes.subarray(from, end).indexOf(0x2f)
  if (slashes >= 0 && bytes[from + slashes + 1] === 0x2f && bytes[from + slashes - 1] === 0x3a) from += slashes + 2
  let to = from
  while (to < end && bytes[to] !== SPACE && bytes[to] !== 0x2f && bytes[to] !== 0x3f) to++
  const user = bytes.subarray(from, to).lastIndexOf(0x40)
  return hostText(bytes, from + user + 1, to)
}

/** `name`, `name:port`, `[v6]:port` -> the name or address alone, an address of IPv6 as it is written everywhere else. */
export function hostText(bytes: Uint8Array, at: number, end: number): string | null {
  let from = at
  let to = end
  while (from < to && bytes[from] <= SPACE) from++
  while (to > from && bytes[to - 1] <= SPACE) to--
  let colon = to
  while (colon > from && isDigit(bytes[colon - 1])) colon--
  // Without brackets, what is behind the last of several colons is a part of the address.
  const isPort = bytes[colon - 2] === 0x5d || bytes.subarray(from, colon).indexOf(0x3a) === colon - 1 - from
  if (colon > from + 1 && bytes[colon - 1] === 0x3a && isPort) to = colon - 1
  return to > from ? ipv6Text(nameText(bytes, from, to)) : null
}

/** [2001:DB8::0:1] -> 2001:db8::1 (RFC 5952); any other text as it is. */
function ipv6Text(text: string): string {
  if (!text.includes(':')) return text
  const address = parseAddress(text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text)
  return address?.length === 16 ? formatAddress(address, 0, 16) : text
}
