// HTTP/2 without TLS (RFC 9113): the client's preface and its first frames -> hosts of the requests.
import { authorityIn } from './hpack.ts'
import { hostText, startsWith } from './http.ts'

const PREFACE = 'pri * http/2.0\r\n\r\nsm\r\n\r\n'
const FRAME_HEADER = 9
const HEADERS = 1
const Flag = { padded: 0x08, priority: 0x20 } as const
const MAX_FRAMES = 16

export function isHttp2Preface(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] === 0x50 && startsWith(bytes, at, end, PREFACE)
}

/** Hosts of the requests in bytes[at..end), which begin with the preface or a frame; without ports. */
export function parseHttp2Hosts(bytes: Uint8Array, at: number, end: number): string[] {
  const hosts: string[] = []
  let next = isHttp2Preface(bytes, at, end) ? at + PREFACE.length : at
  for (let frames = 0; frames < MAX_FRAMES && next + FRAME_HEADER <= end; frames++) {
    const length = (bytes[next] << 16) | (bytes[next + 1] << 8) | bytes[next + 2]
    const bodyAt = next + FRAME_HEADER
    const bodyEnd = Math.min(end, bodyAt + length)
    if (bytes[next + 3] === HEADERS) {
      const flags = bytes[next + 4]
      const from = bodyAt + ((flags & Flag.padded) !== 0 ? 1 : 0) + ((flags & Flag.priority) !== 0 ? 5 : 0)
      const padding = (flags & Flag.padded) !== 0 && bodyAt < bodyEnd ? bytes[bodyAt] : 0
      const authority = authorityIn(bytes, from, Math.max(from, bodyEnd - padding))
      const host = authority === null ? null : withoutPort(authority)
      if (host !== null) hosts.push(host)
    }
    next = bodyAt + length
  }
  return hosts
}

function withoutPort(authority: string): string | null {
  const bytes = new TextEncoder().encode(authority)
  return hostText(bytes, 0, bytes.length)
}
