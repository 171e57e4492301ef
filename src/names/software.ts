// User agents, SSH identification strings and server greetings -> software by host; bounded.
import { compare } from '../compare.ts'
import { plainText } from './text.ts'

/** Distinct (host, source, text) kept; further ones are only counted. */
const MAX_ROWS = 100_000
/** Texts kept per host, which also bounds the search: a host with more (a proxy, a scanner) is not described better by further ones. */
const MAX_A_HOST = 256

/** Source: User-Agent of HTTP (RFC 9110 10.1.5) and SIP (RFC 3261 20.41), identification string of SSH (RFC 4253 4.2), else a server's greeting. */
export type SoftwareSource = 'http' | 'sip' | 'ssh' | 'smtp' | 'ftp' | 'imap' | 'pop3'

export interface Software {
  host: number
  source: SoftwareSource
  text: string
  firstUs: number
  count: number
}

export class SoftwareLog {
  leftOut = 0
  private rows = 0
  private readonly byHost = new Map<number, Software[]>()

  /** Adds the text in bytes[at..end) to the host. @returns the text, '' for none */
  add(host: number, source: SoftwareSource, bytes: Uint8Array, at: number, end: number, timeUs: number): string {
    const text = plainText(bytes, at, end)
    if (text === '') return ''
    const of = this.byHost.get(host)
    const known = of?.find((row) => row.text === text && row.source === source)
    if (known) {
      known.count++
      if (timeUs < known.firstUs) known.firstUs = timeUs
      return text
    }
    if (this.rows >= MAX_ROWS || (of && of.length >= MAX_A_HOST)) {
      this.leftOut++
      return text
    }
    this.rows++
    const row = { host, source, text, firstUs: timeUs, count: 1 }
    if (of) of.push(row)
    else this.byHost.set(host, [row])
    return text
  }

  /** All rows, ordered by host, source, text. */
  all(): Software[] {
    return [...this.byHost.values()].flat().sort((a, b) => a.host - b.host || compare(a.source, b.source) || compare(a.text, b.text))
  }
}
