// HTTP/1 requests (RFC 9112) and what is written like them (SSDP, RTSP): the host they ask for. Nothing else of a request is kept.
import { nameText } from './text.ts'

/** A request head longer than this is not followed. */
const MAX_HEAD = 0x8000
const CR = 13
const LF = 10
const SPACE = 32

export interface HttpRequest {
  /** Protocol of the request line: HTTP, RTSP, ... */
  protocol: string
  /** CONNECT, or a target in absolute form (RFC 9112 3.2.2): the receiver is a proxy, not the host. */
  isProxied: boolean
  /** Without the port; null while no Host field was seen. */
  host: string | null
  /** Behind the empty line, or 0 while the head goes on behind the bytes at hand. */
  headEnd: number
}

/** True if bytes[at..end) begins with a method (RFC 9110 9.1: a token, in practice capital letters) and a space. Hot path. */
export function hasMethod(bytes: Uint8Array, at: number, end: number): boolean {
  const limit = Math.min(end, at + 20)
  let i = at
  while (i < limit && ((bytes[i] >= 0x41 && bytes[i] <= 0x5a) || bytes[i] === 0x2d || bytes[i] === 0x5f)) i++
  return i - at >= 3 && i < limit && bytes[i] === SPACE
}

/** @returns null when there is no request line; host null and headEnd 0 when more bytes are needed */
export function parseHttpRequest(bytes: Uint8Array, at: number, end: number): HttpRequest | null {
  if (!hasMethod(bytes, at, end)) return null
  const limit = Math.min(end, at + MAX_HEAD)
  const lineEnd = bytes.subarray(0, limit).indexOf(LF, at)
  if (lineEnd < 0) return end - at < MAX_HEAD ? { protocol: '', isProxied: false, host: null, headEnd: 0 } : null
  const protocol = protocolOf(bytes, at, textEnd(bytes, at, lineEnd))
  if (protocol === null) return null
  const request: HttpRequest = { protocol, isProxied: isProxied(bytes, at, lineEnd), host: null, headEnd: 0 }
  let line = lineEnd + 1
  while (line < limit) {
    const next = bytes.subarray(0, limit).indexOf(LF, line)
    if (next < 0) break
    const to = textEnd(bytes, line, next)
    if (to === line) {
      request.headEnd = next + 1
      break
    }
    if (request.host === null) request.host = hostField(bytes, line, to)
    line = next + 1
  }
  if (request.host === null && request.isProxied) request.host = targetHost(bytes, at, lineEnd)
  return request
}

function textEnd(bytes: Uint8Array, at: number, lineFeed: number): number {
  return lineFeed > at && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed
}

/** The request line ends with a space and NAME/digit.digit (RFC 9112 3). */
function protocolOf(bytes: Uint8Array, at: number, end: number): string | null {
  if (end - at < 12 || !isDigit(bytes[end - 1]) || bytes[end - 2] !== 0x2e || !isDigit(bytes[end - 3]) || bytes[end - 4] !== 0x2f)
    return null
  let from = end - 4
  while (from > at && from > end - 12 && bytes[from - 1] !== SPACE) from--
  if (bytes[from - 1] !== SPACE || from === end - 4) return null
  return String.fromCharCode(...bytes.subarray(from, end - 4)).toUpperCase()
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isProxied(bytes: Uint8Array, at: number, end: number): boolean {
  if (startsWith(bytes, at, end, 'connect ')) return true
  const target = bytes.indexOf(SPACE, at) + 1
  return startsWith(bytes, target, end, 'http://') || startsWith(bytes, target, end, 'https://')
}

/** True if the bytes are this text, which is in lower case, in whatever case. */
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

/** `name`, `name:port`, `[v6]:port` -> the name or address alone. */
export function hostText(bytes: Uint8Array, at: number, end: number): string | null {
  let from = at
  let to = end
  while (from < to && bytes[from] <= SPACE) from++
  while (to > from && bytes[to - 1] <= SPACE) to--
  let colon = to
  while (colon > from && isDigit(bytes[colon - 1])) colon--
  if (colon > from && bytes[colon - 1] === 0x3a && bytes[from] !== 0x3a) to = colon - 1
  return to > from ? nameText(bytes, from, to) : null
}
