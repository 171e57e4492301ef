// User agents, SSH identification strings and server greetings -> software by host; bounded.
import { cut, visible } from './text.ts'

/** Distinct (host, source, text) kept; further ones are only counted. */
const MAX_ROWS = 100_000
/** Texts kept per host, which also bounds the search: a host with more (a proxy, a scanner) is not described better by further ones. */
const MAX_A_HOST = 256
/** Longest text kept, in UTF-16 units. */
const MAX_TEXT = 255

/** Source: User-Agent of HTTP (RFC 9110 10.1.5), identification string of SSH (RFC 4253 4.2), else a server's greeting. */
export type SoftwareSource = 'http' | 'ssh' | 'smtp' | 'ftp' | 'imap' | 'pop3'

export interface Software {
  host: number
  source: SoftwareSource
  text: string
  firstUs: number
  count: number
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

export class SoftwareLog {
  leftOut = 0
  private rows = 0
  private readonly byHost = new Map<number, Software[]>()

  /** Adds the text in bytes[at..end) to the host. */
  add(host: number, source: SoftwareSource, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const text = softwareText(bytes, at, end)
    if (text === '') return
    const of = this.byHost.get(host)
    const known = of?.find((row) => row.text === text && row.source === source)
    if (known) {
      known.count++
      if (timeUs < known.firstUs) known.firstUs = timeUs
      return
    }
    if (this.rows >= MAX_ROWS || (of && of.length >= MAX_A_HOST)) {
      this.leftOut++
      return
    }
    this.rows++
    const row = { host, source, text, firstUs: timeUs, count: 1 }
    if (of) of.push(row)
    else this.byHost.set(host, [row])
  }

  /** All rows, ordered by host, source, text. */
  all(): Software[] {
    return [...this.byHost.values()].flat().sort((a, b) => a.host - b.host || compare(a.source, b.source) || compare(a.text, b.text))
  }
}

function softwareText(bytes: Uint8Array, at: number, end: number): string {
  const text = UTF8.decode(bytes.subarray(at, Math.min(end, at + 4 * MAX_TEXT)))
  return cut(visible(cut(text.trim(), MAX_TEXT)), MAX_TEXT)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
