// What programs call themselves, by host: user agents, SSH identification strings, the greetings of mail and file servers; bounded.
import { cut, visible } from './text.ts'

/** Distinct (host, source, text) kept; further ones are counted only. */
const MAX_ROWS = 100_000
/** A host that shows more faces than this (a proxy, a scanner) tells nothing by the next one; it also bounds the search. */
const MAX_A_HOST = 256
/** UTF-16 units of a text. */
const MAX_TEXT = 255

/** Where it was read: the User-Agent of HTTP (RFC 9110 10.1.5), the identification string of SSH (RFC 4253 4.2), else a server's greeting. */
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

  /** The text in bytes[at..end) is the host's. */
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

  /** By host, source, text. */
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
