// Uploads of scripts to a web server, and calls of what was uploaded: a web shell. The work is bounded by MAX_BYTES a request.
import type { FlowTable } from '../../flows/table.ts'
import { startsWith } from '../../names/http.ts'
import { visible } from '../../names/text.ts'
import type { HttpExploits } from './http-exploits.ts'

/** Of a request, or of the beginning of a body in a segment of its own. */
const MAX_BYTES = 4096
const MAX_PAIRS = 1000
const MAX_NAMES = 16
const LONGEST_NAME = 80
const [SPACE, DASH, QUOTE, QUESTION_MARK, SEMICOLON, SLASH, BACKSLASH] = [0x20, 0x2d, 0x22, 0x3f, 0x3b, 0x2f, 0x5c]
/** What servers run. */
const SCRIPT = /\.(?:php\d?|phtml|phar|jspx?|aspx?|ashx|asmx|cfm)$/
const FILE_NAME = 'filename="'

export class WebShells {
  private readonly table: FlowTable
  private readonly exploits: HttpExploits
  /** By client and server. */
  private readonly uploaded = new Map<string, Set<string>>()

  constructor(table: FlowTable, exploits: HttpExploits) {
    this.table = table
    this.exploits = exploits
  }

  /** A payload that begins with a request. */
  inspectRequest(flow: number, direction: number, bytes: Uint8Array, at: number, end: number, timeUs: number): void {
    const isPut = startsWith(bytes, at, end, 'put ')
    if (!isPut && this.uploaded.size === 0 && !startsWith(bytes, at, end, 'post ')) return
    const name = lastOfTarget(bytes, at, Math.min(end, at + MAX_BYTES))
    if (isPut) this.upload(flow, direction, name)
    else if (name !== '' && this.uploaded.get(this.pairOf(flow, direction))?.has(name) === true)
      this.exploits.note(flow, 'shell', visible(name), timeUs)
    if (startsWith(bytes, at, end, 'post ')) this.inspectBody(flow, direction, bytes, at, end)
  }

  /** The beginning of a form with files (RFC 7578), with its head or in a segment of its own. */
  inspectBody(flow: number, direction: number, bytes: Uint8Array, at: number, end: number): void {
    const limit = Math.min(end, at + MAX_BYTES)
    for (let i = at; i + FILE_NAME.length < limit; i++) {
      if (bytes[i] !== 0x66 || !startsWith(bytes, i, limit, FILE_NAME)) continue
      const from = i + FILE_NAME.length
      let to = from
      while (to < limit && bytes[to] !== QUOTE) to++
      if (to < limit) this.upload(flow, direction, lastPart(bytes, from, to))
      i = to
    }
  }

  private upload(flow: number, direction: number, name: string): void {
    if (!SCRIPT.test(name)) return
    const pair = this.pairOf(flow, direction)
    const names = this.uploaded.get(pair)
    if (names !== undefined) {
      if (names.size < MAX_NAMES) names.add(name)
    } else if (this.uploaded.size < MAX_PAIRS) this.uploaded.set(pair, new Set([name]))
  }

  /** @param direction of the client's packets */
  private pairOf(flow: number, direction: number): string {
    const [first, other] = [this.table.firstHost(flow), this.table.otherHost(flow)]
    return direction === 0 ? `${first} ${other}` : `${other} ${first}`
  }
}

/** Whether a segment may begin a form with files. */
export function beginsWithPart(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at > 4 && bytes[at] === DASH && bytes[at + 1] === DASH
}

/** The last part of the path in a request line, lower case; '' for none. */
function lastOfTarget(bytes: Uint8Array, at: number, end: number): string {
  const from = bytes.indexOf(SPACE, at) + 1
  if (from === 0 || from >= end) return ''
  let to = from
  while (to < end && bytes[to] > SPACE && bytes[to] !== QUESTION_MARK && bytes[to] !== SEMICOLON) to++
  // Servers that strip it store the file without the slash (CVE-2017-12615).
  if (bytes[to - 1] === SLASH) to--
  return lastPart(bytes, from, to)
}

function lastPart(bytes: Uint8Array, from: number, to: number): string {
  let at = to
  while (at > from && bytes[at - 1] !== SLASH && bytes[at - 1] !== BACKSLASH && to - at < LONGEST_NAME) at--
  let text = ''
  for (let i = at; i < to; i++) text += String.fromCharCode(bytes[i])
  return text.toLowerCase()
}
